"""The durable outbox: nothing an agency wanted to send is lost, and nothing is sent twice as new.

An event stands here from the moment it is queued until the hub has given a receipt, and stays with
it. Because the hub answers the same content again with the same receipt, "send, then mark" is safe at
every point where the process can die.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self

from agencies.sdk.client import Accepted, Answer, HubClient, HubUnavailable, Refused, Remark, remarks_in
from agencies.sdk.errors import AgencyError
from agencies.sdk.json import JsonObject, object_from, object_of, text_of, to_bytes
from agencies.sdk.retry import RETRY_STATUS

State = Literal["queued", "sent", "refused"]
STATES: Final[tuple[State, ...]] = ("queued", "sent", "refused")
_SET_UP: Final = frozenset({"signature", "key-unknown", "key-revoked", "audience", "token", "not-found"})
_OF_THE_EVENT: Final = frozenset({409, 413, 415, 422})
_GIVE_UP_AFTER: Final = 3
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS item (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, subject TEXT NOT NULL,
  payload BLOB NOT NULL,
  state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'refused')),
  status INTEGER, slug TEXT, rule TEXT, answer BLOB, changed_at TEXT NOT NULL, detail TEXT,
  UNIQUE (source, id));
CREATE INDEX IF NOT EXISTS item_state ON item (state, seq);
"""


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """One event in the outbox, without its content.

    Shape: `answer` is what the hub gave (receipt, claims, proof) once sent; `slug`, `rule` and `detail`
    say why it was refused. Units: `changed_at` is UTC, ISO 8601.
    """

    seq: int
    source: str
    id: str
    type: str
    state: State
    status: int | None
    slug: str | None
    rule: str | None
    answer: JsonObject | None
    changed_at: str
    detail: str | None = None

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What the receipt notes beside the event: what is missing of it."""
        return remarks_in(object_of(self.answer or {}, "claims") or {})

    @property
    def proved(self) -> bool:
        """Whether the receipt has come with its proof of inclusion."""
        return self.answer is not None and object_of(self.answer, "proof") is not None


@dataclass(frozen=True, slots=True)
class OutboxRun:
    """What one run did: how many were sent and refused, how many wait, and what stopped it, if anything."""

    sent: int
    refused: int
    waiting: int
    stopped: str | None = None


class Outbox:
    """An organisation's outbox in one SQLite file.

    Trust: the file holds the events in clear, like the system they come from; its owner alone may
    read it.
    """

    def __init__(self, path: Path) -> None:
        self._path: Final = path
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._db: Final = sqlite3.connect(path, isolation_level=None, timeout=10)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")  # "queued" must survive a power cut, not only a crash
        self._db.executescript(_SCHEMA)
        if not self._has_details():  # a file of an earlier version; of two that open it one adds the column
            with self.transaction():
                if not self._has_details():
                    self._db.execute("ALTER TABLE item ADD COLUMN detail TEXT")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _has_details(self) -> bool:
        return "detail" in {row[1] for row in self._db.execute("PRAGMA table_info(item)")}

    def close(self) -> None:
        """Give the file back."""
        self._db.close()

    @property
    def database(self) -> sqlite3.Connection:
        """The file, for what else is kept beside the items."""
        return self._db

    def add(self, payload: bytes) -> OutboxItem:
        """Queue an event; the same event again changes nothing, unless it was refused: then it waits anew.

        Raises: AgencyError where the payload is no event, or its id already stands for other content.
        """
        event = object_from(payload) or {}
        source, id_, type_ = (text_of(event, name) for name in ("source", "id", "type"))
        subject = text_of(event, "subject")
        if not (source and id_ and type_ and subject):
            raise AgencyError("This is not an event payload.", "Make it with `agency convert`.")
        now = _now()
        with self.transaction():
            held = self._db.execute(
                "SELECT payload FROM item WHERE source = ? AND id = ?", (source, id_)
            ).fetchone()
            if held is None:
                self._db.execute(
                    "INSERT INTO item (source, id, type, subject, payload, changed_at) VALUES (?,?,?,?,?,?)",
                    (source, id_, type_, subject, payload, now),
                )
            elif held[0] != payload:
                raise AgencyError(
                    f"Event {id_} stands in the outbox with other content.",
                    "An event that was queued is never changed: record a correction, which is a new event.",
                )
            else:
                self._db.execute(
                    "UPDATE item SET state = 'queued', status = NULL, slug = NULL, rule = NULL,"
                    " detail = NULL, changed_at = ? WHERE source = ? AND id = ? AND state = 'refused'",
                    (now, source, id_),
                )
        return self.find(source, id_)

    def again(self, since: datetime) -> int:
        """Queue again what was sent since an instant, in its order; how many. For a hub that was restored.

        Shape: the same payloads under the same ids, so that the hub keeps no event twice. The receipts held
        until now stay until new ones have come.
        """
        since_text = since.astimezone(UTC).isoformat(timespec="seconds")
        with self.transaction():
            queued = self._db.execute(
                "UPDATE item SET state = 'queued' WHERE state = 'sent' AND changed_at >= ?", (since_text,)
            )
            return queued.rowcount

    def find(self, source: str, id_: str) -> OutboxItem:
        """One item by its name.

        Raises: AgencyError where there is none.
        """
        row = self._db.execute(_ITEM + " WHERE source = ? AND id = ?", (source, id_)).fetchone()
        if row is None:
            raise AgencyError(f"Event {id_} is not in this outbox.", "See `agency outbox list`.")
        return _item(row)

    def payload(self, item: OutboxItem) -> bytes:
        """The exact bytes of an item's event."""
        row = self._db.execute("SELECT payload FROM item WHERE seq = ?", (item.seq,)).fetchone()
        return bytes(row[0])

    def items(self, state: State | None = None) -> list[OutboxItem]:
        """The items in the order of queueing, all or those in one state."""
        if state is None:
            return [_item(row) for row in self._db.execute(_ITEM + " ORDER BY seq")]
        return [_item(row) for row in self._db.execute(_ITEM + " WHERE state = ? ORDER BY seq", (state,))]

    def run(
        self,
        client: HubClient,
        sign: Callable[[bytes], str],
        *,
        after_each: Callable[[OutboxItem], None] = lambda item: None,
    ) -> OutboxRun:
        """Send what is queued.

        Shape: `sign` turns a payload into a JWS now, with the key of now: a payload that is signed
        again after a key was rotated is still the same content.

        1. One run at a time, so that order holds; the lock dies with its process.
        2. In the order of queueing, sign and post; a child whose event got no lasting answer waits
           with all its later events, other children go on.
        3. A receipt marks it sent; a refusal of the event sets it aside with its reason; a refusal of
           the sender stops the run and marks nothing.
        4. After three children without an answer in a row the hub is taken to be away.
        Raises: AgencyError when another run has the lock.
        """
        sent = refused = silent = 0
        stopped: str | None = None
        waiting_children: set[str] = set()
        with self.only_run():  # 1
            for seq, subject, payload in self.queued():
                if subject in waiting_children:
                    continue
                try:
                    answer = client.post(sign(payload))  # 2
                except HubUnavailable:
                    waiting_children.add(subject)
                    silent += 1
                    if silent >= _GIVE_UP_AFTER:  # 4
                        stopped = "unavailable"
                        break
                    continue
                silent = 0
                if isinstance(answer, Refused) and _speaks_of_set_up(answer):  # 3
                    stopped = answer.slug
                    break
                after_each(self._mark(seq, answer))
                sent += isinstance(answer, Accepted)
                refused += isinstance(answer, Refused)
        return OutboxRun(sent, refused, len(self.items("queued")), stopped)

    def fetch_proofs(self, client: HubClient) -> int:
        """Ask again for receipts whose proof was still pending; returns how many came.

        Raises: HubUnavailable.
        """
        came = 0
        for item in self.items("sent"):
            if item.proved:
                continue
            answer = client.receipt(item.id)
            if isinstance(answer, Accepted) and answer.proof is not None:
                self._mark(item.seq, answer)
                came += 1
        return came

    def queued(self) -> Iterator[tuple[int, str, bytes]]:
        """The queued events one at a time, by sequence, so that a long queue is never in memory whole."""
        last = 0
        while True:
            row = self._db.execute(
                "SELECT seq, subject, payload FROM item"
                " WHERE state = 'queued' AND seq > ? ORDER BY seq LIMIT 1",
                (last,),
            ).fetchone()
            if row is None:
                return
            last = row[0]
            yield row[0], row[1], bytes(row[2])

    def settle(self, source: str, id_: str, answer: Answer) -> bool:
        """Keep an answer that came by itself; whether the event stands here.

        A receipt proves that the hub has the event, so no refusal undoes it; a refusal of the sender marks
        nothing, as in `run`.
        """
        row = self._db.execute(
            "SELECT seq, state FROM item WHERE source = ? AND id = ?", (source, id_)
        ).fetchone()
        if row is None:
            return False
        if isinstance(answer, Accepted):
            # The same receipt comes again with every repeat; it never takes a proof away.
            if row[1] != "sent" or answer.proof is not None:
                self._mark(row[0], answer)
        elif row[1] == "queued" and not _speaks_of_set_up(answer):
            self._mark(row[0], answer)
        return True

    def _mark(self, seq: int, answer: Answer) -> OutboxItem:
        values: tuple[State, int, str | None, str | None, str | None, bytes | None]
        if isinstance(answer, Accepted):
            kept = to_bytes({"receipt": answer.receipt, "claims": answer.claims, "proof": answer.proof})
            values = ("sent", answer.status, None, None, None, kept)
        else:
            values = ("refused", answer.status, answer.slug, answer.rule, answer.detail or None, None)
        self._db.execute(
            "UPDATE item SET state = ?, status = ?, slug = ?, rule = ?, detail = ?, answer = ?,"
            " changed_at = ? WHERE seq = ?",
            (*values, _now(), seq),
        )
        return _item(self._db.execute(_ITEM + " WHERE seq = ?", (seq,)).fetchone())

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of a block, or nothing of it."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextmanager
    def only_run(self) -> Iterator[None]:
        """Be the only run of this outbox; the lock dies with its process.

        Raises: AgencyError when another run has it.
        """
        handle = os.open(self._path.with_name(self._path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as fault:
                raise AgencyError("Another run has this outbox.", "Wait until it has ended.") from fault
            yield
        finally:
            os.close(handle)


_ITEM: Final = "SELECT seq, source, id, type, state, status, slug, rule, answer, changed_at, detail FROM item"


def _item(
    row: tuple[int, str, str, str, State, int | None, str | None, str | None, bytes | None, str, str | None],
) -> OutboxItem:
    answer = object_from(row[8]) if row[8] is not None else None
    return OutboxItem(row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], answer, row[9], row[10])


def _speaks_of_set_up(refusal: Refused) -> bool:
    """Whether the sender must be put right, not the event: then the run stops and all stays queued.

    An answer without a slug of the hub's comes from something in between, such as a proxy; only a
    status that can mean nothing but this message sets the event aside.
    """
    if refusal.slug == "unknown":
        return refusal.status not in _OF_THE_EVENT
    return refusal.slug in _SET_UP or refusal.status in RETRY_STATUS


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
