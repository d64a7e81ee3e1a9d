"""The topics on a broker, as far as they are a test's: what there is, and deleting them."""

from __future__ import annotations

import time
from collections.abc import Callable

from kafka import KafkaAdminClient


def topics_of(bootstrap: str, ours: Callable[[str], bool]) -> list[str]:
    """The names of those that are ours."""
    client = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        return sorted(filter(ours, client.list_topics()))
    finally:
        client.close()


def wipe_topics(bootstrap: str, ours: Callable[[str], bool]) -> None:
    """Delete those that are ours, until none is listed any more."""
    client = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        while names := sorted(filter(ours, client.list_topics())):
            client.delete_topics(names, raise_errors=False)
            time.sleep(0.05)
    finally:
        client.close()
