"""Which decisions take effect only when a second organisation has signed the same decision."""

from __future__ import annotations

from typing import Final

from hub.envelope import JsonObject
from hub.pathway.profiles import Profile

ANOTHER: Final = "another-organisation"
"""Who has yet to sign where organisations are counted, whatever their kind."""
_SIGNATURES: Final = 2


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


def signatures_needed(type: str, profile: Profile | None) -> int:
    """How many organisations must have signed this decision, the author's among them.

    Source: R-151; Q-17
    """
    if type != "closure-decided":
        return 1
    return profile.closure.signatures if profile else _SIGNATURES
