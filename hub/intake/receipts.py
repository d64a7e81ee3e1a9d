"""Receipts: what the hub signs about a post, and the proof that its ledger holds it."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from hub.envelope import JsonObject
from hub.errors import HubError
from hub.record import HubSigner, Record, Recorded
from hub.views import StoredPost, read_post


@dataclass(frozen=True, slots=True)
class Posted:
    """The answer to a post: new (201) or held already (200), with the receipt and, once there, the proof."""

    status: Literal[200, 201]
    receipt: str
    claims: JsonObject
    proof: JsonObject | None


class Receipts:
    """Makes the receipt of a recorded event; the same event always gets the same receipt."""

    def __init__(self, record: Record, signer: HubSigner) -> None:
        self._record: Final = record
        self._signer: Final = signer

    def of(self, item: Recorded, status: Literal[200, 201]) -> Posted:
        """The receipt of an event as it stands in the record.

        Raises: HubError("not-found") where its content has been erased.
        """
        if item.body is None or item.salt is None:
            raise HubError("not-found", "What this receipt was about has been erased.")
        claims = _claims(item, read_post(item.body), item.salt)
        return Posted(status, self._signer.sign_receipt(claims), claims, self._proof(item.leaf_index))

    def new(self, item: Recorded, stored: StoredPost) -> Posted:
        """The receipt of an event that has just been appended: no checkpoint has covered it yet.

        Raises: HubError("not-found") where its content has been erased.
        """
        if item.salt is None:
            raise HubError("not-found", "What this receipt was about has been erased.")
        claims = _claims(item, stored, item.salt)
        return Posted(201, self._signer.sign_receipt(claims), claims, None)

    def _proof(self, leaf_index: int) -> JsonObject | None:
        """The proof to the latest checkpoint, None until one covers the leaf."""
        checkpoint = self._record.ledger.checkpoint()
        if checkpoint is None or checkpoint.size <= leaf_index:
            return None
        path = self._record.ledger.inclusion(leaf_index, checkpoint.size)
        return {"checkpoint": checkpoint.text, "inclusion": [b64encode(one).decode() for one in path]}


def written(instant: datetime) -> str:
    """An instant as claims write it: UTC, with the letter Z."""
    return instant.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def _claims(item: Recorded, stored: StoredPost, salt: bytes) -> JsonObject:
    return {
        "event": {"source": item.source, "id": item.id},
        "subject": stored.subject,
        "received_at": written(stored.received_at),
        "leaf_index": item.leaf_index,
        "leaf_data": item.leaf_data.decode(),
        "salt": urlsafe_b64encode(salt).rstrip(b"=").decode(),
        "warnings": [
            {"rule": rule, "text": text, "source": source} for rule, text, source in stored.warnings
        ],
        "policy_version": stored.policy_version,
    }
