"""Projections: views derived from the record in batches, each batch with its place in the record."""

from hub.record.projections.declared import Changes, Log, Parked, Projection, Row, Table
from hub.record.projections.parts import PartFeed
from hub.record.projections.projected import Projected, Snapshot
from hub.record.projections.projector import Projector
from hub.record.projections.store import ViewStore, migrate_views, open_views

__all__ = [
    "Changes",
    "Log",
    "Parked",
    "PartFeed",
    "Projected",
    "Projection",
    "Projector",
    "Row",
    "Snapshot",
    "Table",
    "ViewStore",
    "migrate_views",
    "open_views",
]
