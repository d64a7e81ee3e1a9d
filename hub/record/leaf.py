"""What the ledger commits to for one item: kind, name and a salted digest of the payload.

The form cannot change later: receipts hold it, and partner organisations check it offline.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Final, cast

from hub.errors import HubError
from hub.record.types import LeafKind

FORMAT: Final = "hub-leaf/1"
SALT_BYTES: Final = 32
KINDS: Final = ("event", "record")
_LEAF_PREFIX: Final = b"\x00"
_sha256 = hashlib.sha256


@dataclass(frozen=True, slots=True)
class Leaf:
    """The four lines of leaf data below the format line, read back."""

    kind: LeafKind
    source: str
    id: str
    commitment: str


def commitment(salt: bytes, payload: bytes) -> str:
    """base64url, without padding, of SHA-256(salt || payload).

    Trust: without the salt nobody can test a guessed payload, so the salt is kept sealed.
    """
    return urlsafe_b64encode(_sha256(salt + payload).digest())[:-1].decode("ascii")


def leaf_data(kind: LeafKind, source: str, id: str, salt: bytes, payload: bytes) -> bytes:
    """The leaf data of one item: lines `hub-leaf/1`, kind, source, id, commitment, each ending in LF."""
    return f"{FORMAT}\n{kind}\n{source}\n{id}\n{commitment(salt, payload)}\n".encode()


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 || leaf data).

    Source: RFC 9162 2.1.1
    """
    return _sha256(_LEAF_PREFIX + data).digest()


def read_leaf(data: bytes) -> Leaf:
    """Read leaf data strictly.

    Raises: HubError("store") where the bytes are not exactly one leaf of this format.
    """
    try:
        lines = data.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        raise HubError("store", "The leaf data is not in the form hub-leaf/1.") from None
    if len(lines) != 6 or lines[0] != FORMAT or lines[1] not in KINDS or lines[5] or len(lines[4]) != 43:
        raise HubError("store", "The leaf data is not in the form hub-leaf/1.")
    return Leaf(cast(LeafKind, lines[1]), lines[2], lines[3], lines[4])
