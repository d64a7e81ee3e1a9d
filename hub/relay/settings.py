"""What the relay is told of Kafka, as one value."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

Protocol: TypeAlias = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism: TypeAlias = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]
Options: TypeAlias = dict[str, str | int | float | bool | None]


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """How Kafka is reached, and what the topics that the hub makes look like.

    Shape: `bootstrap` is HOST:PORT with commas between; the files are PEM. `make_topics` is off where
    operators make topics themselves. Units: seconds; a member of a consumer group that has been silent
    for `session_seconds` loses its partitions to others, no request waits longer than `request_seconds`.
    Trust: the broker's certificate and name are always checked where the protocol has TLS.
    """

    bootstrap: str
    security_protocol: Protocol = "PLAINTEXT"
    sasl_mechanism: Mechanism | None = None
    sasl_username: str | None = None
    sasl_password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    partitions: int = 6
    replication: int = 1
    make_topics: bool = True
    session_seconds: float = 10.0
    request_seconds: float = 10.0

    def connection(self) -> Options:
        """What every client of Kafka is given."""
        wait = int(self.request_seconds * 1000)
        return {
            "bootstrap_servers": self.bootstrap,
            "security_protocol": self.security_protocol,
            "sasl_mechanism": self.sasl_mechanism,
            "sasl_plain_username": self.sasl_username,
            "sasl_plain_password": self.sasl_password,
            "ssl_cafile": _path(self.ca_file),
            "ssl_certfile": _path(self.certificate_file),
            "ssl_keyfile": _path(self.key_file),
            "ssl_check_hostname": True,
            "bootstrap_timeout_ms": wait,
            "request_timeout_ms": wait,
            "reconnect_backoff_max_ms": 2_000,
            "metadata_max_age_ms": 30_000,
        }


def _path(file: Path | None) -> str | None:
    return None if file is None else str(file)
