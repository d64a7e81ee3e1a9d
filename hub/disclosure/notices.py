"""Notices: who is told at once that something was recorded about a child, as codes without content.

A notice goes to the systems of an organisation. It says no more than what one of the organisation's people
finds in the chronology at that moment, and the content needs that person to sign in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hub import metrics
from hub.disclosure.concerned import Concerned, concerned
from hub.disclosure.handing import Handing, Notice, still
from hub.disclosure.lines import CARRIED_LINES
from hub.disclosure.notice_record import (
    NOTICE,
    TOLD,
    NoticeRecord,
    Origin,
    is_notice,
    lines_of,
    recipient_of,
)
from hub.disclosure.telling import CODED_LINE, CODES, Look, Told
from hub.disclosure.tokens import ReaderNames
from hub.envelope import EventKey, JsonObject, JsonValue
from hub.errors import HubError
from hub.pathway.entries import Entry
from hub.record import Record, Recorded
from hub.views import ChildView, Views

__all__ = ["CODED_LINE", "CODES", "NOTICE", "Notice", "Notices"]

_OUTCOME: Final = "referral-outcome-decided"
_CHILD: Final = "child/"


@dataclass(frozen=True, slots=True)
class _Due:
    """What one organisation, or one person, is owed of one event about one child."""

    organisation: str
    view: ChildView
    id: str
    key: EventKey
    told: Sequence[Told]


class Notices:
    """Decides who is told of an event now, and records each notice before it is handed over."""

    def __init__(self, *, record: Record, views: Views, notices: NoticeRecord, handing: Handing) -> None:
        self._record: Final = record
        self._views: Final = views
        self._notices: Final = notices
        self._handing: Final = handing

    def of(self, item: Recorded, look: Look) -> tuple[Notice, ...]:
        """The notices of one item that the look has seen, durable when returned, for who sends them.

        Shape: an alarm or a recall that was recorded for an organisation is such an item too.
        Trust: whoever finds nothing of the event in the chronology gets no notice, but for an organisation
        that it is addressed to. The poster's organisation has its receipt; those in it who oversee the work
        are told. Whether others get one, nobody is told. What is for single people waits to be fetched.
        Source: requirements B ("must be told"), H-08, H-10, H-12, D-20, D-26.
        Raises: HubError store, rate, views-behind; the same call again makes up for it.

        Procedure
          1. The events that people find, or find otherwise, since this item was recorded.
          2. Of each: the organisations that may have somebody with a relationship to its child, and those
             that it is addressed to; for what may be carried over a link, the linked children's too.
          3. What the people of each find of the event, and what the rules say of telling their systems.
          4. Record, then return.
        """
        if is_notice(item):
            # What is for single people is fetched by them, and what was made for sending was sent.
            sent = item.type == TOLD or "/" in recipient_of(item)
            waited = None if sent else self._handing.over(item, look)
            return () if waited is None else (waited,)
        told: dict[str, Notice | None] = {}
        for one in self._due(item, look):  # 4
            if "/" in one.organisation:
                self._kept(one)
            else:
                told[one.id] = self._recorded(one, look)
        return tuple(one for one in told.values() if one is not None)

    def prepare(self, item: Recorded, look: Look) -> None:
        """Record the notices of one item where nobody sends them: they wait to be fetched, decided anew then.

        Raises: HubError store, rate, views-behind; the same call again makes up for it.
        """
        for one in self._due(item, look):
            self._kept(one)

    def _kept(self, due: _Due) -> None:
        """Record a notice that waits for its recipient."""
        if self._notices.held(due.id) is None:
            body, origin = self._body(due), Origin(due.view.child, due.key)
            if self._notices.keep(due.organisation, due.id, body, origin):
                metrics.notice("recorded")

    def _due(self, item: Recorded, look: Look) -> Iterator[_Due]:
        for one in concerned(item, self._record, self._views):  # 1
            yield from self._of_event(one, look)

    def _of_event(self, event: Concerned, look: Look) -> Iterator[_Due]:
        """The notices of one event; retracted since, it is of nobody.

        Shape: of an event that was corrected only what those told before have not been told.
        """
        if self._record.lacks([event.stream]):
            # Nobody would be told now, and who is passed over is never told.
            raise HubError("views-behind", "The record was restored and lacks events of this child.")
        own, key, by = look.find(event.stream.removeprefix(_CHILD)), event.key, event.by
        entry = next((one for one in own.entries if one.key == key), None)
        if entry is None:
            return
        others = sorted(own.linked) if _may_be_carried(entry) else ()
        for view in (own, *(look.find(other) for other in others)):  # 2
            for organisation in sorted(look.recipients(view, own, entry)):
                told = look.told(organisation, view, own, entry)  # 3
                if by != key:
                    told = list(_beyond(self._held(key, organisation, view), told))
                if told:
                    id = self._notices.name(by, organisation, view.child)
                    yield _Due(organisation, view, id, key, told)

    def _held(self, key: EventKey, organisation: str, view: ChildView) -> JsonObject | None:
        return self._notices.held(self._notices.name(key, organisation, view.child))

    def _recorded(self, due: _Due, look: Look) -> Notice | None:
        """The notice, recorded once; where it was recorded before, what of it may still be told.

        1. Look whether it stands already: after a crash, or because another process was first.
        2. Record it, under the child as a disclosure and in the organisation's own stream of notices. Where
           another was first after all, its record counts.
        3. What was recorded and may not be told any more is not sent; what may be told since is not new.
        """
        body, held = self._body(due), self._notices.held(due.id)  # 1
        if held is None:
            try:
                self._leave(due, look, lines_of(body), body)  # 2
                metrics.notice("recorded")
                return Notice(due.id, due.organisation, body)
            except HubError as fault:
                held = self._notices.held(due.id)
                if fault.slug != "conflict" or held is None:
                    raise
        lines = still(held, due.told)  # 3
        if not lines:
            metrics.notice("withheld")
            return None
        if not self._notices.handed_over(due.id):
            self._leave(due, look, lines, None)
        return Notice(due.id, due.organisation, {**held, "lines": lines})

    def _leave(self, due: _Due, look: Look, lines: Sequence[JsonValue], body: JsonObject | None) -> None:
        """Record that it leaves; with its body where it does not stand yet."""
        beside = () if body is None else (self._notices.draft(due.organisation, due.id, body),)
        bases = {one for line in due.told for one in line.to}
        items = [one.released for one in due.told]
        made = self._handing.made(due.view, look, due.id, due.key, lines)
        self._handing.leave(due.organisation, due.view.child, due.id, items, bases, beside, made=made)

    def _body(self, due: _Due) -> JsonObject:
        lines: list[JsonValue] = [one.line() for one in due.told]
        token = ReaderNames(self._record.digest, due.organisation, due.view.child).child()
        return {"notice": due.id, "token": token, "lines": lines}


def _may_be_carried(entry: Entry) -> bool:
    return entry.type in (*CARRIED_LINES, _OUTCOME) or "measures" in entry.data


def _beyond(held: JsonObject | None, told: Sequence[Told]) -> Iterator[Told]:
    """What the people of an organisation were not told by a recorded notice; nothing where it was erased."""
    if held == {}:
        return
    before = {line["code"]: line["to"] for line in lines_of(held or {})}
    for one in told:
        known = before.get(one.code)
        to = tuple(each for each in one.to if not isinstance(known, list) or each not in known)
        if to:
            yield replace(one, to=to)
