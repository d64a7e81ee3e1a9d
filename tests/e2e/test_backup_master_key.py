"""Backups, journals and places from before the master key was changed: restored, and under the new one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from hub.cli.backup_restoring import restore
from hub.errors import HubError
from tests.support.postgres_server import fresh_database, or_skip, postgres_server
from tests.support.restored import Site, make_hub
from tests.support.scenario import READERS

NEW = "bmV3LW1hc3Rlci1rZXktb2YtdGhlLXNhbWUtaHViLi4"
BEFORE, SINCE = READERS["HL-1001"].person, READERS["SW-1001"].person


@dataclass(frozen=True)
class Keyed(Site):
    """A place whose hub may know the former master key too."""

    former: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """As of any place, with the former key where there is one."""
        found = Site(self.url, self.apart, self.master_key, self.hub).environment
        return found | ({"HUB_FORMER_MASTER_KEY": self.former} if self.former else {})


@dataclass(frozen=True)
class Changed:
    """A hub whose master key was changed: somebody was disabled before, and somebody else since.

    Shape: `older` is the folder with a backup, the journal and (on SQLite) the record from before.
    """

    older: Path
    middle: Path
    newer: Path
    apart: Path
    former: str
    place: Callable[[], str]

    def site(self, folder: Path, *, former: bool) -> tuple[Keyed, Path]:
        """A new empty place under the new key, and a copy of the older backup; the journal as it is now."""
        to = Path(shutil.copytree(self.apart, folder / "journal"))
        backup = Path(shutil.copytree(self.older / "backup", folder / "backup"))
        return Keyed(self.place(), to, NEW, former=self.former if former else ""), backup


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def changed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Changed:
    """1. Backed up. 2. An act. 3. The key is changed, and it is backed up. 4. An act. 5. Backed up."""
    folder = tmp_path_factory.mktemp("changed")
    server = or_skip(postgres_server) if request.param == "postgresql" else None

    def place() -> str:
        if server is not None:
            return fresh_database(server)
        return f"sqlite:///{tmp_path_factory.mktemp('place') / 'hub.db'}"

    site = Keyed(place(), folder / "apart")
    make_hub(site)
    older = folder / "older"
    site.run("backup", "--to", str(older / "backup"))  # 1
    site.run("person", "disable", BEFORE)  # 2
    shutil.copytree(site.apart, older / "apart")
    if server is None:
        shutil.copyfile(site.settings.database_path, older / "record.db")
    now = replace(site, master_key=NEW, former=site.master_key)
    assert now.json("master-key", "change")["data_keys"] > 0  # 3
    now = replace(now, former="")
    now.run("backup", "--to", str(folder / "middle"))
    now.run("person", "disable", SINCE)  # 4
    with now.opened(b"signed") as hub:
        hub.hub.store.record.ledger.integrate(hub.hub.store.clock.wall())
    now.run("backup", "--to", str(folder / "newer"))  # 5
    return Changed(older, folder / "middle", folder / "newer", site.apart, site.master_key, place)


def disabled(site: Site) -> set[str]:
    """Who of the two is refused."""
    found = set()
    with site.opened(b"asked") as hub:
        for person in (BEFORE, SINCE):
            try:
                hub.signed_in(person)
            except HubError as fault:
                assert fault.slug == "token"
                found.add(person)
    return found


@pytest.mark.req("H-06")
def test_a_backup_from_before_is_restored_and_both_acts_bind(changed: Changed, tmp_path: Path) -> None:
    site, backup = changed.site(tmp_path, former=True)
    site.run("restore", "--from", str(backup))
    now = replace(site, former="")
    assert now.refusal() == "" and disabled(now) == {BEFORE, SINCE}
    assert now.json("verify")["whole"] and now.json("fsck")["whole"]
    assert "has been changed" in replace(site, master_key=changed.former, former="").refusal()
    now.run("backup", "--to", str(tmp_path / "again"))


def test_without_the_former_key_it_says_what_to_set(changed: Changed, tmp_path: Path) -> None:
    """1. The new key alone does not fit the backup. 2. The former alone does not fit the journal."""
    site, backup = changed.site(tmp_path, former=False)
    assert "HUB_FORMER_MASTER_KEY" in site.run("restore", "--from", str(backup), code=1)  # 1
    alone = replace(site, master_key=changed.former)
    assert "another master key" in alone.run("restore", "--from", str(backup), code=1)  # 2
    site.run("restore", "--from", str(changed.newer))
    assert disabled(site) == {BEFORE, SINCE}


@pytest.mark.req("H-06")
def test_an_interrupted_restore_goes_on_under_whichever_key_it_stands(
    changed: Changed, tmp_path: Path
) -> None:
    site, backup = changed.site(tmp_path, former=True)
    for step in ("digests", "data keys", "verifying", "replaying", "projecting"):

        def broken_off(what: str, done: int, total: int | None, step: str = step) -> None:
            if what == step:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            restore(site.settings, backup, None, broken_off)
        assert site.refusal(), step
    site.run("restore", "--from", str(backup))
    assert disabled(replace(site, former="")) == {BEFORE, SINCE}
    assert site.json("verify")["whole"]


def test_a_journal_from_before_is_brought_under_a_key_that_is_shown_to_be_the_hubs(
    changed: Changed, tmp_path: Path
) -> None:
    """1. Backup and journal are both from before: the change broke off, and then the record was lost. Nothing
    shows that the new key is right; with the former one alone they are restored, and then changed.
    2. A backup from right after the change, and the copy of the journal from before."""
    site, backup = changed.site(tmp_path, former=True)
    older = (changed.older / "apart" / "journal").read_bytes()
    for kept in site.apart.iterdir():
        kept.unlink()
    (site.apart / "journal").write_bytes(older)
    assert "the former one as HUB_MASTER_KEY alone" in site.run("restore", "--from", str(backup), code=1)  # 1
    assert (site.apart / "journal").read_bytes() == older
    alone = replace(site, master_key=changed.former, former="")
    alone.run("restore", "--from", str(backup))
    site.run("master-key", "change")
    assert disabled(replace(site, former="")) == {BEFORE}
    elsewhere = replace(site, url=changed.place())
    (site.apart / "journal").write_bytes(older)
    elsewhere.run("restore", "--from", str(changed.middle))  # 2
    assert disabled(replace(elsewhere, former="")) == {BEFORE}


@pytest.mark.parametrize("changed", ["sqlite"], indirect=True)
def test_a_record_from_before_that_was_put_back_by_other_means_is_brought_up(
    changed: Changed, tmp_path: Path
) -> None:
    """A file that somebody copied; what a database server restores, its own tools put back."""
    site, _ = changed.site(tmp_path, former=True)
    shutil.copyfile(changed.older / "record.db", site.settings.database_path)
    assert "master key" in site.refusal()
    assert "master key" in replace(site, former="").run("restore", "--in-place", code=1)
    site.run("restore", "--in-place")
    assert disabled(replace(site, former="")) == {BEFORE, SINCE}
    assert site.json("verify")["whole"]
