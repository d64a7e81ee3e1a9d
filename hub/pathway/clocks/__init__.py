"""The clocks of a child: what is due, when, by whom, and whether it was met.

A clock with a figure of a document has a due time and can be missed. Where no document gives a figure the
clock shows the time since, as a list or an alert: a number that it uses is a setting, and it is never missed.
No source pauses a clock, so none pauses. An open item says what is missing; the clock says since when.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from hub.pathway.clocks.absent_agencies import absent_updated
from hub.pathway.clocks.conferences import (
    conference_decision,
    meeting_after_assessment,
    meeting_without_plan,
)
from hub.pathway.clocks.engagement import agency_alone, group_told
from hub.pathway.clocks.framework_audit import ScoredStatement, framework_audit
from hub.pathway.clocks.front_door import front_door
from hub.pathway.clocks.justice import coordinator_told, court_report, release_told
from hub.pathway.clocks.moving import full_response, transfer_conference
from hub.pathway.clocks.oversight import reviewing_officer_told, unit_told
from hub.pathway.clocks.plan_review import plan_review
from hub.pathway.clocks.referral import assessment_completed, referral_decision
from hub.pathway.clocks.siblings import siblings_again
from hub.pathway.clocks.statutory_conferences import core_group, initial_conference, review_conference
from hub.pathway.clocks.strategy_expected import strategy_expected
from hub.pathway.clocks.strategy_meeting import strategy_meeting
from hub.pathway.clocks.support_review import support_review
from hub.pathway.clocks.under_age_referral import under_age_referral
from hub.pathway.clocks.work import further_work, legal_advice
from hub.pathway.entries import Deadline, Entries, Material
from hub.pathway.profiles import ProfileOf

CLOCKS: Final[tuple[Callable[..., tuple[Deadline, ...]], ...]] = (
    strategy_meeting,
    front_door,
    under_age_referral,
    strategy_expected,
    unit_told,
    reviewing_officer_told,
    conference_decision,
    meeting_without_plan,
    meeting_after_assessment,
    plan_review,
    support_review,
    court_report,
    coordinator_told,
    release_told,
    full_response,
    group_told,
    agency_alone,
    further_work,
    legal_advice,
    siblings_again,
    absent_updated,
    referral_decision,
    assessment_completed,
    initial_conference,
    core_group,
    review_conference,
    transfer_conference,
)
"""Every clock of a child, in the order of their ids."""


def deadlines(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[Deadline, ...]:
    """Every clock of this child that the material allows to state, in the order of their ids.

    Trust: over one reader's material it says nothing that this reader's entries do not show (H-20).
    """
    linked = {child: Entries.over(entries) for child, entries in material.linked.items()}
    looked_at = replace(material, entries=Entries.over(material.entries), linked=linked)
    return tuple(one for clock in CLOCKS for one in clock(looked_at, now=now, profile_of=profile_of))


__all__ = ["CLOCKS", "ScoredStatement", "deadlines", "framework_audit"]
