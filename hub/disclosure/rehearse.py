"""A draft of the rules set against every past answer: who would have been shown more, and who less."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from hub.catalogue import Catalogue
from hub.disclosure.account_looks import looks
from hub.disclosure.accounts_again import NAMED, Side, said_otherwise
from hub.disclosure.assemble import Disclosed, FindView
from hub.disclosure.family_papers import PAPER
from hub.disclosure.handing import EVERY_CODE
from hub.disclosure.notice_record import NOTICE
from hub.disclosure.notices_again import Event, event_of
from hub.disclosure.own_account import ACCESS, OWN_ACCOUNT, titles_of
from hub.disclosure.redact import Item
from hub.disclosure.replay import Past, Replayer, Then, capacity_of
from hub.disclosure.rules import RuleSet
from hub.disclosure.telling import Look, Told
from hub.envelope import EventKey, JsonObject, JsonValue
from hub.errors import HubError
from hub.pathway.entries import Entry
from hub.record import Record, Recorded
from hub.views import ChildView

ENTRY: Final = "that there is such an entry"
POSTER: Final = "who posted it"
OTHERS: Final = "other children named in it"
LINE: Final = "coded line: "
NOTICED: Final = "notice: "
SYSTEMS: Final = "systems of "
_BATCH: Final = 1_000
# Whoever makes a child's own account, it is the child's.
_ACCOUNT: Final = "a child's own account"
# So many names stand in a report; the numbers are of all.
MOST_NAMES: Final = 20
# Folds kept between answers that were made from one state of the record.
_MOST_STATES: Final = 8


@dataclass(frozen=True, slots=True)
class Change:
    """What one kind of reader would have been shown otherwise of one kind of item.

    Shape: `parts` are what would be shown more (`more`) or less: members of the entry with their labels, the
    entry itself, a coded line, and of a child's own account who it says was told, by which name, and what, in
    the words of the rules; never their content. `before` and `after` are the ids of the rules that
    decide, `answers` and `children` how many past answers and children it concerns; `readers` and
    `disclosures` name the first of them.
    """

    more: bool
    role: str
    classes: tuple[str, ...]
    kind: str
    parts: tuple[str, ...]
    labels: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    answers: int
    items: int
    children: int
    readers: tuple[str, ...]
    disclosures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A draft set against past answers.

    Shape: `unmade` counts past answers that could not be decided again, so that nothing is known of them.
    """

    version: str
    against: str
    answers: int
    children: tuple[str, ...]
    unmade: int
    changes: tuple[Change, ...]

    def written(self) -> JsonObject:
        """As it stands in the record and leaves at the doors; children are a number in it."""
        return {
            "version": self.version,
            "against": self.against,
            "answers": self.answers,
            "children": len(self.children),
            "unmade": self.unmade,
            "changes": [change_row(one) for one in self.changes],
        }


@dataclass(frozen=True, slots=True, order=True)
class _Sort:
    """What is told as one change: what would be shown more comes first, a wrong disclosure being worse."""

    less: bool
    role: str
    kind: str
    classes: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(slots=True)
class _Tally:
    parts: set[str] = field(default_factory=set)
    labels: set[str] = field(default_factory=set)
    answers: set[str] = field(default_factory=set)
    items: set[EventKey] = field(default_factory=set)
    children: set[str] = field(default_factory=set)
    readers: set[str] = field(default_factory=set)


_Difference: TypeAlias = tuple[_Sort, EventKey, dict[str, frozenset[str]]]
# By name and value, so that another row of a list, or a name in place of a token, is a part of its own.
_Parts: TypeAlias = dict[tuple[str, str], frozenset[str]]


class Rehearser:
    """Decides past answers by two sets of rules and tells the difference."""

    def __init__(
        self, *, record: Record, catalogue: Catalogue, replayer: Replayer, now: RuleSet, draft: RuleSet
    ) -> None:
        self._record: Final = record
        self._catalogue: Final = catalogue
        self._replayer: Final = replayer
        self._versions: Final = draft.version, now.version
        # Each remembers what it has decided, across all answers.
        self._ready: Final = tuple(replayer.ready(one) for one in (now, draft))
        self._looked: set[tuple[EventKey | None, str, int]] = set()
        self._folds: dict[int, dict[str, ChildView]] = {}

    def of(self, past: Iterable[Past], told: Callable[[], None] = lambda: None) -> Rehearsal:
        """Set the draft against these answers, oldest first; `told` is called after each.

        Trust: what is compared is everything the reader had of the child at that time, of which the answer
        may have been a part, so that nothing which a draft opens is missed for not having been on the page.
        Raises: HubError store, views-behind.

        1. The record as it stood; answers between which nothing was recorded of any child share their folds.
        2. The child for that reader by the rules of now and by the draft.
        3. Item by item, what the one shows and the other does not.
        """
        tallies: dict[_Sort, _Tally] = {}
        answers, unmade, children = 0, 0, set()
        for one, settled in self._settled(past):
            try:
                then = self._replayer.then(one, settled)  # 1
                found = list(self._notices(one, then) if one.what == NOTICE else self._answer(one, then))  # 2
            except HubError as fault:
                if fault.slug in ("store", "views-behind"):
                    raise
                unmade += 1
                told()
                continue
            answers += 1
            children.add(one.child)
            for sort, key, parts in found:  # 3
                tally = tallies.setdefault(sort, _Tally())
                tally.parts |= parts.keys()
                tally.labels |= {label for labels in parts.values() for label in labels}
                tally.answers.add(one.disclosure_id)
                tally.items.add(key)
                tally.children.add(one.child)
                tally.readers.add(one.reader)
            told()
        changes = tuple(_change(sort, tallies[sort]) for sort in sorted(tallies))
        return Rehearsal(*self._versions, answers, tuple(sorted(children)), unmade, changes)

    def _settled(self, past: Iterable[Past]) -> Iterator[tuple[Past, int]]:
        """Each answer with the last position before it at which anything but an access was recorded."""
        log, last = self._log(), 0
        item = next(log, None)
        for until, one in sorted(((_read_at(one), one) for one in past), key=lambda pair: pair[0]):
            while item is not None and item.position <= until:
                last = last if item.stream.startswith("access/") else item.position
                item = next(log, None)
            yield one, last

    def _log(self) -> Iterator[Recorded]:
        position = 0
        while batch := self._record.log(position, _BATCH):
            position = batch[-1].position
            yield from batch

    def _find(self, then: Then) -> FindView:
        folds = self._folds.setdefault(then.position, {})
        while len(self._folds) > _MOST_STATES:
            del self._folds[min(self._folds)]

        def find(child: str) -> ChildView:
            if child not in folds:
                folds[child] = then.views.child(child)
            return folds[child]

        return find

    def _answer(self, past: Past, then: Then) -> Iterator[_Difference]:
        find = self._find(then)
        as_at = min(past.as_at, past.now) if past.as_at else None
        view = find(past.child)
        capacity, apart = capacity_of(past, then.views, view), past.what in (PAPER, OWN_ACCOUNT)
        first, second = (
            one.disclose(
                then.principal, view, find, now=past.now, as_at=as_at, apart=apart, capacity=capacity
            )
            for one in (each.assembler for each in self._ready)
        )
        yield from self._differences(past, first, second)
        if past.what == OWN_ACCOUNT:
            yield from self._account(past, then, first, second)

    def _account(self, past: Past, then: Then, now: Disclosed, draft: Disclosed) -> Iterator[_Difference]:
        """Whom an account would have named otherwise of those who were told, and what of it said.

        Shape: the accesses are those up to the account itself; the child is folded as far as anything but an
        access was recorded.
        """
        until = _read_at(past)
        found = looks(self._record, replace(now.view, head=until), until)
        first, second = (Side(*one) for one in zip(self._ready, (now, draft), strict=True))
        classes = tuple(sorted(now.standing.classes))
        for one in said_otherwise(first, second, found, titles_of(then.directory)):
            sort = _Sort(one.less, _ACCOUNT, ACCESS, classes, one.before, one.after)
            yield sort, one.key, dict.fromkeys(one.parts, frozenset())

    def _notices(self, past: Past, then: Then) -> Iterator[_Difference]:
        """Who would have been told of the event of a notice otherwise: whoever is connected with the child.

        Shape: once for each event and state of the record, whichever of its notices is the first.
        """
        assert past.made is not None
        seen = (event_of(past.made), past.child, then.position)
        if seen in self._looked:
            return
        self._looked.add(seen)
        again, find = self._replayer.notices, self._find(then)
        now, draft = (again.look(find, then.directory, one, past.now) for one in self._ready)
        event = again.event(past.made, past.child, then.views, now)
        if event is None:
            return
        for organisation in event.organisations(now):
            old, new = (_by_code(organisation, event, look) for look in (now, draft))
            for less, has, lacks in ((False, new, old), (True, old, new)):
                for code, told in has.items():
                    before = set(lacks[code].to) if code in lacks else set()
                    if beyond := sorted(set(told.to) - before):
                        yield _told_otherwise(less, organisation, event.entry, told, beyond)

    def _differences(self, past: Past, now: Disclosed, draft: Disclosed) -> Iterator[_Difference]:
        before, after = self._shown(now), self._shown(draft)
        rules_before, rules_after = _deciding(now), _deciding(draft)
        kinds = _kinds(now) | _kinds(draft)
        role = _ACCOUNT if past.what == OWN_ACCOUNT else ", ".join(sorted(past.roles))
        classes = tuple(sorted(now.standing.classes))
        for key in before.keys() | after.keys():
            old, new = before.get(key, {}), after.get(key, {})
            for less, has, lacks in ((False, new, old), (True, old, new)):
                parts = {name: labels for name, labels in has.items() if name not in lacks}
                if parts:
                    first, second = rules_before.get(key, ()), rules_after.get(key, ())
                    named = {part: labels for (part, _), labels in parts.items()}
                    yield _Sort(less, role, kinds.get(key, ""), classes, first, second), key, named

    def _shown(self, disclosed: Disclosed) -> dict[EventKey, _Parts]:
        """What is shown of each event, part by part, with the labels of each part."""
        shown: dict[EventKey, _Parts] = {}
        for item in disclosed.items:
            shown[item.entry.key] = dict(self._parts(item))
        for line in (*disclosed.lines, *disclosed.carried):
            said = line.placed.shown
            shown.setdefault(line.basis, {})[LINE + (said.line or ""), _same(said.fields)] = frozenset()
        return shown

    def _parts(self, item: Item) -> Iterator[tuple[tuple[str, str], frozenset[str]]]:
        """The parts of an entry by name, each with what tells its value from another, never the value."""
        labels = self._catalogue.types[item.entry.type].labels
        yield (ENTRY, ""), frozenset()
        if item.shown.organisation is not None and item.decision.source == "shown":
            yield (POSTER, ""), frozenset({"SRC"})
        for name, value in item.shown.fields.items():
            if name == "others":
                yield (OTHERS, _same(value)), frozenset({"3P"})
                continue
            for path, part in _paths(name, value):
                own = labels.get(path, labels.get(f"{path}[]", labels.get(name, ())))
                yield (path, _same(part)), frozenset(own)


def _by_code(organisation: str, event: Event, look: Look) -> dict[str, Told]:
    told = look.told(organisation, event.view, event.own, event.entry, EVERY_CODE)
    return {one.code: one for one in told}


def _told_otherwise(
    less: bool, organisation: str, entry: Entry, told: Told, to: Sequence[str]
) -> _Difference:
    """That the systems of an organisation would be told of an event, for the sake of these people."""
    role, by = SYSTEMS + organisation.partition(".")[0], told.released.policies
    before, after = (by, ()) if less else ((), by)
    sort = _Sort(less, role, entry.type, tuple(to), before, after)
    return sort, entry.key, {NOTICED + told.code: frozenset()}


def _read_at(past: Past) -> int:
    return past.made.position if past.made else past.position - 1


def _paths(name: str, value: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    """The parts of a member, named as labels name them; one for each row of a list."""
    if isinstance(value, Mapping):
        yield from ((f"{name}.{one}", part) for one, part in value.items())
    elif isinstance(value, list | tuple) and any(isinstance(one, Mapping) for one in value):
        for row in value:
            if isinstance(row, Mapping):
                yield from ((f"{name}[].{one}", part) for one, part in row.items())
    else:
        yield name, value


def _same(value: JsonValue) -> str:
    """Equal for equal values only."""
    return json.dumps(value, default=dict, sort_keys=True)


def _deciding(disclosed: Disclosed) -> dict[EventKey, tuple[str, ...]]:
    """The ids of the rules that decided about each event."""
    found = {one.key: one.policies for one in disclosed.kept}
    found |= {one.entry.key: one.decision.policies for one in disclosed.items}
    for line in (*disclosed.lines, *disclosed.carried):
        found[line.basis] = tuple(dict.fromkeys((*found.get(line.basis, ()), line.policy)))
    return found


def _kinds(disclosed: Disclosed) -> dict[EventKey, str]:
    found = {line.basis: line.placed.shown.line or "" for line in (*disclosed.lines, *disclosed.carried)}
    return found | {one.key: one.type for one in disclosed.view.entries}


def _change(sort: _Sort, tally: _Tally) -> Change:
    return Change(
        more=not sort.less, role=sort.role, classes=sort.classes, kind=sort.kind,
        parts=tuple(_parts_told(tally.parts)), labels=tuple(sorted(tally.labels)),
        before=sort.before, after=sort.after,
        answers=len(tally.answers), items=len(tally.items), children=len(tally.children),
        readers=tuple(sorted(tally.readers)[:MOST_NAMES]),
        disclosures=tuple(sorted(tally.answers)[:MOST_NAMES]),
    )  # fmt: skip


def _parts_told(parts: Iterable[str]) -> Iterator[str]:
    """The parts by name; of organisations that an account names the first only, as of all names."""
    named = 0
    for one in sorted(parts):
        named += one.startswith(NAMED)
        if named <= MOST_NAMES or not one.startswith(NAMED):
            yield one


def change_row(one: Change) -> JsonObject:
    """A change as it stands in the report of a rehearsal."""
    return {
        "more": one.more,
        "role": one.role,
        "classes": list(one.classes),
        "kind": one.kind,
        "parts": list(one.parts),
        "labels": list(one.labels),
        "rules_before": list(one.before),
        "rules_after": list(one.after),
        "answers": one.answers,
        "items": one.items,
        "children": one.children,
        "readers": list(one.readers),
        "disclosures": list(one.disclosures),
    }
