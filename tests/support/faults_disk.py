"""Disks that are full, and disks that do not keep what they were told to keep."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.faults_hub import until
from tests.support.postgres_server import (
    Server,
    _account,
    embedded_binaries,
    new_server,
    or_skip,
    system_binaries,
)

_PIECE = b"\xff" * 65_536


class SmallDisk:
    """A file system of its own, small enough to be filled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self, left: int = 0) -> None:
        """Leave so many bytes free."""
        with self._ballast.open("ab", buffering=0) as file:
            while (free := self.free) > left:
                try:
                    file.write(_PIECE[: min(len(_PIECE), free - left)])
                except OSError:
                    return

    def empty(self) -> None:
        """Give the space back."""
        self._ballast.unlink(missing_ok=True)

    @property
    def free(self) -> int:
        """What is left. Units: bytes."""
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize


@contextmanager
def small_disk(megabytes: int) -> Iterator[SmallDisk]:
    """A file system in memory, mounted until the block ends; skips where none may be mounted."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("only root on Linux may mount a small disk")
    # Not in the tests' own folder: the account that a database runs under may not enter that.
    folder = Path(tempfile.mkdtemp(prefix="hub-disk-"))
    options = f"size={megabytes}m,mode=0755"
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(folder)], capture_output=True)
    try:
        if done.returncode != 0:
            pytest.skip("no small disk can be mounted here")
        yield SmallDisk(folder)
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", "--lazy", str(folder)], capture_output=True, check=True)
        folder.rmdir()


def server_on(disk: SmallDisk) -> Server:
    """A database whose files stand on a small disk; skips where there is no server."""
    binaries = system_binaries() or embedded_binaries()
    if binaries is None:
        or_skip(new_server)
    assert binaries is not None
    folder = disk.folder / "server"
    folder.mkdir()
    server = Server(binaries, folder, _account())
    server.make()
    return server


@contextmanager
def failing(pids: Sequence[int], calls: str) -> Iterator[None]:
    """Have system calls of processes and all their threads fail with EIO until the block ends.

    Shape: `calls` with commas between; skips where processes cannot be followed.
    """
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("there is no strace here")
    command = [
        strace, "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={calls}:error=EIO",
        *(f"--attach={pid}" for pid in pids),
    ]  # fmt: skip
    following = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: following.poll() is not None or all(map(_followed, pids)), 20, "a follower")
        if following.poll() is not None and following.returncode != 0:
            pytest.skip("processes cannot be followed here")
        yield
    finally:
        following.terminate()
        following.wait(20)


def _followed(pid: int) -> bool:
    """Whether every thread of a process is followed; one that has ended is."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        return all("TracerPid:\t0\n" not in (one / "status").read_text() for one in threads)
    except OSError:
        return True
