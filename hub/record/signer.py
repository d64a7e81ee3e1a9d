"""The hub's own signature: on receipts, on recalls and on checkpoints."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from typing import Final

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.envelope import JsonObject
from hub.record.checkpoint import Checkpoint, NoteKey, is_key_name, sign_checkpoint

RECEIPT_TYPE: Final = "safeguarding-receipt+jws"
RECALL_TYPE: Final = "safeguarding-recall+jws"
"""A type of its own, so that neither can be shown for the other (RFC 8725 3.11)."""


class HubSigner:
    """Signs in the name of one hub.

    Shape: `name` is the hub's id; it is the origin of checkpoints and must hold no space and no plus.
    `former` are the keys that signed before this one: what they signed still verifies.
    Trust: Ed25519 signatures are deterministic, so the same claims always give the same receipt.
    Source: RFC 8032, RFC 9864
    """

    def __init__(self, key: Ed25519PrivateKey, name: str, former: Sequence[NoteKey] = ()) -> None:
        if not is_key_name(name):
            raise ValueError("a hub's id holds no space and no plus sign")
        self._key: Final = key
        self.name: Final = name
        public = key.public_key().public_bytes_raw()
        self.note_key: Final = NoteKey(name, public)
        self.note_keys: Final[tuple[NoteKey, ...]] = (self.note_key, *former)
        required = {"crv": "Ed25519", "kty": "OKP", "x": _base64url(public)}
        # RFC 7638: the thumbprint is over the required members in lexicographic order.
        self.kid: Final = _base64url(hashlib.sha256(_json(required)).digest())
        self._receipt: Final = self._header(RECEIPT_TYPE)
        self._recall: Final = self._header(RECALL_TYPE)
        self.public_jwk: Final[JsonObject] = {**required, "alg": "Ed25519", "kid": self.kid, "use": "sig"}

    @property
    def vkey(self) -> str:
        """The verifier key of the hub's checkpoints, in the text form of signed notes."""
        return self.note_key.vkey

    def sign_receipt(self, claims: JsonObject) -> str:
        """The claims as a compact JWS, members in sorted order.

        Source: RFC 7515 7.1
        """
        return self._signed(self._receipt, claims)

    def sign_recall(self, claims: JsonObject) -> str:
        """That something was corrected or withdrawn, as a compact JWS, members in sorted order.

        Source: RFC 7515 7.1
        """
        return self._signed(self._recall, claims)

    def sign_checkpoint(self, size: int, root: bytes) -> Checkpoint:
        """The signed checkpoint of a tree."""
        return sign_checkpoint(self._key, self.name, size, root)

    def _header(self, type: str) -> str:
        return _base64url(_json({"alg": "Ed25519", "kid": self.kid, "typ": type}))

    def _signed(self, header: str, claims: JsonObject) -> str:
        signed = f"{header}.{_base64url(_json(claims))}"
        return f"{signed}.{_base64url(self._key.sign(signed.encode('ascii')))}"


def _json(value: JsonObject) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
