"""What a reader is to a child now: classes from roles and current relationships (G.00, D-01)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hub.directory.types import Principal
from hub.disclosure.facts import ReaderFacts
from hub.disclosure.sides import below_responsibility, said_alone
from hub.pathway.entries import by_key
from hub.views import CONSULT_ONLY, ChildView, Grant

MEMBER: Final = "group-member"
# Who works with a child in a group of agencies; carers get papers of their own for the placement (D-45).
_WORKERS: Final = (
    "social-worker", "early-help-worker", "designated-safeguarding-lead",
    "educational-psychologist", "youth-justice-worker", "health-practitioner", "health-visitor",
    "general-practitioner", "therapist", "camhs-practitioner", "school-nurse",
    "sexual-health-practitioner", "specialist-assessor",
)  # fmt: skip
# (kind of relationship, role from the directory) -> what the reader is to the child.
CLASS_OF: Final[Mapping[tuple[str, str], str]] = {
    **{(MEMBER, role): MEMBER for role in _WORKERS},
    ("allocated", "social-worker"): "own-worker",
    ("enquiry", "enquiry-social-worker"): "enquiry",
    ("enquiry", "police-officer"): "police",
    ("group-member", "police-officer"): "police",
    ("enrolled", "designated-safeguarding-lead"): "school",
    ("treated", "health-practitioner"): "health",
    ("treated", "health-visitor"): "health",
    ("treated", "general-practitioner"): "health",
    ("treated", "camhs-practitioner"): "health",
    ("treated", "school-nurse"): "health",
    ("treated", "sexual-health-practitioner"): "health",
    ("treated", "therapist"): "therapist",
    ("treated", "specialist-assessor"): "therapist",
    # A psychologist reads as a school does, of a child who was referred to it by name (roles B).
    ("treated", "educational-psychologist"): "school",
    ("supervised", "youth-justice-worker"): "youth-justice",
    ("placed", "foster-carer"): "carer",
    ("carer", "foster-carer"): "carer",
    ("placed", "residential-worker"): "carer",
    ("carer", "residential-worker"): "carer",
    ("front-door", "front-door"): "front-door",
    ("iro", "independent-reviewing-officer"): "iro",
    ("chair", "conference-chair"): "iro",
    ("early-help", "early-help-worker"): "early-help",
    ("spoc", "social-worker"): "spoc",
    ("spoc", "early-help-worker"): "spoc",
    ("mappa", "mappa-coordinator"): "mappa",
    ("smg", "police-officer"): "smg",
    ("smg", "safeguarding-unit"): "smg",
    ("smg", "team-manager"): "smg",
    # Who may have to act on a child it does not know, out of hours or at once (H-17).
    ("emergency", "social-worker"): "emergency",
    ("emergency", "enquiry-social-worker"): "emergency",
    ("emergency", "team-manager"): "emergency",
    ("emergency", "front-door"): "emergency",
    ("emergency", "duty-worker"): "emergency",
    ("emergency", "police-officer"): "emergency",
    ("emergency", "health-practitioner"): "emergency",
}
# Who may be asked for records, by role, and which rows of a list of answers are its own (D-44). Police and
# youth justice read by bases of their own (D-25).
CHECKS: Final[Mapping[str, frozenset[str]]] = {
    "designated-safeguarding-lead": frozenset({"school", "nursery"}),
    "general-practitioner": frozenset({"general-practitioner"}),
    "health-visitor": frozenset({"health-visitor"}),
    "school-nurse": frozenset({"school-nurse"}),
    "camhs-practitioner": frozenset({"mental-health"}),
    "early-help-worker": frozenset({"early-help"}),
    "social-worker": frozenset({"other-authority"}),
    "health-practitioner": frozenset(),
}
RESPONDENT: Final = "respondent"
EMERGENCY: Final = "emergency"
LIMITED: Final = frozenset({"attendee", "early-help", "spoc", MEMBER, EMERGENCY})
"""Who has a part in the case only, and may yet be of the organisation that posts nearly all of it."""
AT_THE_DOOR: Final = frozenset({"front-door", "own-front-door"})
OVERSIGHT: Final = frozenset({"iro", "safeguarding-unit"})
# A seat in the strategic group is the member's own, and nobody covers who is covering.
_NOT_COVERED: Final = frozenset({"cover", "smg", EMERGENCY})
MEETING_KINDS: Final = frozenset({"invited", "attendee"})


@dataclass(frozen=True, slots=True)
class Standing:
    """A reader's standing towards one child.

    Shape: `classes` are what the rules speak of; `relationships` the words a reader sees of itself;
    `meetings` the meetings about this child that the reader was invited to or attended, each as
    (convening organisation, meeting), because two convenors may use one name.
    """

    classes: frozenset[str]
    relationships: tuple[str, ...]
    meetings: frozenset[tuple[str, str]]
    checks: frozenset[str] = frozenset()
    """The rows that are the reader's own in a list of answers to a request for records."""

    said_alone: frozenset[str] = frozenset()
    """The sides of the child of which the reader's own youth justice service alone speaks (D-21)."""

    @property
    def facts(self) -> ReaderFacts:
        """The facts of the reader that the rules read."""
        return ReaderFacts(self.classes, bool(self.meetings))

    @property
    def resolves_others(self) -> bool:
        """Whether other children show by their id: police, enquiry worker, management group (D-03)."""
        return bool(self.classes & {"police", "enquiry", "smg"})


NONE: Final = Standing(frozenset(), (), frozenset())


def standing(principal: Principal, view: ChildView, now: datetime) -> Standing:
    """What this reader is to this child at this instant; the instant is always now (D-20).

    Source: requirements G.00, D-01, D-12, D-13, D-25, D-28.

    Procedure
      1. A system, and anybody without a role, is nothing to any child.
      2. Current relationships that name the person, or the organisation where the role fits; and, until a
         cover ends, those of the colleague in whose place the person stands, no further than its own role
         fits them. What is limited to papers opens these papers only; police who are consulted only are not
         those who investigate, and of a child who has harmed before it was ten no police do, whatever came
         first and whichever relationship they hold (D-43).
      3. Roles that cover children by authority: team manager, Safeguarding Unit.
      4. Attendance alone opens that meeting's papers only (D-25), and to police nothing: their basis is
         the enquiry's, the investigation's or membership of the group (D-28). A request for records opens
         no more: whoever was asked has its own answer, and the incident redacted.
      5. An information governance officer of the partnership stands apart: metadata only, whatever else the
         same person is to the child (D-13).
    """
    if principal.person is None or not principal.roles:  # 1
        return NONE
    own = [grant for grant in view.grants if _names(grant, principal)]
    current = [grant for grant in own if grant.current(now)]
    covered = _covered(current, view.grants, now)
    classes: dict[str, str] = {}
    for word, grant in [*((one.kind, one) for one in current), *(("cover", one) for one in covered)]:  # 2
        for role in principal.roles:
            found = CLASS_OF.get((grant.kind, role))
            if found == "police" and CONSULT_ONLY in grant.papers:
                classes.setdefault("consulted", word)
            elif found == MEMBER and not _right_room(grant, view, now):
                continue
            elif found is not None and _fits(found, grant, view.authority):
                classes.setdefault(found, word)
    if "police" in classes and below_responsibility(view):
        classes["consulted"] = classes.pop("police")
    elif "police" in classes:
        classes.pop("consulted", None)
    classes |= _by_authority(principal, view, now)  # 3
    # A referral by anybody opens the referral to another front door; what is known of the child it does not.
    if "front-door" in classes and principal.organisation == (view.authority or view.area):
        classes["own-front-door"] = classes["front-door"]
    checks = _checks(principal, current, view.authority)
    # An emergency opens no papers again, and takes none away.
    lasting = classes.keys() - {EMERGENCY}
    # Whoever has another basis keeps the papers; attendance alone ends with its 28 days (D-41).
    kept = [*(own if lasting else current), *covered]
    meetings = frozenset(
        (basis.organisation or "", paper)
        for grant in kept
        if (papers := _papers(grant)) and (basis := by_key(view.entries).get(grant.basis)) is not None
        for paper in papers
    )
    attends = any(grant.kind in MEETING_KINDS or grant.papers for grant in (*current, *covered))
    if not lasting and attends and principal.organisation_kind != "police":  # 4
        classes["attendee"] = "attendee"
    if checks is not None:
        classes[RESPONDENT] = RESPONDENT
    if "ig-officer" in principal.roles and principal.organisation_kind == "partnership":  # 5
        classes = {"officer": "officer"}
    words = tuple(sorted(set(classes.values())))
    alone = said_alone(view, principal.organisation) if "youth-justice" in classes else frozenset()
    return Standing(frozenset(classes), words, meetings, checks or frozenset(), alone)


def _names(grant: Grant, principal: Principal) -> bool:
    """Whether a grant is for this person, or for the organisation without naming a person."""
    if grant.organisation != principal.organisation:
        return False
    # Youth justice: the basis is the service's, not that of the person who was invited (D-27).
    return grant.person in (None, principal.person) or grant.kind == "supervised"


def _fits(found: str, grant: Grant, authority: str | None) -> bool:
    """Whether a relationship makes its holder this.

    1. What papers limit makes nobody anything.
    2. Workers and members are persons: an allocation, a police basis or a seat without one opens nothing, nor
       does a place in the group to everybody of a social care organisation, a referral to psychologists, or
       that the child lives with its own authority, or is assessed by it, to everybody of that.
    3. A member from another authority sees its own children's records only (D-51).
    """
    if grant.papers:  # 1
        return False
    social = grant.organisation.startswith("social-care.")
    if grant.person is None:  # 2
        everybody = found == MEMBER and social
        unsaid = (grant.kind, found) == ("treated", "school") or (
            grant.organisation == authority and found in {"carer", "therapist"}
        )
        return not (everybody or unsaid) and found not in {"own-worker", "enquiry", "smg", "spoc", EMERGENCY}
    return found != "smg" or not social or grant.organisation == authority  # 3


def _right_room(grant: Grant, view: ChildView, now: datetime) -> bool:
    """Whether a group is one for this organisation: a school sits in that of its own pupil only (R-082)."""
    return not grant.organisation.startswith("education.") or any(
        one.kind == "enrolled" and one.organisation == grant.organisation
        for one in _current(view.grants, now)
    )


def _covered(current: Sequence[Grant], grants: Iterable[Grant], now: datetime) -> list[Grant]:
    """What colleagues hold in whose place the reader stands now; a cover without an end opens nothing."""
    colleagues = {
        (one.organisation, one.covers)
        for one in current
        if one.kind == "cover" and one.covers is not None and one.until is not None
    }
    return [
        one
        for one in _current(grants, now)
        if one.kind not in _NOT_COVERED and one.person and (one.organisation, one.person) in colleagues
    ]


def _papers(grant: Grant) -> tuple[str, ...]:
    """The meetings whose papers a relationship opens by itself."""
    if grant.kind in MEETING_KINDS:
        return (grant.meeting,) if grant.meeting else ()
    return tuple(one for one in grant.papers if one != CONSULT_ONLY)


def _checks(principal: Principal, current: Iterable[Grant], authority: str | None) -> frozenset[str] | None:
    """The rows that are this reader's own where its organisation was asked for records, else None."""
    asked = any(grant.kind == RESPONDENT for grant in current)
    roles = principal.roles & CHECKS.keys()
    if not asked or not roles or principal.organisation == authority:
        return None
    return frozenset(check for role in roles for check in CHECKS[role])


def _by_authority(principal: Principal, view: ChildView, now: datetime) -> dict[str, str]:
    classes: dict[str, str] = {}
    if "team-manager" in principal.roles and any(
        grant.kind == "allocated" and grant.organisation == principal.organisation
        for grant in _current(view.grants, now)
    ):
        classes["team-manager"] = "team-manager"
    if "safeguarding-unit" in principal.roles and view.authority == principal.organisation:
        classes["safeguarding-unit"] = "safeguarding-unit"
    return classes


def _current(grants: Iterable[Grant], now: datetime) -> list[Grant]:
    return [grant for grant in grants if grant.current(now)]
