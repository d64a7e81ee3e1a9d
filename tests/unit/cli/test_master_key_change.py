"""Changing the master key with the command: refused in time, broken off anywhere, and brought to its end."""

from __future__ import annotations

import base64
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hub.cli.commands import app
from hub.cli.compose import initialise, open_store
from hub.cli.master_key import Changed, change_everything
from hub.cli.world import SystemChance
from hub.errors import HubError
from hub.record import Append, Draft
from hub.record.kept_apart import Act
from hub.record.verify import verify_record
from hub.settings import Settings, SettingsError, load_settings
from tests.support.hub_process import ROOT

HUB_ID = "https://hub.example.test/master-key"
FORMER, NEW, OTHER = 1, 2, 3
CHILD = """
import sys
from hub.cli.master_key import change_everything
from hub.cli.world import SystemChance
from hub.settings import load_settings
stop = sys.argv[1]
def tell(what, done, total):
    if what == stop:
        print(what, flush=True)
        sys.stdin.read()
change_everything(load_settings(env_file=None), SystemChance(), tell)
"""


def secret(byte: int) -> str:
    return base64.urlsafe_b64encode(bytes([byte]) * 32).decode()


def environment(folder: Path, master: int, former: int | None = None) -> dict[str, str]:
    found = {
        "HUB_ID": HUB_ID,
        "HUB_DATABASE_URL": f"sqlite:///{folder}/hub.db",
        "HUB_KEPT_APART": str(folder / "apart"),
        "HUB_MASTER_KEY": secret(master),
        "HUB_SIGNING_KEY": secret(9),
    }
    return found if former is None else found | {"HUB_FORMER_MASTER_KEY": secret(former)}


def settings(folder: Path, master: int, former: int | None = None) -> Settings:
    return load_settings(environment(folder, master, former), None)


def changed(folder: Path, tell: Any = lambda *_: None) -> Changed:
    return change_everything(settings(folder, NEW, FORMER), SystemChance(), tell)


def said(work: Callable[[], object]) -> str:
    with pytest.raises(HubError) as fault:
        work()
    assert fault.value.slug == "store"
    return fault.value.detail


def refusal(folder: Path, master: int) -> str:
    """Why nothing starts with this key; empty where it does."""
    try:
        open_store(settings(folder, master)).close()
    except HubError as fault:
        assert fault.slug == "store"
        return fault.detail
    return ""


def contents(folder: Path, master: int) -> list[object]:
    with closing(open_store(settings(folder, master))) as store:
        acts = [(one.number, one.act) for one in store.journal.read()]
        return [store.record.log(0, 100), acts, store.record.digest("names", b"name")]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small hub under the former key, with three lines in its journal."""
    folder = tmp_path_factory.mktemp("made")
    initialise(settings(folder, FORMER))
    with closing(open_store(settings(folder, FORMER))) as store:
        for number in range(3):
            name = f"ends-{number}"
            draft = Draft(f"child/{number}", "record", "urn:safeguarding:hub", name, "test.v1", b"{}", b"{}")
            store.record.bind(Append((draft,)), [Act("event", draft.stream, draft.source, name)])
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "hub"))


@contextmanager
def broken_off_at(number: int, patch: pytest.MonkeyPatch) -> Iterator[tuple[list[str], Any]]:
    """Break off at one of the instants: whenever something is told, made durable, moved or taken away."""
    passed: list[str] = []

    def instant(what: str) -> None:
        passed.append(what)
        if len(passed) == number:
            raise KeyboardInterrupt

    def watched(place: Any, name: str) -> None:
        real = getattr(place, name)

        def called(*arguments: Any, **named: Any) -> Any:
            instant(name)
            return real(*arguments, **named)

        patch.setattr(place, name, called)

    with patch.context() as inner:
        patch = inner
        for place, name in ((os, "fsync"), (os, "link"), (Path, "replace"), (Path, "unlink")):
            watched(place, name)
        yield passed, lambda what, done, total: instant(what)


@pytest.mark.req("H-06")
def test_broken_off_at_any_instant_nothing_is_lost_and_the_same_again_ends_it(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(Path(shutil.copytree(made, tmp_path / "before")), FORMER)
    number, between = 0, 0
    while True:
        number += 1
        folder = Path(shutil.copytree(made, tmp_path / str(number)))
        with broken_off_at(number, monkeypatch) as (passed, tell):
            try:
                changed(folder, tell)
                break
            except KeyboardInterrupt:
                pass
        starts = [key for key in (FORMER, NEW) if not refusal(folder, key)]
        assert len(starts) <= 1
        between += not starts
        for key in {FORMER, NEW}.difference(starts):
            assert "hub master-key change" in refusal(folder, key)
        assert changed(folder).lines == 3
        assert contents(folder, NEW) == before, passed
        assert refusal(folder, FORMER)
    assert between, "record changed, journal not"
    assert {"reading the journal", "data keys", "journal", "fsync", "replace"} <= set(passed)


@pytest.mark.req("H-06")
def test_killed_between_the_record_and_the_journal_neither_key_starts_and_it_is_brought_to_its_end(
    folder: Path,
) -> None:
    before = contents(folder, FORMER)
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, "journal"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**os.environ, **environment(folder, NEW, FORMER)}, text=True,
    )  # fmt: skip
    assert child.stdout is not None and child.stdout.readline() == "journal\n"
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert refusal(folder, FORMER) and "hub master-key change" in refusal(folder, NEW)
    assert changed(folder).lines == 3
    assert contents(folder, NEW) == before


def command(folder: Path, *arguments: str, master: int, former: int | None = None, code: int = 0) -> str:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("HUB_")]:
            patch.delenv(name)
        for name, value in environment(folder, master, former).items():
            patch.setenv(name, value)
        done = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert done.exit_code == code, done.output
    assert not any(secret(key).rstrip("=") in done.output + done.stderr for key in (FORMER, NEW, OTHER))
    return done.stdout if code == 0 else done.stderr


def test_the_command_says_what_is_next_and_every_command_refuses_the_former_key(folder: Path) -> None:
    told = command(folder, "master-key", "change", master=NEW, former=FORMER)
    assert "3 lines" in told and "signs in again" in told and "hub backup" in told
    for arguments in (("verify",), ("fsck",), ("organisation", "list"), ("init",), ("backup", "--to", "x")):
        assert "aster key" in command(folder, *arguments, master=FORMER, code=1), arguments
    assert "damaged" not in command(folder, "verify", master=FORMER, code=1)
    assert "everything fits" in command(folder, "verify", master=NEW)
    again = command(folder, "master-key", "change", "--json", master=NEW, former=FORMER)
    assert '"changed": false' in again and '"journal_lines": 3' in again
    assert "nothing had to be changed" in command(folder, "master-key", "change", master=NEW, former=OTHER)


@pytest.mark.parametrize(
    ("master", "former", "named"),
    [(NEW, None, "HUB_FORMER_MASTER_KEY"), (FORMER, FORMER, "must differ")],
)
def test_without_two_keys_that_differ_the_settings_do_not_stand(
    folder: Path, master: int, former: int | None, named: str
) -> None:
    with pytest.raises(SettingsError, match=named):
        change_everything(settings(folder, master, former), SystemChance(), lambda *_: None)
    assert named in command(folder, "master-key", "change", master=master, former=former, code=2)


def test_what_belongs_to_neither_key_or_not_together_is_refused_before_anything_is_changed(
    folder: Path,
) -> None:
    """1. Another record's keys. 2. Another hub's journal. 3. A journal cut short. 4. None. 5. No record."""
    journal = folder / "apart" / "journal"
    whole = journal.read_bytes()
    stood = (folder / "hub.db").read_bytes()

    def unchanged() -> None:
        assert (folder / "hub.db").read_bytes() == stood and refusal(folder, NEW)

    wrong = settings(folder, NEW, OTHER)
    assert "neither" in said(lambda: change_everything(wrong, SystemChance(), lambda *_: None))  # 1
    unchanged()
    journal.unlink()
    with closing(open_store(settings(folder, FORMER), restoring=True)) as store:
        type(store.journal)(folder / "apart", master_key=bytes([FORMER]) * 32, hub="urn:other").begin()
    assert "another hub" in said(lambda: changed(folder))  # 2
    unchanged()
    journal.write_bytes(b"".join(whole.splitlines(keepends=True)[:2]))
    assert "fewer lines" in said(lambda: changed(folder))  # 3
    unchanged()
    journal.unlink()
    assert "not there" in said(lambda: changed(folder))  # 4
    unchanged()
    journal.write_bytes(whole)
    (folder / "hub.db").unlink()
    assert "no record" in said(lambda: changed(folder))  # 5
    assert not (folder / "hub.db").exists()


def test_while_a_hub_is_open_the_command_refuses(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.record.sqlite.store.ALONE_SECONDS", 0)
    with closing(open_store(settings(folder, FORMER))) as store:
        store.record.head()
        assert "Stop every process" in said(lambda: changed(folder))
    assert refusal(folder, FORMER) == ""


def test_a_copy_of_the_journal_from_before_is_written_anew_when_it_is_put_back(folder: Path) -> None:
    journal = folder / "apart" / "journal"
    copy = journal.read_bytes()
    before = contents(folder, FORMER)
    changed(folder)
    journal.write_bytes(copy)
    assert "hub master-key change" in refusal(folder, NEW)
    assert changed(folder).lines == 3
    assert contents(folder, NEW) == before


def test_keys_in_files_are_made_and_moved_by_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In development nothing has to be set; broken off before it is moved, the new key is not made twice."""
    monkeypatch.chdir(tmp_path)
    found = load_settings({}, None)
    initialise(found)
    keys = tmp_path / "var" / "keys"
    first = (keys / "master.key").read_bytes()

    def broken_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("hub.cli.master_key.put_new_key_in_place", broken_off)
        with pytest.raises(KeyboardInterrupt):
            change_everything(found, SystemChance(), lambda *_: None)
    made = (keys / "master.new.key").read_bytes()
    assert "hub master-key change" in said(lambda: open_store(found))
    change_everything(found, SystemChance(), lambda *_: None)
    assert (keys / "master.key").read_bytes() == made != first
    assert (keys / "master.former.key").read_bytes() == first
    assert sorted(one.name for one in keys.iterdir()) == ["master.former.key", "master.key", "signing.key"]
    assert all(one.stat().st_mode & 0o077 == 0 for one in keys.iterdir())
    open_store(found).close()
    new = base64.urlsafe_b64decode(made.strip() + b"=")
    assert verify_record(tmp_path / "var" / "hub.db", master_key=new).whole
