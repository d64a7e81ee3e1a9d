"""What several agencies say of one incident, who is silent, and where it happened, for one reader (H-20)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from hub.envelope import EventKey, JsonObject
from hub.pathway.contexts import Contexts, contexts
from hub.pathway.corroboration import SharedIncident, corroborated
from hub.pathway.entries import Material
from hub.pathway.profiles import ProfileOf
from hub.pathway.silence import Answer, Kind, Request, Silence, silence

# The set view is the management group's (D-17, R-182): to others a shared group would join two records.
SET_VIEW: Final = frozenset({"smg"})
# Who always gets the answer to a request of its own organisation's (D-33, LEGAL), and who answered.
ANSWERED_TO: Final = frozenset({"own-worker", "enquiry", "team-manager", "police"})
NOTHING_KNOWN: Final = {"nothing-known": ("poster",)}
REQUIREMENT: Final[Mapping[Kind, str]] = {
    "check": "R-115",
    "referral": "R-075",
    "opinion": "R-105",
    "checklist": "R-115",
}
SAYS: Final[Mapping[Answer | None, str]] = {
    "none": "No answer is recorded.",
    "nothing-known": "The answer is that nothing is known. That is an answer.",
    "refused": "The request was refused.",
    "answered": "An answer is recorded.",
    None: "Whether there is an answer is not among the entries that you may read.",
}


@dataclass(frozen=True, slots=True)
class ShownAccount:
    """One agency's account of an incident."""

    entry_id: str
    type: str
    organisation: str | None
    happened: str
    happened_words: str
    precision: str
    place: str | None
    status: str | None
    counts: bool


@dataclass(frozen=True, slots=True)
class ShownView:
    """The level that one agency gave the incident, in its own scale."""

    entry_id: str
    organisation: str
    scale: str
    level: str
    given_on: str


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """Something in which the accounts differ, as a question for the meeting."""

    about: str
    text: str
    evidence: tuple[str, ...]
    values: JsonObject


@dataclass(frozen=True, slots=True)
class ShownIncident:
    """One incident of which several agencies tell, side by side; nothing is weighed."""

    requirement: str
    accounts: tuple[ShownAccount, ...]
    views: tuple[ShownView, ...]
    questions: tuple[ShownQuestion, ...]
    joined_by: tuple[str, ...]
    organisations: tuple[str, ...]
    settings: Mapping[str, str | int]
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownRequest:
    """One request and its answer; `answer` is None where this reader could not know of one.

    Units: `days` are whole London days, to the answer or to now.
    """

    requirement: str
    kind: str
    text: str
    to: str | None
    asked_by: str | None
    asked_on: date
    answer: str | None
    answered_on: date | None
    days: int
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownNothingKnown:
    """An organisation's own signed answer that it knows nothing of the child."""

    requirement: str
    organisation: str | None
    answered_on: date
    since: date | None
    until: date | None
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownSilence:
    """Who was asked and what came of it; `never_asked` is None where this reader could not know."""

    requests: tuple[ShownRequest, ...]
    nothing_known: tuple[ShownNothingKnown, ...]
    never_asked: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class ShownContext:
    """One context of the child's life and how many incidents were in it."""

    requirement: str
    kind: str
    place: str | None
    declared: tuple[str, ...]
    incidents: int
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownSharedContext:
    """An online group that was declared on several linked records, for the management group alone."""

    requirement: str
    place: str
    records: int
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SideBySide:
    """What one reader's entries tell across agencies about one child."""

    incidents: tuple[ShownIncident, ...] = ()
    silence: ShownSilence = ShownSilence((), (), None)
    contexts: tuple[ShownContext, ...] = ()
    shared_contexts: tuple[ShownSharedContext, ...] = ()

    @property
    def used(self) -> set[str]:
        """The ids of the entries that all of this rests on."""
        resting = [one.evidence for one in self.incidents]
        resting += [one.evidence for one in self.silence.requests]
        resting += [one.evidence for one in self.silence.nothing_known]
        resting += [one.evidence for one in self.contexts]
        resting += [one.evidence for one in self.shared_contexts]
        return {name for evidence in resting for name in evidence}


NOTHING: Final = SideBySide()


@dataclass(frozen=True, slots=True)
class Asking:
    """Who gets it: the reader's organisation, and what the reader is to the child."""

    organisation: str
    classes: frozenset[str]


def side_by_side(
    material: Material, reader: Asking, names: Mapping[EventKey, str], *, now: datetime,
    profile_of: ProfileOf, apart: bool = False,
) -> SideBySide:  # fmt: skip
    """The accounts, the silence and the contexts of one child for one reader.

    Shape: `apart` is for the papers of a meeting, which are of one child alone (D-04).
    Trust: made of this reader's entries alone; what two records share is for the set view alone.
    Source: R-115, R-179, R-180, R-019, R-182; H-20
    """
    own = replace(material, linked={}) if apart else material
    ids = _Ids(names)
    answered = reader.organisation if ANSWERED_TO & reader.classes and own.reads(NOTHING_KNOWN) else None
    told = contexts(own, now=now)
    return SideBySide(
        incidents=tuple(_incident(one, ids) for one in corroborated(own, profile_of=profile_of)),
        silence=_silence(silence(own, now=now), answered, ids),
        contexts=tuple(
            ShownContext("R-019", one.kind, one.place, one.declared, one.incidents, ids(one.evidence))
            for one in told.rows
        ),
        shared_contexts=_shared(told, ids) if SET_VIEW & reader.classes else (),
    )


class _Ids:
    """Entry ids of what the reader has."""

    def __init__(self, names: Mapping[EventKey, str]) -> None:
        self._names: Final = names

    def __call__(self, keys: Iterable[EventKey]) -> tuple[str, ...]:
        return tuple(self._names[key] for key in keys if key in self._names)


def _shared(told: Contexts, ids: _Ids) -> tuple[ShownSharedContext, ...]:
    return tuple(
        ShownSharedContext("R-182", one.place, one.records, ids(one.evidence)) for one in told.shared
    )


def _incident(found: SharedIncident, ids: _Ids) -> ShownIncident:
    return ShownIncident(
        requirement="R-180",
        accounts=tuple(
            ShownAccount(
                entry_id="".join(ids([one.entry])),
                type=one.type,
                organisation=one.organisation,
                happened=one.happened,
                happened_words=one.happened_words,
                precision=one.precision,
                place=one.place,
                status=one.status,
                counts=one.counts,
            )
            for one in found.accounts
        ),
        views=tuple(
            ShownView("".join(ids([one.entry])), one.organisation, one.scale, one.level, one.given_on)
            for one in found.views
        ),
        questions=tuple(
            ShownQuestion(one.about, one.text, ids(one.evidence), one.values) for one in found.questions
        ),
        joined_by=found.joined_by,
        organisations=found.organisations,
        settings=found.settings,
        evidence=ids(found.evidence),
    )


def _silence(found: Silence, answered: str | None, ids: _Ids) -> ShownSilence:
    """Shape: `answered` is the organisation to whose requests for records this reader gets every answer."""
    return ShownSilence(
        requests=tuple(_request(one, answered, ids) for one in found.requests),
        nothing_known=tuple(
            ShownNothingKnown(
                "R-115", one.organisation, one.answered_on, one.since, one.until, ids(one.evidence)
            )
            for one in found.nothing_known
        ),
        never_asked=found.never_asked,
    )


def _request(one: Request, answered: str | None, ids: _Ids) -> ShownRequest:
    own = one.kind == "check" and one.asked_by is not None and one.asked_by == answered
    answer = "none" if one.answer is None and own else one.answer
    return ShownRequest(
        requirement=REQUIREMENT[one.kind],
        kind=one.kind,
        text=SAYS[answer],
        to=one.to,
        asked_by=one.asked_by,
        asked_on=one.asked_on,
        answer=answer,
        answered_on=one.answered_on,
        days=one.days,
        evidence=ids(one.evidence),
    )
