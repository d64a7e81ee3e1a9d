"""K-23: other children of the family are assessed again on a serious new concern.

Source: R-073, S3 s.4, S3 s.7
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from hub.pathway.child import in_role
from hub.pathway.circumstances import HAS_HARMED
from hub.pathway.clocks.clock import Clock, Run, asked_for, looking, owed, reads, stated, worker
from hub.pathway.course import concerns
from hub.pathway.entries import Deadline, Material
from hub.pathway.fields import as_given, given_of, instant_of, of_type, text
from hub.pathway.profiles import ProfileOf

CLOCK: Final = Clock(
    id="K-23",
    requirement="R-073",
    source="S3 s.4; S3 s.7",
    open="The risk to other children of the family is assessed again after a serious new concern.",
    met="The risk to other children of the family was assessed after the last serious concern.",
)
FAMILY: Final = ("household", "extended-family")


def siblings_again(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[Deadline, ...]:
    """K-23: from a level, a conviction or a release of a child who has harmed to the next assessment.

    What came after the family was last assessed is open, counted from the first of it; else the last
    concern was met by the first assessment after it. No document gives a figure: it is a list.
    """
    look = looking(material, now, profile_of)
    entries = look.material.entries
    serious = as_given(
        (*concerns(entries), *of_type(entries, "conviction-recorded", "custody-release-notified"))
    )
    if not asked_for(look, CLOCK) or not serious or not in_role(entries, HAS_HARMED):
        return ()
    if not reads(material, contact_children_risk_assessed=("circle",)):
        return ()
    found = given_of(entries, "contact-children-risk-assessed")
    assessed = [one for one in found if text(one, "circle") in FAMILY]
    last = instant_of(assessed[-1]) if assessed else None
    later = [one for one in serious if last is None or instant_of(one) > last]
    starts = tuple(later or serious[-1:])
    met = None if later else next(one for one in assessed if instant_of(one) >= instant_of(starts[0]))
    run = Run(
        starts, instant_of(starts[0]), met=met, responsible=owed(look), person=worker(look),
        warn_at=instant_of(starts[0]),
    )  # fmt: skip
    return (stated(look, CLOCK, run),)
