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
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def write_commands(folder: Path) -> Path:
    """Put `hub` and `agency` into this folder, for a PATH."""
    for name, package in (("hub", "hub.cli"), ("agency", "agencies.cli")):
        script = folder / name
        script.write_text(
            f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\n"
            f"from {package} import main\nsys.argv[0] = {name!r}\nmain()\n",
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


@contextmanager
def serving(commands: Path, folder: Path, port: int, settings: Mapping[str, str]) -> Iterator[str]:
    """`hub serve` in this folder until the block ends; its address, once it is ready."""
    address = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [str(commands / "hub"), "serve"],
        cwd=folder,
        env=environment(commands, **settings) | {"HUB_LISTEN": f"127.0.0.1:{port}"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_ready(f"{address}/readyz", server)
        yield address
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(10)


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
