"""What stands beside a backup: whose it is, how far it goes, the digest of each file; no key, no content."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, TypeAlias

import orjson

from hub.errors import HubError
from hub.record.sealing import MasterKey

NAME: Final = "manifest.json"
FORMAT: Final = "hub-backup/1"
_PURPOSE: Final = "backup-manifest"
_PIECE: Final = 1024 * 1024
Tell: TypeAlias = Callable[[str, int, int | None], None]
"""Told what is being done, how much of it is done, and how much there is where that is known."""
NOT_WHOLE: Final = "This backup is not as it was written. Take another one, or the other copy of it."


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file of a backup."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step that made the database of the backup: its number, name and digest."""

    number: int
    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the record stood in the backup.

    Shape: `checkpoint` is the latest signed one; `lines` how many lines the journal kept apart had at least;
    `restored` how often this record had been put back before; `steps` are for PostgreSQL only.
    """

    position: int
    leaves: int
    checkpoint: str | None
    lines: int
    restored: int
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that is said about one backup; `made_at` is aware UTC in ISO 8601."""

    hub: str
    store: str
    made_at: str
    standing: Standing
    files: tuple[StoredFile, ...]
    format: str = FORMAT


def digest_of(path: Path, tell: Tell) -> StoredFile:
    """A file's size and digest, made durable on the way.

    Raises: HubError store, where the file cannot be read.
    """
    digest, done = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            total = os.fstat(file.fileno()).st_size
            while piece := file.read(_PIECE):
                digest.update(piece)
                done += len(piece)
                tell("digests", done, total)
            os.fsync(file.fileno())
    except OSError:
        raise HubError("store", "A file of the backup cannot be read.") from None
    return StoredFile(path.name, done, digest.hexdigest())


def write_manifest(folder: Path, manifest: Manifest, master_key: bytes) -> Path:
    """Write the manifest as the last file of a backup: without it there is none.

    Trust: an HMAC under the master key says that it is this hub's; a digest alone anybody can make anew.
    """
    body = orjson.dumps(asdict(manifest), option=orjson.OPT_SORT_KEYS)
    mac = MasterKey(master_key).digest(_PURPOSE, body).hex()
    path, beside = folder / NAME, folder / f"{NAME}.new"
    try:
        beside.unlink(missing_ok=True)
        with os.fdopen(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            written = orjson.dumps(orjson.loads(body) | {"mac": mac}, option=orjson.OPT_INDENT_2)
            file.write(written + b"\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
    except OSError:
        raise HubError("store", "The backup's folder cannot be written.") from None
    return path


def read_manifest(folder: Path, master_keys: Sequence[bytes], hub: str) -> tuple[Manifest, bytes]:
    """The manifest of a backup, checked, and which of the master keys the hub had that wrote it.

    Raises: HubError store, where there is none, it was changed, or it is another hub's.
    """
    try:
        members = orjson.loads((folder / NAME).read_bytes())
        mac = members.pop("mac")
        body = orjson.dumps(members, option=orjson.OPT_SORT_KEYS)
    except FileNotFoundError:
        raise HubError("store", "There is no backup in this folder, or it was never finished.") from None
    except (OSError, ValueError, KeyError, AttributeError):
        raise HubError("store", NOT_WHOLE) from None
    fitting = [one for one in master_keys if isinstance(mac, str) and _fits(one, body, mac)]
    if not fitting:
        raise HubError(
            "store",
            "The backup's manifest was changed, or this is not the master key of the hub that wrote it. "
            "Check HUB_MASTER_KEY; for a backup from before the master key was changed set "
            "HUB_FORMER_MASTER_KEY too. If they are right, take another backup.",
        )
    if members["format"] != FORMAT or members["hub"] != hub:
        raise HubError("store", "This backup is of another hub or of a newer version. Check HUB_ID.")
    standing = members["standing"]
    standing["steps"] = tuple(Step(**one) for one in standing["steps"])
    files = tuple(StoredFile(**one) for one in members["files"])
    made = Manifest(members["hub"], members["store"], members["made_at"], Standing(**standing), files)
    return made, fitting[0]


def _fits(master_key: bytes, body: bytes, mac: str) -> bool:
    return hmac.compare_digest(MasterKey(master_key).digest(_PURPOSE, body).hex().encode(), mac.encode())


def check_files(folder: Path, manifest: Manifest, tell: Tell) -> None:
    """Compare every file of a backup with its digest.

    Raises: HubError store, where one is missing or differs.
    """
    for one in manifest.files:
        if not (folder / one.name).is_file() or digest_of(folder / one.name, tell) != one:
            raise HubError("store", NOT_WHOLE)
