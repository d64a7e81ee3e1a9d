"""What each follower sends: answers to posts, notices, and positions for projection workers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

import orjson

from hub import metrics
from hub.directory.directory import STREAM as DIRECTORY
from hub.envelope import JsonObject
from hub.intake import Answer
from hub.record import Recorded
from hub.relay.connection import SEND_SECONDS, Message, Sender, part_of
from hub.relay.topics import RECORDED, Topics, notices_of, receipts_of, rejected_of
from hub.trace import traced
from hub.views import read_post

_CHILD: Final = "child/"
_ORDERED: Final = 0
"""The one partition in which an organisation reads, in order, also where operators made more of them."""


class Answering(Protocol):
    """What the record owes to those who posted without waiting."""

    def answer(self, item: Recorded) -> Answer | None:
        """The answer that an item owes."""
        ...


class Notice(Protocol):
    """What an organisation is told: coded, without narrative, and recorded before it is handed over."""

    @property
    def id(self) -> str:
        """The same for the same notice."""
        ...

    @property
    def organisation(self) -> str:
        """Who is told."""
        ...

    @property
    def body(self) -> JsonObject:
        """What is told."""
        ...


Noticing = Callable[[], Callable[[Recorded], Sequence[Notice]]]
"""Begins a look at the record, by which the notices of the items that are sent together are decided."""


class _ItemByItem:
    """What is sent of one item does not depend on the others."""

    patience: float = SEND_SECONDS

    def begin(self, sender: Sender, after: int) -> None:
        """Nothing to prepare."""

    def end(self, last: Recorded) -> Sequence[Message]:
        """Nothing closes a batch."""
        return ()


class Answers(_ItemByItem):
    """Receipts and refusals, in the order of the record.

    Shape: a message's key is the event's id, or the digest of what was refused; its headers are `id`, the
    same whenever it is sent, and `status`.
    """

    def __init__(self, answering: Answering, topics: Topics) -> None:
        self._answering: Final = answering
        self._topics: Final = topics
        self._directory_changed = False

    def of(self, item: Recorded) -> Sequence[Message]:
        """The answer that an item owes."""
        self._directory_changed = self._directory_changed or item.stream == DIRECTORY
        answer = self._answering.answer(item)
        if answer is None:
            return ()
        topic = (receipts_of if answer.accepted else rejected_of)(answer.organisation)
        headers = (("id", answer.id), ("status", str(answer.status)))
        return (Message(topic, answer.key, _json(answer.document), headers, _ORDERED),)

    def end(self, last: Recorded) -> Sequence[Message]:
        """Nothing is sent, but who is new in the directory gets topics to listen to."""
        if self._directory_changed:
            self._topics.ensure_all()
            self._directory_changed = False
        return ()


class Notices(_ItemByItem):
    """Notices to organisations, decided when they are sent: a backlog is decided by the rules of now.

    Trust: what the brokers do not take at once is decided anew, for a relationship may have ended meanwhile.
    """

    patience: float = 3.0

    def __init__(self, noticing: Noticing) -> None:
        self._noticing: Final = noticing
        self._notices = noticing()

    def begin(self, sender: Sender, after: int) -> None:
        """Look at the record once for all that is sent together."""
        self._notices = self._noticing()

    def of(self, item: Recorded) -> Sequence[Message]:
        """Who is told of an item, and what; under the trace of the post that it follows from."""
        trace = read_post(item.body).trace if item.kind == "event" and item.body is not None else ""
        with traced(trace):
            told = self._notices(item)
        metrics.notice("sent", len(told))
        return [
            Message(notices_of(one.organisation), one.id, _json(one.body), (("id", one.id),), _ORDERED)
            for one in told
        ]


class Positions:
    """Where something was recorded, for projection workers: positions only, no content.

    Shape: one message for each item, in the partition of its stream, its key the child's id or none; after
    everything of a batch has arrived, `{"upto": position, "after": position, "of": partitions}` in every
    partition: of what was recorded after the one and up to the other, divided into so many parts, all of
    this part has been told.
    """

    def __init__(self) -> None:
        self.patience: float = SEND_SECONDS
        self._of = 0
        self._after = 0

    def begin(self, sender: Sender, after: int) -> None:
        """Fix into how many parts this batch is divided."""
        self._of, self._after = sender.partitions(RECORDED), after

    def of(self, item: Recorded) -> Sequence[Message]:
        """The position of an item."""
        part = part_of(part_key(item.stream), self._of)
        # Other streams are named after organisations, or after whose record was read: no key tells of them.
        key = item.stream.removeprefix(_CHILD) if item.stream.startswith(_CHILD) else None
        return (Message(RECORDED, key, str(item.position).encode(), partition=part),)

    def end(self, last: Recorded) -> Sequence[Message]:
        """How far the workers have now been told of everything."""
        value = _json({"upto": last.position, "after": self._after, "of": self._of})
        return [Message(RECORDED, None, value, partition=number) for number in range(self._of)]


def part_key(stream: str) -> str:
    """What puts a stream's items into one partition: the child's id, or the name of another stream."""
    return stream.removeprefix(_CHILD)


def _json(value: JsonObject) -> bytes:
    return orjson.dumps(value, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError("not JSON")
