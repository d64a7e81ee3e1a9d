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
from hub.settings import Mode, Settings, key_bytes

_BYTES: Final = 32


@dataclass(frozen=True, slots=True, repr=False)
class HubKeys:
    """The master key and the signing key; never shown, not even in a representation."""

    master: bytes
    signing: Ed25519PrivateKey


def generate_keys(settings: Settings, chance: Chance) -> tuple[Path, ...]:
    """Make the key files that are missing; the files that were made. Production makes none."""
    made = []
    for name, path in _files(settings).items():
        if getattr(settings, name) is None and settings.mode is not Mode.PRODUCTION and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            text = base64.urlsafe_b64encode(chance.bytes(_BYTES)).decode().rstrip("=")
            if not _keep(path, text, chance):
                continue
            made.append(path)
    return tuple(made)


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
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return True


def load_keys(settings: Settings) -> HubKeys:
    """The keys from the settings, else from the files that `hub init` made.

    Raises: HubError store.
    """
    found = {}
    for name, path in _files(settings).items():
        given: SecretStr | None = getattr(settings, name)
        if given is None:
            if settings.mode is Mode.PRODUCTION or not path.is_file():
                raise HubError("store", "There are no keys yet; run `hub init` first.")
            given = SecretStr(path.read_text(encoding="ascii"))
        try:
            found[name] = key_bytes(given)
        except ValueError:
            raise HubError("store", "A key file does not hold 32 bytes in base64url.") from None
    return HubKeys(found["master_key"], Ed25519PrivateKey.from_private_bytes(found["signing_key"]))


def _files(settings: Settings) -> dict[str, Path]:
    directory = settings.data_directory / "keys"
    return {"master_key": directory / "master.key", "signing_key": directory / "signing.key"}
