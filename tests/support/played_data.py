"""A data directory with scenario A in it, for `hub serve` processes that are killed and started again."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
from joserfc.jwk import OKPKey

from agencies.sdk.checkpoint import decode_base64
from agencies.sdk.keys import SigningKey
from hub.cli.compose import open_store
from hub.cli.demo import HUB_ID, demo_settings
from hub.cli.demo_world import OFFICER, posters
from hub.record import verify_consistency
from tests.support.hub_process import HubProcess, free_port
from tests.support.scenario import READERS, played_world

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PlayedData:
    """A record at the end of scenario A, nobody serving it; tokens are good for ten minutes."""

    folder: Path
    children: dict[str, str]
    tokens: dict[str, str]
    hub_key: SigningKey

    @property
    def keys(self) -> Path:
        return self.folder / "agencies"

    @property
    def database(self) -> Path:
        return self.folder / "hub.db"

    def copy(self, to: Path) -> PlayedData:
        """The same, for a test that changes it."""
        return replace(self, folder=Path(shutil.copytree(self.folder, to)))

    def process(self, commands: Path, port: int = 0, **settings: str) -> HubProcess:
        """A hub on this data; not started."""
        given = {
            "HUB_ID": HUB_ID,
            "HUB_MODE": "simulation",
            "HUB_DATABASE_URL": f"sqlite:///{self.database}",
            "HUB_RATE_PER_SECOND": "10000",
            "HUB_RATE_BURST": "10000",
        }
        return HubProcess(commands, self.folder, port or free_port(), given | settings)


def play_data(folder: Path) -> PlayedData:
    """Play scenario A, close the hub, keep the file and a token of every reader."""
    with played_world(folder) as world:
        people = {one.person for one in READERS.values()} | {OFFICER}
        tokens = {person: world.person_token(person) for person in people}
        tokens |= {organisation: world.system_token(organisation) for organisation in posters()}
        hub_key = OKPKey.import_key(dict(world.hub.store.signer.public_jwk))
        return PlayedData(folder, dict(world.children), tokens, hub_key)


class Caller:
    """One bearer of a token, over HTTP."""

    def __init__(self, address: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self.http = httpx.Client(base_url=address, headers=headers, timeout=60)

    def __enter__(self) -> Caller:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def get(self, path: str, **query: str | int) -> Json:
        answer = self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def own_posts(self) -> list[Json]:
        """Everything that an organisation posted, as GET /v1/events?mine gives it."""
        found: list[Json] = []
        cursor: dict[str, str | int] = {}
        while True:
            page = self.get("/v1/events", mine="", limit=200, **cursor)
            found += page["posts"]
            if not page["cursor"]:
                return found
            cursor = {"cursor": page["cursor"]}

    def checkpoint(self) -> str | None:
        """The latest checkpoint; None where the hub does not answer now."""
        try:
            answer = self.http.get("/v1/ledger/checkpoint")
        except httpx.TransportError:
            return None
        return answer.text if answer.status_code == 200 else None

    def assert_consistent(self, roots: dict[int, bytes]) -> None:
        """The hub proves that each of these trees begins with each smaller one."""
        sizes = sorted(roots)
        for place, old in enumerate(sizes):
            for new in sizes[place + 1 :]:
                proof = self.get("/v1/ledger/proof/consistency", old=old, new=new)["consistency"]
                path = [decode_base64(one) or b"" for one in proof]
                assert verify_consistency(old, new, roots[old], roots[new], path), (old, new)


def assert_gapless(data: PlayedData) -> None:
    """Leaf indexes, positions and the versions of every stream follow each other; nothing stands twice."""
    store = open_store(demo_settings(data.folder, 1))
    try:
        log = store.record.log(0, 1_000_000)
    finally:
        store.close()
    assert [one.leaf_index for one in log] == list(range(len(log)))
    assert [one.position for one in log] == list(range(1, len(log) + 1))
    assert len({(one.source, one.id) for one in log}) == len(log)
    versions: dict[str, int] = {}
    for one in log:
        assert one.version == versions.get(one.stream, 0) + 1, one.stream
        versions[one.stream] = one.version


def assert_sound(data: PlayedData, process: HubProcess) -> None:
    """`hub verify` and `hub fsck` find nothing, in the record and in SQLite's own structure."""
    for command in ("verify", "fsck"):
        done = process.run(command, "--json")
        assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]
    connection = sqlite3.connect(data.database)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        connection.close()
