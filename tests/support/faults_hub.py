"""A hub of several processes on PostgreSQL and Kafka, each of which can be killed and started again."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from typer.testing import CliRunner

from agencies.sdk.keys import USES, generate_key, paths_of, write_pair
from hub.cli.commands import app
from hub.cli.compose import Store, initialise, open_store
from hub.cli.demo_world import SLACK, fill_directory
from hub.settings import load_settings
from tests.support.hub_process import HubProcess, free_port, write_commands
from tests.support.simulated import MASTER_KEY, SIGNING_KEY

HUB_ID = "https://hub.example/faults"
ELM, OAK = "education.elm-school", "education.oak-school"
POLICE, N_CSC, S_CSC = "police.n-police", "social-care.n-csc", "social-care.s-csc"
AGENCIES = (ELM, OAK, POLICE, N_CSC, S_CSC)
BESIDE = ("project", "relay", "tick")


@dataclass
class ManyProcesses:
    """The processes of one hub, and what they are told.

    Shape: `api` serves; the others run beside it, under the names of their commands. `settings` is what
    every one of them is told; `own` what a test itself opens the record with, around any wire.
    """

    folder: Path
    settings: dict[str, str]
    own: dict[str, str]
    commands: Path
    processes: dict[str, HubProcess] = field(default_factory=dict)
    lines: dict[str, list[str]] = field(default_factory=dict)
    _changing: threading.RLock = field(default_factory=threading.RLock)

    @property
    def keys(self) -> Path:
        return self.folder / "agencies"

    @property
    def address(self) -> str:
        """Where the API is."""
        return self.processes["api"].environment.get("HUB_PUBLIC_URL") or self.processes["api"].address

    def add(self, name: str, *command: str, **more: str) -> HubProcess:
        """One more process, of `hub serve` or of another command; not started."""
        port = free_port()
        found = HubProcess(self.commands, self.folder, port, self.settings | more)
        if command:
            found.environment["HUB_OPERATIONS_LISTEN"] = f"127.0.0.1:{port}"
        self.processes[name] = found
        self.lines[name] = [str(self.commands / "hub"), *(command or ("serve",))]
        return found

    def start(self, *names: str) -> None:
        """Start these, or all; come back at once."""
        for name in names or self.processes:
            self.processes[name].start(self.lines[name], ready=False)

    def restart(self, name: str) -> None:
        """kill -9, and start it again."""
        with self._changing:
            self.kill(name)
            self.start(name)

    def kill(self, name: str) -> None:
        """kill -9 of a process with everything that it started."""
        below = children(self.pid(name))
        self.processes[name].kill()
        for one in below:
            end(one)

    @contextmanager
    def kept(self) -> Iterator[list[str]]:
        """Start again what ends by itself, as whoever runs the processes does; which those were.

        Shape: a process that finds no store when it starts says so and ends.
        """
        ended: list[str] = []
        done = threading.Event()

        def keep() -> None:
            while not done.wait(0.2):
                for name in self.processes:
                    with self._changing:
                        if self.ended(name):
                            ended.append(name)
                            self.start(name)

        keeper = threading.Thread(target=keep, daemon=True)
        keeper.start()
        try:
            yield ended
        finally:
            done.set()
            keeper.join()

    def signal(self, name: str, number: int) -> None:
        """Tell a process something."""
        os.kill(self.pid(name), number)

    def ended(self, name: str) -> bool:
        """Whether what was started has ended by itself, or as it was told to."""
        server = self.processes[name]._server
        return server is not None and server.poll() is not None

    def ready(self, *names: str) -> bool:
        """Whether these, or all, say that they can do their work."""
        return all(
            status(f"{self.processes[name].address}/readyz") == 200 for name in names or self.processes
        )

    def begin(self, *names: str, seconds: float = 90) -> float:
        """Start these, or all, and wait until they are ready; for how many seconds."""
        self.start(*names)
        return until(lambda: self.ready(*names), patient(seconds))

    def begin_anew(self) -> float:
        """kill -9 of everything, and start all of it; how many seconds until it is ready."""
        self.stop()
        return self.begin()

    def stop(self) -> None:
        """Nothing of it runs on."""
        for name in self.processes:
            self.kill(name)

    def workers(self) -> list[int]:
        """The processes that serve beneath the supervisor of the API."""
        return [one for one in children(self.pid("api")) if b"spawn_main" in command_of(one)]

    def pid(self, name: str) -> int:
        """The process that was started last; 0 where none was."""
        server = self.processes[name]._server
        return server.pid if server else 0

    def memory(self) -> int:
        """What all of it holds in memory. Units: bytes."""
        found = [self.pid(name) for name in self.processes]
        found += [below for pid in found for below in children(pid)]
        return sum(map(resident, found))

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The record, opened as a command opens it."""
        store = open_store(load_settings(self.own, None))
        try:
            yield store
        finally:
            store.close()

    def verified(self) -> bool:
        """Whether `hub verify` finds the record whole; what it says is printed."""
        with chdir(self.folder):  # where there are no settings in a file
            done = CliRunner().invoke(app, ["verify"], env=self.own)
        print(f"hub verify: {' '.join(done.output.split())}")
        return done.exit_code == 0


def make_hub(folder: Path, url: str, through: str | None = None, **more: str) -> ManyProcesses:
    """A migrated record with the invented organisations and their keys; its processes go `through` a wire."""
    folder.mkdir(exist_ok=True)
    (folder / "bin").mkdir()
    own = {
        "HUB_ID": HUB_ID, "HUB_DATABASE_URL": url, "HUB_MASTER_KEY": MASTER_KEY,
        "HUB_SIGNING_KEY": SIGNING_KEY, "HUB_RATE_PER_SECOND": "10000", "HUB_RATE_BURST": "10000",
        "HUB_KEPT_APART": str(folder / "apart"),
    }  # fmt: skip
    told = own | {"HUB_DATABASE_URL": through or url} | more
    hub = ManyProcesses(folder, told, own, write_commands(folder / "bin"))
    initialise(load_settings(own, None))
    with hub.store() as store:
        fill_directory(store.directory)
        for organisation in AGENCIES:
            for use in USES:
                write_pair(hub.keys, organisation, use, generate_key("Ed25519"))
                public = paths_of(hub.keys, organisation, use)[1].read_text(encoding="utf-8")
                store.directory.register_key(organisation, use, public, not_before=store.clock.wall() - SLACK)
    return hub


def until(true: Callable[[], bool], seconds: float, what: str = "it") -> float:
    """Wait until something is true; for how many seconds."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, f"{what} did not come to be within {seconds:g} seconds"
        time.sleep(0.1)
    return time.monotonic() - began


def patient(seconds: float) -> float:
    """So many seconds on a machine that does nothing else; in proportion more on one that is busy.

    Shape: for waiting only. How soon something has to be back is judged by `in_good_time`.
    """
    return seconds * max(1.0, busy())


def in_good_time(took: float, seconds: float, anew: Callable[[], float]) -> bool:
    """Whether what took so long took no longer than it may.

    Shape: on a machine with more to do than it has processors it may have taken longer, but not as long as
    `anew` takes at that moment, which starts the same from nothing.
    """
    if took < seconds or busy() < 1:
        return took < seconds
    afresh = anew()
    print(f"back after {took:.1f} s; begun anew on the same busy machine in {afresh:.1f} s")
    return took < afresh


def busy() -> float:
    """How many processes want each processor, on the average of the last minute."""
    return os.getloadavg()[0] / (os.cpu_count() or 1)


def status(url: str) -> int | None:
    """The status of an answer; None where none comes."""
    try:
        return httpx.get(url, timeout=5).status_code
    except httpx.TransportError:
        return None


def children(pid: int) -> list[int]:
    """The processes that a process started."""
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def resident(pid: int) -> int:
    """What a process holds in memory. Units: bytes."""
    try:
        text = Path(f"/proc/{pid}/statm").read_text()
    except OSError:
        return 0
    return int(text.split()[1]) * os.sysconf("SC_PAGE_SIZE")


def end(pid: int) -> None:
    """kill -9 of a process that may be gone already."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def shown(numbers: Sequence[float]) -> str:
    """Some durations, for a line that is printed. Units: seconds."""
    return "/".join(f"{one:.1f}" for one in numbers)
