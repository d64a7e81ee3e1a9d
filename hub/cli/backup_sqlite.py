"""The record's SQLite file: copied out while it is in use, and put back."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from hub.cli.backup_manifest import Standing, Tell
from hub.errors import HubError
from hub.record import HubSigner, Record
from hub.record.binding import BEGUN, DONE
from hub.record.kept_apart import LINES
from hub.record.ports import Chance
from hub.record.sqlite.connections import connect

FILE: Final = "record.db"
_PAGES: Final = 4096
_BESIDE: Final = ("-wal", "-shm", "-journal")


def copy_out(
    source: Path, folder: Path, *, master_key: bytes, signer: HubSigner, chance: Chance, tell: Tell
) -> Standing:
    """Copy the record as of one moment; where it stood then.

    1. Hold one state of the file for as long as the copy takes; whoever writes goes on.
    2. Copy it page by page with SQLite's own backup interface.
    3. Let the copy say of itself that it is one: put anywhere by any means, it is not served as it is.

    Raises: HubError store.
    """
    target = folder / FILE
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(connect(str(source))) as live, closing(sqlite3.connect(target)) as copy:
            live.execute("BEGIN")  # 1.
            live.execute("SELECT position FROM head").fetchone()
            live.backup(  # 2.
                copy,
                pages=_PAGES,
                progress=lambda _, left, total: tell("copying", total - left, total),
                sleep=0,
            )
            live.execute("ROLLBACK")
    except (OSError, sqlite3.Error):
        raise HubError("store", "The record cannot be copied to this folder. Is there room on it?") from None
    with closing(Record.open(target, master_key=master_key, chance=chance, signer=signer)) as record:  # 3.
        restored = record.mark(DONE)
        record.raise_mark(BEGUN, restored + 1)
        head, latest = record.head(), record.ledger.checkpoint()
        lines = record.mark(LINES)
    return Standing(head.position, head.leaves, latest.text if latest else None, lines, restored)


def is_free(path: Path) -> bool:
    """Whether a record can be put at a path: there is none, or one that nothing was ever recorded in.

    Raises: HubError store, where something else stands there.
    """
    if not path.exists():
        left = [name for name in _BESIDE if Path(f"{path}{name}").exists()]
        if left:
            raise HubError("store", "Beside the record's place stand files of an older one; move them away.")
        return True
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as found:
            leaves: tuple[int] | None = found.execute("SELECT leaves FROM head").fetchone()
    except sqlite3.Error:
        raise HubError("store", "The file at the record's place is no record; move it away.") from None
    return leaves == (0,)


def put_back(folder: Path, path: Path) -> None:
    """Put the copy where the record was: whole and durable, or not at all.

    Raises: HubError store.
    """
    beside = path.with_name(f"{path.name}.restoring")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside.unlink(missing_ok=True)
        os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        shutil.copyfile(folder / FILE, beside)
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        for name in _BESIDE:
            Path(f"{path}{name}").unlink(missing_ok=True)
        beside.replace(path)
        opened = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
    except OSError:
        raise HubError("store", "The record cannot be written to its place. Is there room on it?") from None
