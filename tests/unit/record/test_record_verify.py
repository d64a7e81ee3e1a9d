"""The offline check: whole records pass, and a flipped bit anywhere is found where it is."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from hub.record import Append, Break, Claim, Record, Recorded, Verification, verify_record
from tests.contract.record_contract import MASTER_KEY, NOW, SIGNER, SeededChance, draft, refusal

pytestmark = pytest.mark.req("H-02", "H-14")


def restore(item: Recorded) -> bytes | None:
    return None if item.body is None else item.body.removeprefix(b"body of ")


def verify(path: Path, **changes: object) -> Verification:
    values = {"master_key": MASTER_KEY, "keys": SIGNER.note_keys, "restore": restore} | changes
    return verify_record(path, **values)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a record with something in every table."""
    path = tmp_path_factory.mktemp("verify") / "record.db"
    Record.migrate(path, master_key=MASTER_KEY, chance=SeededChance(0))
    chance = SeededChance(1)
    with closing(Record.open(path, master_key=MASTER_KEY, chance=chance, signer=SIGNER)) as record:
        for n in range(270):
            claims = (Claim("identifier", b"name-%d" % n, f"child/{n % 3}"),) if n < 3 else ()
            one = draft(f"a{n}", stream=f"child/{n % 3}", payload=b"p%d" % n)
            future = record.append(Append((one,), claims=claims))
            if n % 90 == 89:
                future.result(30)
                record.ledger.integrate(NOW)
        record.remember_once("jti", b"name", NOW + timedelta(1), NOW)
        record.raise_mark("kafka/events/0", 41)
        record.append(Append((draft("last"),))).result(30)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.read_bytes()


@pytest.fixture
def path(template: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "record.db"
    path.write_bytes(template)
    return path


def change(path: Path, statement: str, *parameters: object) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        assert connection.execute(statement, parameters).rowcount > 0


def test_a_whole_record_is_whole(path: Path) -> None:
    steps: list[tuple[int, int]] = []
    found = verify(path, progress=lambda done, total: steps.append((done, total)))
    assert found.whole and found.first_break is None
    assert (found.items, found.erased, found.covered) == (271, 0, 270)
    assert steps[-1] == (271, 271)
    chance = SeededChance(2)
    with closing(Record.open(path, master_key=MASTER_KEY, chance=chance, signer=SIGNER)) as record:
        record.ledger.integrate(NOW)
        assert record.ledger.root(271) == found.root
        record.destroy_key("child/1")
        beside = verify(path)
    assert beside.whole and (beside.erased, beside.covered, beside.root) == (91, 271, found.root)


COLUMNS = [
    ("stored_events", column)
    for column in ("notification_id", "originator_id", "originator_version", "topic", "state")
] + [
    ("items", column)
    for column in (
        "position", "leaf_index", "source", "id", "type", "leaf_data", "leaf_hash", "payload_digest",
    )
] + [
    ("head", "position"), ("head", "leaves"), ("tree", "size"),
    ("stream_keys", "stream"), ("stream_keys", "key_id"), ("stream_keys", "wrapped"),
    ("claims", "kind"), ("claims", "name"), ("claims", "value"), ("claims", "row_digest"),
    ("once", "kind"), ("once", "name_digest"), ("once", "until"), ("once", "row_digest"),
    ("marks", "name"), ("marks", "value"), ("marks", "row_digest"),
    ("tiles", "level"), ("tiles", "number"), ("tiles", "hashes"),
    ("checkpoints", "size"), ("checkpoints", "text"),
    ("about", "name"), ("about", "value"),
]  # fmt: skip


def test_every_column_of_every_table_is_in_the_list(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        every = {
            (table, column[1])
            for (table,) in tables
            for column in connection.execute(f"PRAGMA table_info({table})")
        }
    # `one` is fixed by its table; `number` is only the order keys were made in.
    assert every - set(COLUMNS) == {("head", "one"), ("tree", "one"), ("stream_keys", "number")}
    assert set(COLUMNS) <= every


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=lambda value: str(value))
def test_a_flipped_bit_in_any_column_is_found(path: Path, table: str, column: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        # The middle row, so that neither the first nor the last is special.
        order = "1, 2" if table in ("tiles", "claims", "about") else "1"
        rows = connection.execute(f"SELECT * FROM {table} ORDER BY {order}").fetchall()
        names = [one[1] for one in connection.execute(f"PRAGMA table_info({table})")]
    row = rows[len(rows) // 2]
    value = row[names.index(column)]
    changed: object
    if isinstance(value, int):
        changed = value ^ 0x400
    elif isinstance(value, str):
        middle = len(value) // 2
        changed = value[:middle] + chr(ord(value[middle]) ^ 0x40) + value[middle + 1 :]
    else:
        changed = value[:-1] + bytes([value[-1] ^ 0x80])
    where = " AND ".join(f"{name} IS ?" for name in names)
    change(path, f"UPDATE {table} SET {column} = ? WHERE {where}", changed, *row)
    assert verify(path).first_break is not None


@pytest.mark.parametrize(
    ("statement", "place", "position"),
    [
        ("DELETE FROM stored_events WHERE notification_id = 100", "items", 100),
        ("DELETE FROM items WHERE position = 100", "items", 100),
        ("DELETE FROM stored_events WHERE notification_id = 271", "items", 271),
        ("DELETE FROM items WHERE position = 271", "items", 271),
        ("UPDATE stored_events SET state = zeroblob(60) WHERE notification_id = 7", "items", 7),
        ("UPDATE items SET leaf_hash = zeroblob(32) WHERE position = 8", "items", 8),
        ("UPDATE items SET leaf_index = 9999 WHERE position = 9", "items", 9),
        ("DELETE FROM stream_keys WHERE stream = 'child/2'", "items", 3),
        ("DELETE FROM tiles WHERE level = 1", "tiles", None),
        ("INSERT INTO tiles VALUES (2, 0, zeroblob(32))", "tiles", 4),
        ("UPDATE tree SET size = 5", "items", 272),
        ("UPDATE head SET position = position + 1", "head", None),
    ],
)
def test_a_break_is_reported_with_its_place(
    path: Path, statement: str, place: str, position: int | None
) -> None:
    change(path, statement)
    found = verify(path).first_break
    assert found is not None
    assert (found.place, found.position) == (place, position)


def test_an_item_that_was_exchanged_together_with_its_leaf_differs_from_the_checkpoint(path: Path) -> None:
    """The strongest insider: rewrites an item with the real key, its leaf, the digest and the tiles."""
    other = path.with_name("other.db")
    Record.migrate(other, master_key=MASTER_KEY, chance=SeededChance(0))
    chance = SeededChance(1)
    with closing(Record.open(other, master_key=MASTER_KEY, chance=chance)) as record:
        for n in range(270):
            payload = b"forged" if n == 50 else b"p%d" % n
            record.append(Append((draft(f"a{n}", stream=f"child/{n % 3}", payload=payload),))).result(30)
        record.ledger.integrate(NOW)
    assert verify(other).whole
    with closing(sqlite3.connect(path)) as connection:
        checkpoints = connection.execute("SELECT size, text FROM checkpoints").fetchall()
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.executemany("INSERT INTO checkpoints VALUES (?,?)", checkpoints)
    found = verify(other).first_break
    assert found == Break("items", 90, "the ledger's root differs from the signed checkpoint at this item")


def test_a_signature_of_another_hub_is_a_break_and_unchecked_without_a_key(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        size, text = connection.execute("SELECT size, text FROM checkpoints ORDER BY size").fetchone()
    forged = text[:-6] + ("AAAA=\n" if text[-6:] != "AAAA=\n" else "BBBA=\n")
    change(path, "UPDATE checkpoints SET text = ? WHERE size = ?", forged, size)
    found = verify(path).first_break
    assert found is not None and (found.place, found.position) == ("checkpoints", 1)
    assert verify(path, keys=()).whole


def test_without_the_payloads_the_leaves_are_still_checked(path: Path) -> None:
    assert verify(path, restore=None).whole
    found = verify(path, restore=lambda item: b"something else").first_break
    assert found == Break("items", 1, "the leaf does not commit to the content")


def test_another_master_key_is_a_break(path: Path) -> None:
    found = verify(path, master_key=bytes(32)).first_break
    assert found is not None and found.place == "about"


def test_what_is_no_database_is_a_break_and_what_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_bytes(b"not a database" * 100)
    found = verify(tmp_path / "text.db").first_break
    assert found is not None and found.place == "file"
    assert refusal(lambda: verify(tmp_path / "none.db")) == "store"


def test_a_page_of_garbage_is_a_break(path: Path, template: bytes) -> None:
    for page in (2, len(template) // 4096 // 2, len(template) // 4096 - 1):
        path.write_bytes(template[: page * 4096] + b"\xa5" * 4096 + template[(page + 1) * 4096 :])
        assert verify(path).first_break is not None
