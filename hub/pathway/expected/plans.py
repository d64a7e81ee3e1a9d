"""Plans, actions, work with the child and transfers that are missing or waiting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hub.pathway.calendar import london_day
from hub.pathway.child import current_plan
from hub.pathway.circumstances import circumstances, harm_done, harm_suffered
from hub.pathway.course import (
    CORE_TOPICS,
    concerns,
    earliest,
    latest,
    looked_after,
    says,
    since,
)
from hub.pathway.expected.conferences import assessed, protection_plan
from hub.pathway.expected.missing import (
    Members,
    Missing,
    expect,
    of_authority,
    setting,
    waited,
)
from hub.pathway.expected.rule import Expected, Look
from hub.pathway.fields import instant_of, of_type, text, texts, truth
from hub.pathway.patterns.place_cover import RULE as PLACES
from hub.pathway.profiles import authority, settings_of

OWN: Final[Members] = {"child-stream-opened": ("responsible_authority",)}
INCIDENTS: Final[Members] = {**OWN, "incident-recorded": ("role", "status", "others")}
LEVELS: Final[Members] = {"behaviour-level-assessed": ("scale", "level", "poster")}
CONFERENCE: Final[Members] = {"conference-decided": ("decision",), "conference-held": ("outcome",)}
RISK_PLAN: Final[Members] = {"risk-management-plan-recorded": ()}
CIRCLES: Final = ("household", "extended-family", "school", "peer-group", "wider-network")
ACCESS_NEEDS: Final = frozenset({"interpreter", "culture-and-faith", "communication-support", "access"})
WORK: Final[Members] = {"intervention-offered": (), "intervention-started": ()}


def no_plan_considered(look: Look) -> Iterator[Missing]:
    """R-131: no conference, concerns remain, and neither a plan nor a reason for having none."""
    if not settings_of(look.profile)["family_safety_plan_considered"].value:
        return
    decided = latest(look.material.entries, "conference-decided", "conference-held")
    if decided is None or text(decided, "decision") != "not-held" or not concerns(look.material.entries):
        return
    kinds = ("plan-started", "risk-management-plan-recorded", "no-further-action-decided")
    if not since(look.material.entries, decided, *kinds):
        yield of_authority(look, decided)


def no_child_in_need_plan(look: Look) -> Iterator[Missing]:
    """R-156: no child protection plan came of a conference, concerns remain, and no plan as child in need.

    1. It was decided to hold no conference, or the conference made no plan.
    2. A level is problematic or above.
    3. The working days of the setting passed with neither such a plan nor reasons against one.
    """
    entries = look.material.entries
    decided = latest(entries, "conference-decided", "conference-held")
    if decided is None or ("not-held" != text(decided, "decision") and text(decided, "outcome") != "no-plan"):
        return  # 1.
    if not concerns(entries) or not waited(look, decided, "child_in_need_working_days"):
        return  # 2.
    plans = [one for one in of_type(entries, "plan-started") if says(one, "kind", "cin", "cp")]
    reasons = since(entries, decided, "no-further-action-decided")
    if not plans and not reasons:  # 3.
        yield Missing(
            instant_of(decided), (decided,), authority(look.material),
            settings=setting(look, "child_in_need_working_days"),
        )  # fmt: skip


def no_risk_plan(look: Look) -> Iterator[Missing]:
    """R-138: an assessment of a child who has harmed is complete, and no risk management plan is recorded."""
    completed = assessed(look)
    if completed is not None and current_plan(look.material.entries) is None:
        yield of_authority(look, completed)


def no_responsible_person(look: Look) -> Iterator[Missing]:
    """R-140: the plan in force names no person who is responsible for it."""
    plan = current_plan(look.material.entries)
    if plan is not None and text(plan, "responsible_person") is None:
        yield Missing(instant_of(plan), (plan,), text(plan, "responsible_organisation"))


def place_not_covered(look: Look) -> Iterator[Missing]:
    """R-141: the child spends time at a place that the plan in force does not cover."""
    plan = current_plan(look.material.entries)
    if plan is None:  # R-138 says so
        return
    for line in PLACES.compute(look.material, look.now, look.profile_of):
        evidence = [one for one in look.material.entries if one.key in line.evidence]
        yield Missing(
            max(instant_of(one) for one in evidence), evidence, text(plan, "responsible_organisation"),
            text(plan, "responsible_person"), values={"places": line.values["places"]},
        )  # fmt: skip


def support_not_reviewed(look: Look) -> Iterator[Missing]:
    """R-145: the plan of the child who has harmed was reviewed, the support of the harmed child was not."""
    entries = look.material.entries
    helped = of_type(entries, "plan-started", "support-arranged", "risk-management-plan-recorded")
    if not helped or not harm_suffered(look.material):
        return
    reviewed = earliest(
        one for fold in look.material.linked.values() for one in of_type(fold, "plan-reviewed")
    )
    if reviewed is not None and not since(entries, reviewed, "plan-reviewed"):
        yield of_authority(look, reviewed)


def circles_open(look: Look) -> Iterator[Missing]:
    """R-155: a circle of children in contact was neither considered nor left out with a reason.

    1. It is expected once an enquiry was begun or a risk management plan made for a child who has harmed.
    2. The circle of the placement counts where the child is looked after or placed.
    """
    entries = look.material.entries
    start = earliest(of_type(entries, "section-47-enquiry-initiated", "risk-management-plan-recorded"))
    if start is None or not harm_done(look.material):  # 1.
        return
    today = london_day(look.now)
    placed = looked_after(entries, today) or circumstances(entries, "placement", today)
    wanted = (*CIRCLES, "placement") if placed else CIRCLES  # 2.
    answered = {
        text(one, "circle")
        for one in of_type(entries, "contact-children-risk-assessed")
        if truth(one, "considered") is True or text(one, "reason") is not None
    }
    left = [one for one in wanted if one not in answered]
    if left:
        yield of_authority(look, start, values={"circles": left})


def core_group_incomplete(look: Look) -> Iterator[Missing]:
    """R-130: the core group that met last under the child protection plan left out one of its topics."""
    started = protection_plan(look)
    if started is None:
        return
    held = since(look.material.entries, started, "meeting-held")
    met = [one for one in held if text(one, "kind") == "core-group"]
    missing = [one for one in CORE_TOPICS if met and one not in texts(met[-1], "topics")]
    if missing:
        yield of_authority(look, met[-1], values={"topics": missing})


RULES: Final[tuple[Expected, ...]] = (
    expect(
        "R-130-topics",
        "S5 s.11",
        text="The core group has not covered all of its topics.",
        why="It addresses the behaviour, the risk to others and the concerns behind the plan.",
        role="social-worker",
        starts={**OWN, "plan-started": ("kind",), "meeting-held": ("kind", "topics")},
        meets={"meeting-held": ("kind", "topics"), "conference-held": ("outcome",)},
        find=core_group_incomplete,
    ),
    expect(
        "R-131",
        "S3 s.4",
        text="Neither a plan for this child nor a reason for having none is recorded.",
        why="No conference is held and concerns remain: a family safety plan is considered.",
        role="social-worker",
        starts={**OWN, **CONFERENCE, **LEVELS},
        meets={
            **LEVELS,
            **CONFERENCE,
            "plan-started": (),
            **RISK_PLAN,
            "no-further-action-decided": (),
        },
        find=no_plan_considered,
    ),
    expect(
        "R-138",
        "S5 s.10; S3 s.4",
        text="No risk management plan is recorded for this child.",
        why="The assessment is complete, and a written plan follows it.",
        role="social-worker",
        starts={**INCIDENTS, "assessment-completed": ("kind",)},
        meets={**RISK_PLAN, **LEVELS, "assessment-completed": ("kind",)},
        find=no_risk_plan,
    ),
    expect(
        "R-140",
        "S3 s.4",
        text="No person is named as responsible for the risk management plan.",
        why="It is clear which agency, and who in it, is responsible for the plan.",
        role="team-manager",
        starts=RISK_PLAN,
        meets={"risk-management-plan-recorded": ("responsible_organisation", "responsible_person")},
        find=no_responsible_person,
    ),
    expect(
        "R-141",
        "S3 s.4",
        text="The risk management plan does not cover every place where the child spends time.",
        why="The plan addresses risk to other children wherever the child spends time.",
        role="social-worker",
        starts={**INCIDENTS, "place-declared": ("kind", "place", "from"), **RISK_PLAN},
        meets={
            "place-declared": ("kind", "place", "from"),
            "plan-place-covered": ("kind", "place"),
            "risk-management-plan-recorded": ("places", "responsible_organisation", "responsible_person"),
        },
        find=place_not_covered,
    ),
    expect(
        "R-145",
        "S3 s.4",
        text="The support of this child has not been reviewed.",
        why="The plan of another child in the same matter was reviewed; support is reviewed too.",
        role="social-worker",
        starts={
            **INCIDENTS,
            "plan-reviewed": (),
            "plan-started": (),
            "support-arranged": (),
            **RISK_PLAN,
        },
        meets={"plan-reviewed": ()},
        find=support_not_reviewed,
    ),
    expect(
        "R-155",
        "S3 s.7; S3 s.4; S5 s.9; S5 s.10",
        text="Not every circle of children in contact with this child was considered.",
        why="Other children in contact are kept safe: each circle is considered, or it is said why not.",
        role="social-worker",
        starts={
            **INCIDENTS,
            "section-47-enquiry-initiated": (),
            **RISK_PLAN,
            "child-circumstance-recorded": ("kind", "from", "until"),
        },
        meets={"contact-children-risk-assessed": ("circle", "considered", "reason")},
        find=circles_open,
    ),
    expect(
        "R-156",
        "S3 s.4; S5 s.13",
        text="Neither a plan as a child in need nor a reason against it is recorded.",
        why="There is no child protection plan, and concerns about the behaviour remain.",
        role="team-manager",
        starts={**OWN, **CONFERENCE, **LEVELS},
        meets={
            **LEVELS,
            **CONFERENCE,
            "plan-started": ("kind",),
            "no-further-action-decided": (),
        },
        find=no_child_in_need_plan,
    ),
)
