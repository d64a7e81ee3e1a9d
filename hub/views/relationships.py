"""Who has which relationship with a child, from events alone (G.00, D-24 to D-29).

A grant counts only from the authority that may give it, never because the organisation that benefits
says so: posting gives an organisation its own posts and receipts, nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hub.pathway.entries import Entry
from hub.pathway.fields import text, texts
from hub.views.bases import CONSULT_ONLY, answered, asked, below_responsibility, closed, planned, transferred
from hub.views.courts import court_grants
from hub.views.enquiries import with_enquiry_ends
from hub.views.entry import about_of
from hub.views.grants import (
    AreaOf,
    OpenGrant,
    ServicesIn,
    by_position,
    end_at_handover,
    end_recorded,
    end_where,
    give,
    holds,
    kind_of,
)
from hub.views.groups import APPOINTED, members, set_grants
from hub.views.meetings import meeting_grants
from hub.views.release import release_grants
from hub.views.types import Folded, Grant, GrantKind, Handover, Post

_RECORDED: Final[tuple[GrantKind, ...]] = (
    "enrolled",
    "treated",
    "supervised",
    "placed",
    "carer",
    "enquiry",
    "group-member",
    "early-help",
)
_ONE_AT_A_TIME: Final = frozenset({"enrolled", "placed"})
CONCERNS: Final = frozenset(
    {"incident-recorded", "initial-account-recorded", "setting-risk-assessment-recorded"}
)
"""The types of event that are a concern: of each the front door is told at once."""
_OUTCOME: Final = "criminal-outcome-recorded"
_CONCERNS_REMAIN: Final = "nfa-with-concerns"
_WORKERS: Final = frozenset({"allocated", "enquiry"})
_MANAGERS: Final = frozenset({"team-manager", "manager"})
_APPOINTED: Final[Mapping[str, GrantKind]] = {
    "iro": "iro",
    "conference-chair": "chair",
    "spoc": "spoc",
}


_GRANTING: Final = frozenset(
    {
        "child-stream-opened",
        "referral-made",
        "referral-outcome-decided",
        "social-worker-allocated",
        "named-contact-appointed",
        "oversight-notified",
        APPOINTED,
        "relationship-recorded",
        "section-47-enquiry-initiated",
        "records-access-requested",
        "records-access-decided",
        "nothing-known",
        "case-transfer-decided",
        "plan-started",
        "closure-decided",
        "relationship-ended",
        _OUTCOME,
    }
    | CONCERNS
)


def _nobody(authority: str, role: str) -> tuple[str, ...]:
    return ()


def grants_of(
    folded: Folded, linked: Mapping[str, Folded], area_of: AreaOf, services_in: ServicesIn = _nobody
) -> tuple[Grant, ...]:
    """Every relationship that the events of a child grant, with its end where one is known.

    1. Walk the entries in the order of the record; each may grant, and may end what was granted.
    2. End enquiry relationships 28 days after the enquiries and the investigation have ended.
    3. Invitations and attendance count from this child's authority, or from that of a child who was
       linked when they were posted; they end 28 days after the meeting.
    4. The group of a linked child may sit for the whole set; youth justice and police let in who supervises
       a child after release, and who protects the public.
    """
    # 1
    own = _own_grants(folded, area_of, services_in)
    # 2
    ended = with_enquiry_ends(own, folded, linked)
    everybody = {folded.child: folded, **linked}
    bases = {
        child: with_enquiry_ends(
            _own_grants(one, area_of, services_in),
            one,
            {key: other for key, other in everybody.items() if key != child},
        )
        for child, one in linked.items()
    }
    # 3
    meetings = meeting_grants(folded, linked, ended, bases, area_of)
    # 4
    seats = set_grants(folded, linked, ended, area_of)
    released = release_grants(folded, (*ended, *meetings), area_of, services_in)
    return tuple(
        sorted(
            (*ended, *meetings, *seats, *released),
            key=lambda one: (one.from_, one.basis, one.kind, one.organisation, one.person or ""),
        )
    )


def _own_grants(folded: Folded, area_of: AreaOf, services_in: ServicesIn) -> tuple[Grant, ...]:
    """What the authority responsible at the time granted, in the order of the record (step 1)."""
    moves = list(folded.handovers)
    posts = {post.key: post for post in folded.posts if post.type in _GRANTING}
    open_: list[OpenGrant] = []
    if folded.provisional and folded.area is not None and folded.posts:
        first = folded.posts[0]
        open_.append(OpenGrant(Grant("front-door", folded.area, None, first.received_at, None, first.key)))
    for entry in by_position(folded.entries, _GRANTING):
        while moves and moves[0].position < entry.position:
            _moved(open_, moves.pop(0), area_of)
        granted = folded.granted(entry)
        match entry.type:
            case "child-stream-opened" if entry.key in folded.openings:
                _opened(open_, entry, folded)
            case "referral-made":
                _referred(open_, entry)
            case "referral-outcome-decided":
                _screened(open_, entry)
            case type_ if type_ in CONCERNS:
                _raised(open_, entry, folded)
            case type_ if type_ == _OUTCOME and text(entry, "outcome") == _CONCERNS_REMAIN:
                _raised(open_, entry, folded)
            case "social-worker-allocated" if granted:
                _allocated(open_, entry)
            case "named-contact-appointed" if granted:
                _appointed(open_, entry)
            case "oversight-notified" if granted:
                _overseen(open_, entry)
            case type_ if type_ == APPOINTED and granted:
                _grouped(open_, entry)
            case "relationship-recorded" if granted:
                _recorded(open_, entry, folded)
            case "relationship-recorded" if text(entry, "kind") == "cover":
                _covered(open_, entry, posts[entry.key])
            case "section-47-enquiry-initiated" if granted:
                _confirmed_investigation(open_, entry, folded)
            case "records-access-requested" if granted:
                asked(open_, entry)
            case "records-access-decided" | "nothing-known":
                answered(open_, entry)
            case "case-transfer-decided" if granted:
                transferred(open_, entry, services_in)
            case "plan-started" if granted:
                planned(open_, entry, services_in)
            case "closure-decided" if granted:
                closed(open_, entry, folded.entries)
            case "relationship-ended":
                end_recorded(open_, entry, folded.granting_at(entry.position))
    for move in moves:
        _moved(open_, move, area_of)
    return (*(one.grant for one in open_), *court_grants(folded, area_of))


def _moved(open_: list[OpenGrant], handover: Handover, area_of: AreaOf) -> None:
    """End what the former authority's people hold; the new one's front door begins (R-157)."""
    end_at_handover(open_, handover, area_of)
    new = handover.to_authority
    open_.append(OpenGrant(Grant("front-door", new, None, handover.at, None, handover.basis)))


def _opened(open_: list[OpenGrant], entry: Entry, folded: Folded) -> None:
    authority = folded.authority_at(entry.position)
    read_by = {one.grant.organisation for one in open_ if one.grant.kind == "front-door"}
    if authority is not None and authority not in read_by:
        give(open_, entry, "front-door", authority, None)
    if entry.organisation != authority or not folded.granted(entry):
        return
    schools = texts(entry, "schools")
    if schools:
        end_where(open_, entry, lambda one: one.kind == "enrolled")
    for school in schools:
        give(open_, entry, "enrolled", school, None)


def _referred(open_: list[OpenGrant], entry: Entry) -> None:
    """A referral lets the front door that it goes to read it; nobody refers to its own front door."""
    to = text(entry, "to")
    if (
        text(entry, "target") == "csc"
        and to is not None
        and to != entry.organisation
        and kind_of(to) == "social-care"
    ):
        give(open_, entry, "front-door", to, None)


def _screened(open_: list[OpenGrant], entry: Entry) -> None:
    """The outcome of a referral ends the reading of the front door that decided it."""
    decided = entry.organisation
    end_where(open_, entry, lambda one: one.kind == "front-door" and one.organisation == decided)


def _raised(open_: list[OpenGrant], entry: Entry, folded: Folded) -> None:
    """A new concern lets the front door of the child's authority read again, where no worker has the child.

    Shape: until the next outcome. Without it a concern after a referral was closed reaches nobody at once.
    That police ended their part although concerns remain is one too.
    Source: requirements B ("every concern, immediately; police NFA with concerns"), G.00, R-049, R-062, R-161
    """
    authority = folded.granting_at(entry.position)
    if authority is None:
        return
    own = [one.grant for one in open_ if one.grant.organisation == authority]
    current = {one.kind for one in own if one.current(entry.received_at)}
    if any(one.kind == "front-door" for one in own) and not current & {"front-door", *_WORKERS}:
        open_.append(OpenGrant(Grant("front-door", authority, None, entry.received_at, None, entry.key)))


def _allocated(open_: list[OpenGrant], entry: Entry) -> None:
    worker = text(entry, "worker")
    if worker is None:
        return
    kind: GrantKind = "enquiry" if text(entry, "kind") == "enquiry" else "allocated"
    if kind == "allocated":
        end_where(open_, entry, lambda one: one.kind == "allocated")
    give(open_, entry, kind, worker.partition("/")[0], worker)


def _recorded(open_: list[OpenGrant], entry: Entry, folded: Folded) -> None:
    organisation = text(entry, "organisation")
    kind = next((one for one in (*_RECORDED, "cover") if one == text(entry, "kind")), None)
    if organisation is None or kind is None:
        return
    if kind == "cover":
        _stand_in(open_, entry, organisation)
        return
    if kind in _ONE_AT_A_TIME:
        end_where(open_, entry, lambda one: one.kind == kind)
    papers = texts(entry, "papers")
    # Police are consulted about a child under ten, and no more, whatever else was written (D-43).
    held = (one.grant for one in open_)
    if not papers and kind_of(organisation) == "police" and below_responsibility(folded, entry, held):
        papers = (CONSULT_ONLY,)
    give(open_, entry, kind, organisation, text(entry, "person"), papers=papers)


def _stand_in(open_: list[OpenGrant], entry: Entry, organisation: str) -> None:
    """Give cover to a person; of whom nobody says whose place it takes, it opens nothing (H-09)."""
    person, covered = text(entry, "person"), text(entry, "covers")
    colleague = (
        covered is not None and person not in (None, covered) and covered.startswith(f"{organisation}/")
    )
    give(open_, entry, "cover", organisation, person, covers=covered if colleague else None)


def _appointed(open_: list[OpenGrant], entry: Entry) -> None:
    """A reviewing officer, a chair or a single point of contact stays until the next is appointed (R-076)."""
    kind, person = _APPOINTED.get(text(entry, "role") or ""), text(entry, "person")
    if kind is None or person is None:
        return
    end_where(open_, entry, lambda one: one.kind == kind)
    give(open_, entry, kind, person.partition("/")[0], person)


def _overseen(open_: list[OpenGrant], entry: Entry) -> None:
    """A notice to the reviewing officer lets the authority's officers read, while none has been appointed."""
    if text(entry, "target") != "iro" or entry.organisation is None:
        return
    if not any(one.grant.kind == "iro" and one.grant.current(entry.received_at) for one in open_):
        give(open_, entry, "iro", entry.organisation, None)


def _grouped(open_: list[OpenGrant], entry: Entry) -> None:
    """The members of the strategic group; a later appointment names its members anew."""
    end_where(open_, entry, lambda one: one.kind == "smg")
    for organisation, person in members(entry):
        give(open_, entry, "smg", organisation, person)


def _covered(open_: list[OpenGrant], entry: Entry, post: Post) -> None:
    """A manager lets a colleague stand in, where the organisation has a relationship that can be covered."""
    organisation = text(entry, "organisation")
    if organisation is None or organisation != entry.organisation or not _MANAGERS & post.author_roles:
        return
    if text(entry, "person") is not None and holds(
        (one.grant for one in open_), organisation, entry.received_at
    ):
        _stand_in(open_, entry, organisation)


def _confirmed_investigation(open_: list[OpenGrant], entry: Entry, folded: Folded) -> None:
    """An enquiry that names a police investigation confirms the police who investigate (G.00)."""
    named = about_of(entry.data, "investigation")
    for one in folded.entries:
        if one.key == named and one.type == "criminal-investigation-decided" and one.organisation is not None:
            if text(one, "decision") == "investigate":
                give(open_, entry, "enquiry", one.organisation, None)
