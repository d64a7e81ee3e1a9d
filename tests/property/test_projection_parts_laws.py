"""Feeding in parts: whatever the interleaving, the repeats and the stealing, the tables come out the same."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.envelope import EventKey
from hub.record import Append, Draft, Head, Record, Recorded
from hub.record.projections import (
    PartFeed,
    Projected,
    Projection,
    Projector,
    Row,
    Snapshot,
    ViewStore,
    migrate_views,
    open_views,
)  # fmt: skip
from hub.record.projections.declared import Value
from hub.views import ChildIndex
from hub.views.stored import LINK_TYPE, StoredLink, StoredPost
from tests.contract.projections.example_projections import Bodies, Latest
from tests.contract.record_contract import MASTER_KEY, SeededChance

ITEMS = 36
CHILDREN = 4
SOURCES = ("urn:safeguarding:org:police.one", "urn:safeguarding:org:education.two")
REFERENCES = tuple(f"nhs:999000{n:04d}" for n in range(3))


def post(number: int) -> Draft:
    source = SOURCES[number % 2]
    data = {"data": {"organisation": f"health.{number % 3}", "schools": ["education.two"]}}
    stored = StoredPost(
        header="h", signature="s", pieces=(orjson.dumps(data).decode(),), cuts=(), marks=(), link=None,
        subject="s", organisation=source.rpartition(":")[2], area="care.north", author_role=None,
        author_roles=(), received_at=datetime(2025, 9, 1, tzinfo=UTC), warnings=(), flags=(), claimed=(),
        policy_version="1",
    )  # fmt: skip
    id = f"{'x' if number % 5 == 0 else 'a'}{number}"
    return Draft(f"child/{number % CHILDREN}", "event", source, id, "noted", b"p", stored.body())


def link(number: int, of: Draft) -> Draft:
    names = REFERENCES[: 1 + number % len(REFERENCES)]
    body = StoredLink(EventKey(of.source, of.id), names).body()
    return Draft(f"link/{number}", "record", "urn:safeguarding:hub", f"l{number}", LINK_TYPE, b"l", body)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    path = tmp_path_factory.mktemp("parts") / "record.db"
    Record.migrate(path, master_key=MASTER_KEY, chance=SeededChance(0))
    with closing(Record.open(path, master_key=MASTER_KEY, chance=SeededChance(1))) as record:
        for number in range(ITEMS):
            draft = post(number)
            record.append(Append((draft, link(number, draft)) if number % 3 == 0 else (draft,))).result(30)
        yield record


def projections(record: Record) -> tuple[Projection, ...]:
    return (ChildIndex(record), Latest(), Bodies(poison=["a3", "l12"]))


def everything(record: Record, views: ViewStore) -> list[Sequence[Row]]:
    """Every row of every table, what is parked, and the positions; what is sealed is opened."""
    index = ChildIndex(record)
    organisations = [*(f"health.{n}" for n in range(3)), "education.two", "care.north"]
    keys: dict[str, Collection[Value]] = {
        "naming": [index.naming_digest(one) for one in REFERENCES],
        "concerned": [index.concerned_digest(one) for one in organisations],
        "posted": SOURCES,
        "streams": [f"{kind}/{n}" for kind in ("child", "link") for n in range(ITEMS)],
        "names": [f"{letter}{n}" for letter in "axl" for n in range(ITEMS)],
        "bodies": range(1, 2 * ITEMS),
    }

    def all_of(projection: Projection) -> Callable[[Snapshot], list[Sequence[Row]]]:
        def rows(snapshot: Snapshot) -> list[Sequence[Row]]:
            tables: list[Sequence[Row]] = [snapshot.rows(one, keys[one.name]) for one in projection.tables]
            parked = [(one.position, one.fault) for one in snapshot.parked]
            return [*tables, parked, [(snapshot.position,)]]

        return rows

    naming, *rest = (
        table
        for one in projections(record)
        for table in Projected(views, one.name, one.version).read(all_of(one))
    )
    opened: list[Row] = []
    for name, position, stream, sealed in naming:
        assert isinstance(position, int) and isinstance(stream, str) and isinstance(sealed, bytes)
        opened.append((name, position, stream, index.open_naming(stream, position, sealed) or "erased"))
    return [opened, *rest]


class UpTo:
    """The record as it stood when it had so many positions."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self.limit = 0

    def head(self) -> Head:
        return Head(self.limit, self.limit)

    def log(self, after_position: int, limit: int) -> list[Recorded]:
        return self._record.log(after_position, min(limit, self.limit - after_position))

    def subscribe(self, listener: Callable[[int], None]) -> None:
        pass


@pytest.fixture(scope="module")
def alone(record: Record, tmp_path_factory: pytest.TempPathFactory) -> list[Sequence[Row]]:
    """What one process makes of the whole record."""
    with closing(open_views(tmp_path_factory.mktemp("alone") / "views.db")) as views:
        with closing(Projector(record, views, projections(record), batch=7)) as projector:
            projector.catch_up()
        rows = everything(record, views)
    # Two of the projections park nothing; every table has rows.
    assert [bool(one) for one in rows].count(False) == 2 and len(rows) == 12
    return rows


WORKERS = 3
steps = st.lists(
    st.one_of(
        st.tuples(st.just("grow"), st.integers(1, 30)),
        st.tuples(st.just("look"), st.integers(0, WORKERS - 1), st.integers(0, 3)),
        st.tuples(st.just("deliver"), st.integers(0, WORKERS - 1), st.integers(0, 3), st.integers(1, 12)),
        st.tuples(st.just("deliver"), st.integers(0, 1), st.integers(0, 1), st.integers(1, 12)),
        st.tuples(st.just("divide"), st.integers(1, 4)),
        st.tuples(st.just("rebuild")),
    ),
    max_size=40,
)
routes = st.lists(st.integers(0, 11), min_size=CHILDREN + ITEMS, max_size=CHILDREN + ITEMS)


def part_of(item: Recorded, route: list[int], of: int) -> int:
    kind, _, number = item.stream.partition("/")
    return route[int(number) if kind == "child" else CHILDREN + int(number)] % of


def play(record: Record, views: ViewStore, work: list[tuple[Any, ...]], route: list[int], of: int) -> None:
    """Workers with beliefs of their own, which they look up now and then, deliver what they think is due.

    1. The parts are divided before there is anything; then whatever the steps say happens.
    2. At the end the record is there whole, and each part is fed to its end by somebody who has looked.
    """
    log = UpTo(record)
    feeds = [PartFeed(log, views, projections(record)) for _ in range(WORKERS)]
    believed: list[dict[int, int]] = [{} for _ in range(WORKERS)]

    def deliver(worker: int, part: int, most: int) -> bool:
        if part not in believed[worker] and not look(worker, part):
            return False
        after = believed[worker][part]
        items = log.log(after, most)
        if not items:
            return False
        upto = items[-1].position
        due = [one for one in items if part_of(one, route, of) == part]
        taken = feeds[worker].take_up(part, of, after, due, upto)
        if taken:
            believed[worker][part] = upto
        return taken

    def look(worker: int, part: int) -> bool:
        place = feeds[worker].place(part, of)
        if place is not None:
            believed[worker][part] = place
        return place is not None

    # 1.
    feeds[0].prepare(of)
    log.limit = 15
    for step in work:
        match step:
            case ("grow", more):
                log.limit = min(log.limit + more, record.head().position)
            case ("look", worker, part):
                look(worker, part)
            case ("deliver", worker, part, most):
                deliver(worker, part, most)
            case ("divide", parts):
                of = parts
                feeds[0].prepare(of)
            case ("rebuild",):
                Projector(log, views, projections(record), batch=9).rebuild()
    # 2.
    log.limit = record.head().position
    for part in range(of):
        assert look(0, part)
        while deliver(0, part, 6):
            pass


@pytest.mark.req("H-06")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(work=steps, route=routes, of=st.integers(1, 4))
def test_any_interleaving_of_parts_gives_what_one_process_gives(
    record: Record,
    alone: list[Sequence[Row]],
    tmp_path: Path,
    work: list[tuple[Any, ...]],
    route: list[int],
    of: int,
) -> None:
    path = tmp_path / f"views-{len(list(tmp_path.iterdir()))}.db"
    with closing(open_views(path)) as views:
        play(record, views, work, route, of)
        assert everything(record, views) == alone


@pytest.mark.req("H-06")
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(work=steps, route=routes, of=st.integers(1, 4))
def test_any_interleaving_of_parts_gives_the_same_in_a_server(
    record: Record,
    alone: list[Sequence[Row]],
    postgres_url: str,
    work: list[tuple[Any, ...]],
    route: list[int],
    of: int,
) -> None:
    emptied(postgres_url)
    with closing(open_views(postgres_url)) as views:
        play(record, views, work, route, of)
        assert everything(record, views) == alone


def emptied(url: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS hub_views CASCADE")
    migrate_views(url)
