"""A hub in processes of its own on PostgreSQL: the real commands, one school that posts, real signatures."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import OKPKey

from bench.http_load import Load, Poster, facts
from bench.servers import database
from tests.support.hub_process import ROOT, HubProcess, free_port, write_commands

HUB_ID: Final = "https://hub.bench"
SCHOOL: Final = "education.oak"
_AREA: Final = "social-care.metro"
_AUTHOR: Final = "education.oak/dsl-1"
_WITHOUT_LIMIT: Final = "1000000"
_READY_SECONDS: Final = 90.0


class RunningHub:
    """The commands of one hub, and the load that is put on it."""

    def __init__(self, folder: Path, url: str, settings: dict[str, str]) -> None:
        port = free_port()
        self.url: Final = url
        self.address: Final = f"http://127.0.0.1:{port}"
        self.environment: Final = settings | {
            "HUB_MODE": "development",
            "HUB_ID": HUB_ID,
            "HUB_DATABASE_URL": url,
            "HUB_RATE_PER_SECOND": _WITHOUT_LIMIT,
            "HUB_RATE_BURST": _WITHOUT_LIMIT,
            "PYTHONPATH": str(ROOT),
        }
        self._folder: Final = folder
        self._port: Final = port
        self._commands: Final = write_commands(folder)
        self._hub: Final = self._process()
        key = Ed25519PrivateKey.generate()
        public = OKPKey.import_key(key.public_key())
        (folder / "key.json").write_text(json.dumps(public.as_dict(private=False)), encoding="ascii")
        self._run("init")
        self._run("organisation", "add", _AREA, "--title", "Metro", "--profile", "llr-2024")
        signed = ("--agreement", "Bench", "--until", "2199-12-31", "--lead", _AUTHOR)
        self._run("organisation", "add", SCHOOL, "--title", "Oak", "--area", _AREA, *signed)
        self._run("person", "add", _AUTHOR, "--role", "designated-safeguarding-lead")
        self._run("key", "add", SCHOOL, "--use", "events", str(folder / "key.json"))
        self._poster: Final = Poster(SCHOOL, _AUTHOR, public.thumbprint(), key)
        self._token: Final = folder / "token"
        self._token.write_text(json.loads(self._run("token", SCHOOL, "--json"))["access_token"])
        self._loads = 0

    @contextmanager
    def serving(self) -> Iterator[None]:
        """`hub serve`, until the block ends."""
        with self.running("serve"):
            ends = time.monotonic() + _READY_SECONDS
            while not self._answers():
                assert time.monotonic() < ends, "hub serve does not answer"
                time.sleep(0.1)
            yield

    @contextmanager
    def running(self, *command: str) -> Iterator[None]:
        """A command of the hub, until the block ends."""
        with self.beside([str(self._commands / "hub"), *command]):
            yield

    @contextmanager
    def beside(self, command: Sequence[str]) -> Iterator[None]:
        """Another process with the hub's settings and in its folder, until the block ends."""
        process = self._process()
        process.start(command, ready=False)
        try:
            yield
        finally:
            process.stop()

    def signed(self, children: int, each: int) -> list[bytes]:
        """Facts about children that nobody has posted about; see `facts`."""
        self._loads += 1
        now = datetime.now(UTC)
        name = f"load-{self._loads}"
        return facts(self._poster, HUB_ID, now, children=children, each=each, name=name)

    def post(self, bodies: Sequence[bytes], connections: int) -> Load:
        """Post them from a process of its own, and see that each was kept."""
        file = self._folder / "bodies"
        file.write_bytes(b"\n".join(bodies))
        done = subprocess.run(
            [sys.executable, "-m", "bench.http_load", "127.0.0.1", str(self._port), str(self._token),
             str(file), str(connections)],
            cwd=ROOT, capture_output=True, check=True, timeout=120,
        )  # fmt: skip
        said = json.loads(done.stdout)
        statuses = {int(status): count for status, count in said["statuses"].items()}
        assert statuses == {201: len(bodies)}, f"not every post was kept: {statuses}"
        return Load(said["seconds"], statuses, said["p50"], said["p99"])

    @property
    def token(self) -> str:
        """The school's token."""
        return self._token.read_text(encoding="ascii")

    @property
    def port(self) -> int:
        """Where `hub serve` listens on loopback."""
        return self._port

    def _process(self) -> HubProcess:
        return HubProcess(self._commands, self._folder, self._port, self.environment)

    def _run(self, *arguments: str) -> str:
        done = self._hub.run(*arguments)
        assert done.returncode == 0, f"hub {arguments[0]} failed: {done.stderr[-400:]}"
        return done.stdout

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=2) as answer:
                return int(answer.status) == 200
        except (urllib.error.URLError, OSError):
            return False


@contextmanager
def running_hub(folder: Path, name: str, **settings: str) -> Iterator[RunningHub]:
    """A hub on a new database, with its organisation, person and key.

    Raises: NoServer.
    """
    own = folder / name
    own.mkdir()
    yield RunningHub(own, database(), settings)
