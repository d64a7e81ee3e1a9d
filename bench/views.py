"""Many children: their views rebuilt from the whole record, every clock looked at, and reports of them."""

from __future__ import annotations

import gc
import re
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

import psycopg

from bench.hub_here import hub_here
from bench.measure import Result, alone, compare, missing, scratch
from bench.servers import database
from hub.cli.demo import demo_settings
from hub.oversight.counting import Counting
from hub.pathway.reports import ReportYear
from hub.record import Append, Draft, Record, Recorded
from hub.record.projections import Projector
from hub.settings import Settings, load_settings
from hub.ticker import Ticker
from hub.views.index import ChildIndex
from tests.support.postgres_server import NoServer
from tests.support.scenario import SCENARIO
from tests.support.simulated import MASTER_KEY, SIGNING_KEY, Simulated

ITEMS: Final = 100_000
CHILDREN: Final = 10_000
BATCH: Final = 500
ROUNDS: Final = 3
TICKS: Final = 9
YEAR: Final = ReportYear(2025)
MODEL: Final = "C-1001"
# Of each child: what opens its record, and what starts clocks that run for days.
STARTING: Final = ("A00a", "A04")
_UUID: Final = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_IDENTITY: Final = "identity"
_OF_CHILDREN: Final = ("child/", "link/")
_ROWS: Final = "CREATE TABLE next_due (child TEXT PRIMARY KEY, clock TEXT NOT NULL, due_at TEXT NOT NULL)"
_READ: Final = "SELECT child, clock, due_at FROM next_due"


def measure() -> list[Result]:
    """Rebuilding beside reading the log, then a tick beside reading as many rows, on both stores."""
    with scratch() as folder:
        embedded = {part: demo_settings(folder / part, 1) for part in ("rebuild", "tick")}
        results = _on_store("SQLite", embedded, _sqlite_rows(folder / "rows.db"))
        try:
            urls = {part: database() for part in ("rebuild", "tick", "rows")}
        except NoServer as reason:
            return [*results, missing("views and clocks on PostgreSQL", str(reason))]
        served = {part: _on(urls[part], folder / f"pg-{part}") for part in ("rebuild", "tick")}
        return [*results, *_on_store("PostgreSQL", served, _postgres_rows(urls["rows"]))]


def _on_store(store: str, settings: dict[str, Settings], rows: Callable[[], int]) -> list[Result]:
    with hub_here(settings["rebuild"]) as world:
        world.play(SCENARIO.posts)
        rebuilt = _rebuild(store, world)
    with hub_here(settings["tick"]) as world:
        _fill(world)
        one_more = _one_more(world)
        return [rebuilt, *_ticks(store, world, rows, one_more), _reports(store, world, one_more)]


# --- rebuilding ------------------------------------------------------------------------------------


def _rebuild(store: str, world: Simulated) -> Result:
    """Every view from the first item to the last, beside reading and opening the same items."""
    record = world.hub.store.record
    world.hub.projector.close()
    projector = Projector(record, world.hub.view_store, [ChildIndex(record)])
    played = record.log(0, ITEMS)
    of_children = [one for one in played if one.stream.startswith(_OF_CHILDREN)]
    names = _names(of_children)
    copies = range(1, 1 + (ITEMS - len(played)) // len(of_children))
    _append(record, (_copied(one, names, number) for number in copies for one in of_children))
    items = record.head().position

    def read() -> None:
        after = 0
        while batch := record.log(after, BATCH):
            after = batch[-1].position

    def rebuild() -> None:
        assert projector.rebuild() == items

    pairs = [(items / built, items / log) for log, built in _rounds(read, rebuild, ROUNDS)]
    name = f"rebuilding all views from {ITEMS:,} items on {store}, against reading the log"
    return compare(name, "items/s", 0.5, pairs)


# --- ticking ---------------------------------------------------------------------------------------


def _fill(world: Simulated) -> None:
    """So many children, each opened and referred a moment ago; no clock has run out."""
    for one in SCENARIO.posts:
        if one.ref in STARTING:
            world.post(one.event, one.ref)
    world.chance.restart(b"filling")
    record, model = world.hub.store.record, world.children[MODEL]
    world.hub.projector.pause()
    identified = [one for one in record.stream(_IDENTITY) if model.encode() in (one.body or b"")]
    items = [*identified, *record.stream(f"child/{model}")]
    names = _names(items)
    _append(record, (_copied(one, names, number) for number in range(1, CHILDREN) for one in items))
    world.hub.projector.resume()
    assert world.hub.projector.wait_for(record.head().position, 600)
    assert len(world.hub.identity.children()) == CHILDREN


def _one_more(world: Simulated) -> Callable[[], None]:
    """Records one more event about one of the children, and waits until it is projected."""
    hub, record = world.hub, world.hub.store.record
    told = [one for one in record.stream(f"child/{world.children[MODEL]}") if one.kind == "event"][-1]
    number = iter(range(CHILDREN, 2 * CHILDREN))

    def one_more() -> None:
        again = _copied(told, frozenset({told.id.encode()}), next(number))
        record.append(Append((replace(again, stream=told.stream),))).result()
        assert hub.projector.wait_for(record.head().position, 60)

    return one_more


def _ticks(
    store: str, world: Simulated, rows: Callable[[], int], one_more: Callable[[], None]
) -> list[Result]:
    """The first tick folds every child; each later one comes after an event about one of them."""
    hub = world.hub
    ticker = Ticker(
        record=hub.store.record, views=hub.views, identity=hub.identity, directory=hub.store.directory
    )  # fmt: skip
    now = hub.store.clock.domain()
    began = time.perf_counter()
    assert ticker.tick(now) == 0 and ticker.faults == 0
    first = CHILDREN / (time.perf_counter() - began)
    assert (ticker.next_due(now) or now) > now

    def read() -> None:
        assert rows() == CHILDREN

    def tick() -> None:
        assert ticker.tick(now) == 0 and ticker.faults == 0

    name = f"a tick over {CHILDREN:,} open children on {store}"
    pairs = [(1 / ticked, 1 / took) for took, ticked in _rounds(read, tick, TICKS, before=one_more)]
    return [
        compare(f"{name}, one of them changed, against reading their deadline rows", "ticks/s", 0.5, pairs),
        alone(f"the first tick over {CHILDREN:,} children on {store}", "children/s", [first]),
    ]


def _reports(store: str, world: Simulated, one_more: Callable[[], None]) -> Result:
    """What a report counts, after an event about one of the children, beside counting all of them anew."""
    hub = world.hub

    def counting() -> Counting:
        return Counting(
            record=hub.store.record, views=hub.views, identity=hub.identity, directory=hub.store.directory
        )  # fmt: skip

    kept = counting()
    kept.children(YEAR)

    def count(by: Counting) -> None:
        assert sum(one.counted is not None for one in by.children(YEAR)) == CHILDREN

    rounds = _rounds(lambda: count(counting()), lambda: count(kept), ROUNDS, before=one_more)
    pairs = [(CHILDREN / again, CHILDREN / anew) for anew, again in rounds]
    name = f"a report over {CHILDREN:,} children on {store}, one of them changed, against the first report"
    return compare(name, "children/s", None, pairs)


def _sqlite_rows(where: Path) -> Callable[[], int]:
    """Reads a table with the next deadline of each child, as a hub might keep one, beside nothing else."""

    def read() -> int:
        with closing(sqlite3.connect(where)) as connection:
            return len(connection.execute(_READ).fetchall())

    with closing(sqlite3.connect(where)) as connection:
        connection.execute(_ROWS)
        connection.executemany("INSERT INTO next_due VALUES (?, ?, ?)", _next_due())
        connection.commit()
    return read


def _postgres_rows(url: str) -> Callable[[], int]:
    """The same on a connection that stays open, as those of the hub do."""
    connection = psycopg.connect(url, autocommit=True)
    connection.execute(_ROWS.encode())
    with connection.cursor() as cursor:
        cursor.executemany(b"INSERT INTO next_due VALUES (%s, %s, %s)", list(_next_due()))
    connection.execute("VACUUM ANALYZE next_due")
    return lambda: len(connection.execute(_READ.encode()).fetchall())


def _next_due() -> Iterator[tuple[str, str, str]]:
    for number in range(CHILDREN):
        yield f"00000000-0000-4000-8000-{number:012x}", "K-01", "2025-09-15T14:40:00+00:00"


# --- a hub with copies of what was posted ------------------------------------------------------------


def _on(url: str, folder: Path) -> Settings:
    """The settings of the demonstration, but of PostgreSQL."""
    embedded = demo_settings(folder, 1)
    return load_settings(
        {}, None, mode="simulation", id=embedded.id, database_url=url, listen=embedded.listen,
        simulation_start="2025-09-01T00:00:00+01:00", rate_per_second=10_000, rate_burst=10_000,
        kept_apart=folder, master_key=MASTER_KEY, signing_key=SIGNING_KEY,
    )  # fmt: skip


def _append(record: Record, drafts: Iterable[Draft]) -> None:
    batch: list[Draft] = []
    for one in drafts:
        batch.append(one)
        if len(batch) == BATCH:
            record.append(Append(tuple(batch))).result()
            batch = []
    if batch:
        record.append(Append(tuple(batch))).result()


def _names(items: Sequence[Recorded]) -> frozenset[bytes]:
    """The ids of items, and of the children and links whose streams they stand on."""
    streams = {name for one in items for name in _UUID.findall(one.stream.encode())}
    return frozenset({one.id.encode() for one in items} | streams)


def _copied(one: Recorded, names: frozenset[bytes], number: int) -> Draft:
    """The same item with every id in it changed in the same way, so that what names another still does."""
    assert one.body is not None
    body = one.body
    for name in names:
        if name in body:
            body = body.replace(name, _other(name, number))
    stream = _UUID.sub(lambda found: _other(found[0], number), one.stream.encode()).decode()
    return Draft(stream, one.kind, one.source, _other(one.id.encode(), number).decode(), one.type, body, body)


def _other(name: bytes, number: int) -> bytes:
    return name[:-6] + b"%06x" % number


def _rounds(
    limit: Callable[[], None], value: Callable[[], None], rounds: int,
    *, before: Callable[[], None] = lambda: None,
) -> list[tuple[float, float]]:  # fmt: skip
    """Seconds of both, one after the other; garbage of one is not collected in the time of the other."""
    found = []
    for _ in range(rounds + 1):
        took = []
        before()
        for work in (limit, value):
            gc.collect()
            began = time.perf_counter()
            work()
            took.append(time.perf_counter() - began)
        found.append((took[0], took[1]))
    return found[1:]
