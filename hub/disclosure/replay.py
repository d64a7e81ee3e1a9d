"""A past answer made again as it was: the same record, the same directory, the same rules (R-133, H-12)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal

import orjson

from hub.catalogue import Catalogue
from hub.directory.then import DirectoryThen, StoppedClock
from hub.directory.types import Principal
from hub.disclosure.answers import Answer
from hub.disclosure.assemble import Assembler, Disclosed
from hub.disclosure.capacity import FOR_SUBJECT, ONESELF, Capacity, ForFamily, UnderReview
from hub.disclosure.content_reviews import REVIEWED
from hub.disclosure.decide import Decider
from hub.disclosure.desk import DEADLINES, OVERVIEW, Disclosure
from hub.disclosure.engine import Engine
from hub.disclosure.family_papers import FOR, PAPER
from hub.disclosure.handing import lines_digest
from hub.disclosure.library import Library
from hub.disclosure.made import Made, fingerprint, renderer, request_of
from hub.disclosure.meetings import LIST, PACK
from hub.disclosure.notice_record import NOTICE
from hub.disclosure.notices_again import NoticesAgain, Ready
from hub.disclosure.own_account import OWN_ACCOUNT
from hub.disclosure.page import MAX_LIMIT
from hub.disclosure.purposes import Purposes
from hub.disclosure.release import MADE, WITHHELD, AccessRecord
from hub.disclosure.rules import RuleSet
from hub.disclosure.told import CHRONOLOGY, ToldIndex
from hub.envelope import EventKey, JsonObject
from hub.errors import HubError
from hub.identity.then import IdentityThen
from hub.record import Draft, Record
from hub.record.ports import Chance, Clock
from hub.views import ChildView, Views

AGAIN: Final = frozenset({CHRONOLOGY, OVERVIEW, DEADLINES, LIST, PACK, REVIEWED, PAPER, OWN_ACCOUNT})
"""The answers that are made again, and beside them notices; what else was recorded has no text of a child."""
DECIDED: Final = AGAIN | {"my-children", "my-open-items", "chronology-snapshot"}
"""What rests on everything a reader gets of one child, so that its decisions can be looked at again."""
Compared = Literal["the same", "different", "not compared"]
_NOT_COMPARED: Final[Compared] = "not compared"
# An answer is made while others write; so many states of the record are tried at most.
_MOST_STATES: Final = 20
_BATCH: Final = 1_000
_READ: Final = ("child/", "emergency/", "content-review/", "link/", "identity", "directory")

NO_KIND: Final = "An answer of this kind is not made again; the explanation has the rules that decided it."
FOR_GOOD: Final = "This notice was decided for good when it was recorded, or from what was not kept."
NO_RULES: Final = "The sharing rules of this version are not here any more, so nothing was decided again."
NO_QUESTION: Final = "When this was recorded the question itself was not kept: only decisions are compared."
NO_READER: Final = "The directory of then knows nobody of this name, so that nothing was compared."
NO_ANSWER: Final = "The same question is refused now, so that nothing was compared."
MOVED: Final = "The record moved while the answer was made; no single state of it gives the same answer."
ERASED: Final = "Some of what was given has been erased since; erased items are told as erased."
OTHER_CODE: Final = "The version of the hub that wrote the answer is not here any more; its words may differ."
DIFFERS: Final = "The same question does not give the same answer again. Have the record verified: hub verify"


@dataclass(frozen=True, slots=True)
class Given:
    """One item of a past answer as it was recorded: the event, the decision, and the deciding rules."""

    key: EventKey
    decision: str
    policies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Past:
    """A past answer by its access record.

    Shape: `position` is where that record stands; `made` is None where it was recorded before it said from
    what the answer was made.
    """

    disclosure_id: str
    position: int
    at: datetime
    reader: str
    roles: frozenset[str]
    child: str
    what: str
    purpose: str | None
    reference: str | None
    as_at: datetime | None
    policy_version: str
    made: Made | None
    items: tuple[Given, ...]

    @property
    def now(self) -> datetime:
        """The domain clock of the read."""
        return self.made.at if self.made else self.at


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of making a past answer again.

    Shape: `missing` and `more` are the items that differ, `erased` those of which nothing is left; `answer`
    is the answer made again, for comparison only: it was given to its reader, and goes to nobody else.
    """

    disclosure_id: str
    policy_version: str
    installed: bool
    decisions: Compared
    bytes: Compared
    notes: tuple[str, ...]
    missing: tuple[Given, ...] = ()
    more: tuple[Given, ...] = ()
    erased: tuple[EventKey, ...] = ()
    answer: Answer | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Then:
    """The hub as it was when something was read."""

    position: int
    views: Views
    directory: DirectoryThen
    principal: Principal


class _Named(Chance):
    """Gives an answer the name that it had."""

    def __init__(self, name: str) -> None:
        self._name: Final = name

    def uuid(self) -> str:
        """The name."""
        return self._name

    def bytes(self, n: int) -> bytes:
        """Nothing here is random."""
        raise HubError("store")


class _Unwritten(AccessRecord):
    """Keeps in hand what a read would have recorded: making an answer again is no new reading of it."""

    def __init__(self, record: Record, clock: Clock, chance: Chance) -> None:
        super().__init__(record, clock, chance)
        self.drafts: tuple[Draft, ...] = ()

    def _append(self, drafts: tuple[Draft, ...]) -> None:
        self.drafts = drafts


class Replayer:
    """Makes past answers again."""

    def __init__(
        self, *, record: Record, views: Views, catalogue: Catalogue, library: Library, purposes: Purposes
    ) -> None:
        self._record: Final = record
        self._views: Final = views
        self._catalogue: Final = catalogue
        self._library: Final = library
        self._purposes: Final = purposes
        self.notices: Final = NoticesAgain(record, purposes)

    def again(self, past: Past) -> Replay:
        """Make an answer again and compare it.

        Trust: nothing is recorded and nothing of the answer leaves; who asks is recorded by the caller.
        Raises: HubError store, views-behind.

        1. Only by the rules of then.
        2. For each state that the record had while the answer was made: put the same question to the same
           hub, with the directory, the clock and the name of then.
        3. The state that gives the same bytes is the one; else the first that gives the same decisions.
        """
        installed = self._library.rules(past.policy_version)  # 1
        if past.what not in AGAIN and past.what != NOTICE:
            return _untried(past, installed is not None, NO_KIND)
        if past.what == NOTICE and past.made is None:
            return _untried(past, installed is not None, FOR_GOOD)
        if installed is None:
            return _untried(past, False, NO_RULES)
        best: Replay | None = None
        for position in self._states(past):  # 2
            found = self._at(past, position, installed)
            if found.bytes == "the same":  # 3
                return found
            if best is None or (best.decisions != "the same" and found.decisions == "the same"):
                best = found
        assert best is not None
        return best

    def then(self, past: Past, position: int | None = None) -> Then:
        """The hub as it was at a position, or when a past answer was made.

        Raises: HubError token where the reader was not known then.
        """
        place = self._place(past) if position is None else position
        directory = DirectoryThen(self._record, place, past.now)
        system = "/" not in past.reader
        find = directory.principal_for_organisation if system else directory.principal_for_person
        principal = replace(find(past.reader), roles=past.roles)
        return Then(place, self._views.then(place, directory), directory, principal)

    def disclosed(self, past: Past, then: Then, rules: RuleSet) -> Disclosed:
        """Everything that the reader got of the child by these rules, before filters; nothing leaves."""
        assembler = self.ready(rules).assembler
        find = then.views.one_look()
        view, as_at = find(past.child), min(past.as_at, past.now) if past.as_at else None
        return assembler.disclose(
            then.principal, view, find, now=past.now, as_at=as_at,
            apart=past.what in (PAPER, OWN_ACCOUNT), capacity=capacity_of(past, then.views, view),
        )  # fmt: skip

    def _at(self, past: Past, position: int, rules: RuleSet) -> Replay:
        try:
            then = self.then(past, position)
        except HubError as refusal:
            if refusal.slug in ("store", "views-behind"):
                raise
            return _untried(past, True, NO_READER)
        if past.what == NOTICE:
            return self._notice(past, then, rules)
        unwritten = _Unwritten(self._record, StoppedClock(past.now), _Named(past.disclosure_id))
        desk = Disclosure(
            record=self._record, views=then.views, identity=IdentityThen(self._record, position),
            directory=then.directory, catalogue=self._catalogue, rules=rules, purposes=self._purposes,
            profile_of=then.views.profile_of, clock=StoppedClock(past.now),
            chance=_Named(past.disclosure_id), accesses=unwritten, told=ToldIndex(self._record, position),
        )  # fmt: skip
        try:
            answer = _asked(desk, past, then.principal)
        except HubError as refusal:
            if refusal.slug in ("store", "views-behind"):
                raise
            erased = self._erased(past)
            notes = (NO_ANSWER, ERASED) if erased else (NO_ANSWER,)
            return replace(_untried(past, True, NO_ANSWER), notes=notes, erased=erased)
        digest = fingerprint(answer, self._record.digest)
        return self._compared(past, answer, digest, _items(unwritten.drafts, past.disclosure_id))

    def ready(self, rules: RuleSet) -> Ready:
        """These rules, ready to decide."""
        decider = Decider(Engine(rules))
        return Ready(rules, decider, Assembler(rules, decider, self._catalogue, self._record.digest))

    def _notice(self, past: Past, then: Then, rules: RuleSet) -> Replay:
        """One notice told again: to whom it went, by what its people found then."""
        look = self.notices.look(then.views.one_look(), then.directory, self.ready(rules), past.now)
        assert past.made is not None
        event = self.notices.event(past.made, past.child, then.views, look)
        found = self.notices.of(past.made, past.reader, event, look) if event is not None else None
        items = tuple(
            Given(one.released.key, one.released.decision, one.released.policies)
            for one in (found.told if found is not None else ())
        )
        digest = lines_digest(found.lines if found is not None else (), self._record.digest)
        return self._compared(past, None, digest, items)

    def _compared(self, past: Past, answer: Answer | None, digest: str, items: tuple[Given, ...]) -> Replay:
        """The answer beside what was recorded of it.

        1. Erased items have nothing left to decide about.
        2. Before the question was kept, a page is not known from the whole: what is more says nothing.
        3. The words are compared by their digest, and a difference is told with what can explain it.
        """
        erased = self._erased(past)  # 1
        missing = tuple(one for one in past.items if one.key not in erased and one not in items)
        more = tuple(one for one in items if one not in past.items) if past.made else ()  # 2
        decisions: Compared = "different" if missing or more else "the same"
        notes, same = [ERASED] if erased else [], _NOT_COMPARED
        if past.made is None or not past.made.digest:
            notes.append(NO_QUESTION)
        else:  # 3
            alike = digest == past.made.digest
            same = "the same" if alike else "different"
            if not alike and past.made.renderer != renderer():
                notes.append(OTHER_CODE)
            elif not alike and not erased:
                notes.append(MOVED if decisions == "the same" else DIFFERS)
        return Replay(
            past.disclosure_id, past.policy_version, True, decisions, same, tuple(notes), missing, more,
            erased, answer,
        )  # fmt: skip

    def _erased(self, past: Past) -> tuple[EventKey, ...]:
        """The items of an answer of which nothing is left to open."""
        found = ((one.key, self._record.find(one.key.source, one.key.id)) for one in past.items)
        return tuple(key for key, item in found if item is not None and item.body is None)

    def _place(self, past: Past) -> int:
        return past.made.position if past.made else past.position - 1

    def _states(self, past: Past) -> Iterator[int]:
        """The positions whose state an answer can have been made from, the likeliest first.

        1. Where the record stood when the child was folded.
        2. Whatever was recorded after that and before the access, of anything that an answer rests on.
        """
        first = self._place(past)
        yield first  # 1
        tried, position = 1, first
        while position < past.position - 1 and tried < _MOST_STATES:  # 2
            batch = [one for one in self._record.log(position, _BATCH) if one.position < past.position]
            if not batch:
                return
            for item in batch:
                if item.stream.startswith((*_READ, f"access/{past.child}")) and tried < _MOST_STATES:
                    tried += 1
                    yield item.position
            position = batch[-1].position


def capacity_of(past: Past, views: Views, view: ChildView) -> Capacity:
    """The capacity in which a past answer was read: as oneself, under a review, for a family or the child."""
    if past.what == OWN_ACCOUNT:
        return FOR_SUBJECT
    if past.what == PAPER and past.made is not None:
        return ForFamily(str(past.made.asked.get(FOR)))
    if past.what == REVIEWED:
        found = next((one for one in views.content_reviews(view) if one.id == past.reference), None)
        opened = found.decided.items if found is not None and found.decided is not None else ()
        return UnderReview(frozenset(opened))
    return ONESELF


def _asked(desk: Disclosure, past: Past, principal: Principal) -> Answer:
    """The same question put to a hub as it was."""
    asked: JsonObject = past.made.asked if past.made else {}
    question = request_of(asked, past.child, past.purpose, past.reference, past.as_at)
    match past.what:
        case "chronology":
            # The longest page, where it is not known which page was given.
            return desk.chronology(principal, question if past.made else replace(question, limit=MAX_LIMIT))
        case "overview":
            return desk.overview(principal, question)
        case "deadlines":
            return desk.deadlines(principal, question)
        case "meetings":
            return desk.meetings.of_child(principal, question)
        case "content-review":
            return desk.reviews.read(principal, past.reference or "")
        case "family-paper":
            return desk.families.make(principal, question, str(asked.get(FOR)))
        case "own-account":
            return desk.accounts.make(principal, question)
        case _:
            organisation = asked.get("organisation")
            return desk.meetings.pack(
                principal, question, str(asked.get("meeting", "")),
                organisation if isinstance(organisation, str) else None,
            )  # fmt: skip


def _items(drafts: tuple[Draft, ...], name: str) -> tuple[Given, ...]:
    """The items that a read would have recorded under the child that was read."""
    found: list[Given] = []
    for draft in drafts:
        if draft.id in (name + MADE, name + WITHHELD):
            data = orjson.loads(draft.body)["data"]
            found += [
                Given(EventKey(one["source"], one["id"]), one.get("decision", "H"), tuple(one["rules"]))
                for one in data["items"]
            ]
    return tuple(found)


def _untried(past: Past, installed: bool, note: str) -> Replay:
    return Replay(past.disclosure_id, past.policy_version, installed, _NOT_COMPARED, _NOT_COMPARED, (note,))
