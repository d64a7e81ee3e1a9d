"""Deciding and redacting: the compiled rules against Cedar, a chronology and an overview against reading."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Final

from bench.hub_here import hub_here
from bench.measure import Result, compare, missing, scratch
from bench.servers import database
from hub.catalogue import load_catalogue
from hub.cli.demo import demo_settings
from hub.cli.demo_world import READING_TIME
from hub.disclosure.answers import ReadRequest
from hub.disclosure.assemble import Assembler
from hub.disclosure.cases import Cases
from hub.disclosure.decide import LABELS, Decider, Decision
from hub.disclosure.engine import Engine
from hub.disclosure.facts import ItemFacts, ReaderFacts
from hub.disclosure.reference import Case, Reference
from hub.disclosure.rules import load_rules
from hub.pathway.entries import Entries
from hub.record import Append, Draft, Recorded
from hub.settings import Settings, load_settings
from tests.support.postgres_server import NoServer
from tests.support.scenario import READERS, SCENARIO
from tests.support.simulated import MASTER_KEY, SIGNING_KEY, Simulated

ROUNDS: Final = 5
FEWER_ROUNDS: Final = 2
EVENTS: Final = 300
ENTRIES: Final = 1_000
AT_ONCE: Final = 200
MEMORY_READS: Final = 10
CHILD: Final = "C-2001"
# Who gets nearly all, who gets much redacted, and who gets metadata.
AS: Final = ("SW-2001", "Oak", "POL")
# What opens a stream or joins children is posted once; all other facts may come again and again.
ONCE: Final = frozenset({"child-stream-opened", "incident-linked"})
Clock = Callable[[], float]
_WHOLE_ITEM: Final = ("show-whole", "show-remainder", "show-source")


def measure() -> list[Result]:
    """Each round measures the limit and then the hub; the record of both stores has the same entries."""
    results = [_against_cedar(at_once) for at_once in (1, EVENTS)]
    with scratch() as folder:
        results += _chronology("SQLite", demo_settings(folder / "hub", 1), time.process_time)
        try:
            results += _chronology("PostgreSQL", _on(database(), folder / "pg"), time.perf_counter)
        except NoServer as reason:
            results.append(missing("chronology on PostgreSQL", str(reason)))
    return results


def _against_cedar(at_once: int) -> Result:
    """Every action that a decision on one event asks, of so many events in one call of Cedar."""
    rules = load_rules()
    engine = Engine(rules)
    reference = Reference(rules.policies, rules.schema, rules.declared)
    events = list(islice(Cases(rules.parsed, rules.declared, {}, 1).for_ever(), EVENTS))
    asked = [
        [*_WHOLE_ITEM, *(f"read-{label}" for label in LABELS if label in one.item.filled)] for one in events
    ]
    cases = [
        [Case(action, one.reader, one.item) for action in actions]
        for one, actions in zip(events, asked, strict=True)
    ]

    def of_cedar() -> None:
        for first in range(0, EVENTS, at_once):
            reference.ask([case for one in cases[first : first + at_once] for case in one])

    def of_the_hub() -> None:
        for one, actions in zip(events, asked, strict=True):
            engine.ask(actions, one.reader, one.item)

    pairs = [(EVENTS / hub, EVENTS / cedar) for cedar, hub in _rounds(of_cedar, of_the_hub, ROUNDS)]
    name = f"deciding an event compiled, against Cedar with {at_once} in a call"
    return compare(name, "events/s", 50.0 if at_once == 1 else None, pairs)


class _Noting(Decider):
    """A decider that notes the facts on which it is asked."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.asked: Final[list[tuple[ReaderFacts, ItemFacts]]] = []

    def decide(self, reader: ReaderFacts, item: ItemFacts) -> Decision:
        self.asked.append((reader, item))
        return super().decide(reader, item)


@dataclass(frozen=True, slots=True)
class _Chronology:
    """One child with its entries, and the readers who ask for it; all that they need is read already."""

    world: Simulated
    child: str

    def read(self) -> None:
        """Read and decrypt every event of the child."""
        self.world.hub.store.record.stream(f"child/{self.child}")

    def deciding(self, decider: Decider, shown: int, readers: Sequence[str] = AS) -> Callable[[], None]:
        """Decide every entry for each reader, as every door does, and redact the first so many.

        Shape: nothing is left of earlier readings, as nothing of a child is kept between two.
        """
        hub = self.world.hub
        assembler = Assembler(load_rules(), decider, load_catalogue(), hub.store.record.digest)
        find = cache(hub.views.child)
        view, now = find(self.child), hub.store.clock.domain()
        for other in view.linked:
            find(other)
        people = [hub.store.directory.principal_for_person(READERS[one].person) for one in readers]

        def decided() -> None:
            for principal in people:
                child = replace(view, entries=Entries(view.entries))
                disclosed = assembler.disclose(principal, child, find, now=now, as_at=None)
                for item in disclosed.items[:shown]:
                    assert item.shown.entry_id

        return decided

    def overview(self) -> None:
        """The overview with the deadlines for each reader through the only way out, recorded."""
        disclosure, directory = self.world.hub.disclosure, self.world.hub.store.directory
        for one in AS:
            asked = ReadRequest(self.child, READERS[one].purpose)
            disclosure.overview(directory.principal_for_person(READERS[one].person), asked)

    def page(self) -> None:
        """A page of the chronology for each reader through the only way out, recorded."""
        disclosure, directory = self.world.hub.disclosure, self.world.hub.store.directory
        for one in AS:
            asked = ReadRequest(self.child, READERS[one].purpose, limit=AT_ONCE)
            disclosure.chronology(directory.principal_for_person(READERS[one].person), asked)


def _chronology(store: str, settings: Settings, clock: Clock) -> list[Result]:
    """Shape: by the processor's time where all the work is this process's, else by the clock on the wall."""
    with _world(settings) as world:
        chronology = _Chronology(world, _filled(world))
        engine = Engine(load_rules())
        noting = _Noting(engine)
        chronology.deciding(noting, 0)()
        deciding = chronology.deciding(Decider(engine), AT_ONCE)
        whole = chronology.deciding(Decider(engine), ENTRIES)
        named = f"{ENTRIES:,} entries on {store}, against reading and decrypting them"

        def read() -> None:
            for _ in AS:
                chronology.read()

        def folded() -> None:
            for _ in AS:
                world.hub.views.child(chronology.child)

        def alone() -> None:
            decider = Decider(engine)
            for reader, item in noting.asked:
                decider.decide(reader, item)

        on_page = f"deciding {ENTRIES:,} entries and redacting a page of {AT_ONCE} on {store}"
        reading = "against reading and decrypting them"
        page = f"a page of {AT_ONCE}, folded, decided and recorded, of {named}"
        overview = f"overview and deadlines, folded, decided and recorded, of {named}"

        def row(name: str, goal: float | None, work: Callable[[], None], rounds: int = ROUNDS) -> Result:
            return _as_a_time(name, goal, _rounds(read, work, rounds, clock))

        rows = [
            row(f"deciding alone, nothing remembered, {named}", None, alone),
            row(f"{on_page}, {reading}", None, deciding),
            row(f"deciding and redacting {named}", 1.0, whole),
            row(f"having a view of {named}", None, folded, FEWER_ROUNDS),
            row(page, None, chronology.page, FEWER_ROUNDS),
            row(overview, 0.25, chronology.overview),
        ]
        if store == "SQLite":
            rows.append(_memory(chronology.deciding(Decider(engine), ENTRIES, AS[:1])))
        return rows


def _memory(deciding: Callable[[], None]) -> Result:
    """What stays in memory of many reads, beside what stays of one."""
    tracemalloc.start()
    try:
        deciding()
        once = _held()
        for _ in range(MEMORY_READS):
            deciding()
        after = _held()
    finally:
        tracemalloc.stop()
    name = f"memory held after deciding {MEMORY_READS * ENTRIES:,} more events, against after {ENTRIES:,}"
    ratio = (once + _SLACK) / (after + _SLACK)
    return Result(name, round(after / 1024), "KiB", round(once / 1024), round(ratio, 2), 0.95, ratio >= 0.95)


# A few kilobytes of the interpreter's own come and go, and are no growth.
_SLACK: Final = 262_144


def _held() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def _as_a_time(name: str, goal: float | None, rounds: Sequence[tuple[float, float]]) -> Result:
    """Milliseconds of one reader; of a time the ratio is the limit through the value."""
    found = compare(name, "ms", goal, [(limit, value) for limit, value in rounds])
    values = [value * 1000 / len(AS) for _, value in rounds]
    middle = sorted(values)[len(values) // 2]
    limit = sorted(limit * 1000 / len(AS) for limit, _ in rounds)[len(rounds) // 2]
    return Result(
        name, round(middle, 1), "ms", round(limit, 1), found.ratio, goal, found.met,
        (min(values), max(values)), found.ratios,
    )  # fmt: skip


def _rounds(
    limit: Callable[[], None], value: Callable[[], None], rounds: int, clock: Clock = time.process_time
) -> list[tuple[float, float]]:
    """Seconds of both, one after the other; garbage of one is not collected in the time of the other."""
    found = []
    for _ in range(rounds + 1):
        took = []
        for work in (limit, value):
            gc.collect()
            began = clock()
            work()
            took.append(clock() - began)
        found.append((took[0], took[1]))
    return found[1:]


@contextmanager
def _world(settings: Settings) -> Iterator[Simulated]:
    """A hub in this process into which the scenario has been posted."""
    with hub_here(settings) as world:
        world.play(SCENARIO.posts)
        yield world


def _filled(world: Simulated) -> str:
    """The child, with its own facts again under new ids until there are enough; decisions pass gates."""
    child, record = world.children[CHILD], world.hub.store.record
    stream = f"child/{child}"
    types = load_catalogue().types
    held = record.stream(stream)
    facts = [one for one in held if one.type not in ONCE and types[one.type].kind == "fact"]
    more = ENTRIES - len(held)
    drafts = [_again(facts[number % len(facts)], number) for number in range(more)]
    for first in range(0, more, AT_ONCE):
        record.append(Append(tuple(drafts[first : first + AT_ONCE]))).result()
    world.advance(READING_TIME)
    world.chance.restart(b"more")
    return child


def _again(one: Recorded, number: int) -> Draft:
    """The same fact as another event: what is stored of it, with an id of its own."""
    assert one.body is not None
    id_ = f"{number:026d}"
    body = one.body.replace(one.id.encode(), id_.encode())
    return Draft(one.stream, "event", one.source, id_, one.type, body, body)


def _on(url: str, folder: Path) -> Settings:
    """The settings of the demonstration, but of PostgreSQL."""
    embedded = demo_settings(folder, 1)
    return load_settings(
        {}, None, mode="simulation", id=embedded.id, database_url=url, listen=embedded.listen,
        simulation_start="2025-09-01T00:00:00+01:00", rate_per_second=10_000, rate_burst=10_000,
        kept_apart=folder, master_key=MASTER_KEY, signing_key=SIGNING_KEY,
    )  # fmt: skip
