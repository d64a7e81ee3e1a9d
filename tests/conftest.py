"""What any test may ask for: the addresses of real servers, started when first asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.postgres_server import fresh_database, or_skip, postgres_server


@pytest.fixture
def postgres_url() -> str:
    """A new empty database on this process's PostgreSQL server."""
    return fresh_database(or_skip(postgres_server))


@pytest.fixture(scope="module", autouse=True)
def given_brokers_for_one_file() -> Iterator[None]:
    """Brokers that the environment names are one file's at a time: the hub's topics have the same names."""
    yield
    if os.environ.get("TEST_KAFKA_BOOTSTRAP"):
        from tests.support.kafka_broker import let_go  # the client of Kafka is an extra

        let_go()


HERE = Path(__file__).parent
STACK = (
    "faults/", "contract/test_kafka_", "e2e/test_stack_", "e2e/test_oidc_", "e2e/test_kill",
    "e2e/test_backup_", "e2e/test_stop_and_start", "e2e/test_agency_outbox", "e2e/test_database_roles",
    "e2e/test_readme", "e2e/test_run_page",
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
