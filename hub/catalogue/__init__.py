"""Event types and labels from schemas/; VerifiedEvent -> ValidEvent."""

from hub.catalogue.catalogue import UNLABELLED, Catalogue, labels_of, load_catalogue
from hub.catalogue.occurred import (
    LATE_AFTER,
    LONDON,
    Occurred,
    Precision,
    london_day,
    occurred,
    recorded_late,
)
from hub.catalogue.types import (
    EventType,
    Kind,
    OpenItem,
    OtherReference,
    Poster,
    ValidContent,
    ValidEvent,
    Warning,
)

__all__ = [
    "LATE_AFTER",
    "LONDON",
    "UNLABELLED",
    "Catalogue",
    "EventType",
    "Kind",
    "Occurred",
    "OpenItem",
    "OtherReference",
    "Poster",
    "Precision",
    "ValidContent",
    "ValidEvent",
    "Warning",
    "labels_of",
    "load_catalogue",
    "london_day",
    "occurred",
    "recorded_late",
]
