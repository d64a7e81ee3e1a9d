"""K-20 and K-21: further work soon after an investigation, and legal advice before an interview.

Source: R-149, R-056, S5 s.6, S5 s.8
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from hub.pathway.child import in_role
from hub.pathway.circumstances import HAS_HARMED
from hub.pathway.clocks.clock import (
    Clock,
    Run,
    asked_for,
    listed_from,
    looking,
    owed,
    reads,
    setting,
    stated,
    worker,
)
from hub.pathway.course import earliest, investigation_ended, since
from hub.pathway.entries import Deadline, Material
from hub.pathway.fields import instant_of, of_type, text, truth
from hub.pathway.profiles import ProfileOf

OFFER: Final = Clock(
    id="K-20",
    requirement="R-149",
    source="S5 s.6",
    open="Further work is offered as soon as possible after the investigation.",
    met="Further work was offered.",
)
ADVICE: Final = Clock(
    id="K-21",
    requirement="R-056",
    source="S5 s.8",
    open="The child and the family are told of their right to legal advice before the interview.",
    met="The child and the family were told of their right to legal advice.",
)
INTERVIEWS: Final = frozenset({"pace", "social-work", "social-worker"})


def further_work(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[Deadline, ...]:
    """K-20: from the end of the criminal investigation of a child who has harmed to an offer of work.

    No document gives a figure: after the working days of a setting it asks for attention, never missed.
    """
    look = looking(material, now, profile_of)
    entries = look.material.entries
    ended = investigation_ended(entries)
    if not asked_for(look, OFFER) or ended is None or not in_role(entries, HAS_HARMED):
        return ()
    if not reads(
        material, "intervention-offered", "intervention-started", criminal_outcome_recorded=("outcome",)
    ):
        return ()
    offered = earliest(
        [*since(entries, ended, "intervention-offered"), *of_type(entries, "intervention-started")]
    )
    days = setting(look, "further_work_working_days")
    run = Run(
        (ended,), instant_of(ended), met=offered, responsible=owed(look), person=worker(look),
        warn_at=listed_from(ended, days), settings={"further_work_working_days": days},
    )  # fmt: skip
    return (stated(look, OFFER, run),)


def legal_advice(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[Deadline, ...]:
    """K-21: from the first interview planned with a child who has harmed to the advice on legal advice.

    1. A police or a social work interview. It asks for attention at once, and stops nobody.
    2. Told by an event of its own, or as the interview's plan says. After the first interview it is late.
    """
    look = looking(material, now, profile_of)
    entries = look.material.entries
    planned = [one for one in of_type(entries, "interview-planned") if text(one, "method") in INTERVIEWS]
    start = earliest(planned)  # 1.
    if not asked_for(look, ADVICE) or start is None or not in_role(entries, HAS_HARMED):
        return ()
    if not reads(material, family_informed=("topic",), interview_planned=("method", "legal_advice_given")):
        return ()
    told = earliest(  # 2.
        [
            *(one for one in of_type(entries, "family-informed") if text(one, "topic") == "legal-advice"),
            *(one for one in of_type(entries, "interview-planned") if truth(one, "legal_advice_given")),
        ]
    )
    held = earliest(one for one in of_type(entries, "interview-held") if text(one, "kind") in INTERVIEWS)
    late = told is not None and held is not None and instant_of(held) < instant_of(told)
    run = Run(
        (start,), instant_of(start), met=told, responsible=start.organisation, person=start.author,
        warn_at=instant_of(start), late=late, more=(held,) if held is not None else (),
    )  # fmt: skip
    return (stated(look, ADVICE, run),)
