"""Recalls: whoever got the old version of an event that was corrected or retracted is told so, signed.

Nobody else learns that there was anything to recall, and nobody gets content by a recall: what an event says
now is found by signing in, where one still may.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import Final, Literal

from hub.directory import Directory
from hub.disclosure.assemble import Assembler, FindView
from hub.disclosure.decide import Decider
from hub.disclosure.facts import ReaderFacts
from hub.disclosure.lines import Line
from hub.disclosure.notice_record import NOTICE, RECALLED, NoticeRecord, Origin
from hub.disclosure.redact import LONDON
from hub.disclosure.rules import RuleSet
from hub.disclosure.sendings import LINE, Sending, sendings
from hub.disclosure.sides import sides_of
from hub.disclosure.standing import Standing
from hub.disclosure.telling import Look
from hub.disclosure.tokens import ReaderNames
from hub.envelope import EventKey, JsonObject
from hub.errors import HubError
from hub.pathway.entries import Entry
from hub.record import Record, Recorded
from hub.views import ChildView, Views

CHANGES: Final = frozenset({"event-corrected", "event-retracted"})
CORRECTED: Final = "corrected"
WITHDRAWN: Final = "withdrawn"
Sign = Callable[[JsonObject], str]
LookAt = Callable[[FindView, datetime], Look]
_PURPOSE: Final = "notice-recall"
_CHILD: Final = "child/"
_AGENCY: Final = "urn:safeguarding:org:"


@dataclass(frozen=True, slots=True)
class _Change:
    """What one correction or retraction did to one entry.

    Shape: `before` finds children as they were just before it, `after` the same children with that one
    entry as the change left it.
    """

    by: EventKey
    position: int
    at: datetime
    own: ChildView
    old: Entry
    new: Entry | None
    before: FindView
    after: FindView


class Recalls:
    """Finds who got what has changed, and records a signed recall for each."""

    def __init__(
        self, *, record: Record, views: Views, directory: Directory, rules: RuleSet, assembler: Assembler,
        decider: Decider, notices: NoticeRecord, look_at: LookAt, hub: str, sign: Sign | None,
    ) -> None:  # fmt: skip
        self._record: Final = record
        self._views: Final = views
        self._directory: Final = directory
        self._rules: Final = rules
        self._assembler: Final = assembler
        self._decider: Final = decider
        self._notices: Final = notices
        self._look_at: Final = look_at
        self._hub: Final = hub
        self._sign: Final = sign

    def of(self, item: Recorded, look: Look) -> int:
        """Record the recalls that a correction or retraction owes; how many are new.

        Shape: one for each recipient and each child whose record it read. They wait until they are fetched
        or sent; the same call again records nothing twice, and adds who was sent the old version meanwhile.
        Source: H-02, H-12, D-20, H-10.
        Raises: HubError store, rate, views-behind.

        Procedure
          1. Which entries it changed: a change by another than the poster changes none.
          2. Who was sent such an entry, or a coded line of it, as it was before.
          3. Of these, who would have been sent something else. The poster's organisation made the change.
          4. Who has it still in the chronology is told that it was corrected, everybody else that it was
             withdrawn.
          5. To the systems of the organisation; where the rules tell these nothing of such an entry, to the
             very people who read it.
        """
        if item.type not in CHANGES or item.kind != "event" or not item.stream.startswith(_CHILD):
            return 0
        if self._record.lacks([item.stream]):
            raise HubError("views-behind", "The record was restored and lacks events of this child.")
        return sum(self._recalled(change, look) for change in self._changed(item))  # 1

    def _changed(self, item: Recorded) -> Iterator[_Change]:
        post = self._views.post(item)
        then, now = self._views.then(item.position - 1), self._views.then(item.position)
        child = then.canonical(item.stream)
        if post is None or not then.exists(child):
            return
        find, own, by_key = cache(then.child), then.child(child), _by_key(now.child(child).entries)
        for old in own.entries:
            new = by_key.get(old.key)
            if new is None or new.corrections != old.corrections:
                entries = tuple(new if one is old else one for one in own.entries)
                otherwise = replace(own, entries=tuple(one for one in entries if one is not None))

                def after(other: str, changed: ChildView = otherwise) -> ChildView:
                    return changed if other == changed.child else find(other)

                key = EventKey(item.source, item.id)
                yield _Change(key, item.position, post.received_at, own, old, new, find, after)

    def _recalled(self, change: _Change, look: Look) -> int:
        poster = change.by.source.removeprefix(_AGENCY)
        children = [one.removeprefix(_CHILD) for one in look.find(change.own.child).streams]
        sent = [
            one
            for one in sendings(self._record, children, change.old.key)  # 2
            if one.organisation != poster and (change.new is None or one.position < change.position)
        ]
        count = 0
        for (organisation, child), found in groupby(sorted(sent, key=self._to), self._to):
            got = [one for one in found if self._differs(one, change)]  # 3
            if got:
                remains = change.new is not None and look.finds(
                    organisation, look.find(child), change.old.key
                )
                code: Literal["corrected", "withdrawn"] = CORRECTED if remains else WITHDRAWN  # 4
                for recipient, of_it in self._recipients(organisation, got, change, code):  # 5
                    count += self._record_one(recipient, child, of_it, change, code)
        return count

    def _to(self, one: Sending) -> tuple[str, str]:
        return one.organisation, self._views.canonical(one.child)

    def _differs(self, one: Sending, change: _Change) -> bool:
        """Whether a sending would have been another one after the change.

        Trust: an entry shows its corrections, however little else of it is shown. A coded line does not:
        where it reads the same, that anything was corrected is hidden from who has the line alone.
        Where what was sent cannot be found again, it counts as changed.
        """
        if change.new is None or one.decision != LINE:
            return True
        if one.to_system:
            codes = self._codes(one, change, change.old, change.before)
            return not codes or codes != self._codes(one, change, change.new, change.after)
        shown = [line.placed.shown for line in self._lines(one, change, change.before)]
        return not shown or shown != [line.placed.shown for line in self._lines(one, change, change.after)]

    def _codes(
        self, one: Sending, change: _Change, entry: Entry, find: FindView
    ) -> list[tuple[str, str, tuple[str, ...]]]:
        """The codes that the systems of an organisation would have been sent then."""
        look, child = self._look_at(find, one.at), one.child
        told = look.told(one.organisation, find(child), find(change.own.child), entry)
        return [(line.code, line.on, line.to) for line in told]

    def _lines(self, one: Sending, change: _Change, find: FindView) -> list[Line]:
        """The coded lines of the event that a person had then."""
        try:
            principal = self._directory.principal_for_person(one.reader)
        except HubError:  # disabled since
            return []
        disclosed = self._assembler.disclose(principal, find(one.child), find, now=one.at, as_at=None)
        lines = (*disclosed.lines, *disclosed.carried)
        return [line for line in lines if line.basis == change.old.key]

    def _recipients(
        self, organisation: str, got: Sequence[Sending], change: _Change, code: str
    ) -> Iterator[tuple[str, Sequence[Sending]]]:
        if any(one.to_system or self._permits(one, change, code) for one in got):
            yield organisation, got
            return
        for reader in sorted({one.reader for one in got}):
            yield reader, [one for one in got if one.reader == reader]

    def _permits(self, one: Sending, change: _Change, code: str) -> bool:
        """Whether the rules tell an organisation's systems, by what the reader was when it was sent this."""
        stands = Standing(one.bases, (), frozenset())
        system = self._directory.principal_for_organisation(one.organisation)
        sides = sides_of(change.own)
        facts = self._assembler.facts_of(change.old, change.own, sides, stands, system, False)
        if facts.meeting != "none":
            # It was sent the papers, so it was entitled to them.
            facts = replace(facts, meeting="entitled")
        return self._decider.line(f"{NOTICE}-{code}", ReaderFacts(one.bases, True), facts) is not None

    def _record_one(
        self, recipient: str, child: str, got: Sequence[Sending], change: _Change, code: str
    ) -> bool:
        policy = f"D-20-NOTICE-{code.upper()}"
        rule, key = self._rules.rule(policy), change.by
        id = self._notices.name(key, f"{recipient}\n{change.old.key.id}", child, _PURPOSE)
        token = ReaderNames(self._record.digest, recipient, child).child()
        on = change.at.astimezone(LONDON).date().isoformat()
        claims: JsonObject = {
            "hub": self._hub,
            "recipient": recipient,
            "notice": id,
            "token": token,
            "code": code,
            "on": on,
            "notices": sorted(self._fetched(got)),
            "entries": sorted(set(self._names(got, change))),
        }
        line: JsonObject = {
            "code": code, "text": rule.text, "rule": rule.rule, "requirement": rule.requirement,
            "on": on, "to": [],
        }  # fmt: skip
        body: JsonObject = {"notice": id, "token": token, "lines": [line], "recall": self._signed(claims)}
        by = (policy,) if recipient == got[0].organisation else got[-1].policies
        return self._notices.keep(recipient, id, body, Origin(child, change.old.key, by), RECALLED)

    def _fetched(self, got: Iterable[Sending]) -> set[str]:
        """The notices that systems were sent; fetched again, one left under another name."""
        sent = {one.disclosure for one in got if one.to_system}
        return {one for one in sent if self._notices.held(one) is not None}

    def _names(self, got: Iterable[Sending], change: _Change) -> Iterator[str]:
        """The entry ids by which people know what they were sent."""
        for one in got:
            if one.to_system:
                continue
            if one.decision != LINE:
                yield ReaderNames(self._record.digest, one.reader, one.child).entry(change.old.key)
                continue
            for line in self._lines(one, change, change.before):
                yield line.placed.shown.entry_id

    def _signed(self, claims: JsonObject) -> str:
        if self._sign is None:
            raise HubError("store", "This process holds no signing key.")
        return self._sign(claims)


def _by_key(entries: Iterable[Entry]) -> dict[EventKey, Entry]:
    return {one.key: one for one in entries}
