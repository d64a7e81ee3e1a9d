"""R-056, R-097, R-107, R-108, R-110: who interviews a child, in which order and with whom beside it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from hub.envelope import JsonObject
from hub.pathway.calendar import birthday
from hub.pathway.child import date_of_birth, in_role, incidents
from hub.pathway.entries import Entries, Entry, Material
from hub.pathway.fields import days_of, instant_of, of_type, organisation_kind, text, texts, truth
from hub.pathway.gates.flag import Flag, Members
from hub.pathway.gates.gate import Case, Gate, Refusal
from hub.pathway.gates.under_ten import AGE

PLANNED: Final = "interview-planned"
ADVISING: Final = ("family-informed", PLANNED)


def police_not_agreed(case: Case) -> bool:
    """Whether a social worker is to interview about an alleged offence and the police have not agreed.

    1. The police agree by a person of theirs whom the plan names, or plan it themselves.
    2. It is no interview about an offence of a child who was under ten at every incident, or who is
       recorded as harmed only.
    """
    if text(case.posted, "method") != "social-worker":
        return False
    agreed = text(case.posted, "police_agreed_by")  # 1.
    if "police" in (organisation_kind(agreed), organisation_kind(case.posted.organisation)):
        return False
    return not _no_offence(case.fold)  # 2.


def order_undecided(case: Case) -> bool:
    """Whether several interviews are planned without a meeting having set their order, and why.

    Only where this child may have been harmed too.
    """
    several = len(texts(case.posted, "order")) > 1 or bool(_planned(case))
    decided = text(case.posted, "decided_at_meeting") is not None and text(case.posted, "reason") is not None
    return several and not decided and _suspected(case)


def held_unplanned(case: Case) -> bool:
    """Whether a child who may have been harmed too was interviewed before the order was decided."""
    held = instant_of(case.posted)
    decided = (one for one in _planned(case) if text(one, "decided_at_meeting") is not None)
    return _suspected(case) and not any(instant_of(one) <= held for one in decided)


def not_by_police(case: Case) -> bool:
    """Whether an interview about an alleged offence was not held by the police, who had not agreed to it.

    A child under ten, or one who is recorded as harmed only, is not interviewed about an offence.
    """
    if organisation_kind(case.posted.organisation) == "police" or _no_offence(case.fold):
        return False
    if text(case.posted, "kind") == "pace":
        return True
    return bool(in_role(case.fold.entries, "has-harmed")) and not any(
        text(one, "method") == "social-worker"
        and organisation_kind(text(one, "police_agreed_by")) == "police"
        for one in _planned(case)
    )


def no_legal_advice(case: Case) -> bool:
    """Whether nobody is recorded as told of the right to legal advice before this."""
    first = Entries.over(case.fold.entries).made_of(ADVISING, "first told of legal advice", _first_advice)
    return first is None or first > instant_of(case.posted)


def _first_advice(entries: Entries) -> datetime | None:
    told = (
        one
        for one in of_type(entries, "family-informed")
        if text(one, "topic") == "legal-advice" and text(one, "outcome") == "informed"
    )
    planned = (one for one in of_type(entries, PLANNED) if truth(one, "legal_advice_given") is True)
    return min((instant_of(one) for one in (*told, *planned)), default=None)


def _planned(case: Case) -> list[Entry]:
    return of_type(case.fold.entries, PLANNED)


def _suspected(case: Case) -> bool:
    return any(
        text(one, "outcome") in ("suspected", "established")
        for one in of_type(case.fold.entries, "victimisation-considered")
    )


def _no_offence(fold: Material) -> bool:
    harmed = incidents(fold.entries, "has-harmed")
    if not harmed:
        return bool(in_role(fold.entries, "has-been-harmed"))
    born = date_of_birth(fold, fold.child)
    return born is not None and all(days_of(one)[1] < birthday(born, AGE) for one in harmed)


def _about_own_behaviour(case: Case) -> bool:
    """Whether it is an interview of a child who has harmed (F.0 correction 9)."""
    return text(case.posted, "kind") == "pace" or bool(in_role(case.fold.entries, "has-harmed"))


def _pace_incomplete(data: JsonObject) -> bool:
    return text(data, "kind") == "pace" and (
        text(data, "adult_present") is None
        or truth(data, "cautioned") is not True
        or truth(data, "recorded") is not True
    )


def _offence_kind(data: JsonObject) -> bool:
    return text(data, "kind") in ("pace", "social-work")


def _went_on(data: JsonObject) -> bool:
    agreed = organisation_kind(text(data, "police_agreed_by")) == "police"
    return (
        text(data, "interview_kind") == "abe"
        and text(data, "continued") == "continued-with-police-agreement"
        and not agreed
    )


ADVISED: Final[Members] = {
    "family-informed": ("topic", "outcome"),
    "interview-planned": ("legal_advice_given",),
}
_PLAN: Final = frozenset({"interview-planned"})
_HELD: Final = frozenset({"interview-held"})

POLICE_AGREEMENT: Final = Gate(
    name="POLICE-AGREEMENT",
    refusal=Refusal(
        rule="R-108",
        force="MUST",
        source="S3 s.4",
        text="A social worker interviews about an alleged offence only where the police agree.",
        fix="Name the person of the police who agreed.",
    ),
    types=_PLAN,
    refuses=police_not_agreed,
    reads=frozenset({"incident-recorded", "child-stream-opened"}),
)
INTERVIEW_ORDER: Final = Gate(
    name="INTERVIEW-ORDER",
    refusal=Refusal(
        rule="R-097",
        force="MUST",
        source="S3 s.4; S5 s.9",
        text="Where the child may have been harmed too, a strategy meeting decides the order of interviews.",
        fix="Name the meeting at which the order was decided, and the reason.",
    ),
    types=_PLAN,
    refuses=order_undecided,
    reads=frozenset({"interview-planned", "victimisation-considered"}),
)
GATES: Final = (POLICE_AGREEMENT, INTERVIEW_ORDER)
FLAGS: Final = (
    Flag(
        "R-107",
        "S3 s.4; S5 s.15",
        "Adult present, caution or recording is not recorded of this interview.",
        _HELD,
        True,
        starts=_pace_incomplete,
    ),
    Flag(
        "R-107-POLICE",
        "S3 s.4; S5 s.15",
        "The interview about an alleged offence was not held by the police, and they had not agreed to it.",
        _HELD,
        False,
        not_by_police,
        _offence_kind,
        {"incident-recorded": ("role", "status"), "interview-planned": ("method", "police_agreed_by")},
    ),
    Flag(
        "R-097",
        "S3 s.4; S5 s.9",
        "The order of interviews was not decided by a strategy meeting.",
        _HELD,
        False,
        held_unplanned,
        untrue={"interview-planned": ("decided_at_meeting",)},
    ),
    Flag(
        "R-056",
        "S5 s.8",
        "That the child and family were told of the right to legal advice before this is not recorded.",
        _HELD,
        False,
        lambda case: _about_own_behaviour(case) and no_legal_advice(case),
        _offence_kind,
        ADVISED,
    ),
    Flag(
        "R-056-CONSENT",
        "S5 s.8",
        "That the child and family were told of the right to legal advice before consent is not recorded.",
        frozenset({"assessment-consent-recorded"}),
        False,
        no_legal_advice,
        untrue=ADVISED,
    ),
    Flag(
        "R-110",
        "S3 s.4; S5 s.9",
        "The interview went on after an admission; who agreed for the police is not recorded.",
        frozenset({"admission-flagged"}),
        True,
        starts=_went_on,
    ),
)
