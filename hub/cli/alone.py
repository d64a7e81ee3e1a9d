"""One hub serves a record in a SQLite file; a second one is told so before it begins."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from hub.errors import HubError
from hub.settings import Settings

ENDING: Final = ".serving"


@contextmanager
def served_alone(settings: Settings) -> Iterator[None]:
    """Hold the right to serve this record for the block; on PostgreSQL several processes may.

    Why: two would both project, sign and watch deadlines, and each would limit callers by itself. The
    system's lock ends with the process that holds it, however that ends: nothing stale is left to remove.
    It is on a file of its own, for a process that closes the database's file loses SQLite's locks on it.
    Raises: HubError store, where another process serves it.

    Procedure
      1. Open the file that stands for the right, beside the record; two names of one record share it.
      2. Take the lock, or say who has it.
      3. Write who has it, for whoever comes next.
    """
    if settings.on_postgresql:
        yield
        return
    record = settings.database_path.resolve()
    if not record.is_file():
        yield  # there is nothing to serve, which is said where the record is opened
        return
    try:
        held = os.open(record.with_name(record.name + ENDING), os.O_RDWR | os.O_CREAT, 0o600)  # 1
    except OSError:
        raise HubError("store", f"The folder of the record, {record.parent}, cannot be written.") from None
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)  # 2
        except OSError:
            raise HubError("store", _refusal(settings, os.pread(held, 20, 0))) from None
        os.truncate(held, 0)
        os.pwrite(held, str(os.getpid()).encode(), 0)  # 3
        yield
    finally:
        os.close(held)


def _refusal(settings: Settings, written: bytes) -> str:
    who = "Another process"
    with suppress(ValueError):
        who = f"Process {int(written)}"
    return (
        f"{who} serves {settings.record_shown} already, and on SQLite one process does everything. Use that "
        "one, or stop it first; for several processes keep the record in PostgreSQL (HUB_DATABASE_URL)."
    )
