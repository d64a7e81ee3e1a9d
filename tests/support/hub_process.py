"""The real commands in a process of their own: `hub` and `agency` as they stand in this checkout."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def write_commands(folder: Path) -> Path:
    """Put `hub` and `agency` into this folder, for a PATH."""
    for name, package in (("hub", "hub.cli"), ("agency", "agencies.cli")):
        script = folder / name
        script.write_text(
            f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\n"
            # Guarded as an installed command is: workers read the file that started their parent again.
            f"from {package} import main\nif __name__ == '__main__':\n"
            f"    sys.argv[0] = {name!r}\n    main()\n",
            encoding="utf-8",
        )
        script.chmod(0o755)
    return folder


def environment(commands: Path, **more: str) -> dict[str, str]:
    """This process's environment without settings of any hub, with the commands first on the PATH."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HUB_", "AGENCY_"))}
    path = f"{commands}{os.pathsep}{kept.get('PATH', '')}"
    return kept | {"PATH": path, "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"} | more


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


class HubProcess:
    """`hub serve` in a folder, which can be killed and started again at the same address."""

    def __init__(self, commands: Path, folder: Path, port: int, settings: Mapping[str, str]) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.commands = commands
        self.folder = folder
        self.environment = environment(commands, **settings) | {"HUB_LISTEN": f"127.0.0.1:{port}"}
        self._server: subprocess.Popen[bytes] | None = None

    def start(self, command: Sequence[str] = (), *, ready: bool = True) -> None:
        """Start it, and wait until it is ready; `command` instead of `hub serve`."""
        self._server = subprocess.Popen(
            list(command) or [str(self.commands / "hub"), "serve"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if ready:
            _wait_until_ready(f"{self.address}/readyz", self._server)

    def kill(self) -> None:
        """kill -9: nothing of it runs on."""
        if self._server is not None:
            self._server.kill()
            self._server.wait(10)

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        assert self._server is not None
        self._server.send_signal(signal.SIGTERM)
        try:
            return self._server.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Another command of `hub` on the same data."""
        return subprocess.run(
            [str(self.commands / "hub"), *arguments],
            cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=120,
        )  # fmt: skip


@contextmanager
def serving(commands: Path, folder: Path, port: int, settings: Mapping[str, str]) -> Iterator[str]:
    """`hub serve` in this folder until the block ends; its address, once it is ready."""
    server = HubProcess(commands, folder, port, settings)
    try:
        server.start()
        yield server.address
    finally:
        server.stop()


def _wait_until_ready(address: str, server: subprocess.Popen[bytes], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert server.poll() is None, "the server ended by itself"
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError("the server did not become ready")
