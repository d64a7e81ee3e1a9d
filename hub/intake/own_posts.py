"""What an organisation posted itself, as posted, with its receipts (D-30)."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import orjson

from hub.directory import Principal
from hub.envelope import EventKey, JsonObject, source_of
from hub.errors import HubError
from hub.intake.receipts import Receipts, written
from hub.pathway.fields import text
from hub.record import Record, Recorded
from hub.views import StoredPost, Views, read_post

LARGEST_PAGE: Final = 200
_CHILD: Final = "child/"
NoteRead: TypeAlias = Callable[[Principal, Mapping[str, Sequence[EventKey]]], None]
"""Records durably that a principal reads these own posts, by child."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an organisation's own posts, oldest first; `cursor` is where the next one begins."""

    posts: tuple[JsonObject, ...]
    cursor: str | None


class OwnPosts:
    """Reads an organisation's own posts through the index of what was posted."""

    def __init__(self, record: Record, views: Views, receipts: Receipts, note_read: NoteRead) -> None:
        self._record: Final = record
        self._views: Final = views
        self._receipts: Final = receipts
        self._note_read: Final = note_read

    def page(self, principal: Principal, cursor: str | None, limit: int) -> Page:
        """One page of own posts, newest last.

        Shape: `event` is the signed event as posted, and null for a referral that was routed to another
        authority: of that one the sender keeps the receipt and the decision (D-22). An erased post shows
        neither. A system gets all that its organisation posted, a person what names them as its author: a
        page can then hold fewer than `limit`.
        Trust: an organisation's posts are about more children than each of its people works with, and an
        officer or a manager among them has limits of their own (D-01, D-13).
        Raises: HubError not-found (a person without any role), schema (cursor or limit), views-behind.
        """
        if principal.person is not None and not principal.roles:
            raise HubError("not-found")
        if not 1 <= limit <= LARGEST_PAGE:
            raise HubError("schema", "A page has 1 to 200 posts.")
        after = 0 if cursor is None else self._after(principal, cursor)
        found = self._views.own_posts(principal.organisation, after, limit + 1)
        shown = [one for one in found[:limit] if self._may_see(one, principal)]
        posts = tuple(self._shown(item, principal) for item in shown)
        by_child: dict[str, list[EventKey]] = {}
        for item in shown:
            # What is about an organisation is on no child's record.
            if item.stream.startswith(_CHILD):
                child = self._views.canonical(item.stream)
                by_child.setdefault(child, []).append(EventKey(item.source, item.id))
        # A read like any other: nothing leaves before the record that it left is durable (H-14).
        self._note_read(principal, by_child)
        return Page(posts, _cursor(found[limit - 1].id) if len(found) > limit else None)

    def compact(self, item: Recorded) -> bytes:
        """The compact JWS of a recorded event, byte for byte.

        Raises: HubError("not-found") where it, or a reference in it, has been erased.
        """
        if item.body is None:
            raise HubError("not-found")
        stored = read_post(item.body)
        return stored.compact(self._references(stored))

    def _may_see(self, item: Recorded, principal: Principal) -> bool:
        if principal.person is None:
            return True
        post = self._views.post(item)
        return post is not None and post.author == principal.person

    def _shown(self, item: Recorded, principal: Principal) -> JsonObject:
        name = {"source": item.source, "id": item.id, "type": item.type}
        if item.body is None:
            return {**name, "event": None, "claims": None, "erased": True}
        stored = read_post(item.body)
        claims = self._receipts.of(item, 200).claims
        event: JsonObject = orjson.loads(stored.payload(self._references(stored)))
        routed_to = self._routed_to(item.type, event, principal)
        if routed_to is None:
            return {**name, "event": event, "claims": claims}
        return {**name, "event": None, "claims": claims, "decision": self._decision(item, routed_to)}

    def _references(self, stored: StoredPost) -> tuple[str, ...]:
        if stored.link is None:
            return ()
        link = self._views.link(stored.link)
        if link is None:
            raise HubError("not-found")
        return link.references

    @staticmethod
    def _routed_to(type_: str, event: JsonObject, principal: Principal) -> str | None:
        """The authority that a referral went to, where it is not the sender's own."""
        data = event["data"]
        to = text(data, "to") if isinstance(data, Mapping) else None
        elsewhere = to is not None and to.startswith("social-care.") and to != principal.area
        return to if type_ == "referral-made" and elsewhere else None

    def _decision(self, referral: Recorded, authority: str) -> JsonObject:
        """Whether the authority has decided on the referral, and when; nothing of what it decided on."""
        outcomes = [
            one
            for one in self._views.child(self._views.canonical(referral.stream)).entries
            if one.type == "referral-outcome-decided"
            and one.organisation == authority
            and one.position > referral.position
        ]
        first = min(outcomes, key=lambda one: one.position, default=None)
        return {"decided_at": written(first.received_at) if first else None}

    def _after(self, principal: Principal, cursor: str) -> int:
        """The place of the post that a cursor names: one of the caller's own, so that it tells nothing."""
        try:
            event_id = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
        except (Base64Error, ValueError):
            raise _bad_cursor() from None
        found = self._record.find(source_of(principal.organisation), event_id)
        if found is None:
            raise _bad_cursor()
        return found.position


def _cursor(event_id: str) -> str:
    return urlsafe_b64encode(event_id.encode("ascii")).rstrip(b"=").decode("ascii")


def _bad_cursor() -> HubError:
    return HubError("schema", "This cursor was not given by the hub; begin again without one.")
