"""What any test may ask for: the addresses of real servers, started when first asked for."""

from __future__ import annotations

import pytest

from tests.support.postgres_server import fresh_database, or_skip, postgres_server


@pytest.fixture
def postgres_url() -> str:
    """A new empty database on this process's PostgreSQL server."""
    return fresh_database(or_skip(postgres_server))


@pytest.fixture
def kafka_bootstrap() -> str:
    """The address of this process's Kafka broker."""
    from tests.support.kafka_broker import kafka_bootstrap  # the client of Kafka is an extra

    return kafka_bootstrap()
