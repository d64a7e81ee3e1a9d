"""What is kept of streams, where nothing of it is looked up again as long as nobody else wrote."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from hub.errors import HubError
from hub.record import Append, HeadMoved, Record
from hub.record.store import Added, Expected, Rows
from tests.contract.record_contract import MASTER_KEY, SeededChance, draft
from tests.support.postgres_record import emptied_record

psycopg = pytest.importorskip("psycopg")


@pytest.fixture
def url() -> str:
    return emptied_record()


@pytest.fixture
def two(url: str) -> Iterator[tuple[Record, Record]]:
    """Two processes' records of one database, as far as the database can tell."""
    with ExitStack() as open_:
        one, other = (
            open_.enter_context(closing(Record.open(url, master_key=MASTER_KEY, chance=SeededChance(seed))))
            for seed in (1, 2)
        )
        yield one, other


def append(record: Record, id: str, stream: str, heads: dict[str, int] | None = None) -> int:
    done = record.append(Append((draft(id, stream=stream),), heads=heads or {})).result(30)
    return done.items[0].version


@pytest.mark.req("H-03", "H-12")
@pytest.mark.parametrize("between", [0, 1, 3])
def test_a_head_that_another_process_moved_is_never_believed_however_much_was_appended_since(
    two: tuple[Record, Record], between: int
) -> None:
    one, other = two
    assert append(one, "s1", "child/s") == 1
    assert append(one, "t1", "child/t") == 1
    assert append(other, "s2", "child/s") == 2
    for number in range(between):
        append(one, f"u{number}", f"child/u{number % 2}")
    with pytest.raises(HeadMoved):
        append(one, "decided", "child/t", {"child/s": 1})
    assert append(one, "s3", "child/s", {"child/s": 2}) == 3
    assert [item.version for item in one.stream("child/s")] == [1, 2, 3]


@pytest.mark.req("H-03")
def test_a_key_that_another_process_destroyed_seals_nothing_more(two: tuple[Record, Record]) -> None:
    one, other = two
    append(one, "s1", "child/s")
    append(one, "t1", "child/t")
    assert other.destroy_key("child/s")
    append(one, "s2", "child/s")
    bodies = [item.body for item in other.stream("child/s")]
    assert bodies[0] is None and bodies[1] is not None


@pytest.mark.req("H-03")
def test_alone_it_looks_nothing_up_and_after_another_it_does(
    two: tuple[Record, Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = two
    asked: list[tuple[bool, bool]] = []
    appender = one._writer._appender
    insert_if = appender.insert_if

    def watched(rows: Rows, expected: Expected, meanwhile: object) -> Added | None:
        added = insert_if(rows, expected, meanwhile)  # type: ignore[arg-type]
        asked.append((expected.as_left, added is not None and added.alone))
        return added

    monkeypatch.setattr(appender, "insert_if", watched)
    for number in range(3):
        append(one, f"s{number}", "child/s")
    append(other, "t0", "child/t")
    for number in range(3, 5):
        append(one, f"s{number}", "child/s")
    assert asked == [(True, False), (True, True), (True, True), (True, False), (True, True)]


@pytest.mark.req("H-03")
def test_a_repeat_of_what_another_process_added_leaves_nothing_behind(
    two: tuple[Record, Record],
) -> None:
    one, other = two
    append(one, "s1", "child/s")
    done = other.append(Append((draft("s1", stream="child/s"),))).result(30)
    assert done.duplicate and [item.id for item in one.log(0, 10)] == ["s1"]
    head = one.head()
    assert (head.position, head.leaves) == (1, 1)


@pytest.mark.req("H-02")
def test_a_durable_group_is_answered_while_the_next_one_still_waits(
    two: tuple[Record, Record], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = two
    append(one, "s0", "child/s")
    appender = one._writer._appender
    insert_if = appender.insert_if
    futures = []
    with psycopg.connect(url) as holder:
        calls: list[int] = []

        def watched(rows: Rows, expected: Expected, meanwhile: object) -> Added | None:
            calls.append(len(rows.events))
            if len(calls) == 1:
                # While the first is on its way a second one is queued.
                futures.append(one.append(Append((draft("s2", stream="child/s"),))))
            else:
                holder.execute("SELECT FROM hub_record.head FOR UPDATE")
            return insert_if(rows, expected, meanwhile)  # type: ignore[arg-type]

        monkeypatch.setattr(appender, "insert_if", watched)
        first = one.append(Append((draft("s1", stream="child/s"),)))
        assert first.result(4).items[0].version == 2
        assert calls == [1, 1] and not futures[0].done()
        holder.rollback()
        assert futures[0].result(30).items[0].version == 3


@pytest.mark.req("H-03")
def test_a_name_of_two_lines_is_refused_before_it_is_sent(url: str) -> None:
    with closing(Record.open(url, master_key=MASTER_KEY, chance=SeededChance(1))) as record:
        with pytest.raises(HubError):
            record.append(Append((draft("a\nb"),))).result(30)
        recorder = record._writer._appender._recorder
        with (
            psycopg.connect(url, autocommit=True) as connection,
            pytest.raises(psycopg.DataError, match="more than one line"),
        ):
            recorder.insert_within(connection, Rows(events=[("child/a\nb", 1, "hub-event-1", b"x")]))
        assert record.head().position == 0


def in_turn_is_not_needed(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: object) -> None:
        raise AssertionError("judged in a transaction")

    monkeypatch.setattr(record._writer, "_in_turn", refused)


@pytest.mark.req("H-03", "H-12")
def test_events_follow_what_another_process_added_to_their_streams_in_one_call(
    two: tuple[Record, Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = two
    for stream in ("child/s", "child/t", "child/u"):
        append(one, f"{stream}-first", stream)
    for stream in ("child/s", "child/s", "child/t"):
        append(other, f"{stream}-{other.head().position}", stream)
    in_turn_is_not_needed(one, monkeypatch)
    several = tuple(draft(f"m{number}", stream=f"child/{stream}") for number, stream in enumerate("sutstuu"))
    done = one.append(Append(several)).result(30)
    assert [item.version for item in done.items] == [4, 2, 3, 5, 4, 3, 4]
    for name in "stu":
        stood = other.stream(f"child/{name}")
        assert [item.version for item in stood] == list(range(1, len(stood) + 1))
        kept = [item for item in done.items if item.stream == f"child/{name}"]
        assert stood[-len(kept) :] == kept
    # What it knows now is what stands.
    assert append(one, "s-next", "child/s", {"child/s": 5, "child/t": 4}) == 6


@pytest.mark.req("H-03")
def test_a_stream_that_grew_holds_up_only_what_was_decided_on_it(two: tuple[Record, Record]) -> None:
    one, other = two
    assert append(one, "s1", "child/s") == 1
    assert append(one, "t1", "child/t") == 1
    assert append(other, "s2", "child/s") == 2
    with pytest.raises(HeadMoved):
        append(one, "decided", "child/t", {"child/s": 1})
    assert append(other, "s3", "child/s") == 3
    assert append(one, "s4", "child/s") == 4
    assert [item.id for item in one.stream("child/t")] == ["t1"]


@pytest.mark.req("H-03")
def test_two_that_begin_a_stream_at_once_seal_it_under_one_key(two: tuple[Record, Record], url: str) -> None:
    one, other = two
    for number in range(20):
        stream = f"child/new-{number}"
        both = [
            record.append(Append((draft(f"{name}-{number}", stream=stream),)))
            for name, record in (("one", one), ("other", other))
        ]
        assert {future.result(30).items[0].version for future in both} == {1, 2}
    with psycopg.connect(url) as connection:
        keys = "SELECT count(*), count(DISTINCT stream) FROM hub_record.stream_keys"
        assert connection.execute(keys).fetchone() == (20, 20)
