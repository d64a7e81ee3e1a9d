"""What the relay is told of Kafka follows from the settings."""

from __future__ import annotations

import base64

import pytest

from hub.cli.relaying import kafka_settings
from hub.settings import Settings, load_settings

KEYS = [base64.urlsafe_b64encode(bytes([n]) * 32).decode() for n in (1, 2)]
PRODUCTION = {
    "HUB_MODE": "production",
    "HUB_ID": "https://hub.example.org/live",
    "HUB_DATABASE_URL": "sqlite:////var/lib/hub/hub.db",
    "HUB_MASTER_KEY": KEYS[0],
    "HUB_SIGNING_KEY": KEYS[1],
    "HUB_OIDC_ISSUER": "https://login.example.org",
    "HUB_PUBLIC_URL": "https://hub.example.org",
    "HUB_KEPT_APART": "/mnt/apart",
    "HUB_KAFKA_BOOTSTRAP": "kafka.example.org:9093",
    "HUB_KAFKA_SECURITY_PROTOCOL": "SSL",
}


def loaded(environment: dict[str, str]) -> Settings:
    return load_settings(environment, env_file=None)


@pytest.mark.req("H-06")
def test_only_operators_make_topics_in_production() -> None:
    live = kafka_settings(loaded(PRODUCTION))
    assert (live.make_topics, live.replication, live.security_protocol) == (False, 3, "SSL")
    tried = kafka_settings(loaded({"HUB_KAFKA_BOOTSTRAP": "127.0.0.1:9092"}))
    assert (tried.make_topics, tried.replication) == (True, 1)
