"""A recipient's own notices: one page after the other, and acknowledging that one has arrived."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Final

from hub.directory.types import Principal
from hub.disclosure.handing import Handing
from hub.disclosure.notice_record import NoticeRecord, id_of, is_notice
from hub.disclosure.telling import Look
from hub.envelope import JsonObject
from hub.errors import HubError
from hub.record import Record

MAX_RECIPIENTS: Final = 2_000
LARGEST_PAGE: Final = 100
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class BoxedNotice:
    """One notice as its recipient gets it, and whether it was acknowledged."""

    body: JsonObject
    acknowledged_at: datetime | None


@dataclass(frozen=True, slots=True)
class NoticePage:
    """Some of a recipient's notices, oldest first.

    Shape: `cursor` is where the next page begins, whether or not there is anything yet; None while the
    recipient has never been given anything.
    """

    notices: tuple[BoxedNotice, ...]
    cursor: str | None


@dataclass(slots=True)
class _Box:
    """Where a recipient's notices stand, without any content."""

    version: int = 0
    order: list[str] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    positions: dict[str, int] = field(default_factory=dict)
    acknowledged: set[str] = field(default_factory=set)


class NoticeBox:
    """What an organisation's systems fetch and acknowledge; a person gets what concerns that person alone."""

    def __init__(
        self, record: Record, notices: NoticeRecord, handing: Handing, look: Callable[[], Look]
    ) -> None:
        self._record: Final = record
        self._notices: Final = notices
        self._handing: Final = handing
        self._look: Final = look
        self._lock: Final = Lock()
        self._boxes: dict[str, _Box] = {}

    def version(self, principal: Principal) -> int:
        """How far this recipient's stream has come: where it stands still, there is nothing new to fetch.

        Raises: HubError store.
        """
        return self._notices.version(principal.id)

    def page(
        self, principal: Principal, cursor: str | None, limit: int, unacknowledged: bool = False
    ) -> NoticePage:
        """The next notices of this recipient, decided now, each recorded as a disclosure before it leaves.

        Trust: what may not be told any more is in no number, and no cursor names it.
        Source: H-08, H-10, H-14, D-20; contract, section 3.
        Raises: HubError schema (cursor or limit), store, rate, views-behind.
        """
        if not 1 <= limit <= LARGEST_PAGE:
            raise HubError("schema", "A page has 1 to 100 notices.")
        box = self._kept_up(principal.id)
        look, found = self._look(), list[BoxedNotice]()
        last = cursor
        for id in self._after(box, cursor, unacknowledged):
            item = self._record.at(box.positions[id])
            notice = self._handing.over(item, look) if item is not None else None
            if notice is not None:
                found.append(BoxedNotice(notice.body, self._notices.acknowledged(id)))
                last = id
            if len(found) == limit:
                break
        return NoticePage(tuple(found), last)

    def acknowledge(self, principal: Principal, id: str) -> datetime:
        """Record that a notice has arrived where it was sent; when it was acknowledged first.

        Shape: the same again changes nothing and is answered the same.
        Raises: HubError not-found for a notice that there is not, or that is another's; store, rate.
        """
        if not _ID.fullmatch(id) or self._notices.of_recipient(principal.id, id) is None:
            raise HubError("not-found")
        return self._notices.acknowledge(principal.id, id)

    def _after(self, box: _Box, cursor: str | None, unacknowledged: bool) -> list[str]:
        if cursor is not None and cursor not in box.places:
            raise HubError("schema", "This cursor was not given by the hub; begin again without one.")
        begin = 0 if cursor is None else box.places[cursor] + 1
        return [one for one in box.order[begin:] if not unacknowledged or one not in box.acknowledged]

    def _kept_up(self, recipient: str) -> _Box:
        """Take up what was recorded since; a box is replaced and never changed: pages go on reading it."""
        with self._lock:
            if len(self._boxes) > MAX_RECIPIENTS:
                self._boxes.clear()
            box = self._boxes.setdefault(recipient, _Box())
            tail = self._notices.tail(recipient, box.version)
            if tail:
                box = _Box(
                    tail[-1].version, [*box.order], {**box.places}, {**box.positions}, {*box.acknowledged}
                )
                for item in tail:
                    _take(box, is_notice(item), id_of(item), item.position)
                self._boxes[recipient] = box
            return box


def _take(box: _Box, notice: bool, id: str, position: int) -> None:
    if not notice:
        box.acknowledged.add(id)
    elif id not in box.places:
        box.places[id] = len(box.order)
        box.order.append(id)
        box.positions[id] = position
