"""The services of docker-compose.yml as processes of this machine: same commands, settings and health checks.

Only where things stand is said anew: the addresses and folders of containers become those of this machine.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.stack.topology import Service, services
from tests.support.hub_process import environment, free_port, write_commands
from tests.support.kafka_broker import kafka_broker
from tests.support.oidc_provider import PASSWORD, required
from tests.support.postgres_server import fresh_database, or_skip, postgres_server

START_SECONDS = 90.0
STOP_SECONDS = 40.0
_CONDITIONS = {"service_healthy", "service_completed_successfully", "service_started"}


class Stack:
    """The whole topology; `free_ports` leaves the published ports to others."""

    def __init__(
        self, folder: Path, *, free_ports: bool, tell: Callable[[str], None] = lambda _: None
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.commands = write_commands(_made(folder / "bin"))
        self.secrets = self._make_secrets()
        self.services = services(self.secrets)
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self._tell = tell
        self._published = {
            inside: free_port() if free_ports else outside
            for one in self.services.values()
            for outside, inside in one.ports
        }
        self._own: dict[str, int] = {}
        self._database = ""
        self._kafka = ""

    @property
    def address(self) -> str:
        """Where the doors of the hub are."""
        return f"http://127.0.0.1:{self._published[8080]}"

    @property
    def issuer(self) -> str:
        """Where people sign in."""
        return f"http://127.0.0.1:{self._published[9400]}"

    @property
    def database(self) -> str:
        """Where the record is."""
        return self._database

    @property
    def kafka(self) -> str:
        """Where the brokers are."""
        return self._kafka

    @property
    def hub_id(self) -> str:
        """The hub's id, which events are signed for."""
        return self.services["api"].environment["HUB_ID"]

    def own_port(self, name: str) -> int:
        """Where a process that serves nobody answers operators."""
        return self._own[name]

    def start(self) -> None:
        """Start each service once those it waits for are as it wants them."""
        self._database = fresh_database(or_skip(postgres_server))
        cluster = kafka_broker()
        cluster.wipe()  # another hub's topics may stand on it, and would be read as this one's
        self._kafka = cluster.bootstrap
        for service in self.services.values():
            for other, condition in service.needs.items():
                self._await(self.services[other], condition)
            self.launch(service.name)
        for service in self.services.values():
            if service.health:
                self._await(service, "service_healthy")

    def launch(self, service: str, *more: str, name: str = "") -> None:
        """Start one service, or one more of it under another name; the servers of other makes run already."""
        if service in ("postgres", "kafka"):
            return
        name = name or service
        command = (*self.services[service].command, *more)
        told = self.environment(service)
        if name != service and "HUB_OPERATIONS_LISTEN" in told:
            told["HUB_OPERATIONS_LISTEN"] = f"127.0.0.1:{free_port()}"
        self._tell(f"Starting {name}: {' '.join(command)}")
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                self._command(command),
                cwd=_made(self.folder / "work"),
                env=told,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def environment(self, name: str) -> dict[str, str]:
        """What a service is told, with this machine's addresses."""
        service = self.services[name]
        told = {key: self._here(service, value) for key, value in service.environment.items()}
        if "HUB_DATABASE_URL" in told:
            told["HUB_DATABASE_URL"] = self._database
        return environment(self.commands, **told, NODE_NO_WARNINGS="1")

    def health(self, name: str) -> bool:
        """Whether a service's own health check says that it is well."""
        service = self.services[name]
        if name in ("postgres", "kafka"):
            return True  # whoever started them waited until they answered
        done = subprocess.run(
            [self._here(service, one) for one in self._command(service.health)],
            env=self.environment(name), capture_output=True, timeout=20,
        )  # fmt: skip
        return done.returncode == 0

    def hub(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of `hub` with the settings of the processes."""
        return subprocess.run(
            [str(self.commands / "hub"), *arguments],
            cwd=_made(self.folder / "work"),
            env=self.environment("init"), capture_output=True, text=True, timeout=120,
        )  # fmt: skip

    def log(self, name: str) -> str:
        """What a service wrote."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def end(self, name: str) -> int:
        """Ask one to end; its exit code."""
        process = self.running.pop(name)
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            return process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait(10)

    def stop(self) -> dict[str, int]:
        """Ask all to end, the last started first; their exit codes."""
        return {name: self.end(name) for name in reversed(list(self.running))}

    def _make_secrets(self) -> dict[str, str]:
        done = subprocess.run(
            [str(self.commands / "hub"), "secrets", "--json"],
            env=environment(self.commands), capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
        made: dict[str, str] = json.loads(done.stdout)
        return made | {"SIGN_IN_PASSWORD": PASSWORD}

    def _command(self, command: Sequence[str]) -> list[str]:
        """The same programs: `hub` of this checkout, the sign-in service where it was installed."""
        places = {
            "hub": str(self.commands / "hub"),
            "node": shutil.which("node") or "node",
            "provider.mjs": str(required() / "provider.mjs") if "provider.mjs" in command else "",
        }
        return [places.get(one) or one for one in command]

    def _here(self, service: Service, text: str) -> str:
        """A text with the addresses of containers replaced by those of this machine."""
        if service.name not in self._own:
            self._own[service.name] = free_port()
        ports = self._published | {8081: self._own[service.name]}
        for inside, outside in ports.items():
            for host in ("0.0.0.0", "127.0.0.1"):
                text = text.replace(f"{host}:{inside}", f"127.0.0.1:{{{outside}}}")
        text = text.replace("kafka:9092", self._kafka)
        text = text.replace("/var/lib/hub", str(_made(self.folder / "data")))
        for outside in ports.values():
            text = text.replace(f"{{{outside}}}", str(outside))
        return text

    def _await(self, service: Service, condition: str) -> None:
        assert condition in _CONDITIONS
        ends = time.monotonic() + START_SECONDS
        while True:
            process = self.running.get(service.name)
            if condition == "service_completed_successfully":
                assert process is not None
                assert process.wait(START_SECONDS) == 0, self.log(service.name)[-2_000:]
                return
            if condition == "service_started" or self.health(service.name):
                return
            assert process is None or process.poll() is None, self.log(service.name)[-2_000:]
            assert time.monotonic() < ends, f"{service.name} is not well: {self.log(service.name)[-2_000:]}"
            time.sleep(0.3)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
