"""Signed checkpoints: the size and root of the ledger as a note that anybody can check offline.

Source: C2SP tlog-checkpoint, C2SP signed-note
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hub.errors import HubError
from hub.record.merkle import HASH_BYTES

_ED25519: Final = b"\x01"
_DASH: Final = "\N{EM DASH} "
_MOST_BYTES: Final = 131_072
_MOST_SIGNATURES: Final = 32


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line of a note: who says to have signed, the key's short id, the signature."""

    name: str
    key_hash: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One signed statement of the ledger's size and root.

    Shape: `text` is the whole signed note; `body` the part that is signed, ending in LF.
    Trust: parsing checks the form only; call `verify` with a key from elsewhere.
    """

    origin: str
    size: int
    root: bytes
    text: str
    body: str
    signatures: tuple[NoteSignature, ...]


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A public key that signs notes, with the name it signs under."""

    name: str
    public: bytes

    @property
    def key_hash(self) -> bytes:
        """The short id that a signature line carries."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    @property
    def vkey(self) -> str:
        """The text form that an offline verifier is given."""
        return f"{self.name}+{self.key_hash.hex()}+{b64encode(_ED25519 + self.public).decode()}"


def read_vkey(text: str) -> NoteKey:
    """Read a verifier key, `name+hash+key`.

    Raises: HubError("signature") where it is not an Ed25519 verifier key in canonical form.
    """
    name, _, rest = text.partition("+")
    short, _, encoded = rest.partition("+")
    raw = _base64(encoded)
    if raw is None or len(raw) != 33 or raw[:1] != _ED25519 or not is_key_name(name):
        raise HubError("signature", "This is not an Ed25519 verifier key.")
    key = NoteKey(name, raw[1:])
    if key.key_hash.hex() != short:
        raise HubError("signature", "The verifier key's short id does not fit its key.")
    return key


def is_key_name(name: str) -> bool:
    """Whether a name may stand in a signature line: not empty, no spaces, no plus sign."""
    return bool(name) and "+" not in name and not any(c.isspace() or not c.isprintable() for c in name)


def sign_checkpoint(key: Ed25519PrivateKey, name: str, size: int, root: bytes) -> Checkpoint:
    """The checkpoint of a tree, signed under `name`, which is also its origin line."""
    body = f"{name}\n{size}\n{b64encode(root).decode()}\n"
    short = NoteKey(name, key.public_key().public_bytes_raw()).key_hash
    signature = key.sign(body.encode())
    line = f"{_DASH}{name} {b64encode(short + signature).decode()}\n"
    return Checkpoint(name, size, root, f"{body}\n{line}", body, (NoteSignature(name, short, signature),))


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a signed checkpoint; only the one canonical form of each part is accepted.

    1. The last empty line parts the signed body from the signature lines.
    2. The body is origin, size without leading zeros, root, and at most extension lines.
    3. Every signature line is a name and a canonical base64 of at least five bytes.

    Raises: HubError("signature") where the form is not exactly that.
    """
    fault = HubError("signature", "This is not a signed checkpoint.")
    if len(text.encode(errors="surrogatepass")) > _MOST_BYTES or any(
        c != "\n" and (c < " " or "\ud800" <= c <= "\udfff") for c in text
    ):
        raise fault
    # 1.
    head, found, tail = text.rpartition("\n\n")
    if not found or not tail.endswith("\n"):
        raise fault
    body = head + "\n"
    # 2.
    lines = body.split("\n")[:-1]
    if len(lines) < 3 or not all(lines) or not (lines[1].isascii() and lines[1].isdigit()):
        raise fault
    root = _base64(lines[2])
    if str(int(lines[1][:20])) != lines[1] or root is None or len(root) != HASH_BYTES:
        raise fault
    # 3.
    signed = tail.split("\n")[:-1]
    if not 1 <= len(signed) <= _MOST_SIGNATURES:
        raise fault
    signatures = []
    for line in signed:
        name, _, encoded = line.removeprefix(_DASH).partition(" ")
        raw = _base64(encoded)
        if not line.startswith(_DASH) or not is_key_name(name) or raw is None or len(raw) < 5:
            raise fault
        signatures.append(NoteSignature(name, raw[:4], raw[4:]))
    return Checkpoint(lines[0], int(lines[1]), root, text, body, tuple(signatures))


def verify_checkpoint(text: str, *keys: NoteKey) -> Checkpoint:
    """Read a checkpoint and check that one of these keys signed it under its own origin.

    Trust: signatures of other keys are ignored, as the format asks (rotation, witnesses); one that
    names one of these keys and does not verify refuses the whole note.
    Raises: HubError("signature").
    """
    checkpoint = parse_checkpoint(text)
    signed = [
        (key, one)
        for one in checkpoint.signatures
        for key in keys
        if one.name == key.name == checkpoint.origin and one.key_hash == key.key_hash
    ]
    if not signed:
        raise HubError("signature", "This checkpoint is not signed by the given key.")
    for key, one in signed:
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(one.signature, checkpoint.body.encode())
        except InvalidSignature:
            raise HubError("signature", "The checkpoint's signature does not verify.") from None
    return checkpoint


def _base64(text: str) -> bytes | None:
    # Only what encodes back to itself: a second spelling of the same bytes would be malleable.
    try:
        raw = b64decode(text.encode("ascii"), validate=True)
    except (Base64Error, ValueError):
        return None
    return raw if b64encode(raw).decode() == text else None
