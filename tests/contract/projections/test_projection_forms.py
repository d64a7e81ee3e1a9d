"""The views' own tables change their form: the new ones stand beside those that older processes use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from hub.errors import HubError
from hub.record import Record
from hub.record.projections import Projector, migrate_views, open_views
from hub.record.projections.store import FORM
from tests.contract.projections.example_projections import Bodies, append, bodies, projected_by
from tests.contract.record_contract import MASTER_KEY, SIGNER, SeededChance, refusal

psycopg = pytest.importorskip("psycopg")
from hub.record.projections.postgres import PostgresViews  # noqa: E402  the driver is an extra

LATER = FORM + 1
pytestmark = pytest.mark.req("H-06", "H-10")


@pytest.fixture
def record(postgres_url: str) -> Iterator[Record]:
    Record.migrate(postgres_url, master_key=MASTER_KEY, chance=SeededChance(0))
    migrate_views(postgres_url)
    with closing(
        Record.open(postgres_url, master_key=MASTER_KEY, chance=SeededChance(1), signer=SIGNER)
    ) as record:
        yield record


def said(work: Callable[[], object]) -> str:
    with pytest.raises(HubError) as caught:
        work()
    assert caught.value.slug == "store"
    return caught.value.detail


def schemas(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        named = "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, 'hub_views') ORDER BY 1"
        return [name for (name,) in connection.execute(named)]


def test_a_new_form_is_built_beside_the_one_that_is_in_use(record: Record, postgres_url: str) -> None:
    """1. An older version projects and serves. 2. `hub init` of the newer makes its tables, and they may not
    be asked for to replace the old ones while they are empty. 3. Both versions project and are read. 4. The
    old ones go when it is said that nobody uses them, and are made again for whoever goes back."""
    append(record, "a1")
    with (
        closing(open_views(postgres_url)) as old,
        closing(PostgresViews(postgres_url, LATER)) as new,
        closing(Projector(record, old, [Bodies()])) as before,
        closing(Projector(record, new, [Bodies()])) as after,
    ):
        assert before.catch_up() == 1  # 1.
        new.migrate()  # 2.
        new.migrate()
        assert schemas(postgres_url) == ["hub_views", f"hub_views_{LATER}"]
        assert "not built yet" in said(new.drop_former)
        append(record, "a2")  # 3.
        assert before.catch_up() == 2 and after.catch_up() == 2
        assert bodies(projected_by(before)) == bodies(projected_by(after)) and before.position() == 2
        assert old.drop_former() == ()
        assert new.drop_former() == ("hub_views",)  # 4.
        assert new.drop_former() == ()
        append(record, "a3")
        assert after.catch_up() == 3 and refusal(before.catch_up) == "store"
        migrate_views(postgres_url)
        assert before.catch_up() == 3 and len(bodies(projected_by(before))) == 3
        assert schemas(postgres_url) == ["hub_views", f"hub_views_{LATER}"]


def test_another_ones_tables_under_the_same_name_are_not_touched(record: Record, postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA hub_views_{LATER}".encode())
        connection.execute(f"CREATE TABLE hub_views_{LATER}.kept (one text)".encode())
        with closing(PostgresViews(postgres_url, LATER)) as views:
            assert "not of the form" in said(views.migrate)
        assert connection.execute(f"TABLE hub_views_{LATER}.kept".encode()).fetchall() == []
