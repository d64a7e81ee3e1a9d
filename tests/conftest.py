"""What any test may ask for: the addresses of real servers, started when first asked for."""

from __future__ import annotations

from pathlib import Path

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


HERE = Path(__file__).parent
STACK = (
    "faults/", "contract/test_kafka_", "e2e/test_stack_", "e2e/test_oidc_", "e2e/test_kill",
    "e2e/test_backup_", "e2e/test_stop_and_start", "e2e/test_agency_outbox", "e2e/test_database_roles",
    "e2e/test_readme",
)  # fmt: skip
PROOFS = ("proofs/", "unit/cli/test_policy_commands")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what starts or breaks brokers, providers and servers, and what proves the rules, by its place."""
    for item in items:
        if item.path.is_relative_to(HERE):
            where = item.path.relative_to(HERE).as_posix()
            if where.startswith(STACK):
                item.add_marker("stack")
            if where.startswith(PROOFS):
                item.add_marker("proofs")
