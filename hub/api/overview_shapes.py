"""The JSON of an overview and of what agencies tell side by side, as types and written out.

Shape: as in `shapes`, whose words hold here too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from hub.api.reader_shapes import (
    Contact,
    Day,
    DeadlinesAnswer,
    Evidence,
    OpenItem,
    OverviewFlag,
    OverviewLine,
    Settings,
)
from hub.disclosure.side_by_side import ShownIncident, ShownNothingKnown, ShownRequest, SideBySide


class Account(TypedDict):
    """One agency's account of an incident; `counts` is false where it was withdrawn or not established."""

    entry_id: str
    type: str
    organisation: str | None
    happened: Annotated[str, Field(description="YYYY-MM-DD, YYYY-MM, YYYY or unknown")]
    happened_words: str
    precision: str
    place: str | None
    status: str | None
    counts: bool


class View(TypedDict):
    """The level that one agency gave the incident, in its own scale."""

    entry_id: str
    organisation: str
    scale: str
    level: str
    given_on: Day


class Question(TypedDict):
    """Something in which the accounts differ, as a question for the meeting."""

    about: Annotated[str, Field(description="date, place, status or level")]
    text: str
    evidence: Evidence
    values: Annotated[Mapping[str, object], Field(description="What was said, in the order of the evidence")]


class SharedIncident(TypedDict):
    """One incident of which several agencies tell. Nothing is weighed."""

    requirement: str
    accounts: Sequence[Account]
    views: Sequence[View]
    questions: Sequence[Question]
    joined_by: Annotated[
        Sequence[str], Field(description="Why they are held to be of one incident: people can part them")
    ]
    organisations: Sequence[str]
    settings: Settings
    evidence: Evidence


class AskedOf(TypedDict):
    """One request and its answer; `answer` is null where the caller could not know of one."""

    requirement: str
    kind: Annotated[str, Field(description="check, referral, opinion or checklist")]
    text: str
    to: str | None
    asked_by: str | None
    asked_on: Day | None
    answer: Annotated[str | None, Field(description="none, answered, nothing-known or refused")]
    answered_on: Day | None
    days: Annotated[int, Field(description="Whole days to the answer, or to now")]
    evidence: Evidence


class NothingKnown(TypedDict):
    """An organisation's own signed answer that it knows nothing of the child."""

    requirement: str
    organisation: str | None
    answered_on: Day | None
    since: Day | None
    until: Day | None
    evidence: Evidence


class Silence(TypedDict):
    """Who was asked and what came of it; `never_asked` is null where the caller could not know."""

    requests: Sequence[AskedOf]
    nothing_known: Sequence[NothingKnown]
    never_asked: Annotated[
        Sequence[str] | None, Field(description="Kinds of agency that nobody asked, told or heard from")
    ]


class Context(TypedDict):
    """One kind of place, or one circumstance, and how many incidents were there."""

    requirement: str
    kind: Annotated[str, Field(description="place, online or other-children")]
    place: str | None
    declared: Annotated[Sequence[str], Field(description="The names under which such places were declared")]
    incidents: int
    evidence: Evidence


class SharedContext(TypedDict):
    """An online group declared on several linked records; for members of the management group alone."""

    requirement: str
    place: str
    records: int
    evidence: Evidence


class SideBySideAnswer(TypedDict):
    """What the caller's entries tell across agencies."""

    incidents: Sequence[SharedIncident]
    silence: Silence
    contexts: Sequence[Context]
    shared_contexts: Sequence[SharedContext]


class Reference(TypedDict):
    """Something to read under the local procedure."""

    title: str
    publisher: str
    address: str | None
    checked: Annotated[str, Field(description="The day on which somebody last checked it")]
    source: str


class Guidance(TypedDict):
    """What the caller's kind of organisation is shown to read; `speak_first` is who is told of a worry."""

    references: Sequence[Reference]
    speak_first: str | None


class OverviewAnswer(DeadlinesAnswer):
    """The cross-agency risk overview of a child: no score, no ranking."""

    lines: Sequence[OverviewLine]
    open_items: Annotated[Sequence[OpenItem], Field(description="What is missing and why it is expected")]
    flags: Annotated[Sequence[OverviewFlag], Field(description="What is noted beside entries, by code")]
    contacts: Annotated[
        Sequence[Contact], Field(description="Whom to contact; in immediate danger it is the police on 999")
    ]
    side_by_side: SideBySideAnswer
    guidance: Guidance


def side_by_side_json(found: SideBySide) -> SideBySideAnswer:
    """What agencies tell side by side."""
    return {
        "incidents": [_incident(one) for one in found.incidents],
        "silence": {
            "requests": [_request(one) for one in found.silence.requests],
            "nothing_known": [_nothing_known(one) for one in found.silence.nothing_known],
            "never_asked": found.silence.never_asked,
        },
        "contexts": [
            {
                "requirement": one.requirement,
                "kind": one.kind,
                "place": one.place,
                "declared": one.declared,
                "incidents": one.incidents,
                "evidence": one.evidence,
            }
            for one in found.contexts
        ],
        "shared_contexts": [
            {
                "requirement": one.requirement,
                "place": one.place,
                "records": one.records,
                "evidence": one.evidence,
            }
            for one in found.shared_contexts
        ],
    }


def _incident(found: ShownIncident) -> SharedIncident:
    return {
        "requirement": found.requirement,
        "accounts": [
            {
                "entry_id": one.entry_id,
                "type": one.type,
                "organisation": one.organisation,
                "happened": one.happened,
                "happened_words": one.happened_words,
                "precision": one.precision,
                "place": one.place,
                "status": one.status,
                "counts": one.counts,
            }
            for one in found.accounts
        ],
        "views": [
            {
                "entry_id": one.entry_id,
                "organisation": one.organisation,
                "scale": one.scale,
                "level": one.level,
                "given_on": one.given_on,
            }
            for one in found.views
        ],
        "questions": [
            {"about": one.about, "text": one.text, "evidence": one.evidence, "values": one.values}
            for one in found.questions
        ],
        "joined_by": found.joined_by,
        "organisations": found.organisations,
        "settings": found.settings,
        "evidence": found.evidence,
    }


def _request(one: ShownRequest) -> AskedOf:
    return {
        "requirement": one.requirement,
        "kind": one.kind,
        "text": one.text,
        "to": one.to,
        "asked_by": one.asked_by,
        "asked_on": _day(one.asked_on),
        "answer": one.answer,
        "answered_on": _day(one.answered_on),
        "days": one.days,
        "evidence": one.evidence,
    }


def _nothing_known(one: ShownNothingKnown) -> NothingKnown:
    return {
        "requirement": one.requirement,
        "organisation": one.organisation,
        "answered_on": _day(one.answered_on),
        "since": _day(one.since),
        "until": _day(one.until),
        "evidence": one.evidence,
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
