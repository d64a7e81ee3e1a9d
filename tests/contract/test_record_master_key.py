"""Changing a record's master key, on both stores: nothing is lost, nothing half done, the former is out."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.errors import HubError
from hub.record import Append, Claim, Mark, Record, Recorded, verify_record
from hub.record import master as of_master
from hub.record.master import change_master_key, is_under
from hub.record.opening import open_place
from hub.record.verify import OTHER_KEY
from tests.contract.record_contract import MASTER_KEY, NOW, SIGNER, SeededChance, draft
from tests.support.postgres_record import emptied_record

NEW, THIRD = bytes(range(64, 96)), bytes(range(96, 128))
STREAMS = tuple(f"child/{number}" for number in range(7))
CONTEXT = "view/1"


def opened(where: Path | str, key: bytes, seed: int = 7) -> Record:
    return Record.open(where, master_key=key, chance=SeededChance(seed), signer=SIGNER)


def change(where: Path | str, former: bytes, current: bytes, told: Any = lambda done, total: None) -> int:
    chance = SeededChance(current[0])
    return change_master_key(where, former=former, current=current, chance=chance, progress=told)


def said(work: Any) -> str:
    with pytest.raises(HubError) as caught:
        work()
    assert caught.value.slug == "store"
    return caught.value.detail


def rows(where: Path | str, query: str) -> list[tuple[Any, ...]]:
    with closing(open_place(where)) as store:
        return store.rows(query)


def executed(where: Path | str, statement: str, *values: Any) -> int:
    with closing(open_place(where)) as store, store.changing() as change:
        return change.execute(statement, values)


def whole(where: Path | str, key: bytes) -> bool:
    def restore(item: Recorded) -> bytes | None:
        return None if item.body is None else item.body.removeprefix(b"body of ")

    return verify_record(where, master_key=key, keys=SIGNER.note_keys, restore=restore).whole


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """A record with content of seven children, of whom one was erased, claims, marks and a name used once."""
    if request.param == "postgresql":
        place: Path | str = emptied_record()
    else:
        place = tmp_path / "record.db"
        Record.migrate(place, master_key=MASTER_KEY, chance=SeededChance(0))
    with closing(opened(place, MASTER_KEY, 1)) as record:
        for number, stream in enumerate(STREAMS):
            first = draft(f"first-{number}", stream=stream, payload=b"%d" % number)
            claim = Claim("reference", record.digest("name", stream.encode()), stream)
            record.append(Append((first,), claims=(claim,), marks=(Mark("posts", number),))).result(30)
        record.destroy_key(STREAMS[0])
        record.remember_once("used", b"name", NOW + timedelta(days=1), NOW)
        record.ledger.integrate(NOW)
    return place


def everything(record: Record) -> list[object]:
    """All that a change of the master key must leave as it is."""
    return [
        record.log(0, 1000),
        [record.digest(one, b"text") for one in ("name", "token", "payload")],
        [record.claimed("reference", record.digest("name", one.encode())) for one in STREAMS],
        record.marks(""),
        record.remember_once("used", b"name", NOW + timedelta(days=1), NOW),
        record.ledger.root(record.ledger.size()),
    ]


def test_everything_reads_as_before_under_the_new_key_and_nothing_under_the_former(where: Path | str) -> None:
    with closing(opened(where, MASTER_KEY)) as record:
        before = everything(record)
        view = record.seal(STREAMS[1], b"in a view", context=CONTEXT)
    former = dict(rows(where, "SELECT key_id, wrapped FROM stream_keys"))
    assert change(where, MASTER_KEY, NEW) == len(STREAMS) - 1
    with closing(opened(where, NEW)) as record:
        assert everything(record) == before
        assert record.unseal(STREAMS[1], view, context=CONTEXT) == b"in a view"
    assert whole(where, NEW)
    for refused in (
        lambda: opened(where, MASTER_KEY),
        lambda: Record.migrate(where, master_key=MASTER_KEY, chance=SeededChance(0)),
        lambda: opened(where, THIRD),
    ):
        assert "has been changed" in said(refused) and "hub master-key change" in said(refused)
    found = verify_record(where, master_key=MASTER_KEY).first_break
    assert found is not None and (found.place, found.what) == ("about", OTHER_KEY)
    now = dict(rows(where, "SELECT key_id, wrapped FROM stream_keys"))
    assert now.keys() == former.keys()
    assert {one for one in now if now[one] == former[one]} == {one for one in now if former[one] is None}
    assert is_under(where, NEW) and not is_under(where, MASTER_KEY)


def test_new_content_is_sealed_under_a_new_data_key_which_goes_with_the_child(where: Path | str) -> None:
    """Whoever had the former master key and a copy has the data keys of then, which open nothing newer."""
    change(where, MASTER_KEY, NEW)
    count = f"SELECT key_id FROM stream_keys WHERE stream = '{STREAMS[1]}' AND wrapped IS NOT NULL"
    (old,) = rows(where, count)
    with closing(opened(where, NEW)) as record:
        for number in (1, 2):
            added = draft(f"since-{number}", stream=STREAMS[1], payload=b"since")
            assert record.append(Append((added,))).result(30).items[0].version == number + 1
        assert [item.body for item in record.stream(STREAMS[1])] == [b"body of 1", *[b"body of since"] * 2]
    keys = rows(where, count)
    assert len(keys) == 2, "one new key for the stream, not one for each item"
    query = f"SELECT substr(state, 2, 16) FROM stored_events WHERE originator_id = '{STREAMS[1]}'"
    under = rows(where, query + " ORDER BY originator_version")
    assert under[0] == old and under[1] == under[2] != old
    assert whole(where, NEW)
    with closing(opened(where, NEW)) as record:
        assert record.destroy_key(STREAMS[1])
        assert [item.body for item in record.stream(STREAMS[1])] == [None] * 3
    assert change(where, NEW, THIRD) == len(STREAMS) - 2
    assert whole(where, THIRD)


def test_it_can_be_changed_again_and_saying_it_twice_changes_nothing(where: Path | str) -> None:
    with closing(opened(where, MASTER_KEY)) as record:
        before = everything(record)
    for former, current in ((MASTER_KEY, NEW), (NEW, THIRD), (THIRD, MASTER_KEY)):
        change(where, former, current)
        with closing(opened(where, current, seed=current[0])) as record:
            assert everything(record) == before
            name = f"under-{current[0]}"
            record.append(Append((draft(name, stream=STREAMS[2], payload=b"2"),))).result(30)
            before = everything(record)
        assert said(lambda former=former: opened(where, former))
        about = rows(where, "SELECT name, value FROM about ORDER BY name")
        wrapped = rows(where, "SELECT wrapped FROM stream_keys ORDER BY number")
        change(where, former, current)
        assert rows(where, "SELECT name, value FROM about ORDER BY name") == about
        assert rows(where, "SELECT wrapped FROM stream_keys ORDER BY number") == wrapped
    assert whole(where, MASTER_KEY)


def test_broken_off_anywhere_it_is_as_it_was_and_then_goes_through(
    where: Path | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Data keys go two at a time; it is broken off after each two, at last with all but the commit done."""
    monkeypatch.setattr(of_master, "_SOME", 2)
    stood = rows(where, "SELECT number, wrapped FROM stream_keys ORDER BY number")
    for last in (2, 4, 6):

        def told(done: int, total: int, last: int = last) -> None:
            assert total == len(STREAMS) - 1
            if done == last:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            change(where, MASTER_KEY, NEW, told)
        assert is_under(where, MASTER_KEY) and not is_under(where, NEW)
        assert rows(where, "SELECT number, wrapped FROM stream_keys ORDER BY number") == stood
        assert whole(where, MASTER_KEY)
    change(where, MASTER_KEY, NEW)
    assert whole(where, NEW)


def test_while_somebody_has_it_open_nothing_is_changed(
    where: Path | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("hub.record.sqlite.store", "hub.record.postgres.store"):
        monkeypatch.setattr(f"{module}.ALONE_SECONDS", 1)
    with closing(opened(where, MASTER_KEY)) as record:
        assert record.head().position == len(STREAMS)
        assert "in use" in said(lambda: change(where, MASTER_KEY, NEW))
        record.append(Append((draft("goes-on", stream=STREAMS[3]),))).result(30)
    assert whole(where, MASTER_KEY)


def test_nobody_opens_it_meanwhile(where: Path | str) -> None:
    refused: list[str] = []

    def told(done: int, total: int) -> None:
        with pytest.raises(HubError) as caught:
            opened(where, MASTER_KEY)
        refused.append(caught.value.slug)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hub.record.sqlite.connections._BUSY_SECONDS", 0.1)
        patch.setattr("hub.record.postgres.connecting.STATEMENT_SECONDS", 1)
        change(where, MASTER_KEY, NEW, told)
    assert refused == ["store"]


def test_under_neither_key_or_with_a_damaged_data_key_nothing_is_changed(where: Path | str) -> None:
    assert "does not open this record" in said(lambda: change(where, NEW, THIRD))
    executed(where, "UPDATE stream_keys SET stream = ? WHERE stream = ?", STREAMS[5], STREAMS[4])
    stood = rows(where, "SELECT number, wrapped FROM stream_keys ORDER BY number")
    assert "does not open" in said(lambda: change(where, MASTER_KEY, NEW))
    assert rows(where, "SELECT number, wrapped FROM stream_keys ORDER BY number") == stood
    assert is_under(where, MASTER_KEY)


def retired_as_live(where: Path | str) -> None:
    executed(where, "UPDATE stream_keys SET wrapped = substr(wrapped, 2)")


def index_key_of_another(where: Path | str) -> None:
    other = of_master.MasterKey(NEW).keep(of_master.MasterKey(THIRD), bytes(12))
    executed(where, "UPDATE about SET value = ? WHERE name = ?", other, "index-key")


def index_key_gone(where: Path | str) -> None:
    executed(where, "DELETE FROM about WHERE name = ?", "index-key")


def something_more(where: Path | str) -> None:
    executed(where, "INSERT INTO about (name, value) VALUES (?, ?)", "more", b"x")


@pytest.mark.req("H-14")
@pytest.mark.parametrize(
    ("tamper", "place"),
    [
        (retired_as_live, "items"),
        (index_key_of_another, "about"),
        (index_key_gone, "about"),
        (something_more, "about"),
    ],
)
def test_what_guards_the_keys_is_itself_guarded(where: Path | str, tamper: Any, place: str) -> None:
    change(where, MASTER_KEY, NEW)
    assert whole(where, NEW)
    try:
        tamper(where)
        found = verify_record(where, master_key=NEW).first_break
        assert found is not None and found.place == place
    finally:
        executed(where, "DELETE FROM about WHERE name = ?", "more")


def test_a_process_that_was_away_while_it_was_changed_writes_nothing_under_the_former_key() -> None:
    """Its connections were lost before, so that nobody saw it; then it comes back with the former key."""
    import psycopg

    where = emptied_record()
    with closing(opened(where, MASTER_KEY)) as record:
        record.append(Append((draft("before"),))).result(30)
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        change(where, MASTER_KEY, NEW)
        for stream in ("child/1", "child/new"):
            refused = record.append(Append((draft(f"after-{stream}", stream=stream),))).exception(30)
            assert isinstance(refused, HubError) and refused.slug == "store"
    assert rows(where, "SELECT COUNT(*) FROM items") == [(1,)]
    assert whole(where, NEW)


def test_a_role_that_does_not_own_the_tables_is_told_so_and_changes_nothing() -> None:
    import psycopg

    where = emptied_record()
    if "//hub@" not in where:
        pytest.skip("roles are made on a server of our own only")
    with psycopg.connect(where, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS reads_only")
        connection.execute("CREATE ROLE reads_only LOGIN IN ROLE pg_read_all_data")
        try:
            url = where.replace("//hub@", "//reads_only@")
            assert "Only the owner" in said(lambda: change(url, MASTER_KEY, NEW))
        finally:
            connection.execute("DROP ROLE reads_only")
    assert is_under(where, MASTER_KEY)
