"""What is noted beside a meeting or a conference that was held."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from hub.envelope import JsonObject
from hub.pathway.course import CORE_TOPICS, in_both_roles
from hub.pathway.entries import Entry, Material
from hub.pathway.fields import (
    given_of,
    instant_of,
    number,
    of_type,
    organisation_kind,
    parts,
    text,
    texts,
    truth,
)
from hub.pathway.gates.flag import Flag, said
from hub.pathway.gates.gate import Case

BOTH: Final = frozenset({"has-harmed", "has-been-harmed"})


def no_interval(case: Case) -> bool:
    """Whether the chair, who decides it under this profile, set no interval to the next review."""
    profile = case.profile
    if profile is None or profile.review.pattern != "chair-interval":
        return False
    if case.posted.type == "plan-reviewed":
        return number(case.posted, "chair_interval_days") is None
    return text(case.posted, "kind") == "hsb" and number(case.posted, "interval_days") is None


def police_absent(case: Case) -> bool:
    """Whether the police were not at a meeting that plans, while their investigation was open."""
    present = (text(row, "organisation") for row in parts(case.posted, "attendance"))
    if "police" in {organisation_kind(one) for one in present}:
        return False
    held = instant_of(case.posted)
    decided = given_of(case.fold.entries, "criminal-investigation-decided")
    before = [one for one in decided if instant_of(one) <= held]
    if not before or text(before[-1], "decision") != "investigate":
        return False
    ended = of_type(case.fold.entries, "criminal-outcome-recorded")
    return not any(instant_of(before[-1]) <= instant_of(one) <= held for one in ended)


def one_side_only(case: Case) -> bool:
    """Whether a conference on a child who is both did not address it as both, made clear at the outset."""
    addressed = BOTH <= set(texts(case.posted, "addresses"))
    return in_both_roles(_known_at(case)) and not (
        addressed and truth(case.posted, "stated_at_outset") is True
    )


def _known_at(case: Case) -> Material:
    """What had been said of this child and of linked ones by then."""
    then = said(case.posted)

    def known(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        return tuple(one for one in entries if said(one) <= then)

    fold = case.fold
    linked = {child: known(entries) for child, entries in fold.linked.items()}
    return replace(fold, entries=known(fold.entries), linked=linked)


def _hsb_without(data: JsonObject, name: str) -> bool:
    return text(data, "kind") == "hsb" and text(data, name) is None


def _topic_missing(data: JsonObject) -> bool:
    return text(data, "kind") == "core-group" and not {*CORE_TOPICS}.issubset(texts(data, "topics"))


_MEETING: Final = frozenset({"meeting-held"})

FLAGS: Final = (
    Flag(
        "R-051",
        "S3 s.4",
        "The meeting could not confirm that the child is protected now.",
        _MEETING,
        True,
        starts=lambda data: truth(data, "immediate_protection_confirmed") is False,
    ),
    Flag(
        "R-126",
        "S5 s.6",
        "The conference did not address the child as both, made clear at the outset.",
        frozenset({"conference-held"}),
        False,
        one_side_only,
        untrue={"victimisation-considered": ("outcome",)},
        linked=True,
    ),
    Flag(
        "R-130",
        "S5 s.11",
        "The core group did not cover behaviour, risk to others and the concerns behind the plan.",
        _MEETING,
        True,
        starts=_topic_missing,
    ),
    Flag(
        "R-133",
        "S5 s.13",
        "No chronology: the meeting always includes one.",
        _MEETING,
        True,
        starts=lambda data: _hsb_without(data, "chronology_snapshot"),
    ),
    Flag(
        "R-137",
        "S5 s.13",
        "No date for the next review is recorded.",
        _MEETING,
        True,
        starts=lambda data: _hsb_without(data, "next_review"),
    ),
    Flag(
        "R-144",
        "S3 s.4",
        "Review frequency not set: the chair decides the interval.",
        _MEETING | {"plan-reviewed"},
        False,
        no_interval,
        untrue={},
    ),
    Flag(
        "R-159",
        "S5 s.15; S5 s.14",
        "The police were not at the meeting while their investigation was open.",
        _MEETING,
        False,
        police_absent,
        lambda data: text(data, "kind") in ("strategy", "followup-strategy", "hsb", "hsb-planning"),
        {"criminal-investigation-decided": ("decision",), "criminal-outcome-recorded": ()},
    ),
)
