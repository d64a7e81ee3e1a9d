"""The journal kept apart: whole lines, in order, by one hub, durable before an act is done."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import NoReturn

import pytest

from hub.errors import HubError
from hub.record import Append, Appended, ClaimTaken, Draft, HeadMoved, Record
from hub.record.binding import in_force, read_erasure
from hub.record.kept_apart import LINES, Act, Journal
from tests.contract.record_contract import MASTER_KEY, SIGNER, SeededChance

HUB = "https://hub.example/apart"
OTHER_KEY = bytes(32)
WRITER = """
import sys
from pathlib import Path
from hub.record.kept_apart import Act, Journal
folder, key, hub, name = sys.argv[1:]
journal = Journal(Path(folder), master_key=bytes.fromhex(key), hub=hub)
for number in range(40):
    journal.write([Act("event", "child/" + name, "urn:source", f"{name}-{number}")])
"""


def act(number: int) -> Act:
    return Act("event", f"child/{number}", "urn:source", f"event-{number}")


def journal_in(folder: Path, *, key: bytes = MASTER_KEY, hub: str = HUB) -> Journal:
    return Journal(folder, master_key=key, hub=hub)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    made = journal_in(tmp_path / "apart")
    assert made.begin()
    return made


def refusal(work: Callable[[], object]) -> str:
    with pytest.raises(HubError) as fault:
        work()
    assert fault.value.slug == "store"
    return fault.value.detail


@pytest.mark.req("H-06", "H-17")
def test_lines_are_read_as_they_were_written_by_several_processes(journal: Journal, tmp_path: Path) -> None:
    folder = tmp_path / "apart"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(folder), MASTER_KEY.hex(), HUB, name])
        for name in ("one", "two")
    ]
    assert [one.wait(60) for one in writers] == [0, 0]
    lines = list(journal.read())
    assert [one.number for one in lines] == list(range(1, 81)) and journal.check() == 80
    for name in ("one", "two"):
        ids = [one.act.id for one in lines if one.act.stream == f"child/{name}"]
        assert ids == [f"{name}-{number}" for number in range(40)]


def test_it_is_made_once_and_for_the_hubs_user_alone(journal: Journal, tmp_path: Path) -> None:
    assert journal.write([act(1), act(2)]) == 2
    assert not journal.begin(after=7)
    assert [one.act for one in journal.read()] == [act(1), act(2)]
    assert (tmp_path / "apart" / "journal").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "apart").stat().st_mode & 0o777 == 0o700


def test_what_stands_in_it_cannot_be_read_without_the_master_key(journal: Journal, tmp_path: Path) -> None:
    journal.write([act(1)])
    text = (tmp_path / "apart" / "journal").read_bytes()
    assert b"child" not in text and b"event-1" not in text
    for other in (
        journal_in(tmp_path / "apart", key=OTHER_KEY),
        journal_in(tmp_path / "apart", hub=HUB + "/b"),
    ):
        for work in (
            other.check,
            lambda other=other: list(other.read()),
            lambda other=other: other.write([act(2)]),
        ):
            assert "another hub" in refusal(work)


def changed(text: bytes) -> list[bytes]:
    lines = text.splitlines(keepends=True)
    return [
        b"".join([*lines[:2], *lines[3:]]),  # a line is missing
        b"".join([*lines[:2], lines[3], lines[2], *lines[4:]]),  # two lines change places
        b"".join([*lines[:3], lines[2], *lines[3:]]),  # a line stands twice
        b"".join(lines[1:]),  # the beginning is missing
        text.replace(lines[3].split()[1], lines[4].split()[1]),  # one line's content in another's place
        text.replace(b"\n3 ", b"\n4 "),
    ]


@pytest.mark.req("H-14")
@pytest.mark.parametrize("which", range(6))
def test_a_change_anywhere_is_found(journal: Journal, tmp_path: Path, which: int) -> None:
    journal.write([act(number) for number in range(6)])
    file = tmp_path / "apart" / "journal"
    text = file.read_bytes()
    file.write_bytes(changed(text)[which])
    assert file.read_bytes() != text
    assert "kept apart" in refusal(lambda: list(journal_in(tmp_path / "apart").read()))


@pytest.mark.req("H-06")
def test_half_a_line_of_a_process_that_died_was_never_answered(journal: Journal, tmp_path: Path) -> None:
    journal.write([act(1)])
    file = tmp_path / "apart" / "journal"
    whole = file.read_bytes()
    for torn in (b"2", b"2 abc", whole.splitlines()[1][:-1]):
        file.write_bytes(whole + torn)
        again = journal_in(tmp_path / "apart")
        assert [one.act for one in again.read()] == [act(1)] and again.check() == 1
        assert again.write([act(2)]) == 2
        assert [one.act for one in again.read()] == [act(1), act(2)]
        file.write_bytes(whole)


@pytest.mark.req("H-06")
def test_a_file_that_became_shorter_is_not_written_on(journal: Journal, tmp_path: Path) -> None:
    file = tmp_path / "apart" / "journal"
    before = file.read_bytes()
    journal.write([act(1)])
    file.write_bytes(before)
    assert "changed" in refusal(lambda: journal.write([act(2)]))


def test_a_long_line_does_not_hide_the_one_before(journal: Journal, tmp_path: Path) -> None:
    journal.write([Act("erased", "child/1", content="x" * 50_000)])
    assert journal_in(tmp_path / "apart").write([act(2)]) == 2
    assert journal_in(tmp_path / "apart").check() == 2


def test_a_journal_that_was_lost_goes_on_with_its_numbers(tmp_path: Path) -> None:
    journal = journal_in(tmp_path / "new")
    assert journal.missing() and journal.begin(after=41) and not journal.missing()
    assert (journal.check(), journal.after()) == (41, 41)
    assert journal.write([act(1)]) == 42
    assert [one.number for one in journal.read()] == [42]


def test_the_latest_checkpoint_stands_beside_it(journal: Journal, tmp_path: Path) -> None:
    assert journal.checkpoint() is None
    first, second = (SIGNER.sign_checkpoint(size, bytes(32)) for size in (3, 5))
    for one in (first, second):
        journal.keep_checkpoint(one.text)
        assert journal.checkpoint() == one
    journal.keep_checkpoint(None, aside="before")
    assert journal.checkpoint() is None
    assert (tmp_path / "apart" / "checkpoint.before").read_text() == second.text
    (tmp_path / "apart" / "checkpoint").write_text("no checkpoint")
    assert "move it away" in refusal(journal.checkpoint)


# --- the record writes it first ---------------------------------------------------------------------


@pytest.fixture
def bound(tmp_path: Path, journal: Journal) -> Record:
    where = tmp_path / "hub.db"
    Record.migrate(where, master_key=MASTER_KEY, chance=SeededChance(0))
    return Record.open(where, master_key=MASTER_KEY, chance=SeededChance(1), journal=journal)


def draft(number: int, stream: str = "child/1", body: bytes = b"body") -> Draft:
    return Draft(stream, "event", "urn:source", f"event-{number}", "type", body, body)


@pytest.mark.req("H-17", "H-14")
def test_an_erasure_and_a_bound_append_are_in_the_journal_with_their_names(
    bound: Record, journal: Journal
) -> None:
    assert bound.bind(Append((draft(1),)), [act(1)]).items[0].position == 1
    assert bound.mark(LINES) == 1
    assert bound.destroy_key("child/1") and not bound.destroy_key("child/1")
    assert not bound.destroy_key("child/none")
    erased = list(journal.read())[1].act
    assert (erased.kind, erased.stream) == ("erased", "child/1")
    assert read_erasure(erased).items == (("urn:source", "event-1"),)
    assert len(read_erasure(erased).key_ids) == 1
    assert bound.mark(LINES) == 2
    bound.close()


@pytest.mark.req("H-17", "H-06")
def test_where_the_journal_cannot_be_written_nothing_is_done(
    bound: Record, journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound.append(Append((draft(1),))).result()
    file, moved = tmp_path / "apart" / "journal", tmp_path / "apart" / "elsewhere"

    def nothing_is_done() -> None:
        assert refusal(lambda: bound.bind(Append((draft(2),)), [act(2)]))
        assert refusal(lambda: bound.destroy_key("child/1"))
        assert bound.find("urn:source", "event-2") is None
        assert bound.stream("child/1")[0].body == b"body"

    file.rename(moved)  # its storage is not mounted
    nothing_is_done()
    assert not file.exists()
    moved.rename(file)
    size = file.stat().st_size

    def full(*_: object) -> NoReturn:
        raise OSError(28, "no space")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        nothing_is_done()
    assert file.stat().st_size == size
    bound.bind(Append((draft(2),)), [act(2)])
    assert [one.act for one in journal.read()] == [act(2)]
    bound.close()


@pytest.mark.req("H-06", "H-03")
@pytest.mark.parametrize(
    ("fault", "certain"),
    [
        (HeadMoved(("child/1",)), True),
        (ClaimTaken("reference", "child/2"), True),
        (HubError("conflict"), True),
        (HubError("rate"), True),
        (HubError("store"), False),
    ],
)
def test_what_was_refused_for_certain_is_taken_back_and_nothing_else(
    bound: Record, journal: Journal, monkeypatch: pytest.MonkeyPatch, fault: HubError, certain: bool
) -> None:
    refused: Future[Appended] = Future()
    refused.set_exception(fault)
    with monkeypatch.context() as patch:
        patch.setattr(bound, "append", lambda append: refused)
        with pytest.raises(HubError) as raised:
            bound.bind(Append((draft(1),)), [act(1), act(2)])
    assert raised.value is fault
    bound.bind(Append((draft(3),)), [act(3)])
    left = [one.act for one in in_force(journal)]
    assert left == ([act(3)] if certain else [act(1), act(2), act(3)])
    bound.close()
