"""Who has which relationship with a child, from events alone (G.00, D-24 to D-29).

A grant counts only from the authority that may give it, never because the organisation that benefits
says so: posting gives an organisation its own posts and receipts, nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hub.pathway.entries import Entry
from hub.pathway.fields import text, texts
from hub.views.enquiries import with_enquiry_ends
from hub.views.entry import about_of
from hub.views.grants import OpenGrant, by_position, end_recorded, end_where, give, holds, kind_of
from hub.views.meetings import AreaOf, meeting_grants
from hub.views.types import Folded, Grant, GrantKind, Post

_RECORDED: Final[tuple[GrantKind, ...]] = (
    "enrolled",
    "treated",
    "supervised",
    "placed",
    "carer",
    "enquiry",
    "group-member",
)
_ONE_AT_A_TIME: Final = frozenset({"enrolled", "placed"})
_MANAGERS: Final = frozenset({"team-manager", "manager"})


def grants_of(folded: Folded, linked: Mapping[str, Folded], area_of: AreaOf) -> tuple[Grant, ...]:
    """Every relationship that the events of a child grant, with its end where one is known.

    1. Walk the entries in the order of the record; each may grant, and may end what was granted.
    2. End enquiry relationships 28 days after the enquiries and the investigation have ended.
    3. Invitations and attendance count from this child's authority, or from that of a child who was
       linked when they were posted; they end 28 days after the meeting.
    """
    # 1
    own = _own_grants(folded)
    # 2
    ended = with_enquiry_ends(own, folded, linked)
    everybody = {folded.child: folded, **linked}
    bases = {
        child: with_enquiry_ends(
            _own_grants(one), one, {key: other for key, other in everybody.items() if key != child}
        )
        for child, one in linked.items()
    }
    # 3
    meetings = meeting_grants(folded, linked, ended, bases, area_of)
    return tuple(
        sorted(
            (*ended, *meetings),
            key=lambda one: (one.from_, one.basis, one.kind, one.organisation, one.person or ""),
        )
    )


def _own_grants(folded: Folded) -> tuple[Grant, ...]:
    """What this child's own authority granted, in the order of the record (step 1)."""
    granting = folded.authority or folded.area
    posts = {post.key: post for post in folded.posts}
    open_: list[OpenGrant] = []
    if folded.provisional and folded.area is not None and folded.posts:
        first = folded.posts[0]
        open_.append(OpenGrant(Grant("front-door", folded.area, None, first.received_at, None, first.key)))
    for entry in by_position(folded.entries):
        post = posts[entry.key]
        match entry.type:
            case "child-stream-opened" if entry.key in folded.openings:
                _opened(open_, entry, folded)
            case "referral-made":
                _referred(open_, entry)
            case "referral-outcome-decided":
                _screened(open_, entry)
            case "social-worker-allocated" if entry.organisation == granting:
                _allocated(open_, entry)
            case "relationship-recorded" if entry.organisation == granting:
                _recorded(open_, entry)
            case "relationship-recorded" if text(entry, "kind") == "cover":
                _covered(open_, entry, post)
            case "section-47-enquiry-initiated" if entry.organisation == granting:
                _confirmed_investigation(open_, entry, folded)
            case "relationship-ended":
                end_recorded(open_, entry, granting)
    return tuple(one.grant for one in open_)


def _opened(open_: list[OpenGrant], entry: Entry, folded: Folded) -> None:
    if folded.authority is not None and not any(one.grant.kind == "front-door" for one in open_):
        give(open_, entry, "front-door", folded.authority, None)
    if entry.organisation != folded.authority:
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


def _allocated(open_: list[OpenGrant], entry: Entry) -> None:
    worker = text(entry, "worker")
    if worker is None:
        return
    kind: GrantKind = "enquiry" if text(entry, "kind") == "enquiry" else "allocated"
    if kind == "allocated":
        end_where(open_, entry, lambda one: one.kind == "allocated")
    give(open_, entry, kind, worker.partition("/")[0], worker)


def _recorded(open_: list[OpenGrant], entry: Entry) -> None:
    organisation = text(entry, "organisation")
    kind = next((one for one in (*_RECORDED, "cover") if one == text(entry, "kind")), None)
    if organisation is None or kind is None:
        return
    if kind in _ONE_AT_A_TIME:
        end_where(open_, entry, lambda one: one.kind == kind)
    give(open_, entry, kind, organisation, text(entry, "person"))


def _covered(open_: list[OpenGrant], entry: Entry, post: Post) -> None:
    """A manager lets a colleague stand in, where the organisation has a relationship that can be covered."""
    organisation = text(entry, "organisation")
    if organisation is None or organisation != entry.organisation or not _MANAGERS & post.author_roles:
        return
    if text(entry, "person") is not None and holds(
        (one.grant for one in open_), organisation, entry.received_at
    ):
        give(open_, entry, "cover", organisation, text(entry, "person"))


def _confirmed_investigation(open_: list[OpenGrant], entry: Entry, folded: Folded) -> None:
    """An enquiry that names a police investigation confirms the police who investigate (G.00)."""
    named = about_of(entry.data, "investigation")
    for one in folded.entries:
        if one.key == named and one.type == "criminal-investigation-decided" and one.organisation is not None:
            if text(one, "decision") == "investigate":
                give(open_, entry, "enquiry", one.organisation, None)
