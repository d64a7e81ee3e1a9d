"""Whom a reader may ask about what is withheld (H-11), and whom to contact about a child (R-049)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache

from hub.disclosure.answers import ShownContact
from hub.pathway.entries import Entry
from hub.pathway.profiles import Profile, contact_at, hours_in_words
from hub.views import ChildView


def shown_contacts(profile: Profile | None, now: datetime) -> tuple[ShownContact, ...]:
    """The contacts of a local procedure, each with its hours, and which of them it is now.

    Trust: the procedure's own data, the same for every child under it; it says nothing of this one.
    Source: R-049; S3 s.4
    """
    if profile is None:
        return ()
    there = contact_at(profile, now)
    return tuple(
        ShownContact(
            one.title,
            one.telephone,
            hours_in_words(one),
            one.source,
            one.note,
            one == there,
        )
        for one in profile.contacts
    )


def manager_of(view: ChildView) -> str:
    """The team manager of the child's authority, in words."""
    authority = view.authority or view.area
    return f"team manager ({authority})" if authority else "the team manager of the child's area"


def contact_finder(view: ChildView, now: datetime) -> Callable[[str, Entry], str]:
    """A look-up from a rule's ask code and the entry to a contact in words.

    Trust: a contact is the same whatever is hidden; it names workers that every reader with a
    relationship may know of (D-57), or the service.
    """

    @cache
    def worker(kind: str) -> str | None:
        current = [g for g in view.grants if g.kind == kind and g.current(now) and g.person]
        social = [g for g in current if g.organisation.startswith("social-care.")]
        return social[-1].person if social else None

    authority = view.authority or view.area
    here = authority or "the child's area"
    manager = manager_of(view)
    front_door = f"front door ({authority})" if authority else "the front door of the child's area"

    def find(ask: str, entry: Entry) -> str:
        match ask:
            case "own-worker" | "supervising-worker":
                person = worker("allocated")
                return f"allocated social worker ({person})" if person else front_door
            case "enquiry":
                person = worker("enquiry")
                return f"enquiry social worker ({person})" if person else manager
            case "health-lead":
                # Who that is could tell of a clinic, or of therapy (D-07, D-39).
                return "the health lead for the child"
            case "poster":
                return entry.organisation or front_door
            case "police":
                # Which force has a part in the case can be hidden; that the area has a police force cannot.
                named = entry.organisation or ""
                return named if named.startswith("police.") else f"police of the area of {here}"
            case "meeting-chair":
                return f"chair of the meeting ({entry.organisation or here})"
            case "conference-chair":
                return f"conference chair ({entry.organisation or here})"
            case "approved-review":
                return "request an approved review (H-15)"
            case "team-manager":
                return manager
            case "front-door":
                return front_door
            case _:
                return front_door

    return find


def contact_for_linked(own: ChildView, other: ChildView, now: datetime) -> Callable[[str, Entry], str]:
    """A look-up for what is carried from a linked child to a reader of this one.

    Trust: a carer asks the worker of the child it cares for; who works with the other child it is not told.
    """
    here, there = contact_finder(own, now), contact_finder(other, now)
    return lambda ask, entry: (here if ask == "supervising-worker" else there)(ask, entry)
