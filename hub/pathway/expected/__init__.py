"""What is missing for a child and why it is expected: every expectation that is open now."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from hub.pathway.entries import Entries, Material
from hub.pathway.expected import (
    after_meeting,
    assessments,
    closing,
    conferences,
    first_steps,
    interviews,
    investigation,
    invitations,
    justice,
    keeping_safe,
    local,
    plans,
    recognition,
    referral,
    release,
    strategy,
    work,
    workers,
)
from hub.pathway.expected.rule import Expected, Look, OpenItem
from hub.pathway.profiles import ProfileOf

EXPECTED: Final[tuple[Expected, ...]] = (
    *recognition.RULES,
    *first_steps.RULES,
    *referral.RULES,
    *keeping_safe.RULES,
    *local.RULES,
    *strategy.RULES,
    *after_meeting.RULES,
    *assessments.RULES,
    *interviews.RULES,
    *conferences.RULES,
    *invitations.RULES,
    *plans.RULES,
    *work.RULES,
    *investigation.RULES,
    *justice.RULES,
    *release.RULES,
    *closing.RULES,
    *workers.RULES,
)


def open_items(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[OpenItem, ...]:
    """Every open item that the material gives, the longest expected first.

    Trust: over one reader's material each item rests on that reader's entries alone, and is left out
    where the reader may not see everything that could meet it (H-20).
    """
    linked = {child: Entries.over(entries) for child, entries in material.linked.items()}
    look = Look(replace(material, entries=Entries.over(material.entries), linked=linked), now, profile_of)
    given = (one for one in EXPECTED if one.own or material.reads(one.meets))
    found = (item for one in given for item in one.find(look))
    return tuple(sorted(found, key=lambda item: (item.since, item.rule, item.agency or "", item.evidence)))


__all__ = ["EXPECTED", "Expected", "Look", "OpenItem", "open_items"]
