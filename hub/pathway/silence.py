"""Who was asked and has not answered, who answered that nothing is known, and who was never asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, TypeAlias

from hub.envelope import EventKey
from hub.pathway.calendar import london_day
from hub.pathway.course import since
from hub.pathway.entries import Entry, Material
from hub.pathway.fields import (
    day,
    day_of,
    given_of,
    keys,
    of_type,
    organisation_kind,
    parts,
    text,
)
from hub.pathway.patterns.knows_told import KINDS

Members: TypeAlias = Mapping[str, tuple[str, ...]]
Kind: TypeAlias = Literal["check", "referral", "opinion", "checklist"]
Answer: TypeAlias = Literal["nothing-known", "refused", "answered", "none"]

CHECKED: Final = ("records-access-decided", "nothing-known")
ANSWERED_BY: Final[Mapping[Kind, Members]] = {
    "check": {"records-access-decided": ("decision", "poster"), "nothing-known": ("poster",)},
    "referral": {"referral-outcome-decided": (), "intervention-offered": (), "intervention-started": ()},
    "opinion": {"specialist-opinion-received": ()},
    "checklist": {"meeting-checklist-completed": ("checklist", "items")},
}
"""All that could make it untrue that a request of each kind is unanswered (H-20)."""
ASKING: Final[Members] = {
    "records-access-requested": ("holder",),
    "referral-made": ("to",),
    "specialist-opinion-requested": ("service",),
    "invitation-sent": ("organisation",),
}
"""All by which an organisation can have been asked."""
UNANSWERED: Final = frozenset({"not-answered", "not-known-yet"})


@dataclass(frozen=True, slots=True)
class Request:
    """One request to an organisation or service, and its answer.

    Shape: `to` is whom it went to, or the item of a checklist; `answer` is None where this reader could not
    know of an answer; `days` is how long it has waited, or had waited when it was answered.
    Units: whole London days.
    """

    kind: Kind
    to: str | None
    asked_by: str | None
    asked_on: date
    answer: Answer | None
    answered_on: date | None
    days: int
    evidence: tuple[EventKey, ...]


@dataclass(frozen=True, slots=True)
class NothingKnown:
    """An organisation's own signed answer that it knows nothing of the child; that is an answer.

    Shape: `since` and `until` bound the time that it looked at, where it says so.
    """

    organisation: str | None
    answered_on: date
    since: date | None
    until: date | None
    evidence: tuple[EventKey, ...]


@dataclass(frozen=True, slots=True)
class Silence:
    """What is known of asking and answering about one child.

    Shape: `never_asked` names the kinds of agency, of the five, that have neither posted, nor been told, nor
    been asked; None where this reader could not know.
    """

    requests: tuple[Request, ...]
    nothing_known: tuple[NothingKnown, ...]
    never_asked: tuple[str, ...] | None

    @property
    def unanswered(self) -> tuple[Request, ...]:
        """The requests that have no answer, the longest asked first."""
        return tuple(one for one in self.requests if one.answer == "none")


def silence(material: Material, *, now: datetime) -> Silence:
    """Who has not answered, who answered "nothing known", who was never asked.

    1. Each request with the first answer of whom it went to; a refusal counts only until a better answer.
    2. The answers that nothing is known, asked for or not.
    3. The kinds of agency that nobody asked.

    Trust: that there is no answer, and that nobody asked, is said only to a reader who may see all that could
    make it untrue (H-20).
    Source: R-075, R-105, R-115, R-199
    """
    today = london_day(now)
    found = [
        *_checks(material, today),
        *_referrals(material, today),
        *_opinions(material, today),
        *_items(material, today),
    ]
    return Silence(
        requests=tuple(sorted(found, key=_order)),  # 1.
        nothing_known=tuple(  # 2.
            NothingKnown(one.organisation, day_of(one), day(one, "from"), day(one, "until"), keys([one]))
            for one in given_of(material.entries, "nothing-known")
        ),
        never_asked=_never_asked(material, now),  # 3.
    )


def _order(request: Request) -> tuple[date, str, str, tuple[EventKey, ...]]:
    return request.asked_on, request.kind, request.to or "", request.evidence


def _checks(material: Material, today: date) -> Iterator[Request]:
    """What an organisation was asked from its records; another organisation cannot answer for it."""
    for asked in given_of(material.entries, "records-access-requested"):
        holder = text(asked, "holder")
        answers = [
            one
            for one in since(material.entries, asked, *CHECKED)
            if one.organisation == holder and one.about in (None, asked.key)
        ]
        given = [one for one in answers if text(one, "decision") != "refused"] or answers
        yield _request("check", holder, asked, given[0] if given else None, material, today)


def _referrals(material: Material, today: date) -> Iterator[Request]:
    """What a service or authority was asked by a referral that names it; police are consulted, not asked."""
    for asked in given_of(material.entries, "referral-made"):
        to = text(asked, "to")
        answers = [
            one
            for one in since(material.entries, asked, *ANSWERED_BY["referral"])
            if one.about == asked.key
            or (one.about is None and to in (one.organisation, text(one, "provider")))
        ]
        if to is not None and text(asked, "target") != "police":
            yield _request("referral", to, asked, answers[0] if answers else None, material, today)


def _opinions(material: Material, today: date) -> Iterator[Request]:
    """What a specialist was asked."""
    for asked in given_of(material.entries, "specialist-opinion-requested"):
        answers = [
            one
            for one in since(material.entries, asked, *ANSWERED_BY["opinion"])
            if one.about in (None, asked.key)
        ]
        to = text(asked, "service")
        yield _request("opinion", to, asked, answers[0] if answers else None, material, today)


def _items(material: Material, today: date) -> Iterator[Request]:
    """The items of each organisation's checklists that had no answer when it filled them in last."""
    asked: dict[tuple[str | None, str | None, str], tuple[Entry, Entry, str | None]] = {}
    for one in given_of(material.entries, "meeting-checklist-completed"):
        for row in parts(one, "items"):
            item, answer = text(row, "item"), text(row, "answer")
            if item is not None and answer is not None:
                name = (one.organisation, text(one, "checklist"), item)
                first = asked[name][0] if name in asked else one
                asked[name] = (first, one, answer)
    for (_, _, item), (first, last, answer) in asked.items():
        if answer in UNANSWERED:
            yield _request("checklist", item, first, None, material, today)
        elif first != last:
            yield _request("checklist", item, first, last, material, today, refused=answer == "refused")


def _request(
    kind: Kind,
    to: str | None,
    asked: Entry,
    answer: Entry | None,
    material: Material,
    today: date,
    *,
    refused: bool = False,
) -> Request:
    said: Answer | None
    if answer is None:
        said = "none" if material.reads(ANSWERED_BY[kind]) else None
    elif answer.type == "nothing-known":
        said = "nothing-known"
    else:
        said = "refused" if refused or text(answer, "decision") == "refused" else "answered"
    until = day_of(answer) if answer is not None else today
    return Request(
        kind=kind,
        to=to,
        asked_by=asked.organisation,
        asked_on=day_of(asked),
        answer=said,
        answered_on=day_of(answer) if answer is not None else None,
        days=max(0, (until - day_of(asked)).days),
        evidence=keys([asked, *([answer] if answer is not None else [])]),
    )


def _never_asked(material: Material, now: datetime) -> tuple[str, ...] | None:
    """The kinds that neither posted, nor were told, nor asked; for readers who may be told of "neither"."""
    if not (material.says_neither or material.complete is None) or not material.reads(ASKING):
        return None
    if any(one.organisation is None for one in material.entries):
        return None  # whoever posted it is known to the hub, and not to this reader
    reached = {organisation_kind(one.organisation) for one in material.entries}
    reached |= {organisation_kind(one.organisation) for one in material.told if one.at <= now}
    for type, members in ASKING.items():
        for one in of_type(material.entries, type):
            if text(one, "decision") != "not-invited":
                reached |= {organisation_kind(text(one, name)) for name in members}
    return tuple(kind for kind in KINDS if kind not in reached)
