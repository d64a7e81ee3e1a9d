"""Whole folds as the material that gates and the ticker look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hub.pathway.entries import Material, Told
from hub.views.types import ChildView


def whole_material(view: ChildView, linked: Mapping[str, ChildView], told: Sequence[Told] = ()) -> Material:
    """Everything of a child and of the children linked to it; never for a reader.

    Trust: hub-internal; what comes of it leaves through disclosure only.
    """
    return Material(
        child=view.child,
        entries=view.entries,
        linked={other: one.entries for other, one in sorted(linked.items())},
        told=tuple(told),
        complete=None,
        says_neither=True,
        date_of_birth=view.date_of_birth,
        authority=view.authority,
    )
