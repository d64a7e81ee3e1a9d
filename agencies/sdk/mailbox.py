"""The outbox over Kafka: what was handed over, and what has come back of it.

A refusal names what it refuses by a digest of what was sent, so that digest is written down before it is
sent. Where to go on reading is kept with the effect of what was read: a receiver that is killed reads the
last message again, and it changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from agencies.sdk.client import Accepted, HubUnavailable, Refused, accepted_from, refusal_from
from agencies.sdk.json import JsonObject, object_from, object_of, text_of
from agencies.sdk.kafka import (
    UNVERIFIED,
    KafkaMessage,
    digest_of,
    notices_topic,
    receipts_topic,
    rejected_topic,
)
from agencies.sdk.outbox import Outbox
from agencies.sdk.receipts import ReceiptFault

AGAIN_SECONDS: Final = 600.0
_DOUBLINGS: Final = 4
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS handed (digest TEXT PRIMARY KEY, seq INTEGER NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS handed_seq ON handed (seq, at);
CREATE TABLE IF NOT EXISTS came (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS place (topic TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notice (id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
"""
Kind = Literal["receipt", "refusal", "notice", "known", "untrue", "other"]


@dataclass(frozen=True, slots=True)
class Came:
    """What one message was.

    Shape: `known` came before; `untrue` is a receipt that does not hold; `other` is not about anything in
    this outbox. `id` is the event's, or the notice's; `slug`, `rule` and `detail` are those of a refusal.
    """

    kind: Kind
    id: str = ""
    status: int = 0
    slug: str | None = None
    rule: str | None = None
    detail: str = ""


class Mailbox:
    """The parts of an outbox file that Kafka needs.

    Shape: `check` verifies an answer against the payload it is about, and raises ReceiptFault.
    Trust: whoever may write to a topic can put a message there; only `check` tells the hub's receipts.
    """

    def __init__(
        self,
        outbox: Outbox,
        organisation: str,
        check: Callable[[JsonObject, bytes], object] = lambda answer, payload: None,
    ) -> None:
        self._check: Final = check
        self._outbox: Final = outbox
        self._organisation: Final = organisation
        self._db: Final = outbox.database
        self._db.executescript(_SCHEMA)

    @property
    def topics(self) -> tuple[str, ...]:
        """What an organisation reads: its own topics, and that of what could not be verified as anybody's."""
        own = (receipts_topic, rejected_topic, notices_topic)
        return (*(topic(self._organisation) for topic in own), UNVERIFIED)

    def places(self) -> dict[str, int]:
        """Where each topic goes on."""
        return {topic: next_ for topic, next_ in self._db.execute("SELECT topic, next FROM place")}

    def hand_over(
        self,
        send: Callable[[str, str], None],
        sign: Callable[[bytes], str],
        key_of: Callable[[str], str],
        *,
        again_after: float = AGAIN_SECONDS,
    ) -> int:
        """Hand over what is queued and was not handed over lately; how many that were.

        Units: `again_after` in seconds; each time it doubles, up to 16 times as much, so that agencies that
        wait for a slow hub do not make it slower.

        1. One run at a time, in the order of queueing.
        2. Write down what will be sent, then send it: an answer can always be told apart.
        What is queued stays so until its answer has come; then this run or a later one sends it again, which
        is safe.

        Raises: AgencyError when another run has the lock; HubUnavailable.
        """
        handed = 0
        with self._outbox.only_run():  # 1
            for seq, subject, payload in self._outbox.queued():
                if self._waits(seq, again_after):
                    continue
                signed = sign(payload)
                self._db.execute(  # 2
                    "INSERT OR REPLACE INTO handed VALUES (?,?,?)", (digest_of(signed), seq, 0.0)
                )
                send(signed, key_of(subject))
                self._db.execute(
                    "UPDATE handed SET at = ? WHERE digest = ?", (time.time(), digest_of(signed))
                )
                handed += 1
        return handed

    def take(self, message: KafkaMessage) -> Came:
        """Take a message into the outbox; the same message again changes nothing."""
        with self._outbox.transaction():
            self._db.execute(
                "INSERT INTO place VALUES (?,?) ON CONFLICT (topic) DO UPDATE SET next = excluded.next",
                (message.topic, message.next),
            )
            if not message.id:
                return Came("other")
            new = self._db.execute("INSERT OR IGNORE INTO came VALUES (?)", (message.id,)).rowcount == 1
            return self._taken(message, object_from(message.value) or {}) if new else Came("known")

    def _taken(self, message: KafkaMessage, body: JsonObject) -> Came:
        if message.topic == receipts_topic(self._organisation):
            return self._receipt(message.status, body)
        if message.topic == notices_topic(self._organisation):
            self._db.execute("INSERT OR IGNORE INTO notice VALUES (?,?)", (message.id, message.value))
            return Came("notice", message.id)
        refused = refusal_from(message.status, object_of(body, "problem"))
        return self._refusal(refused, text_of(body, "digest"))

    def _receipt(self, status: int, body: JsonObject) -> Came:
        try:
            accepted: Accepted = accepted_from(status, body)
        except HubUnavailable:
            return Came("untrue")
        named = object_of(accepted.claims, "event") or {}
        source, id_ = text_of(named, "source"), text_of(named, "id")
        row = self._db.execute(
            "SELECT seq, payload FROM item WHERE source = ? AND id = ?", (source, id_)
        ).fetchone()
        if row is None:
            return Came("other", id_, status)
        try:
            self._check(body, bytes(row[1]))
        except ReceiptFault:
            return Came("untrue", id_)
        self._outbox.settle(source, id_, accepted)
        self._db.execute("DELETE FROM handed WHERE seq = ?", (row[0],))
        return Came("receipt", id_, status)

    def _refusal(self, refused: Refused, digest: str) -> Came:
        row = self._db.execute(
            "SELECT item.source, item.id FROM handed JOIN item USING (seq) WHERE digest = ?", (digest,)
        ).fetchone()
        if row is None:
            return Came("other", "", refused.status, refused.slug, refused.rule, refused.detail)
        self._outbox.settle(row[0], row[1], refused)
        # Where it stays queued, by what is not the event's fault, the next run may send it at once.
        self._db.execute("UPDATE handed SET at = 0 WHERE digest = ?", (digest,))
        return Came("refusal", row[1], refused.status, refused.slug, refused.rule, refused.detail)

    def _waits(self, seq: int, again_after: float) -> bool:
        """Whether an answer may still come to what was handed over before."""
        query = "SELECT count(*), max(at) FROM handed WHERE seq = ? AND at > 0"
        times, last = self._db.execute(query, (seq,)).fetchone()
        return bool(times) and time.time() - last < again_after * 2 ** min(times - 1, _DOUBLINGS)
