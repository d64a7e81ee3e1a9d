"""Posting through Kafka one event at a time, each answered before the next: a scenario has an order."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Final, Self

from agencies.sdk.client import Answer, HubUnavailable, accepted_from, refusal_from
from agencies.sdk.json import object_from, object_of
from agencies.sdk.kafka import (
    UNVERIFIED,
    KafkaAccess,
    KafkaMessage,
    KafkaReceiver,
    KafkaSender,
    digest_of,
    receipts_topic,
    record_key,
    rejected_topic,
)

_POLL_SECONDS: Final = 0.5


class KafkaPosts:
    """Sends signed events of several organisations, and waits for the answer to each.

    Shape: `secrets` are the organisations' own, for the keys of their cases. Units: `patience` in seconds.
    Trust: each organisation's answer is looked for in its own topics only. What was there before is passed
    over, so that an older answer to the same event is not taken for that to this one.
    """

    def __init__(self, access: KafkaAccess, secrets: Mapping[str, bytes], patience: float = 60.0) -> None:
        self._secrets: Final = secrets
        self._patience: Final = patience
        self._seen: Final[set[str]] = set()
        with ExitStack() as opened:
            self._sender: Final = opened.enter_context(KafkaSender(access))
            self._receiver: Final = opened.enter_context(KafkaReceiver(access, list(_topics(secrets)), {}))
            self._receiver.pass_over()
            self._opened: Final = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    def post(self, organisation: str, signed: str, event: str, subject: str) -> Answer:
        """Send one signed event with this id about this child, and wait for what the hub made of it.

        1. Send it under the key of its case.
        2. Read until a receipt comes for the event, or a refusal for exactly what was sent; a message that
           came before is dropped by its id.

        Raises: HubUnavailable where no answer comes in time: sending it again is safe.
        """
        self._sender.send(signed, record_key(organisation, subject, self._secrets[organisation]))  # 1
        digest, ends = digest_of(signed), time.monotonic() + self._patience
        while time.monotonic() < ends:  # 2
            for message in self._receiver.poll(_POLL_SECONDS):
                if message.id in self._seen:
                    continue
                self._seen.add(message.id)
                answer = _answer(message, organisation, event, digest)
                if answer is not None:
                    return answer
        raise HubUnavailable("no answer came through the brokers")


def _topics(organisations: Iterable[str]) -> Iterable[str]:
    for one in organisations:
        yield receipts_topic(one)
        yield rejected_topic(one)
    yield UNVERIFIED


def _answer(message: KafkaMessage, organisation: str, event: str, digest: str) -> Answer | None:
    """What a message says of the event that was sent; None where it is about something else."""
    body = object_from(message.value) or {}
    if message.topic == receipts_topic(organisation) and message.key == event:
        return accepted_from(message.status, body)
    if message.topic in (rejected_topic(organisation), UNVERIFIED) and message.key == digest:
        return refusal_from(message.status, object_of(body, "problem"))
    return None
