"""Whom a reader may ask about what is withheld: the worker, the enquiry worker, the poster (H-11)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from hub.pathway.entries import Entry
from hub.views import ChildView


def contact_finder(view: ChildView, now: datetime) -> Callable[[str, Entry], str]:
    """A look-up from a rule's ask code and the entry to a contact in words.

    Trust: a contact is the same whatever is hidden; it names workers that every reader with a
    relationship may know of (D-57), or the service.
    """

    def worker(kind: str) -> str | None:
        current = [g for g in view.grants if g.kind == kind and g.current(now) and g.person]
        social = [g for g in current if g.organisation.startswith("social-care.")]
        return social[-1].person if social else None

    def find(ask: str, entry: Entry) -> str:
        authority = view.authority or view.area
        front_door = f"front door ({authority})" if authority else "the front door of the child's area"
        match ask:
            case "own-worker":
                person = worker("allocated")
                return f"allocated social worker ({person})" if person else front_door
            case "enquiry":
                person = worker("enquiry")
                return f"enquiry social worker ({person})" if person else front_door
            case "poster":
                return entry.organisation or front_door
            case "approved-review":
                return "request an approved review (H-15)"
            case "front-door":
                return front_door
            case _:
                return front_door

    return find
