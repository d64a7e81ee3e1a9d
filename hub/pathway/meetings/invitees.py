"""Whom the convenor of a meeting has to invite, or to think of, and what was decided about each.

A list for the convenor only: it puts nobody in the room. Only an invitation that was sent invites.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Literal, TypeAlias

from hub.pathway.calendar import age_on
from hub.pathway.child import date_of_birth, enrolled, in_role, incidents
from hub.pathway.entries import Entries, Entry, Material
from hub.pathway.fields import (
    given_of,
    organisation_kind,
    organisation_of,
    parts,
    text,
    truth,
)
from hub.pathway.meetings.attendance import Attendance, enquiry_workers
from hub.pathway.meetings.meeting import STRATEGY, Meeting, meetings_of, refers
from hub.pathway.profiles import Profile, authority
from hub.pathway.profiles.rows import InvitationRule

INVITATION: Final = "invitation-sent"
PARENTS: Final = "parents"
Force: TypeAlias = Literal["always", "invited", "consider", "suggested", "convenor"]
"""How strongly: by the profile's own words, suggested by the hub, or the convenor's own idea."""
TEN: Final = 10
REASONS: Final[Mapping[str, str]] = {
    "R-074": "This agency has recorded something about the child and was not asked.",
    "R-080": "Youth justice is always invited to the strategy meeting about the child who has harmed.",
    "R-081": "The local procedure asks for a decision about this agency, with the reason where it is no.",
    "R-082": "Attends the meeting about this child: its own school, police and the enquiry social worker.",
    "R-083": "The school of both children: one person may attend both meetings, with separate papers.",
    "R-084": "The child's own authority is represented where another authority convenes.",
    "R-127": "Consider youth justice where the child who has harmed is eight or older.",
    "R-128": "Invited to the conference about the child who has harmed.",
    "R-135": "Invited to the meeting about harmful sexual behaviour by the local procedure.",
    "R-136": "Took part in the strategy meeting about this child, or is named by the local procedure.",
    "": "The local procedure names this agency for this meeting.",
}
CONVENORS: Final = "The convenor decided about this agency of its own accord."
# The kinds of organisation that a profile's word can mean as such.
_KINDS: Final = ("police", "health", "youth-justice")
# Of these only an invitation says which organisation is meant.
_BY_WORD: Final = ("camhs", "early-help", "front-door", "specialist-service")
# Who is no agency that could know the child.
_NO_AGENCY: Final = frozenset({"partnership", "hub"})
_Seat: TypeAlias = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Invitee:
    """One line of the convenor's list: who, how strongly and why, and what was decided.

    Shape: `invitee` is the word of the profile; `organisation` is None where nobody of that description is
    known; `decision` is None while it is open; `attended` is None until the meeting was held.
    """

    invitee: str
    organisation: str | None
    person: str | None
    force: Force
    reason: str
    requirement: str
    source: str
    decision: str | None = None
    decision_reason: str | None = None
    represents: bool = False
    attended: bool | None = None


def invitees_of(
    meeting: Meeting,
    material: Material,
    profile: Profile | None,
    attendance: Attendance | None,
    *,
    now: datetime,
    services: Mapping[str, tuple[str, ...]],
) -> tuple[Invitee, ...]:
    """The convenor's list for one meeting about one child.

    Shape: `services` are the organisations of the child's area by kind, from the directory.

    1. Each rule of the convening authority's procedure that fits this meeting and this child.
    2. The child's own authority, where another convenes (R-084).
    3. Agencies that know the child and were not asked (R-074).
    4. Whoever the convenor invited besides.
    5. What was decided about each, and whether they came.

    Trust: a school stands here only as the school of this very child (R-082).
    """
    on = meeting.on(now)
    listed: dict[tuple[str, str | None], Invitee] = {}

    def add(*found: Invitee) -> None:
        have = {one.organisation for one in listed.values()}
        for one in found:
            if one.organisation is None or one.organisation not in have:
                listed.setdefault((one.invitee, one.organisation), one)

    decided = _decided(meeting, material)
    known = {kind: (*services.get(kind, ()), *_of_kind(decided, kind)) for kind in _KINDS}
    known |= {word: _asked_as(decided, word) for word in _BY_WORD}
    for rule in profile.invitations if profile is not None else ():  # 1.
        if _fits(rule, meeting, material, on):
            add(*_by_rule(rule, meeting, material, on, known))
    add(*_own_authority(meeting, material))  # 2.
    add(*(one for one in _who_know(meeting, material, on) if one.organisation not in decided))  # 3.
    add(  # 4.
        *(
            Invitee(organisation_kind(name) or "", name, None, "convenor", CONVENORS, "R-101", "S3 s.4")
            for name in decided
        )
    )
    return tuple(  # 5.
        _parents(one, meeting) if one.invitee == PARENTS else _with_decision(one, decided, attendance)
        for one in listed.values()
    )


def _fits(rule: InvitationRule, meeting: Meeting, material: Material, on: date) -> bool:
    """Whether a rule speaks of this meeting and this child; an age that is not known leaves nobody out."""
    born = date_of_birth(material, material.child)
    age = age_on(born, on) if born is not None else None
    return (
        meeting.kind in rule.meetings
        and (rule.side == "any" or bool(in_role(material.entries, rule.side)))
        and (rule.from_age is None or age is None or age >= rule.from_age)
        and not (rule.not_under_ten and age is not None and age < TEN)
    )


def _by_rule(
    rule: InvitationRule,
    meeting: Meeting,
    material: Material,
    on: date,
    services: Mapping[str, Sequence[str]],
) -> Iterator[Invitee]:
    both = _schools_of_both(material, on)
    for organisation, person in _meant(rule.invitee, meeting, material, on, services) or [(None, None)]:
        if organisation is None and rule.invitee in ("strategy-participants", "school"):
            continue  # nobody took part yet, or no school is known: nothing to decide
        shared = rule.invitee == "school" and organisation in both
        requirement = "R-083" if shared else rule.requirement
        yield Invitee(
            rule.invitee,
            organisation,
            person,
            rule.force,
            REASONS.get(requirement, REASONS[""]),
            requirement,
            "S5 s.9" if shared else rule.source,
        )


def _meant(
    invitee: str, meeting: Meeting, material: Material, on: date, services: Mapping[str, Sequence[str]]
) -> list[_Seat]:
    """The organisations, or the persons, that a profile's word means for this child."""
    match invitee:
        case "school" | "education":
            return [(one, None) for one in sorted(enrolled(material.entries, on))]
        case "enquiry-worker":
            return [(organisation_of(one), one) for one in sorted(enquiry_workers(material))]
        case "strategy-participants":
            return _took_part(meeting, material, on)
        case "police" | "health":
            return [(one, None) for one in sorted({*_posted(material, invitee), *services[invitee]})]
        case "youth-justice":
            return [(one, None) for one in dict.fromkeys(services[invitee])]
        case _:
            return [(one, None) for one in services.get(invitee, ())]


def _posted(material: Material, kind: str) -> list[str]:
    """The organisations of a kind that recorded something about this child."""
    return [*_of_kind(Entries.over(material.entries).posted, kind)]


def _took_part(meeting: Meeting, material: Material, on: date) -> list[_Seat]:
    """Who was at the last strategy meeting about this child, without those not entitled for it (R-136)."""
    before = [one for one in meetings_of(material.entries) if one.kind in STRATEGY and one.held]
    held = [one for one in before if one.name != meeting.name]
    if not held:
        return []
    people: dict[str, set[str | None]] = {}
    for row in (row for entry in held[-1].held for row in parts(entry, "attendance")):
        organisation = text(row, "organisation")
        if organisation is not None and _entitled(organisation, material, on):
            people.setdefault(organisation, set()).add(text(row, "person"))
    return [(one, persons.pop() if len(persons) == 1 else None) for one, persons in people.items()]


def _entitled(organisation: str, material: Material, on: date) -> bool:
    """Whether an organisation has a place at a meeting about this child.

    1. A school at its own pupil's only.
    2. Youth justice at that of a child who has harmed and is ten or older.
    """
    match organisation_kind(organisation):
        case "education":  # 1.
            return organisation in enrolled(material.entries, on)
        case "youth-justice":  # 2.
            born = date_of_birth(material, material.child)
            harmed = in_role(material.entries, "has-harmed")
            return bool(harmed) and (born is None or age_on(born, on) >= TEN)
        case _:
            return True


def _schools_of_both(material: Material, on: date) -> frozenset[str]:
    """The schools of this child at which a linked child is a pupil too, as far as this reader has it."""
    own = enrolled(material.entries, on)
    linked = [enrolled(entries, on) for entries in material.linked.values() if incidents(entries)]
    return own & frozenset(one for schools in linked for one in schools)


def _own_authority(meeting: Meeting, material: Material) -> Iterator[Invitee]:
    own = authority(material)
    if own is not None and meeting.organisations and own != meeting.organisations[0]:
        yield Invitee(
            "social-care", own, None, "always", REASONS["R-084"], "R-084", "S3 s.4", represents=True
        )


def _who_know(meeting: Meeting, material: Material, on: date) -> Iterator[Invitee]:
    """Agencies with something recorded about the child, save the convenor's own and who is not entitled."""
    for one in sorted(Entries.over(material.entries).posted.keys() - {*meeting.organisations}):
        kind = organisation_kind(one)
        if kind is not None and kind not in _NO_AGENCY and _entitled(one, material, on):
            yield Invitee(kind, one, None, "suggested", REASONS["R-074"], "R-074", "S3 s.4")


def _decided(meeting: Meeting, material: Material) -> dict[str, Entry]:
    """The last decision about each organisation; a decision by who does not convene decides nothing."""
    decisions: dict[str, Entry] = {}
    for one in given_of(material.entries, INVITATION):
        organisation = text(one, "organisation")
        known = one.organisation is None or one.organisation in (*meeting.organisations, authority(material))
        if organisation is not None and known and refers(one, meeting):
            decisions[organisation] = one
    return decisions


def _parents(one: Invitee, meeting: Meeting) -> Invitee:
    """Parents and carers are no organisation: the convening itself says whether they are invited (R-135)."""
    said = next((entry for entry in reversed(meeting.convened) if text(entry, PARENTS)), None)
    if said is None:
        return one
    return replace(one, decision=text(said, PARENTS), decision_reason=text(said, "parents_reason"))


def _asked_as(decided: Mapping[str, Entry], word: str) -> tuple[str, ...]:
    return tuple(name for name, decision in decided.items() if text(decision, "invitee") == word)


def _with_decision(one: Invitee, decided: Mapping[str, Entry], attendance: Attendance | None) -> Invitee:
    decision = decided.get(one.organisation) if one.organisation is not None else None
    if decision is not None:
        one = replace(
            one,
            person=text(decision, "person") or one.person,
            decision=text(decision, "decision"),
            decision_reason=text(decision, "reason"),
            represents=one.represents or truth(decision, "represents") is True,
        )
    if attendance is None or one.organisation is None:
        return one
    # A colleague may come for an agency; the enquiry worker is one person, of whichever agency.
    seats = [seat for seat in attendance.present if seat.organisation == one.organisation]
    named = one.invitee == "enquiry-worker"
    return replace(one, attended=any(not named or seat.person == one.person for seat in seats))


def _of_kind(organisations: Iterable[str], kind: str) -> Iterator[str]:
    return (one for one in organisations if organisation_kind(one) == kind)
