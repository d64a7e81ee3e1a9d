"""What a reader is to a child now: classes from roles and current relationships (G.00, D-01)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hub.directory.types import Principal
from hub.disclosure.facts import ReaderFacts
from hub.views import ChildView, Grant

# (kind of relationship, role from the directory) -> what the reader is to the child.
CLASS_OF: Final[Mapping[tuple[str, str], str]] = {
    ("allocated", "social-worker"): "own-worker",
    ("enquiry", "enquiry-social-worker"): "enquiry",
    ("enquiry", "police-officer"): "police",
    ("group-member", "police-officer"): "police",
    ("enrolled", "designated-safeguarding-lead"): "school",
    ("treated", "health-practitioner"): "health",
    ("treated", "health-visitor"): "health",
    ("treated", "general-practitioner"): "health",
    ("treated", "therapist"): "therapist",
    ("supervised", "youth-justice-worker"): "youth-justice",
    ("placed", "foster-carer"): "carer",
    ("carer", "foster-carer"): "carer",
    ("front-door", "front-door"): "front-door",
}
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
      2. Current relationships that name the person, or the organisation where the role fits.
      3. Roles that cover children by authority: team manager, Safeguarding Unit.
      4. Attendance alone opens that meeting's papers only (D-25), and to police nothing: their basis is
         the enquiry's, the investigation's or membership of the group (D-28).
      5. An information governance officer of the partnership stands apart: metadata only.
    """
    if principal.person is None or not principal.roles:  # 1
        return NONE
    own = [grant for grant in view.grants if _names(grant, principal)]
    current = [grant for grant in own if grant.current(now)]
    classes: dict[str, str] = {}
    for grant in current:  # 2
        for role in principal.roles:
            found = CLASS_OF.get((grant.kind, role))
            if found is not None and _fits(found, grant):
                classes.setdefault(found, grant.kind)
    classes |= _by_authority(principal, view, now)  # 3
    # A referral by anybody opens the referral to another front door; what is known of the child it does not.
    if "front-door" in classes and principal.organisation == (view.authority or view.area):
        classes["own-front-door"] = classes["front-door"]
    posters = {entry.key: entry.organisation or "" for entry in view.entries}
    # Whoever has another basis keeps the papers; attendance alone ends with its 28 days (D-41).
    kept = own if classes else current
    meetings = frozenset(
        (posters[grant.basis], grant.meeting)
        for grant in kept
        if grant.kind in MEETING_KINDS and grant.meeting and grant.basis in posters
    )
    attends = any(grant.kind in MEETING_KINDS for grant in current)
    if not classes and attends and principal.organisation_kind != "police":  # 4
        classes["attendee"] = "attendee"
    if "ig-officer" in principal.roles and principal.organisation_kind == "partnership":  # 5
        classes["officer"] = "officer"
    return Standing(frozenset(classes), tuple(sorted(set(classes.values()))), meetings)


def _names(grant: Grant, principal: Principal) -> bool:
    """Whether a grant is for this person, or for the organisation without naming a person."""
    if grant.organisation != principal.organisation:
        return False
    # Youth justice: the basis is the service's, not that of the person who was invited (D-27).
    return grant.person in (None, principal.person) or grant.kind == "supervised"


def _fits(found: str, grant: Grant) -> bool:
    """Workers are persons: an allocation or a police basis without a person opens nothing."""
    return grant.person is not None or found not in {"own-worker", "enquiry"}


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
