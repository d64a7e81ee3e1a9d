"""Reading a signed checkpoint and an inclusion proof, written apart from the hub's own code.

A verifier that shared the hub's code would share its mistakes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_MARK: Final = "— "
_ED25519: Final = b"\x01"
HASH_LENGTH: Final = 32


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a ledger committed to: how many leaves there are, and their root."""

    origin: str
    size: int
    root: bytes


def decode_base64(text: str) -> bytes | None:
    """Standard base64 in its one canonical form; None for anything else."""
    try:
        decoded = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        return None
    # stray bits would let two texts mean the same bytes
    return decoded if base64.b64encode(decoded).decode() == text else None


def verifier_key(text: str) -> bytes | None:
    """The raw Ed25519 public key in a verifier key, NAME+HASH+KEY; None for anything else.

    Source: C2SP signed-note.
    """
    name, _, rest = text.partition("+")
    short, _, encoded = rest.partition("+")
    key = decode_base64(encoded)
    if not name or key is None or len(key) != 1 + HASH_LENGTH or key[:1] != _ED25519:
        return None
    expected = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4].hex()
    return key[1:] if short == expected else None


def read_checkpoint(note: str, key: bytes, origin: str) -> Checkpoint | None:
    """The checkpoint in a note, if this key signed it for this origin; None otherwise.

    Shape: `key` is a raw Ed25519 public key; the name of the key is the origin.

    1. Split the signed text from the signature lines at the last empty line.
    2. Read origin, decimal size and root; extension lines are allowed and signed.
    3. Of the signature lines, one must carry the name, the key's hash and a right signature;
       lines of others (witnesses) are passed over.
    Source: C2SP signed-note, tlog-checkpoint.
    """
    head, gap, tail = note.rpartition("\n\n")  # 1
    if not gap or not tail.endswith("\n"):
        return None
    lines = head.split("\n")
    if len(lines) < 3 or lines[0] != origin or not all(lines):  # 2
        return None
    size, root = _decimal(lines[1]), decode_base64(lines[2])
    if size is None or root is None or len(root) != HASH_LENGTH:
        return None
    key_hash = hashlib.sha256(origin.encode() + b"\n" + _ED25519 + key).digest()[:4]
    for line in tail[:-1].split("\n"):  # 3
        if not line.startswith(_MARK):
            return None
        name, space, encoded = line.removeprefix(_MARK).rpartition(" ")
        signature = decode_base64(encoded)
        if not space or signature is None or name != origin or signature[:4] != key_hash:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(signature[4:], (head + "\n").encode())
        except (InvalidSignature, ValueError):
            return None
        return Checkpoint(origin, size, root)
    return None


def _decimal(text: str) -> int | None:
    if not text.isascii() or not text.isdigit() or len(text) > 19 or (text[0] == "0" and text != "0"):
        return None
    return int(text)


def leaf_hash(leaf_data: bytes) -> bytes:
    """The hash of a leaf. Source: RFC 9162 2.1.1."""
    return hashlib.sha256(b"\x00" + leaf_data).digest()


def root_from_inclusion(index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes | None:
    """The root that an inclusion proof leads to; None where the proof has the wrong shape.

    Shape: `leaf` is a leaf hash; the walk keeps the leaf's place (`node`) and the place of the last
    leaf (`last`) on each level.
    Source: RFC 9162 2.1.3.2.
    """
    if not 0 <= index < size:
        return None
    node, last, digest = index, size - 1, leaf
    for sibling in path:
        if last == 0 or len(sibling) != HASH_LENGTH:
            return None
        if node % 2 == 1 or node == last:
            digest = hashlib.sha256(b"\x01" + sibling + digest).digest()
            # a last node without a sibling on its own level moves up until it has one
            while node % 2 == 0 and node != 0:
                node, last = node // 2, last // 2
        else:
            digest = hashlib.sha256(b"\x01" + digest + sibling).digest()
        node, last = node // 2, last // 2
    return digest if last == 0 else None
