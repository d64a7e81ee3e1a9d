"""Checking a receipt without the hub: it signed for exactly these bytes, and its ledger holds them."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from agencies.sdk.checkpoint import (
    Checkpoint,
    decode_base64,
    leaf_hash,
    read_checkpoint,
    root_from_inclusion,
)
from agencies.sdk.json import JsonObject, list_of, object_from, object_of, text_of
from agencies.sdk.keys import SigningKey, thumbprint

Fault = Literal["form", "signature", "claims", "event", "leaf", "leaf-index", "checkpoint", "inclusion"]


class ReceiptFault(Exception):
    """The receipt does not hold; `check` names the first check that failed."""

    def __init__(self, check: Fault) -> None:
        self.check: Fault = check
        super().__init__(check)


@dataclass(frozen=True, slots=True)
class VerifiedReceipt:
    """What a right receipt proves: the event, its place in the ledger, and the covering checkpoint.

    Shape: `checkpoint` is None while no checkpoint covered the leaf; the hub's signature then already
    binds it to the leaf, and the proof can be fetched later.
    """

    source: str
    id: str
    received_at: str
    leaf_index: int
    checkpoint: Checkpoint | None


def verify_receipt(
    answer: JsonObject, payload: bytes, hub_key: SigningKey, origin: str, former: Sequence[SigningKey] = ()
) -> VerifiedReceipt:
    """Verify a receipt offline against one's own payload and the hub's public key.

    Shape: `answer` is what the hub gave: `receipt`, `claims`, `proof`; `origin` is the hub's id; `former` are
    keys that the hub signed with before, and receipt and checkpoint may each be by another of them.

    1. The receipt is a JWS by one of the hub's keys; its own kid names that key.
    2. `claims` repeats the signed claims; they name this event and this subject.
    3. The leaf data follows from the salt and the payload's own bytes.
    4. The checkpoint is signed by the hub for its origin, and the proof leads from the leaf at the
       claimed index to the checkpoint's root.
    Raises: ReceiptFault naming the first check that failed.
    Source: contract, section 3; RFC 7515 5.2; RFC 9162 2.1.3.2; C2SP tlog-checkpoint.
    """
    keys = [one for one in (hub_key, *former) if isinstance(one, OKPKey)]
    claims = _signed_claims(text_of(answer, "receipt"), keys)  # 1
    shown = object_of(answer, "claims")
    if shown is not None and shown != claims:  # 2
        raise ReceiptFault("claims")
    event = object_from(payload)
    named = object_of(claims, "event")
    if event is None or named is None:
        raise ReceiptFault("form")
    source, id_ = text_of(event, "source"), text_of(event, "id")
    if (text_of(named, "source"), text_of(named, "id"), text_of(claims, "subject")) != (
        source,
        id_,
        text_of(event, "subject"),
    ):
        raise ReceiptFault("event")
    salt = _decode(text_of(claims, "salt"))
    if salt is None or len(salt) < 16:
        raise ReceiptFault("form")  # a short salt would let a guesser confirm what the payload says
    leaf = leaf_data(source, id_, salt, payload)
    if text_of(claims, "leaf_data").encode() != leaf:  # 3
        raise ReceiptFault("leaf")
    index = claims.get("leaf_index")
    if not isinstance(index, int) or isinstance(index, bool) or index < 0:
        raise ReceiptFault("leaf-index")
    proof = object_of(answer, "proof")
    checkpoint = None if proof is None else _covered(proof, leaf, index, keys, origin)  # 4
    return VerifiedReceipt(source, id_, text_of(claims, "received_at"), index, checkpoint)


def leaf_data(source: str, id_: str, salt: bytes, payload: bytes) -> bytes:
    """The ledger's leaf for an event.

    Shape: five lines, each ending in LF: format, kind, source, id, salted digest in base64url.
    """
    digest = base64.urlsafe_b64encode(hashlib.sha256(salt + payload).digest()).rstrip(b"=").decode()
    return f"hub-leaf/1\nevent\n{source}\n{id_}\n{digest}\n".encode()


def _signed_claims(receipt: str, keys: Sequence[OKPKey]) -> JsonObject:
    for key in keys:
        try:
            opened = jws.deserialize_compact(receipt, key, algorithms=["Ed25519", "EdDSA"])
        except (JoseError, ValueError, TypeError):
            continue
        if opened.headers().get("kid", thumbprint(key)) != thumbprint(key):
            continue
        claims = object_from(opened.payload)
        if claims is None:
            raise ReceiptFault("form")
        return claims
    raise ReceiptFault("signature")


def _covered(proof: JsonObject, leaf: bytes, index: int, keys: Sequence[OKPKey], origin: str) -> Checkpoint:
    note = text_of(proof, "checkpoint")
    raw = (_decode(str(key.as_dict(private=False)["x"])) for key in keys)
    found = (read_checkpoint(note, one or b"", origin) for one in raw)
    checkpoint = next((one for one in found if one is not None), None)
    if checkpoint is None:
        raise ReceiptFault("checkpoint")
    path = [decode_base64(step) if isinstance(step, str) else None for step in list_of(proof, "inclusion")]
    hashes = [step for step in path if step is not None]
    if len(hashes) != len(path):
        raise ReceiptFault("inclusion")
    if root_from_inclusion(index, checkpoint.size, leaf_hash(leaf), hashes) != checkpoint.root:
        raise ReceiptFault("inclusion")
    return checkpoint


def _decode(text: str) -> bytes | None:
    """Base64url without padding, in its one canonical form."""
    try:
        decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    return decoded if base64.urlsafe_b64encode(decoded).rstrip(b"=").decode() == text else None
