"""What the local procedure of the child's own authority asks for by its rows: what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from hub.pathway.calendar import age_on, london_day
from hub.pathway.child import date_of_birth
from hub.pathway.circumstances import circumstances, harm_done, held
from hub.pathway.course import earliest, since, standing_levels
from hub.pathway.entries import Entry
from hub.pathway.expected.invitations import MEETS as INVITATION_MEETS
from hub.pathway.expected.invitations import STARTS as INVITATION_STARTS
from hub.pathway.expected.invitations import invitation_undecided
from hub.pathway.expected.missing import Members, Missing, by_poster, expect, of_authority
from hub.pathway.expected.rule import Expected, Look
from hub.pathway.fields import day_of, instant_of, of_type, text
from hub.pathway.levels import at_least

CHILD: Final[Members] = {"child-stream-opened": ("responsible_authority", "date_of_birth")}
ROLES: Final[Members] = {**CHILD, "incident-recorded": ("role", "status", "others")}
LEVELS: Final[Members] = {"behaviour-level-assessed": ("scale", "level")}
HELD: Final[Members] = {"meeting-held": ("kind",)}
ADULT: Final = 18
HELP: Final = (
    "referral-outcome-decided",
    "plan-started",
    "section-47-enquiry-initiated",
    "assessment-started",
)


def no_adult_assessment(look: Look) -> Iterator[Missing]:
    """R-003: a strategy meeting on a disabled young adult was held, and the assessment is missing."""
    profile, born = look.profile, date_of_birth(look.material, look.material.child)
    if profile is None or born is None or profile.disabled_adult_age is None:
        return
    for met in held(look.material.entries, "strategy")[:1]:
        disabled = circumstances(look.material.entries, "disability", london_day(look.now))
        age = age_on(born, day_of(met))
        if not disabled or not ADULT <= age < profile.disabled_adult_age or not harm_done(look.material):
            continue
        assessed = of_type(look.material.entries, "assessment-started", "assessment-completed")
        if not any(text(one, "kind") == "child-and-family" for one in assessed):
            found = replace(of_authority(look, met), evidence=(met, disabled[0]))
            yield replace(found, settings={"under_age": profile.disabled_adult_age})


def not_screened(look: Look) -> Iterator[Missing]:
    """R-026: a referral was triaged, and no screening is recorded where the procedure asks for one."""
    profile = look.profile
    outcome = earliest(of_type(look.material.entries, "referral-outcome-decided"))
    if profile is None or not profile.screening.expected_at_triage or outcome is None:
        return
    if not of_type(look.material.entries, "behaviour-screened"):
        yield by_poster(look, outcome)


def tools_not_together(look: Look) -> Iterator[Missing]:
    """R-029: a strategy meeting is held, and level or threshold is missing beside the screening."""
    profile = look.profile
    met = earliest(held(look.material.entries, "strategy"))
    if profile is None or not profile.screening.expected_at_triage or met is None:
        return
    slots = {
        "level": ("behaviour-level-assessed",),
        "screening": ("behaviour-screened",),
        "threshold": ("referral-outcome-decided", "section-47-enquiry-initiated"),
    }
    empty = [name for name, types in slots.items() if not of_type(look.material.entries, *types)]
    if empty:
        yield by_poster(look, met, values={"empty": empty})


def unit_not_told(look: Look) -> Iterator[Missing]:
    """R-070: behaviour at or above the procedure's level was found, and its unit was not told."""
    profile = look.profile
    bound = profile.oversight.safeguarding_unit_from if profile else None
    if bound is None:
        return
    found = [one for one in standing_levels(look.material.entries) if at_least(one, bound)]
    told = of_type(look.material.entries, "oversight-notified")
    if found and not any(text(one, "target") == "safeguarding-unit" for one in told):
        yield replace(of_authority(look, found[0]), values={"from_level": bound})


def early_help_not_considered(look: Look) -> Iterator[Missing]:
    """R-118: behaviour at a level where early help comes first, and nobody has decided on help since."""
    named = look.profile.early_help.consider_at if look.profile and look.profile.early_help else frozenset()
    levels = standing_levels(look.material.entries)
    found = [one for one in levels if text(one, "level") in named]
    if not found or len(found) < len(levels):
        return
    first = earliest(found)
    if first is not None and not since(look.material.entries, first, *HELP):
        yield of_authority(look, first)


def not_decided(look: Look) -> Iterator[Missing]:
    """R-094: whether a specialist assessment is made has to be decided for this child.

    1. For a child who has harmed, at or above the procedure's ages and levels; where it names none, in
       every case from the strategy meeting on.
    2. Nobody has decided, yes or no.
    """
    start = _concern(look)
    age = _age(look, start) if start is not None else None
    profile = look.profile
    if start is None or profile is None:
        return
    row = profile.specialist_assessment
    if row.from_age is not None and (age is None or age < row.from_age):
        return
    if row.to_age is not None and (age is None or age > row.to_age):
        return
    if not of_type(look.material.entries, "specialist-assessment-decided"):
        yield of_authority(look, start)


def younger_not_assessed(look: Look) -> Iterator[Missing]:
    """R-094: a child too young for the procedure's specialist tools shows harmful behaviour."""
    start = _concern(look)
    age = _age(look, start) if start is not None else None
    from_age = look.profile.specialist_assessment.from_age if look.profile else None
    if start is None or age is None or from_age is None or age >= from_age:
        return
    assessed = of_type(look.material.entries, "assessment-started", "assessment-completed")
    if not assessed:
        yield replace(of_authority(look, start), settings={"from_age": from_age})


def _concern(look: Look) -> Entry | None:
    """What makes the decision due: the first level that the procedure names, else the strategy meeting."""
    if look.profile is None or not harm_done(look.material):
        return None
    named = look.profile.specialist_assessment.levels
    if not named:
        return earliest(held(look.material.entries, "strategy"))
    return earliest(one for one in standing_levels(look.material.entries) if text(one, "level") in named)


def _age(look: Look, start: Entry) -> int | None:
    born = date_of_birth(look.material, look.material.child)
    return age_on(born, london_day(instant_of(start))) if born is not None else None


RULES: Final[tuple[Expected, ...]] = (
    expect(
        "R-003",
        "S3 s.4",
        text="A child and family assessment of the disabled young adult is missing.",
        why="The local procedure asks for one up to an age above 18.",
        role="social-worker",
        starts={**ROLES, **HELD, "child-circumstance-recorded": ("kind", "from", "until")},
        meets={"assessment-started": ("kind",), "assessment-completed": ("kind",)},
        find=no_adult_assessment,
    ),
    expect(
        "R-026",
        "S5 s.2; S5 s.8",
        text="No screening is recorded.",
        why="The local procedure asks for a screening when a referral is triaged.",
        role="front-door",
        starts={**CHILD, "referral-outcome-decided": ()},
        meets={"behaviour-screened": ()},
        find=not_screened,
    ),
    expect(
        "R-029",
        "S5 s.8; S5 s.14",
        text="Screening, level and threshold are not recorded together.",
        why="The local procedure uses all three at referral, assessment and strategy meeting.",
        role=None,
        starts={**CHILD, **HELD},
        meets={
            "behaviour-screened": (),
            "behaviour-level-assessed": (),
            "referral-outcome-decided": (),
            "section-47-enquiry-initiated": (),
        },
        find=tools_not_together,
    ),
    expect(
        "R-070",
        "S5 s.8",
        text="The safeguarding unit has not been told.",
        why="The local procedure asks for its advice and overview from this level of behaviour on.",
        role="social-worker",
        starts={**CHILD, **LEVELS, "incident-recorded": ("status", "role")},
        meets={"oversight-notified": ("target",)},
        find=unit_not_told,
    ),
    expect(
        "R-080",
        "S3 s.4",
        text="Youth justice has not been invited.",
        why="Youth justice is always invited to the strategy meeting.",
        role=None,
        starts=INVITATION_STARTS,
        meets=INVITATION_MEETS,
        find=invitation_undecided("R-080"),
    ),
    expect(
        "R-081",
        "S5 s.6; S5 s.9",
        text="It is not recorded whether an agency is invited to the meeting.",
        why="The local procedure asks to decide on inviting each of these agencies, with a reason.",
        role=None,
        starts=INVITATION_STARTS,
        meets=INVITATION_MEETS,
        find=invitation_undecided("R-081"),
    ),
    expect(
        "R-118",
        "S5 s.14",
        text="Whether early help is the right support has not been decided.",
        why="At this level the local procedure asks first for an early help assessment of the whole child.",
        role="social-worker",
        starts={**CHILD, **LEVELS},
        meets={one: () for one in HELP},
        find=early_help_not_considered,
    ),
    expect(
        "R-094",
        "S3 s.4; S5 s.10; S5 s.2",
        text="Whether a specialist assessment is made has not been decided.",
        why="The local procedure asks for the decision, who makes it, and who asks for consent.",
        role="social-worker",
        starts={**ROLES, **LEVELS, **HELD},
        meets={"specialist-assessment-decided": ()},
        find=not_decided,
    ),
    expect(
        "R-094-younger",
        "S5 s.10; S5 s.17",
        text="No assessment that fits a younger child is recorded.",
        why="The child is too young for the specialist tools of the local procedure.",
        role="social-worker",
        starts={**ROLES, **LEVELS, **HELD},
        meets={"assessment-started": (), "assessment-completed": ()},
        find=younger_not_assessed,
    ),
)
