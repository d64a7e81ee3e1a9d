"""The hub's own keys: from the settings, or in development generated once into files of the hub's user."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr

from hub.errors import HubError
from hub.record import Chance
from hub.settings import Mode, Settings, SettingsError, key_bytes

_BYTES: Final = 32
_NO_KEYS: Final = (
    "There are no keys here. For a new hub run `hub init`; for a record that stood elsewhere set "
    "HUB_MASTER_KEY and HUB_SIGNING_KEY to its keys first."
)


@dataclass(frozen=True, slots=True, repr=False)
class HubKeys:
    """The master key and the signing key; never shown, not even in a representation.

    Shape: `former_master` is what the master key was before, where that is set.
    """

    master: bytes
    signing: Ed25519PrivateKey
    former_master: bytes | None = None

    @property
    def masters(self) -> tuple[bytes, ...]:
        """The master key in force, then the former one where it is set."""
        return (self.master,) if self.former_master is None else (self.master, self.former_master)


def generate_keys(settings: Settings, chance: Chance) -> tuple[Path, ...]:
    """Make the key files that are missing; the files that were made. Production makes none."""
    made = []
    for name, path in _files(settings).items():
        if getattr(settings, name) is None and settings.mode is not Mode.PRODUCTION and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not _keep(path, _new_text(chance), chance):
                continue
            made.append(path)
    return tuple(made)


def _new_text(chance: Chance) -> str:
    return base64.urlsafe_b64encode(chance.bytes(_BYTES)).decode().rstrip("=")


def _keep(path: Path, text: str, chance: Chance) -> bool:
    """Write a key so that it stands whole and durable, or not at all; False where one stands already.

    Why: what is acknowledged afterwards can be opened with this key only, so that the key must survive
    a loss of power; and two commands at once must not make two keys of one record.
    """
    beside = path.with_name(f"{path.name}.{chance.bytes(8).hex()}")
    try:
        # Readable by the hub's user alone, from the first byte on.
        with os.fdopen(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, path)
    except FileExistsError:
        return False
    finally:
        beside.unlink(missing_ok=True)
    _sync(path.parent)
    return True


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def load_keys(settings: Settings) -> HubKeys:
    """The keys from the settings, else from the files that `hub init` made.

    Raises: HubError store.
    """
    found = {}
    for name, path in _files(settings).items():
        given: SecretStr | None = getattr(settings, name)
        if given is None:
            if settings.mode is Mode.PRODUCTION or not path.is_file():
                raise HubError("store", _NO_KEYS)
            given = SecretStr(path.read_text(encoding="ascii"))
        try:
            found[name] = key_bytes(given)
        except ValueError:
            raise HubError("store", "A key file does not hold 32 bytes in base64url.") from None
    former = settings.former_master_key
    return HubKeys(
        found["master_key"],
        Ed25519PrivateKey.from_private_bytes(found["signing_key"]),
        None if former is None else key_bytes(former),
    )


def keys_to_change(settings: Settings, chance: Chance) -> HubKeys:
    """The keys with which the master key is changed: the new one, and the former one.

    Shape: where neither is set, in development, the file's is the former one; the new one is made once, in
    a file beside it that `put_new_key_in_place` moves.
    Raises: SettingsError; HubError store.
    """
    keys = load_keys(settings)
    if _in_files(settings):
        beside = _beside(settings)
        if not beside.exists():
            _keep(beside, _new_text(chance), chance)
        new = key_bytes(SecretStr(beside.read_text(encoding="ascii")))
        return HubKeys(new, keys.signing, keys.master)
    if keys.former_master is None:
        raise SettingsError(
            "HUB_FORMER_MASTER_KEY: set it to the master key that the record is under now, and "
            "HUB_MASTER_KEY to the new one, from `hub secrets`"
        )
    if keys.former_master == keys.master:
        raise SettingsError("HUB_FORMER_MASTER_KEY and HUB_MASTER_KEY must differ")
    return keys


def put_new_key_in_place(settings: Settings) -> None:
    """Move the file of the new master key to where the former one stood, which stays beside it."""
    beside, path = _beside(settings), _files(settings)["master_key"]
    if not _in_files(settings) or not beside.exists():
        return
    former = path.with_name(f"{path.stem}.former{path.suffix}")
    former.unlink(missing_ok=True)
    os.link(path, former)
    beside.replace(path)
    _sync(path.parent)


def _in_files(settings: Settings) -> bool:
    set_here = settings.master_key is not None or settings.former_master_key is not None
    return settings.mode is not Mode.PRODUCTION and not set_here


def _beside(settings: Settings) -> Path:
    path = _files(settings)["master_key"]
    return path.with_name(f"{path.stem}.new{path.suffix}")


def _files(settings: Settings) -> dict[str, Path]:
    directory = settings.data_directory / "keys"
    return {"master_key": directory / "master.key", "signing_key": directory / "signing.key"}
