"""Settings of PostgreSQL, workers, Kafka and operations: what stands together, and is not shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.settings import KafkaMechanism, KafkaSecurity, Settings, SettingsError, load_settings

KEY_1, KEY_2 = "A" * 43, "B" * 42 + "A"
PRODUCTION = {
    "HUB_MODE": "production",
    "HUB_ID": "https://hub.partnership.test/live",
    "HUB_DATABASE_URL": "postgresql://hub:CANARY-1@db.partnership.test:5433/hub?sslmode=verify-full",
    "HUB_KEPT_APART": "/mnt/apart",
    "HUB_MASTER_KEY": KEY_1,
    "HUB_SIGNING_KEY": KEY_2,
    "HUB_OIDC_ISSUER": "https://login.partnership.test/realms/one",
    "HUB_PUBLIC_URL": "https://hub.partnership.test",
}
SASL = {
    "HUB_KAFKA_BOOTSTRAP": "one.test:9093,two.test:9093",
    "HUB_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
    "HUB_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
    "HUB_KAFKA_SASL_USERNAME": "hub",
    "HUB_KAFKA_SASL_PASSWORD": "CANARY-2",
}
SQLITE = {"HUB_DATABASE_URL": "sqlite:////srv/hub/hub.db"}
POSTGRESQL = {"HUB_DATABASE_URL": "postgresql://hub@127.0.0.1/hub"}


def load(environment: dict[str, str]) -> Settings:
    return load_settings(environment, None)


@pytest.mark.req("H-01")
def test_production_on_postgresql_with_kafka_and_nothing_secret_shown() -> None:
    settings = load(PRODUCTION | SASL | {"HUB_WORKERS": "4", "HUB_METRICS_TOKEN": "CANARY-3-of-metrics"})
    assert settings.on_postgresql and settings.workers == 4
    assert settings.kafka_security_protocol is KafkaSecurity.SASL_SSL
    assert settings.kafka_sasl_mechanism is KafkaMechanism.SCRAM_SHA_512
    assert (settings.kafka_copies, settings.kafka_partitions) == (3, 6)
    assert settings.record == PRODUCTION["HUB_DATABASE_URL"]
    assert settings.record_shown == "database hub at db.partnership.test:5433"
    assert "CANARY" not in repr(settings) + str(settings) + settings.model_dump_json() + settings.record_shown
    with pytest.raises(ValueError, match="PostgreSQL"):
        _ = settings.database_path


@pytest.mark.req("H-01")
def test_production_on_sqlite_is_allowed_where_it_is_said() -> None:
    settings = load(PRODUCTION | SQLITE)
    assert not settings.on_postgresql and settings.data_directory == Path("/srv/hub")


@pytest.mark.req("H-01", "H-21")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (SQLITE | {"HUB_KEPT_APART": "/srv/hub/apart"}, "HUB_KEPT_APART"),
        (SQLITE | {"HUB_KEPT_APART": "/srv/hub"}, "HUB_KEPT_APART"),
        (SASL | {"HUB_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT"}, "SASL_SSL in production"),
        ({"HUB_KAFKA_BOOTSTRAP": "one.test:9092"}, "SASL_SSL in production"),
    ],
    ids=str,
)  # fmt: skip
def test_production_refuses(changes: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load(PRODUCTION | changes)


@pytest.mark.req("H-01", "H-21")
@pytest.mark.parametrize(
    ("address", "guarded"),
    [
        ("postgresql://hub:x@db.test/hub?sslmode=verify-full", True),
        ("postgresql://hub@127.0.0.1:5433/hub", True),
        ("postgresql://hub@[::1]:5433/hub", True),
        ("postgresql://hub@localhost,127.0.0.2:5433/hub", True),
        ("postgresql://hub@%2Frun%2Fpostgresql/hub", True),
        ("postgresql:///hub?host=/run/postgresql", True),
        ("postgresql://hub:x@db.test/hub", False),
        ("postgresql://hub:x@db.test/hub?sslmode=require", False),
        ("postgresql://hub:x@db.test/hub?sslmode=verify-full&sslmode=prefer", False),
        ("postgresql://hub:x@db.test/hub?sslmode=verify-full&sslmode=", False),
        ("postgresql://hub@127.0.0.1,db.test/hub", False),
        ("postgresql://hub@127.0.0.1/hub?hostaddr=10.0.0.9", False),
        ("postgresql://hub@127.0.0.1/hub?service=other", False),
        ("postgresql://hub@127.0.0.1.db.test/hub", False),
        ("postgresql:///hub", False),  # wherever the environment says
    ],
)
def test_production_speaks_with_a_database_elsewhere_only_where_its_name_is_checked(
    address: str, guarded: bool
) -> None:
    told = PRODUCTION | {"HUB_DATABASE_URL": address}
    if guarded:
        assert load(told).on_postgresql
    else:
        with pytest.raises(SettingsError, match="sslmode=verify-full"):
            load(told)
    assert load({"HUB_DATABASE_URL": address}).record == address


@pytest.mark.req("H-01")
@pytest.mark.parametrize(
    "changes",
    [
        {"HUB_WORKERS": "2"},
        {"HUB_WORKERS": "0"} | POSTGRESQL,
        {"HUB_DATABASE_URL": "postgresql://hub:CANARY@127.0.0.1"},
        {"HUB_DATABASE_URL": "postgresql://hub:CANARY@127.0.0.1/"},
        {"HUB_METRICS_TOKEN": "CANARY"},
        {"HUB_OPERATIONS_LISTEN": "8081"},
        {"HUB_KAFKA_BOOTSTRAP": "CANARY"},
        {"HUB_KAFKA_BOOTSTRAP": "one:0"},
        {"HUB_KAFKA_BOOTSTRAP": "one:9092,CANARY"},
        {"HUB_KAFKA_SECURITY_PROTOCOL": "TLS"},
        {"HUB_KAFKA_SASL_PASSWORD": "CANARY"},
        {name: value for name, value in SASL.items() if name != "HUB_KAFKA_SASL_PASSWORD"},
        {name: value for name, value in SASL.items() if name != "HUB_KAFKA_SASL_MECHANISM"},
        SASL | {"HUB_KAFKA_SECURITY_PROTOCOL": "SSL"},
        {"HUB_KAFKA_CA_FILE": "ca.pem"},
        {"HUB_KAFKA_SECURITY_PROTOCOL": "SSL", "HUB_KAFKA_KEY_FILE": "key.pem"},
        {"HUB_KAFKA_PARTITIONS": "0"},
    ],
    ids=str,
)
def test_what_does_not_stand_is_refused_by_name_and_never_by_value(changes: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as caught:
        load(changes)
    assert "HUB_" in str(caught.value)
    assert "CANARY" not in str(caught.value) + repr(caught.value.__cause__)


@pytest.mark.req("H-01")
def test_development_keeps_what_is_apart_beside_the_data_and_makes_single_copies() -> None:
    settings = load({"HUB_OPERATIONS_LISTEN": "[::1]:8081"})
    assert settings.kept_apart_folder == Path("var/kept-apart")
    assert settings.kafka_copies == 1
    assert settings.operations == ("::1", 8081) and load({}).operations is None
    assert load(POSTGRESQL).data_directory == Path("var")
