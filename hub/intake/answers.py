"""Answers that nobody waits for: what became of a post is kept in the record, and told from there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson

from hub.envelope import JsonObject
from hub.errors import HubError
from hub.identity.records import SOURCE
from hub.intake.arrival import Arrival
from hub.intake.receipts import Receipts
from hub.intake.refusals import STREAM, TYPE, Refusals, refusal_of
from hub.record import Append, Draft, Record, Recorded
from hub.views import StoredPost, read_post

REPEATED: Final = "post-repeated"
NOT_NOW: Final = frozenset({"store", "rate", "views-behind"})
"""Refusals that say nothing of the post: it is tried again, and nothing is answered."""
_PURPOSE: Final = "answer-id"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an organisation is told of a post that it sent without waiting.

    Shape: `id` is the same whenever the same post is answered; `organisation` is empty where nobody is
    known to have sent it; `key` is the event's id, or for a refusal the digest of what was sent;
    `document` is what the same post is answered with over HTTP, or the problem with that digest.
    """

    id: str
    organisation: str
    status: int
    key: str
    document: JsonObject

    @property
    def accepted(self) -> bool:
        """Whether the event is held, with a receipt."""
        return self.status in (200, 201)


class Answers:
    """Keeps what became of posts that came without a caller, and makes the answers of it."""

    def __init__(self, record: Record, receipts: Receipts, refusals: Refusals) -> None:
        self._record: Final = record
        self._receipts: Final = receipts
        self._refusals: Final = refusals

    def refused(
        self, compact: bytes, refusal: HubError, organisation: str, arrival: Arrival, at: datetime,
        type_: str | None = None,
    ) -> None:  # fmt: skip
        """Keep that a post was refused, durably, with the marks of its arrival.

        Shape: `type_` is the type of the post, where its signature was verified.
        Trust: of what was sent only a digest is kept, and sealed.
        Raises: HubError("store").
        """
        told: JsonObject = {
            "slug": refusal.slug,
            "rule": refusal.rule,
            "source": refusal.source,
            "detail": refusal.detail,
            "status": refusal.status,
            "organisation": organisation,
            "answer_to": arrival.answer_to,
            "digest": hashlib.sha256(compact).hexdigest(),
            **self._refusals.of_decision(refusal, type_),
        }
        self._keep(STREAM, TYPE, told, arrival, at)

    def repeated(self, item: Recorded, arrival: Arrival, at: datetime) -> None:
        """Keep that a post brought content that is held already, durably, with the marks of its arrival.

        A record of a log that is read a second time brings itself: that was answered when it was kept.

        Raises: HubError("store").
        """
        if item.body is None or read_post(item.body).answer_to == arrival.answer_to:
            for mark in arrival.marks:
                self._record.raise_mark(mark.name, mark.value)
            return
        told: JsonObject = {"event": item.id, "by": item.source, "answer_to": arrival.answer_to}
        self._keep("repeats", REPEATED, told, arrival, at)

    def of(self, item: Recorded) -> Answer | None:
        """The answer that an item of the record owes; None where it owes none, or was erased."""
        if item.body is None:
            return None
        try:
            if item.kind == "event":
                stored = read_post(item.body)
                return self._receipt(item, stored, stored.answer_to, 201) if stored.answer_to else None
            if item.type == REPEATED:
                members = orjson.loads(item.body)
                held = self._record.find(members["by"], members["event"])
                if held is None or held.body is None:
                    return None
                return self._receipt(held, read_post(held.body), members["answer_to"], 200)
            if item.type == TYPE:
                return self._refusal(orjson.loads(item.body))
        except HubError as fault:
            if fault.slug != "not-found":
                raise
        return None

    def _keep(self, stream: str, type_: str, told: JsonObject, arrival: Arrival, at: datetime) -> None:
        """Append under a name that follows from the arrival, so that a second reading keeps nothing twice.

        A second reading can come to another result, by a key that was registered in between: then what
        stands is the answer.
        """
        payload = orjson.dumps(told, option=orjson.OPT_SORT_KEYS)
        body = orjson.dumps({**told, "at": at, "trace": arrival.trace}, option=orjson.OPT_SORT_KEYS)
        named = f"{type_}-{self._id(arrival.answer_to)}"
        try:
            draft = Draft(stream, "record", SOURCE, named, type_, payload, body)
            self._record.append(Append((draft,), marks=arrival.marks)).result()
        except HubError as fault:
            if fault.slug != "conflict":
                raise
            for mark in arrival.marks:
                self._record.raise_mark(mark.name, mark.value)

    def _receipt(self, item: Recorded, stored: StoredPost, answer_to: str, status: int) -> Answer:
        posted = self._receipts.of(item, 201 if status == 201 else 200)
        document: JsonObject = {"receipt": posted.receipt, "claims": posted.claims, "proof": posted.proof}
        return Answer(self._id(f"{answer_to}\nheld"), stored.organisation, status, item.id, document)

    def _refusal(self, members: Mapping[str, str]) -> Answer | None:
        answer_to = members.get("answer_to", "")
        if not answer_to:
            return None
        refusal = refusal_of(members)
        named = self._id(f"{answer_to}\nrefused")
        document: JsonObject = {"problem": refusal.document(named), "digest": members["digest"]}
        return Answer(named, members["organisation"], refusal.status, members["digest"], document)

    def _id(self, text: str) -> str:
        return str(UUID(bytes=self._record.digest(_PURPOSE, text.encode())[:16]))
