"""Oversight, other children at risk and a person to turn to: what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from hub.pathway.calendar import london_day
from hub.pathway.circumstances import (
    HARMED,
    HAS_HARMED,
    circumstances,
    harm_done,
    harm_suffered,
    held,
)
from hub.pathway.course import contact, earliest, looked_after, since
from hub.pathway.expected.missing import (
    Members,
    Missing,
    expect,
    of_authority,
)
from hub.pathway.expected.rule import Expected, Look
from hub.pathway.fields import as_given, given_of, instant_of, number, of_type, parts, text
from hub.pathway.levels import of_concern

CIRCUMSTANCE: Final = "child-circumstance-recorded"
CONTACT: Final = "contact-children-risk-assessed"
CHILD: Final[Members] = {"child-stream-opened": ("responsible_authority",)}
ROLES: Final[Members] = {**CHILD, "incident-recorded": ("role", "status", "others")}
LEVELS: Final[Members] = {"behaviour-level-assessed": ("scale", "level")}
OUTCOMES: Final = ("referral-outcome-decided", "section-47-enquiry-initiated", "no-further-action-decided")
OWN_STEPS: Final = (
    "referral-outcome-decided",
    "section-47-enquiry-initiated",
    "assessment-started",
    "assessment-completed",
)
SERVICES: Final = frozenset({"hsb-service", "decision-panel", "early-help", "other"})
ENDED: Final = frozenset({"nfa-evidence", "nfa-public-interest", "nfa-with-concerns"})


def reviewing_officer_not_told(look: Look) -> Iterator[Missing]:
    """R-071: a looked-after child of a side that the procedure names, whose reviewing officer was not told.

    What is new: the harm itself, each level, plan, review and placement.
    """
    entries = look.material.entries
    after = looked_after(entries, london_day(look.now))
    sides = look.profile.oversight.reviewing_officer_for if look.profile else frozenset()
    harm = [*harm_done(look.material)] if HAS_HARMED in sides else []
    harm += harm_suffered(look.material) if HARMED in sides else []
    if after is None or not harm:
        return
    told = [one for one in of_type(entries, "oversight-notified") if text(one, "target") == "iro"]
    last = max((instant_of(one) for one in told), default=None)
    new = [*harm, *of_type(entries, *LEVELS, "risk-management-plan-recorded", "plan-reviewed")]
    new += circumstances(entries, "placement", london_day(look.now))
    untold = [one for one in as_given(new) if last is None or instant_of(one) > last]
    if untold:
        found = of_authority(look, untold[0])
        yield replace(found, evidence=(after, *untold))


def placement_not_assessed(look: Look) -> Iterator[Missing]:
    """R-072: a child who has harmed lives with other children, and the risk to one of them is not assessed.

    Shape: one item for each child named in the placement, else one for the placement.
    """
    if not harm_done(look.material):
        return
    entries = look.material.entries
    assessed = [one for one in of_type(entries, CONTACT) if text(one, "circle") == "placement"]
    rows = {
        name
        for one in assessed
        for row in parts(one, "children")
        for other in one.others
        if other.index == number(row, "other")
        for name in (other.child, other.reference)
        if name is not None
    }
    for placement in circumstances(entries, "placement", london_day(look.now)):
        for other in placement.others:
            if other.child not in rows and other.reference not in rows:
                yield replace(of_authority(look, placement), values={"other": other.index})
        if not placement.others and not since(assessed, placement, CONTACT):
            yield of_authority(look, placement)


def siblings_again(look: Look) -> Iterator[Missing]:
    """R-073: the risk to children in the family was assessed, and something serious was recorded since."""
    entries = look.material.entries
    family = [
        one for one in given_of(entries, CONTACT) if text(one, "circle") in ("household", "extended-family")
    ]
    if not family:
        return
    serious = [one for one in of_type(entries, *LEVELS) if of_concern(one)]
    serious += of_type(entries, "conviction-recorded", "custody-release-notified")
    later = [one for one in as_given(serious) if instant_of(one) > instant_of(family[-1])]
    if later:
        found = of_authority(look, later[0])
        yield replace(found, evidence=(family[-1], *later))


def no_single_contact(look: Look) -> Iterator[Missing]:
    """R-076: a strategy meeting was held, and a child who was harmed has no single contact."""
    entries = look.material.entries
    met = earliest(held(entries, "strategy"))
    if met is None or not harm_suffered(look.material):
        return
    if contact(entries, "spoc", london_day(look.now)) is None:
        yield of_authority(look, met)


RULES: Final[tuple[Expected, ...]] = (
    expect(
        "R-071",
        "S5 s.6",
        text="The independent reviewing officer has not been told of what is new.",
        why="The child is looked after, and the reviewing officer is kept up to date.",
        role="social-worker",
        starts={
            **ROLES,
            **LEVELS,
            "child-stream-opened": ("responsible_authority", "looked_after"),
            CIRCUMSTANCE: ("kind", "from", "until"),
            "risk-management-plan-recorded": (),
            "plan-reviewed": (),
        },
        meets={"oversight-notified": ("target",)},
        find=reviewing_officer_not_told,
    ),
    expect(
        "R-072",
        "S3 s.4; S5 s.6",
        text="The risk to another child in the same placement is not assessed.",
        why="The child who has harmed lives with other children.",
        role="social-worker",
        starts={**ROLES, CIRCUMSTANCE: ("kind", "from", "until", "others")},
        meets={CONTACT: ("circle", "children", "others")},
        find=placement_not_assessed,
    ),
    expect(
        "R-073",
        "S3 s.4; S3 s.7; S5 s.6",
        text="The risk to brothers, sisters and other children of the family has to be assessed again.",
        why="A serious concern was recorded after it was last assessed.",
        role="social-worker",
        starts={**CHILD, **LEVELS, "conviction-recorded": (), "custody-release-notified": ()},
        meets={CONTACT: ("circle",)},
        find=siblings_again,
    ),
    expect(
        "R-076",
        "S3 s.4; S5 s.14",
        text="No single point of contact is named for the child.",
        why="A child who was harmed has one person to turn to from beginning to end.",
        role="social-worker",
        starts={**ROLES, "meeting-held": ("kind",)},
        meets={"named-contact-appointed": ("role", "person", "from", "until")},
        find=no_single_contact,
    ),
)
