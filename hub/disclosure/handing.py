"""Handing notices over: what waits is decided anew, and recorded as a disclosure, before it leaves."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import orjson

from hub import metrics
from hub.directory import Directory
from hub.directory.types import Principal
from hub.disclosure.made import Made, renderer
from hub.disclosure.notice_record import (
    NOTICE,
    RECALLED,
    NoticeRecord,
    Origin,
    body_of,
    id_of,
    lines_of,
    recipient_of,
)
from hub.disclosure.release import Access, AccessRecord, Released
from hub.disclosure.rules import RuleSet
from hub.disclosure.sendings import LINE, RECALL
from hub.disclosure.telling import CODES, UNACKNOWLEDGED, Look, Told
from hub.disclosure.tokens import DigestOf
from hub.envelope import EventKey, JsonObject, JsonValue
from hub.errors import HubError
from hub.record import Draft, Record, Recorded
from hub.views import ChildView, Views

EVERY_CODE: Final = (*CODES, UNACKNOWLEDGED)
EVENT: Final = "event"
LINES: Final = "notice-lines/1"


@dataclass(frozen=True, slots=True)
class Notice:
    """What one organisation, or one person, is told of one event about one child.

    Shape: `organisation` is who gets it, of a person's own recall the person. `body` holds `notice` (this
    id), `token` (the recipient's own name of the child) and `lines`, each with `code`, `text`, `rule`,
    `requirement`, `on` (a London day) and `to` (the relationships of the people who find it in the
    chronology); in a recall also `recall`, signed by the hub. No name, identifier, reference, event id or
    narrative.
    """

    id: str
    organisation: str
    body: JsonObject


class Handing:
    """Hands recorded notices over; each time it is recorded as a disclosure first."""

    def __init__(
        self, *, record: Record, views: Views, directory: Directory, rules: RuleSet, notices: NoticeRecord,
        accesses: AccessRecord,
    ) -> None:  # fmt: skip
        self._record: Final = record
        self._views: Final = views
        self._directory: Final = directory
        self._rules: Final = rules
        self._notices: Final = notices
        self._accesses: Final = accesses

    def over(self, item: Recorded, look: Look) -> Notice | None:
        """One recorded notice for its recipient, as it may be told now; None where nothing of it may.

        Trust: a notice that waited is decided anew (D-20), but one that was decided for good when it was
        recorded: a recall says what the recipient has already.
        Raises: HubError store, rate, views-behind.

        Procedure
          1. The notice as it was recorded; nothing of what was erased.
          2. What of it may be told now.
          3. Record that it leaves, then hand it over.
        """
        id, recipient, held = id_of(item), recipient_of(item), body_of(item)  # 1
        origin = self._notices.origin(id)
        if held is None or origin is None:
            return None
        if origin.policies:
            decision = RECALL if item.type == RECALLED else LINE
            body, left, made = held, [Released(origin.key, decision, origin.policies)], None
        else:
            told = self._told(recipient, origin, look)  # 2
            lines = still(held, told)
            if not lines:
                metrics.notice("withheld")
                return None
            codes = {line["code"] for line in lines}
            body, left = {**held, "lines": lines}, [one.released for one in told if one.code in codes]
            made = self.made(look.find(origin.child), look, id, origin.key, lines)
        bases = {str(one) for line in lines_of(body) for one in _texts(line.get("to"))}
        self.leave(recipient, origin.child, id, left, bases, made=made)  # 3
        return Notice(id, recipient, body)

    def leave(
        self, recipient: str, child: str, id: str, items: Sequence[Released], bases: set[str],
        beside: Sequence[Draft] = (), *, made: Made | None,
    ) -> None:  # fmt: skip
        """Record that a notice leaves: the first time under its own id, later as another disclosure.

        Shape: `beside` is appended with the first one; it is for what does not stand yet. `made` is from what
        it was decided, None where that was done for good when it was recorded.
        Raises: HubError store, rate; conflict where it is given and another process was first.
        """
        view_child = self._views.canonical(child)
        own = [replace(one, child=None if one.child == view_child else one.child) for one in items]
        access = Access(
            self._principal(recipient), view_child, NOTICE, None, None, None, None, self._rules.version,
            made=made,
        )  # fmt: skip
        if beside or not self._notices.handed_over(id):
            try:
                self._accesses.released(access, bases, own, (), disclosure_id=id, beside=beside)
                return
            except HubError as fault:
                # Another process hands it over just now: then this is a second time.
                if fault.slug != "conflict" or beside:
                    raise
        self._accesses.released(access, bases, own, ())

    def made(self, view: ChildView, look: Look, id: str, key: EventKey, lines: Sequence[JsonValue]) -> Made:
        """From what a notice is made that leaves now, so that it can be decided again (H-12)."""
        asked: JsonObject = {NOTICE: id, EVENT: {"source": key.source, "id": key.id}}
        return Made(view.head, look.now, asked, lines_digest(lines, self._record.digest), renderer())

    def _principal(self, recipient: str) -> Principal:
        if "/" in recipient:
            return self._directory.principal_for_person(recipient)
        return self._directory.principal_for_organisation(recipient)

    def _told(self, recipient: str, origin: Origin, look: Look) -> list[Told]:
        event = self._record.find(origin.key.source, origin.key.id)
        if event is None or not event.stream.startswith("child/"):
            return []
        own = look.find(self._views.canonical(event.stream))
        entry = next((one for one in own.entries if one.key == origin.key), None)
        if entry is None:
            return []
        view: ChildView = look.find(origin.child)
        return look.told(recipient, view, own, entry, EVERY_CODE)


def lines_digest(lines: Sequence[JsonValue], digest: DigestOf) -> str:
    """A keyed digest (hex) over everything that a notice says beside its names."""
    said = orjson.dumps(list(lines), option=orjson.OPT_SORT_KEYS)
    return digest(LINES, hashlib.sha256(said).digest()).hex()


def still(held: JsonObject, told: Sequence[Told]) -> list[JsonObject]:
    """The lines of a recorded notice that may be told now too, each to whom it still concerns."""
    now = {one.code: one.to for one in told}
    return list(_still(held, now))


def _still(held: JsonObject, now: dict[str, tuple[str, ...]]) -> Iterator[JsonObject]:
    for line in lines_of(held):
        to = [one for one in _texts(line.get("to")) if one in now.get(str(line["code"]), ())]
        if to:
            yield {**line, "to": to}


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
