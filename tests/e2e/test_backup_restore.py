"""A record is backed up under load, lost and restored; what was done since the backup still binds."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from agencies.sdk.build import AgencyEvent, event_id
from agencies.sdk.keys import generate_key, public_jwk, thumbprint
from hub.cli.backup_restoring import restore
from hub.disclosure.answers import ReadRequest
from hub.errors import HubError
from tests.support.postgres_server import fresh_database, or_skip, postgres_server
from tests.support.restored import Json, Site, make_hub
from tests.support.scenario import READERS, SCENARIO
from tests.support.simulated import Simulated, one_more

LATER = "2025-11-20T12:30:00+00:00"
ELM, OAK, N_CSC = "education.elm-school", "education.oak-school", "social-care.n-csc"
LOST = "police.n-police"
END = one_more("X-END", "A10", "relationship-ended", LATER, kind="enrolled", organisation=ELM).event
POLICE_POST = next(one for one in SCENARIO.posts if one.organisation == LOST)
NEW_CHILD = "local:social-care.n-csc:after-the-backup"


@dataclass
class Lost:
    """A hub that is gone: its backup, its journal, and what was done after the backup."""

    apart: Path
    backup: Path
    made: Json
    place: Callable[[], str]
    before: dict[str, int]
    children: dict[str, str] = field(default_factory=dict)
    kid: str = ""
    leaves: int = 0

    def copy(self, to: Path) -> Lost:
        """The same backup and journal, for a test that changes them."""
        apart = Path(shutil.copytree(self.apart, to / "apart"))
        return replace(self, apart=apart, backup=Path(shutil.copytree(self.backup, to / "backup")))

    def site(self) -> Site:
        """A new empty place."""
        return Site(self.place(), self.apart)


def level(name: str) -> AgencyEvent:
    data = {"scale": "hackett-5", "level": "problematic"}
    return one_more(name, "A10", "behaviour-level-assessed", LATER, **data).event


def new_child() -> tuple[AgencyEvent, AgencyEvent, AgencyEvent]:
    """A child's opening, which names a school; a worker of its enquiry; and the end of the school's part."""
    opened = one_more(
        "X-OPEN", "A00a", "child-stream-opened", LATER, identifiers=[NEW_CHILD], date_of_birth="2013-05-06",
        responsible_authority=N_CSC, schools=[ELM],
    ).event  # fmt: skip
    worker = one_more(
        "X-WORKER", "A00a", "social-worker-allocated", LATER, kind="enquiry", worker=READERS["ENQ"].person
    )
    end = one_more("X-LEFT", "A00a", "relationship-ended", LATER, kind="enrolled", organisation=ELM)
    return (
        replace(opened, subject=NEW_CHILD),
        replace(worker.event, subject=NEW_CHILD),
        replace(end.event, subject=NEW_CHILD),
    )


def id_of(event: AgencyEvent) -> str:
    return event_id(event.organisation, event.record, event.type)


def reads(hub: Simulated, reader: str, child: str) -> bool:
    who = READERS[reader]
    try:
        hub.hub.disclosure.chronology(hub.signed_in(who.person), ReadRequest(child, who.purpose))
    except HubError as fault:
        assert fault.slug == "not-found"
        return False
    return True


def entries(hub: Simulated, reader: str, child: str) -> int | str:
    """How many entries a reader gets of a child, or how the read is refused."""
    try:
        return len(hub.chronology(reader, child).entries)
    except HubError as fault:
        return fault.slug


def post_until(site: Site, told: threading.Event) -> None:
    with site.opened(b"load") as hub:
        number = 0
        while not told.is_set() or number < 5:
            number += 1
            hub.post(level(f"X-LOAD-{number}"))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def lost(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Lost:
    """1. A hub plays its scenario. 2. It is backed up while it goes on. 3. Things end. 4. It is gone."""
    folder = tmp_path_factory.mktemp("lost")
    server = or_skip(postgres_server) if request.param == "postgresql" else None

    def place() -> str:
        if server is not None:
            return fresh_database(server)
        return f"sqlite:///{tmp_path_factory.mktemp('place') / 'hub.db'}"

    site = Site(place(), folder / "apart")
    make_hub(site)
    with site.opened(b"play") as hub:  # 1
        hub.play(SCENARIO.posts)
        before = {name: int(entries(hub, name, "C-1001")) for name in ("Elm", "SW-1001")}
        before["Oak"] = int(entries(hub, "Oak", "C-2001"))
        children = dict(hub.children)
    told = threading.Event()
    load = threading.Thread(target=post_until, args=(site, told))
    load.start()
    try:
        made = site.json("backup", "--to", str(folder / "backup"))  # 2
    finally:
        told.set()
        load.join()
    with site.opened(b"after") as hub:  # 3
        store = hub.hub.store
        hub.post(END)
        directory = store.directory
        directory.disable_person(READERS["HL-1001"].person)
        directory.end_role(READERS["SW-1001"].person, "social-worker")
        (key,) = directory.keys(LOST, "events")
        directory.revoke_key(key.kid)
        unknown = generate_key("Ed25519")
        directory.register_key(OAK, "client", public_jwk(unknown).decode())
        directory.revoke_key(thumbprint(unknown))
        for stream in hub.hub.identity.streams_of(children["C-2001"]):
            assert store.record.destroy_key(stream)
        head = store.record.head().leaves
    return Lost(folder / "apart", folder / "backup", made, place, before, children, key.kid, head)


@pytest.fixture
def restored(lost: Lost, tmp_path: Path) -> Iterator[tuple[Simulated, Lost]]:
    mine = lost.copy(tmp_path)
    site = mine.site()
    site.run("restore", "--from", str(mine.backup))
    with site.opened(b"restored") as hub:
        hub.advance(LATER)
        yield hub, mine


@pytest.mark.req("H-06", "H-14")
def test_a_backup_is_whole_as_of_one_moment_while_others_post(lost: Lost, tmp_path: Path) -> None:
    assert 0 < lost.made["items"] < lost.leaves
    assert lost.made["checkpointed"] <= lost.made["items"]
    site = lost.copy(tmp_path).site()
    report = site.json("restore", "--from", str(tmp_path / "backup"))
    assert report["items"] == lost.made["items"]
    assert report["known"] == lost.leaves and report["behind"] == lost.leaves - report["items"]
    assert report["erased_again"] == 2 and report["changes_made_again"] == 4
    verified = site.json("verify")
    assert verified["whole"] and verified["erased"] > 0
    assert site.json("fsck")["whole"]


def test_a_backup_can_be_read_by_the_hubs_user_alone_and_holds_nothing_readable(lost: Lost) -> None:
    for folder in (lost.backup, lost.apart):
        assert folder.stat().st_mode & 0o077 == 0
        for file in folder.iterdir():
            assert file.stat().st_mode & 0o077 == 0, file
    journal = (lost.apart / "journal").read_bytes()
    for name in (READERS["HL-1001"].person, lost.kid, lost.children["C-2001"], "relationship-ended"):
        assert name.encode() not in journal
    manifest = (lost.backup / "manifest.json").read_text()
    assert not any(one in manifest for one in (*lost.children.values(), lost.kid))


@pytest.mark.req("H-16", "H-17", "H-21", "D-20")
def test_what_ended_after_the_backup_stays_ended(restored: tuple[Simulated, Lost]) -> None:
    hub, lost = restored
    directory = hub.hub.store.directory
    with pytest.raises(HubError) as refused:
        hub.signed_in(READERS["HL-1001"].person)
    assert refused.value.slug == "token"
    assert "social-worker" not in directory.roles(READERS["SW-1001"].person)
    key = directory.key(lost.kid, "events")
    assert key is not None and key.revoked_at is not None
    with pytest.raises(HubError) as refused:
        hub.post(one_more("X-POLICE", POLICE_POST.ref, POLICE_POST.event.type, LATER).event)
    assert refused.value.slug == "key-revoked"
    assert [one.revoked_at is not None for one in directory.keys(OAK, "client")] == [True]


@pytest.mark.req("H-17", "R-077")
def test_an_erased_child_stays_erased(restored: tuple[Simulated, Lost]) -> None:
    hub, lost = restored
    streams = hub.hub.identity.streams_of(lost.children["C-2001"])
    items = [item for stream in streams for item in hub.hub.store.record.stream(stream)]
    assert items and all(item.body is None for item in items)


@pytest.mark.req("H-16", "D-20", "H-03")
def test_a_relationship_that_ended_after_the_backup_does_not_open(restored: tuple[Simulated, Lost]) -> None:
    """Nobody reads the child until the end is posted again; then everybody reads as after the end."""
    hub, lost = restored
    assert lost.before["Elm"] > 0
    for reader in ("Elm", "ENQ", "POL"):
        assert entries(hub, reader, "C-1001") == "not-found"
    hub.post(END)
    assert entries(hub, "Elm", "C-1001") == "not-found"
    assert int(entries(hub, "ENQ", "C-1001")) > 0


@pytest.mark.req("H-16", "D-20")
def test_a_child_that_was_lost_with_the_store_waits_for_the_end_of_its_relationships(
    lost: Lost, tmp_path: Path
) -> None:
    """1. After the backup a child is opened, a school joins and leaves, and all of it is lost.
    2. Posted again, the child has another stream: closed until the end is there too."""
    mine, (opening, joins, leaves) = lost.copy(tmp_path), new_child()
    first = mine.site()
    first.run("restore", "--from", str(mine.backup))
    with first.opened(b"first") as hub:  # 1
        hub.advance(LATER)
        hub.post(END)
        hub.post(opening)
        child = hub.hub.identity.resolve(NEW_CHILD)
        assert child is not None and reads(hub, "Elm", child)
        hub.post(joins)
        hub.post(leaves)
        assert not reads(hub, "Elm", child) and reads(hub, "ENQ", child)
    second = mine.site()
    report = second.json("restore", "--from", str(mine.backup))
    assert report["awaited"] == {N_CSC: sorted(id_of(one) for one in (END, opening, joins, leaves))}
    with second.opened(b"second") as hub:  # 2
        hub.advance(LATER)
        hub.post(END)
        assert int(entries(hub, "ENQ", "C-1001")) > 0
        hub.post(opening)
        hub.post(joins)
        child = hub.hub.identity.resolve(opening.subject)
        assert child is not None and hub.hub.views.folded(child).entries
        assert not reads(hub, "Elm", child) and not reads(hub, "ENQ", child)
        hub.post(leaves)
        assert not reads(hub, "Elm", child) and reads(hub, "ENQ", child)
    assert second.json("restore", "--awaited") == {"awaited": {}}


@pytest.mark.req("H-06")
def test_an_interrupted_restore_is_not_served_and_goes_on(lost: Lost, tmp_path: Path) -> None:
    """Broken off at every step; each time nothing can be served, and the same again brings it to its end."""
    mine = lost.copy(tmp_path)
    site = mine.site()
    for step in ("digests", "verifying", "replaying", "projecting"):

        def broken_off(what: str, done: int, total: int | None, step: str = step) -> None:
            if what == step:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            restore(site.settings, mine.backup, None, broken_off)
        assert site.refusal(), step
    assert "hub restore" in site.refusal()
    assert "hub restore" in site.run("organisation", "list", code=1)
    report = site.json("restore", "--from", str(mine.backup))
    assert report["behind"] == lost.leaves - lost.made["items"]
    assert site.refusal() == ""
    with site.opened(b"goes on") as hub:
        with pytest.raises(HubError):
            hub.signed_in(READERS["HL-1001"].person)
        assert entries(hub, "Elm", "C-1001") == "not-found"
    assert site.json("verify")["whole"]


@pytest.mark.req("H-06", "H-16")
def test_an_event_that_will_never_come_is_given_up_on_the_record(lost: Lost, tmp_path: Path) -> None:
    mine = lost.copy(tmp_path)
    site = mine.site()
    awaited = site.json("restore", "--from", str(mine.backup))["awaited"]
    assert awaited == {N_CSC: [id_of(END)]}
    site.run("restore", "--waive", f"{ELM}/{id_of(END)}", code=2)
    with site.opened(b"waiting") as hub:
        hub.advance(LATER)
        assert entries(hub, "ENQ", "C-1001") == "not-found"
        assert site.json("restore", "--waive", f"{N_CSC}/{id_of(END)}") == {"awaited": {}}
        assert int(entries(hub, "ENQ", "C-1001")) > 0
        decided = [one.type for one in hub.hub.store.record.stream("kept-apart")]
        assert decided.count("awaited-event-waived") == 1


@pytest.mark.req("H-17", "H-03")
def test_what_was_erased_after_the_backup_does_not_come_back_with_a_repeat(
    lost: Lost, tmp_path: Path
) -> None:
    """Posted and erased after the backup: the restored record never had it, and the agency posts it again."""
    mine, (opening, *_) = lost.copy(tmp_path), new_child()
    first = mine.site()
    first.run("restore", "--from", str(mine.backup))
    with first.opened(b"first") as hub:
        hub.advance(LATER)
        hub.post(opening)
        child = hub.hub.identity.resolve(opening.subject)
        assert hub.hub.store.record.destroy_key(f"child/{child}")
    second = mine.site()
    second.run("restore", "--from", str(mine.backup))
    with second.opened(b"second") as hub:
        hub.advance(LATER)
        with pytest.raises(HubError) as refused:
            hub.post(opening)
        assert refused.value.slug == "conflict"
    assert second.json("fsck")["whole"]
