"""A new version is rolled out: code that does not know a step works on where that step only added."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest

from hub.errors import HubError
from hub.record import Append, Record
from hub.record.projections import Projector, migrate_views, open_views
from tests.contract.projections.example_projections import Bodies, all_bodies, projected_by
from tests.contract.record_contract import MASTER_KEY, NOW, SIGNER, SeededChance, draft

psycopg = pytest.importorskip("psycopg")
from hub.record.postgres import migrations  # noqa: E402  the driver is an extra
from hub.record.postgres.migrations import Step  # noqa: E402  the driver is an extra

pytestmark = pytest.mark.req("H-02")
KNOWN = migrations.steps()
LAST = KNOWN[-1].number
TABLES = (
    "about", "checkpoints", "claims", "head", "items", "marks", "migrations", "once", "stored_events",
    "stream_keys", "tiles", "tree",
)  # fmt: skip
ADDS = Step(
    LAST + 1,
    "adds",
    "".join(f"ALTER TABLE hub_record.{name} ADD COLUMN later text DEFAULT 'x';\n" for name in TABLES)
    + "CREATE TABLE hub_record.later (one text PRIMARY KEY);\n"
    "CREATE INDEX later_items ON hub_record.items (type, later);\n"
    "CREATE FUNCTION hub_record.append_later() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';\n",
)
TAKES = Step(
    LAST + 2,
    "takes",
    f"-- contract: from {LAST + 1:04}, a function that nobody has called since.\n"
    "DROP FUNCTION hub_record.append_group;\n",
)


@contextmanager
def code_that_knows(*steps: Step) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrations, "steps", lambda: steps)
        yield


def migrate(url: str) -> None:
    Record.migrate(url, master_key=MASTER_KEY, chance=SeededChance(0))


def opened(url: str, seed: int = 1) -> Record:
    return Record.open(url, master_key=MASTER_KEY, chance=SeededChance(seed), signer=SIGNER)


def run(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def said(work: Callable[[], object]) -> str:
    with pytest.raises(HubError) as caught:
        work()
    assert caught.value.slug == "store"
    return caught.value.detail


def added(record: Record, id: str) -> int:
    done = record.append(Append((draft(id),))).result(60)
    assert not done.duplicate
    return done.items[0].position


def test_code_from_before_works_on_after_a_step_that_adds(postgres_url: str) -> None:
    """1. A process runs while `hub init` of the next version adds to every table. 2. It goes on: it appends,
    signs the ledger, projects and reads. 3. It dies and comes back, and `hub init` of its own version has
    nothing to do: so one can go back, too."""
    migrate(postgres_url)
    migrate_views(postgres_url)
    with closing(opened(postgres_url)) as record:  # 1.
        works_on(postgres_url, record, "a1")
        with code_that_knows(*KNOWN, ADDS):
            migrate(postgres_url)
        works_on(postgres_url, record, "a2")  # 2.
    migrate(postgres_url)  # 3.
    with closing(opened(postgres_url, seed=2)) as record:
        works_on(postgres_url, record, "a3")
        assert record.append(Append((draft("a1"),))).result(60).duplicate
    assert run(postgres_url, "SELECT count(*), max(later) FROM hub_record.items") == [(3, "x")]
    with code_that_knows(*KNOWN, ADDS), closing(opened(postgres_url, seed=3)) as record:
        works_on(postgres_url, record, "a4")


def works_on(url: str, record: Record, id: str) -> None:
    position = added(record, id)
    for _ in range(6):  # the driver keeps the plan of what is asked often; such a plan is not left behind
        assert [item.position for item in record.log(0, 10)] == list(range(1, position + 1))
    checkpoint = record.ledger.integrate(NOW)
    assert checkpoint is not None and checkpoint.size == position
    with closing(open_views(url)) as views, closing(Projector(record, views, [Bodies()])) as projector:
        assert projector.catch_up() == position
        assert len(projected_by(projector).read(all_bodies)) == position


def test_a_step_that_takes_away_stops_code_that_used_it_and_no_other(postgres_url: str) -> None:
    with code_that_knows(*KNOWN, ADDS, TAKES):
        migrate(postgres_url)
    for work in (lambda: opened(postgres_url), lambda: migrate(postgres_url)):
        text = said(work)
        assert "taken away" in text and f"step {TAKES.number:04}" in text
        assert f"a version that knows step {ADDS.number:04}" in text
    with code_that_knows(*KNOWN, ADDS), closing(opened(postgres_url)) as record:
        added(record, "a1")


def test_what_each_step_needs_is_said_in_tables_from_before_and_after_a_restore(postgres_url: str) -> None:
    migrate(postgres_url)
    run(postgres_url, "ALTER TABLE hub_record.migrations DROP COLUMN needs")
    opened(postgres_url).close()
    migrate(postgres_url)
    needs = [(step.number, step.needs) for step in KNOWN]
    found = "SELECT number, needs FROM hub_record.migrations ORDER BY number"
    assert run(postgres_url, found) == needs and (4, 4) in needs
    run(postgres_url, "UPDATE hub_record.migrations SET needs = 0")
    migrate(postgres_url)
    assert run(postgres_url, found) == needs


def test_a_step_does_not_stand_in_the_way_while_it_waits_for_a_table(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup holds every table against changes of its form; posts go on, as the step does not queue up."""
    migrate(postgres_url)
    monkeypatch.setattr(migrations, "_WAIT", "SET LOCAL lock_timeout = '50ms'")
    monkeypatch.setattr(migrations, "_TRIES", 3)
    monkeypatch.setattr(migrations, "_PAUSE_SECONDS", 0.01)
    with psycopg.connect(postgres_url) as backup, closing(opened(postgres_url)) as record:
        backup.execute("LOCK TABLE hub_record.items IN ACCESS SHARE MODE")
        with code_that_knows(*KNOWN, ADDS):
            assert "backup" in said(lambda: migrate(postgres_url))
        added(record, "a1")
        backup.rollback()
        with code_that_knows(*KNOWN, ADDS):
            migrate(postgres_url)
        added(record, "a2")
