"""Backups, journals and places with which nothing is restored; records that are not served as they are."""

from __future__ import annotations

import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import orjson
import pytest

from hub.cli import backup_postgres
from hub.cli.backup_manifest import digest_of
from hub.directory import Directory
from hub.errors import HubError
from hub.record import Append, Draft, Record
from hub.record.kept_apart import Journal
from hub.settings import key_bytes
from tests.support.hub_process import HubProcess, free_port, write_commands
from tests.support.postgres_server import fresh_database, or_skip, postgres_server
from tests.support.restored import Site, make_hub
from tests.support.simulated import MASTER_KEY

OTHER_KEY = "2SmKENGwc1g33EvYXaxkGw887yekfl1TpU8vP1svz_o"
PERSON = "education.elm-school/dsl-1"


@dataclass
class Taken:
    """A small hub with a backup, where one person was disabled since; `place` gives new empty places."""

    site: Site
    backup: Path
    place: Callable[[], str]

    def elsewhere(self, folder: Path, **changes: str) -> tuple[Site, Path]:
        """A new place, with copies of the backup and the journal."""
        apart = Path(shutil.copytree(self.site.apart, folder / "apart"))
        backup = Path(shutil.copytree(self.backup, folder / "backup"))
        return replace(self.site, url=self.place(), apart=apart, **changes), backup


def take(folder: Path, place: Callable[[], str]) -> Taken:
    site = Site(place(), folder / "apart")
    make_hub(site)
    site.run("backup", "--to", str(folder / "backup"))
    site.run("person", "disable", PERSON)
    with site.opened(b"signed") as hub:
        hub.hub.store.record.ledger.integrate(hub.hub.store.clock.wall())
    return Taken(site, folder / "backup", place)


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Taken:
    return take(
        tmp_path_factory.mktemp("taken"), lambda: f"sqlite:///{tmp_path_factory.mktemp('place') / 'hub.db'}"
    )


@pytest.fixture(scope="module")
def on_postgresql(tmp_path_factory: pytest.TempPathFactory) -> Taken:
    server = or_skip(postgres_server)
    return take(tmp_path_factory.mktemp("taken"), lambda: fresh_database(server))


def change_byte(file: Path, at: int) -> None:
    text = bytearray(file.read_bytes())
    text[at] ^= 1
    file.write_bytes(text)


def change_manifest(folder: Path, **values: object) -> None:
    path = folder / "manifest.json"
    path.write_bytes(orjson.dumps(orjson.loads(path.read_bytes()) | values))


def consistently(folder: Path) -> None:
    """The file is changed, and its digest in the manifest with it."""
    change_byte(folder / "record.db", 5000)
    file = digest_of(folder / "record.db", lambda *_: None)
    change_manifest(folder, files=[{"name": file.name, "bytes": file.bytes, "sha256": file.sha256}])


TAMPERED: list[tuple[Callable[[Path], object], str]] = [
    (lambda folder: change_byte(folder / "record.db", 5000), "not as it was written"),
    (lambda folder: (folder / "record.db").unlink(), "not as it was written"),
    (lambda folder: (folder / "manifest.json").unlink(), "no backup in this folder"),
    (lambda folder: (folder / "manifest.json").write_text("{}"), "not as it was written"),
    (lambda folder: change_manifest(folder, made_at="2020-01-01T00:00:00+00:00"), "master key"),
    (consistently, "master key"),
]


@pytest.mark.req("H-14")
@pytest.mark.parametrize(("tamper", "said"), TAMPERED)
def test_a_tampered_backup_is_refused_and_nothing_is_left(
    taken: Taken, tmp_path: Path, tamper: Callable[[Path], object], said: str
) -> None:
    site, backup = taken.elsewhere(tmp_path)
    tamper(backup)
    assert said in site.run("restore", "--from", str(backup), code=1)
    assert not site.settings.database_path.exists()


@pytest.mark.req("H-14", "H-06")
def test_another_master_key_and_another_hub_are_refused(taken: Taken, tmp_path: Path) -> None:
    for name, changes in (
        ("key", {"master_key": OTHER_KEY}),
        ("hub", {"hub": "https://hub.example/another"}),
    ):
        site, backup = taken.elsewhere(tmp_path / name, **changes)
        assert "another hub" in site.run("restore", "--from", str(backup), code=1)
        # With a journal of its own the manifest tells.
        shutil.rmtree(site.apart)
        key = site.settings.master_key
        assert key is not None
        Journal(site.apart, master_key=key_bytes(key), hub=site.hub).begin(after=1)
        said = site.run("restore", "--from", str(backup), code=1)
        assert ("manifest was changed" if name == "key" else "another hub") in said
        assert not site.settings.database_path.exists()


@pytest.mark.req("H-06", "H-17")
def test_a_journal_that_is_missing_or_cut_short_is_refused(taken: Taken, tmp_path: Path) -> None:
    """1. Not there. 2. Cut to before the backup. 3. A line is changed. 4. Begun after the backup was made."""
    site, backup = taken.elsewhere(tmp_path)
    file = site.apart / "journal"
    text = file.read_bytes()
    lines = text.splitlines(keepends=True)
    file.unlink()  # 1
    assert "not there" in site.run("restore", "--from", str(backup), code=1)
    file.write_bytes(lines[0])  # 2
    assert "fewer lines" in site.run("restore", "--from", str(backup), code=1)
    file.write_bytes(text)
    change_byte(file, len(lines[0]) + 9)  # 3
    assert "was changed" in site.run("restore", "--from", str(backup), code=1)
    file.unlink()  # 4
    Journal(site.apart, master_key=_key(), hub=site.hub).begin(after=10_000)
    assert "older than the journal" in site.run("restore", "--from", str(backup), code=1)
    assert not site.settings.database_path.exists()


def _key() -> bytes:
    from base64 import urlsafe_b64decode

    return urlsafe_b64decode(MASTER_KEY + "=")


@pytest.mark.req("H-06")
def test_a_record_is_put_into_an_empty_place_only(taken: Taken, tmp_path: Path) -> None:
    """1. Something was recorded there. 2. A file that is no record. 3. One that was only made is empty."""
    site, backup = taken.elsewhere(tmp_path)
    path = site.settings.database_path
    path.write_text("notes")
    assert "no record" in site.run("restore", "--from", str(backup), code=1)  # 2
    path.unlink()
    Record.migrate(path, master_key=_key(), chance=_Chance())
    site.run("restore", "--from", str(backup))  # 3
    assert "already" in site.run("restore", "--from", str(backup), code=1)  # 1
    assert site.json("verify")["whole"]


class _Chance:
    def uuid(self) -> str:
        raise AssertionError("nothing is named here")

    def bytes(self, n: int) -> bytes:
        return bytes(n)


def hub_process(site: Site, folder: Path) -> HubProcess:
    (folder / "bin").mkdir()
    return HubProcess(write_commands(folder / "bin"), folder, free_port(), site.environment)


@pytest.mark.req("H-06", "H-16")
def test_a_copy_that_was_put_back_by_other_means_is_not_served(taken: Taken, tmp_path: Path) -> None:
    """1. The backup's own file says what it is. 2. An older file of the record is older than the checkpoint
    kept apart. Both are brought up where they are."""
    for name in ("backup's", "older"):
        site, backup = taken.elsewhere(tmp_path / name)
        path = site.settings.database_path
        if name == "older":
            # As a copy made by hand before the person was disabled would be.
            shutil.copy(taken.backup / "record.db", path)
            _forget_that_it_is_a_backup(path)
        else:
            shutil.copy(backup / "record.db", path)
        assert "hub restore" in site.refusal()
        if name == "older":
            done = hub_process(site, tmp_path / name).run("serve")
            assert done.returncode == 1 and "hub restore" in done.stderr and "Traceback" not in done.stderr
        report = site.json("restore", "--in-place")
        assert report["changes_made_again"] == 1
        rows = orjson.loads(site.run("person", "list", "--json"))
        assert [one["active"] for one in rows if one["id"] == PERSON] == [False]
        assert site.refusal() == ""


def _forget_that_it_is_a_backup(path: Path) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM marks WHERE name = 'restored/begun'")


@pytest.mark.req("H-14")
def test_a_witness_that_was_shown_another_history_is_heard(taken: Taken, tmp_path: Path) -> None:
    from hub.cli.compose import open_store

    site, backup = taken.elsewhere(tmp_path)
    store = open_store(taken.site.settings)
    try:
        size = orjson.loads((backup / "manifest.json").read_bytes())["standing"]["leaves"]
        other = store.signer.sign_checkpoint(size - 1, bytes(32))
        own = store.record.ledger.checkpoint()
    finally:
        store.close()
    assert own is not None
    file = tmp_path / "witness"
    file.write_text(other.text.replace(site.hub, "https://other.example", 1))
    refused = site.run("restore", "--from", str(backup), "--checkpoint", str(file), code=1)
    assert "signed" in refused
    file.write_text(other.text)
    refused = site.run("restore", "--from", str(backup), "--checkpoint", str(file), code=1)
    assert "witnesses" in refused and site.refusal()
    file.write_text(own.text)
    assert site.json("restore", "--from", str(backup), "--checkpoint", str(file))["known"] == own.size


@pytest.mark.req("H-06", "H-17")
def test_without_its_journal_a_hub_does_not_begin_another_by_itself(taken: Taken, tmp_path: Path) -> None:
    site, backup = taken.elsewhere(tmp_path)
    site.run("restore", "--from", str(backup))
    shutil.move(site.apart / "journal", tmp_path / "lost")
    assert "HUB_KEPT_APART" in site.refusal()
    assert "--new-journal" in site.run("init", code=1)
    site.run("init", "--new-journal")
    assert site.refusal() == ""
    site.run("person", "disable", "education.oak-school/dsl-1")
    # A backup from before knows nothing of what only the lost journal said.
    older = replace(site, url=taken.place())
    assert "older than the journal" in older.run("restore", "--from", str(backup), code=1)
    site.run("backup", "--to", str(tmp_path / "new"))
    older.run("restore", "--from", str(tmp_path / "new"))


@pytest.mark.req("H-17", "H-06")
def test_a_revocation_that_cannot_be_written_apart_is_refused(taken: Taken, tmp_path: Path) -> None:
    site, backup = taken.elsewhere(tmp_path)
    site.run("restore", "--from", str(backup))
    with site.opened(b"refused") as hub:
        directory: Directory = hub.hub.store.directory
        hub.hub.store.record.append(
            Append((Draft("child/x", "record", "urn:x", "x-1", "t", b"1", b"1"),))
        ).result()
        (site.apart / "journal").rename(site.apart / "away")
        for act in (
            lambda: directory.disable_person("education.oak-school/dsl-1"),
            lambda: hub.hub.store.record.destroy_key("child/x"),
        ):
            with pytest.raises(HubError) as fault:
                act()
            assert fault.value.slug == "store"
        # What only gives goes on.
        directory.add_person("education.oak-school/new-1")
        (site.apart / "away").rename(site.apart / "journal")
        person = directory.person("education.oak-school/dsl-1")
        assert person is not None and person.active


# --- PostgreSQL's own tools ---------------------------------------------------------------------------


@pytest.mark.req("H-06")
def test_a_dump_that_was_put_back_by_hand_is_not_served(on_postgresql: Taken, tmp_path: Path) -> None:
    """1. `pg_restore` by hand gives tables that no process opens. 2. `hub restore` begins anew over them."""
    site, backup = on_postgresql.elsewhere(tmp_path)
    tool = backup_postgres._tool("pg_restore", 15)
    subprocess.run([tool, "--no-owner", f"--dbname={site.url}", backup / "record.dump"], check=True)
    assert site.refusal()  # 1
    site.run("init", code=1)
    assert site.refusal()
    assert site.json("restore", "--from", str(backup))["changes_made_again"] == 1  # 2
    assert site.refusal() == "" and site.json("verify")["whole"]
    assert "already" in site.run("restore", "--from", str(backup), code=1)


@pytest.mark.req("H-06")
def test_client_tools_that_are_missing_or_older_than_the_server_are_named(
    on_postgresql: Taken, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_postgres, "_PLACES", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    said = on_postgresql.site.run("backup", "--to", str(tmp_path / "one"), code=1)
    assert "`pg_dump` is not installed" in said
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.1'\n")
    old.chmod(old.stat().st_mode | stat.S_IXUSR)
    said = on_postgresql.site.run("backup", "--to", str(tmp_path / "two"), code=1)
    assert "version 9" in said and "or newer" in said
    assert not (tmp_path / "two" / "manifest.json").exists()


@pytest.mark.req("H-06")
def test_a_backup_is_put_into_the_kind_of_database_it_came_from(
    on_postgresql: Taken, taken: Taken, tmp_path: Path
) -> None:
    site, backup = on_postgresql.elsewhere(tmp_path)
    other = replace(site, url=taken.place())
    assert "postgresql" in other.run("restore", "--from", str(backup), code=1)


def test_a_backup_has_a_folder_of_its_own(taken: Taken, tmp_path: Path) -> None:
    assert "not empty" in taken.site.run("backup", "--to", str(taken.backup), code=2)
    assert "Say one of" in taken.site.run("restore", code=2)
    assert "Say one of" in taken.site.run("restore", "--in-place", "--awaited", code=2)


def test_what_a_backup_did_and_what_comes_next_is_said_in_words(taken: Taken, tmp_path: Path) -> None:
    site, backup = taken.elsewhere(tmp_path)
    said = site.run("restore", "--from", str(backup))
    assert "agency outbox again --since 20" in said and "Next: hub serve" in said
    assert "Backed up" in site.run("backup", "--to", str(tmp_path / "again"))
    assert "No child waits" in site.run("restore", "--awaited")


@pytest.fixture(autouse=True)
def _outside_of_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    yield
