"""The clocks of a child: what is due, when, by whom, and whether it was met."""

from __future__ import annotations

from datetime import datetime

from hub.pathway.clocks.plan_review import plan_review
from hub.pathway.clocks.strategy_meeting import strategy_meeting
from hub.pathway.clocks.under_age_referral import under_age_referral
from hub.pathway.entries import Deadline, Material
from hub.pathway.profiles import ProfileOf

CLOCKS = (strategy_meeting, under_age_referral, plan_review)


def deadlines(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[Deadline, ...]:
    """Every clock of this child that the material allows to state, in the order of their ids.

    Trust: over one reader's material it says nothing that this reader's entries do not show (H-20).
    """
    return tuple(one for clock in CLOCKS for one in clock(material, now=now, profile_of=profile_of))


__all__ = ["deadlines"]
