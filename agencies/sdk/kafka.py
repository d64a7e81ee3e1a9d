"""Talking to the hub through Kafka: signed events in, receipts, refusals and notices out."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from agencies.sdk.client import HubUnavailable
from agencies.sdk.errors import AgencyError

try:
    from kafka import KafkaConsumer, KafkaProducer
    from kafka.errors import AuthorizationError, KafkaError
    from kafka.structs import TopicPartition
except ModuleNotFoundError:  # the extra `kafka` is only needed by who uses it
    raise AgencyError(
        "This installation cannot speak to Kafka.", "Install it with the extra: safeguarding-hub[kafka]."
    ) from None

INBOUND: Final = "events.inbound"
UNVERIFIED: Final = "events.rejected.unknown"
_SECRET_BYTES: Final = 32
_WAIT_SECONDS: Final = 10.0
_PREFIX: Final = "AGENCY_KAFKA_"
# What the client says of itself can hold addresses and parts of records.
logging.getLogger("kafka").setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True)
class KafkaAccess:
    """How the brokers are reached.

    Shape: `options` are those of the client, security and credentials among them.
    Trust: where the protocol has TLS, the brokers' certificates and names are checked.
    """

    bootstrap: str
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class KafkaMessage:
    """One message for an organisation.

    Shape: `id` is the same when it comes again; `status` is that of the same answer over HTTP, 0 for a
    notice; `next` is where its topic goes on behind it.
    """

    topic: str
    next: int
    id: str
    status: int
    key: str
    value: bytes


def access_from(bootstrap: str, environment: Mapping[str, str]) -> KafkaAccess:
    """The access that the environment describes beside the address.

    Shape: AGENCY_KAFKA_SECURITY_PROTOCOL, _SASL_MECHANISM, _SASL_USERNAME, _SASL_PASSWORD, _CA_FILE,
    _CERTIFICATE_FILE, _KEY_FILE.
    """
    given = {name: environment.get(_PREFIX + name) for name in _OPTIONS}
    return KafkaAccess(bootstrap, {_OPTIONS[name]: value for name, value in given.items() if value})


def receipts_topic(organisation: str) -> str:
    """Where the hub puts an organisation's receipts."""
    return f"events.receipts.{organisation}"


def rejected_topic(organisation: str) -> str:
    """Where the hub puts an organisation's refusals."""
    return f"events.rejected.{organisation}"


def notices_topic(organisation: str) -> str:
    """Where the hub tells an organisation of what concerns it."""
    return f"notices.{organisation}"


def digest_of(signed: str) -> str:
    """What a refusal names a signed event by: the SHA-256 of what was sent, in hexadecimal."""
    return hashlib.sha256(signed.encode()).hexdigest()


def case_secret(directory: Path, organisation: str) -> bytes:
    """The organisation's own secret for the keys of its cases; made where there is none.

    It outlives signing keys, so that a case stays in one partition when they are rotated.
    """
    file = directory / organisation / "cases.key"
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_bytes()
    secret = os.urandom(_SECRET_BYTES)
    with os.fdopen(handle, "wb") as opened:
        opened.write(secret)
    return secret


def record_key(organisation: str, subject: str, secret: bytes) -> str:
    """The key under which the events of one case travel, so that they stay in order.

    Trust: the case key is a keyed digest: a plain digest of a child's number could be found by trying all
    numbers, and everybody who may read the topic sees the keys.
    Source: contract, section 4.
    """
    case = hmac.new(secret, subject.encode(), hashlib.sha256).hexdigest()
    digest = hashlib.sha256(f"{organisation}|{case}".encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class KafkaSender:
    """Hands signed events over to the brokers, in order, none of them twice."""

    def __init__(self, access: KafkaAccess) -> None:
        self._producer: Final = _opened(
            lambda: KafkaProducer(
                **_client(access),
                acks="all",
                enable_idempotence=True,
                allow_auto_create_topics=False,
                delivery_timeout_ms=int(_WAIT_SECONDS * 2000),
                max_block_ms=int(_WAIT_SECONDS * 1000),
            )
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        # What has not arrived by then is handed over again; that the client could not end is no other fault.
        with suppress(KafkaError):
            self._producer.close(timeout=2)

    def send(self, signed: str, key: str) -> None:
        """Hand one over; what the hub makes of it comes as a message.

        Raises: HubUnavailable where the brokers did not take it for certain: sending it again is safe.
        """
        try:
            future = self._producer.send(INBOUND, key=key.encode(), value=signed.encode())
            future.get(timeout=_WAIT_SECONDS * 2 + 5)
        except KafkaError as fault:
            raise HubUnavailable("the brokers did not take it") from fault


class KafkaReceiver:
    """Reads what the hub has for an organisation; where to go on is the caller's to keep."""

    def __init__(self, access: KafkaAccess, topics: Sequence[str], begin: Mapping[str, int]) -> None:
        self._consumer: Final = _opened(
            lambda: KafkaConsumer(
                **_client(access),
                group_id=None,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                isolation_level="read_committed",
                allow_auto_create_topics=False,
                metadata_max_age_ms=5_000,
            )
        )
        self._places: Final = [TopicPartition(topic, 0) for topic in topics]
        self._consumer.assign(self._places)
        for place in self._places:
            self._consumer.seek(place, begin.get(place.topic, 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._consumer.close(autocommit=False, timeout_ms=2_000)

    def pass_over(self) -> None:
        """Leave out what is there already; a topic that is not there yet is read from its beginning.

        Raises: HubUnavailable.
        """
        try:
            there = [one for one in self._places if self._consumer.partitions_for_topic(one.topic)]
            for place, end in (self._consumer.end_offsets(there) if there else {}).items():
                self._consumer.seek(place, end)
        except KafkaError as fault:
            raise HubUnavailable("the brokers did not answer") from fault

    def poll(self, seconds: float) -> Iterator[KafkaMessage]:
        """What has come, at once or within so many seconds; each topic in order.

        Raises: HubUnavailable.
        """
        try:
            polled = self._consumer.poll(timeout_ms=int(seconds * 1000))
        except AuthorizationError:
            raise AgencyError(
                "The brokers do not let this organisation read one of its topics.",
                "Have the rights of its Kafka user checked.",
            ) from None
        except KafkaError as fault:
            raise HubUnavailable("the brokers did not answer") from fault
        for place, records in polled.items():
            for one in records:
                headers = {name: value.decode("ascii", "replace") for name, value in one.headers}
                status = headers.get("status", "")
                yield KafkaMessage(
                    topic=place.topic,
                    next=one.offset + 1,
                    id=headers.get("id", ""),
                    status=int(status) if status.isdigit() else 0,
                    key=(one.key or b"").decode("ascii", "replace"),
                    value=one.value or b"",
                )


def _client(access: KafkaAccess) -> dict[str, str | int]:
    wait = int(_WAIT_SECONDS * 1000)
    limits: dict[str, str | int] = {"bootstrap_timeout_ms": wait, "request_timeout_ms": wait}
    return {"bootstrap_servers": access.bootstrap, **access.options, **limits}


def _opened(opening: Callable[[], Any]) -> Any:
    try:
        return opening()
    except KafkaError as fault:
        raise HubUnavailable("the brokers could not be reached") from fault
    except (OSError, ValueError):
        raise AgencyError(
            "The access to Kafka is not set up rightly.", "Check the files and names in AGENCY_KAFKA_*."
        ) from None


_OPTIONS: Final = {
    "SECURITY_PROTOCOL": "security_protocol",
    "SASL_MECHANISM": "sasl_mechanism",
    "SASL_USERNAME": "sasl_plain_username",
    "SASL_PASSWORD": "sasl_plain_password",
    "CA_FILE": "ssl_cafile",
    "CERTIFICATE_FILE": "ssl_certfile",
    "KEY_FILE": "ssl_keyfile",
}
