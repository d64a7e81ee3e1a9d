"""Where the broker's programs come from: `$KAFKA_HOME`, else what Maven fetches into the user's cache."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

VERSION: Final = "4.1.1"
_POM: Final = Path(__file__).resolve().parents[1] / "kafka" / "pom.xml"
_SILENT: Final = (b"Could not transfer", b"No plugin found for prefix")
"""What Maven says of a repository that it cannot reach; of one that lacks something it says other words."""


class Unavailable(Exception):
    """No broker can be had here; the text says why.

    Shape: `excused` where that is for want of Java, or of a Maven that answers.
    """

    def __init__(self, why: str, *, excused: bool = False) -> None:
        super().__init__(why)
        self.excused: Final = excused


@cache
def programs() -> Path:
    """The folder with the broker's jars; one process fetches them, others wait for it."""
    if shutil.which("java") is None:
        raise Unavailable("there is no Java here", excused=True)
    if home := os.environ.get("KAFKA_HOME"):
        if not list(Path(home, "libs").glob("kafka_2.13-*.jar")):
            raise Unavailable("there is no broker in $KAFKA_HOME")
        return Path(home, "libs")
    folder = cached() / f"kafka-{VERSION}"
    with locked():
        if not (folder / ".complete").exists():
            _fetch(folder)
            (folder / ".complete").touch()
    return folder


def _fetch(folder: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise Unavailable("there is neither KAFKA_HOME nor Maven here", excused=True)
    command = [
        maven, "-q", "-B", "-U", "-f", str(_POM), "dependency:copy-dependencies", "-DincludeScope=runtime",
        f"-DoutputDirectory={folder}",
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, timeout=300)
    except subprocess.TimeoutExpired:
        raise Unavailable("Maven did not answer in time", excused=True) from None
    if done.returncode != 0:
        silent = any(words in done.stdout for words in _SILENT)
        raise Unavailable("Maven could not fetch the broker", excused=silent)


def cached() -> Path:
    """The folder of what is kept for later runs."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "safeguarding-hub"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def locked() -> Iterator[None]:
    """One process at a time makes what is kept for all."""
    with (cached() / "kafka.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
