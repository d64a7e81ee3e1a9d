"""Which decisions take effect only when a second organisation has signed the same decision."""

from __future__ import annotations

from hub.envelope import JsonObject
from hub.pathway.profiles import Profile


def agreement_needed(type: str, data: JsonObject, profile: Profile | None) -> frozenset[str]:
    """The kinds of organisation that must each have signed this decision; empty: its author is enough.

    Source: R-064, R-109
    """
    rows = profile.agreements if profile else ()
    return frozenset(
        kind
        for row in rows
        if row.type == type and all(data.get(name) in values for name, values in row.when.items())
        for kind in row.kinds
    )
