"""The journal kept apart, written anew under another master key: the same lines, whole or not at all."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.errors import HubError
from hub.record.kept_apart import Act, Journal
from tests.contract.record_contract import MASTER_KEY

HUB = "https://hub.example/anew"
NEW = bytes(range(64, 96))
NOTHING: Callable[[int], None] = lambda number: None  # noqa: E731


def act(number: int) -> Act:
    return Act("event", f"child/{number}", "urn:source", f"event-{number}", "content" * number)


def under(folder: Path, key: bytes) -> Journal:
    return Journal(folder, master_key=key, hub=HUB)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A journal that began after line 5, with five lines more."""
    journal = under(tmp_path, MASTER_KEY)
    assert journal.begin(after=5)
    assert journal.write([act(number) for number in range(5)]) == 10
    return tmp_path


def said(work: Callable[[], object]) -> str:
    with pytest.raises(HubError) as fault:
        work()
    assert fault.value.slug == "store"
    return fault.value.detail


@pytest.mark.req("H-06")
def test_every_line_stands_under_its_number_and_the_former_key_reads_none(folder: Path) -> None:
    former, new = under(folder, MASTER_KEY), under(folder, NEW)
    before, bytes_before = list(former.read()), (folder / "journal").read_bytes()
    assert former.is_ours() and not new.is_ours()
    told: list[int] = []
    assert new.take_over(former, told.append) == 10 and told == [6, 7, 8, 9, 10]
    assert new.is_ours() and not former.is_ours()
    assert list(new.read()) == before and (new.after(), new.check()) == (5, 10)
    assert [one.act for one in new.read()] == [act(number) for number in range(5)]
    for refused in (former.check, former.after, lambda: list(former.read()), lambda: former.write([act(1)])):
        assert "master-key change" in said(refused)
    assert new.write([act(9)]) == 11 and under(folder, NEW).check() == 11
    assert not set(bytes_before.split()[1::3]) & set((folder / "journal").read_bytes().split()[1::3])
    assert [one.name for one in folder.iterdir()] == ["journal"]
    assert (folder / "journal").stat().st_mode & 0o777 == 0o600


def test_what_a_process_that_died_left_of_a_line_is_not_taken_over(folder: Path) -> None:
    with (folder / "journal").open("ab") as file:
        file.write(b"11 half")
    new = under(folder, NEW)
    assert new.take_over(under(folder, MASTER_KEY), NOTHING) == 10 and new.check() == 10
    assert (folder / "journal").read_bytes().endswith(b"\n")


def test_broken_off_anywhere_the_former_stands_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """1. After each line. 2. Before it is durable. 3. Before it is put into its place."""
    stood = (folder / "journal").read_bytes()

    def broken_off(*_: object) -> None:
        raise KeyboardInterrupt

    for last in range(6, 11):  # 1

        def told(number: int, last: int = last) -> None:
            if number == last:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            under(folder, NEW).take_over(under(folder, MASTER_KEY), told)
        assert (folder / "journal").read_bytes() == stood
    for place, name in ((os, "fsync"), (Path, "replace")):  # 2, 3
        with monkeypatch.context() as patch:
            patch.setattr(place, name, broken_off)
            with pytest.raises(KeyboardInterrupt):
                under(folder, NEW).take_over(under(folder, MASTER_KEY), NOTHING)
        assert (folder / "journal").read_bytes() == stood
    assert under(folder, MASTER_KEY).write([act(1)]) == 11
    assert under(folder, NEW).take_over(under(folder, MASTER_KEY), NOTHING) == 11
    assert [one.name for one in folder.iterdir()] == ["journal"]


def test_a_damaged_line_is_taken_over_by_nobody(folder: Path) -> None:
    text = bytearray((folder / "journal").read_bytes())
    text[-80] ^= 1
    (folder / "journal").write_bytes(text)
    assert "was changed" in said(lambda: under(folder, NEW).take_over(under(folder, MASTER_KEY), NOTHING))
    assert (folder / "journal").read_bytes() == text


def test_somebody_who_knew_the_end_before_adds_no_line_under_the_former_key(folder: Path) -> None:
    """The file that was written anew is as long as the former one, to the byte."""
    knows = under(folder, MASTER_KEY)
    knows.write([act(1)])
    size = (folder / "journal").stat().st_size
    new = under(folder, NEW)
    new.take_over(under(folder, MASTER_KEY), NOTHING)
    assert (folder / "journal").stat().st_size == size
    assert "another master key" in said(lambda: knows.write([act(2)]))
    assert [one.number for one in new.read()] == [6, 7, 8, 9, 10, 11]


def test_somebody_who_waited_meanwhile_loses_no_line_and_writes_none_beside(folder: Path) -> None:
    """Another process of the former key waits for the lock until the new file stands: it is refused."""
    waits, new = under(folder, MASTER_KEY), under(folder, NEW)
    refused: list[str] = []

    def write() -> None:
        refused.append(said(lambda: waits.write([act(7)])))

    thread = threading.Thread(target=write)

    def told(number: int) -> None:
        if number == 6:
            thread.start()
            time.sleep(0.05)

    new.take_over(under(folder, MASTER_KEY), told)
    thread.join(10)
    assert refused and "another master key" in refused[0]
    assert [one.number for one in new.read()] == [6, 7, 8, 9, 10]


@pytest.mark.req("H-06")
def test_a_shorter_file_put_into_its_place_is_noticed(folder: Path) -> None:
    """An older copy of the journal that is moved there is another file: it tells by its lines."""
    journal = under(folder, MASTER_KEY)
    older = (folder / "journal").read_bytes()
    journal.write([act(1)])
    (folder / "copy").write_bytes(older)
    (folder / "copy").replace(folder / "journal")
    assert "was changed" in said(lambda: journal.write([act(2)]))
    assert "was changed" in said(journal.check)
