"""The settings: what they refuse, and that the example names exactly what there is."""

import base64
import re
from pathlib import Path

import pytest

from hub.settings import PREFIX, Mode, Settings, SettingsError, load_settings

ROOT = Path(__file__).resolve().parents[3]
KEY_1 = base64.urlsafe_b64encode(b"1" * 32).decode()
KEY_2 = base64.urlsafe_b64encode(b"2" * 32).decode().rstrip("=")
PRODUCTION = {
    "HUB_MODE": "production",
    "HUB_ID": "https://hub.partnership.test/live",
    "HUB_DATABASE_URL": "postgresql://hub@db.partnership.test/hub?sslmode=verify-full",
    "HUB_KEPT_APART": "/mnt/apart",
    "HUB_MASTER_KEY": KEY_1,
    "HUB_SIGNING_KEY": KEY_2,
    "HUB_OIDC_ISSUER": "https://login.partnership.test/realms/one",
    "HUB_PUBLIC_URL": "https://hub.partnership.test",
}


@pytest.fixture
def load(monkeypatch):
    def loaded(**environment):
        import os

        for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
            monkeypatch.delenv(name)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return load_settings(env_file=None)

    return loaded


def test_the_example_lists_exactly_the_settings(load, monkeypatch):
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = re.findall(r"^#?(HUB_[A-Z_]+)=(.*)$", text, re.MULTILINE)
    names = [name for name, _ in named]
    assert sorted(names) == sorted(PREFIX + name.upper() for name in Settings.model_fields)
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    given = dict(line.split("=", 1) for line in lines)
    assert load(**given) == load(), "what is not commented out is the default"


def test_the_defaults_are_a_development_hub_on_this_machine(load):
    settings = load()
    assert settings.mode is Mode.DEVELOPMENT
    assert (settings.host, settings.port, settings.base_url) == ("127.0.0.1", 8080, "http://127.0.0.1:8080")
    assert settings.database_path == Path("var/hub.db")


def test_production_starts_with_everything_named(load):
    settings = load(**PRODUCTION)
    assert settings.mode is Mode.PRODUCTION and settings.base_url == "https://hub.partnership.test"


@pytest.mark.req("H-01", "H-21")
@pytest.mark.parametrize("missing", sorted(set(PRODUCTION) - {"HUB_MODE"}))
def test_production_makes_nothing_up(load, missing):
    given = {name: value for name, value in PRODUCTION.items() if name != missing}
    with pytest.raises(SettingsError) as caught:
        load(**given)
    assert missing in str(caught.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"HUB_SIMULATION_START": "2025-09-12T00:00:00Z"},
        {"HUB_OIDC_ISSUER": "https://hub.partnership.test/development-issuer"},
        {"HUB_OIDC_ISSUER": "http://login.partnership.test"},
        {"HUB_OIDC_ISSUER": "https://localhost/realms/x"},
        {"HUB_PUBLIC_URL": "http://hub.partnership.test"},
        {"HUB_PUBLIC_URL": "https://127.0.0.1"},
        {"HUB_PUBLIC_URL": "https://[::1]"},
        {"HUB_SIGNING_KEY": KEY_1},
        {"HUB_SIGNING_KEY": KEY_1.rstrip("=")},
    ],
    ids=str,
)
def test_production_refuses_what_belongs_to_development(load, changes):
    with pytest.raises(SettingsError):
        load(**(PRODUCTION | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"HUB_MODE": "test"},
        {"HUB_MASTER_KEY": "CANARY-SECRET"},
        {"HUB_MASTER_KEY": base64.urlsafe_b64encode(b"CANARY").decode()},
        {"HUB_DATABASE_URL": "mysql://x"},
        {"HUB_DATABASE_URL": "sqlite:///"},
        {"HUB_LISTEN": "8080"},
        {"HUB_LISTEN": "127.0.0.1:70000"},
        {"HUB_PUBLIC_URL": "ftp://x"},
        {"HUB_PUBLIC_URL": "https://x?CANARY"},
        {"HUB_ID": "no uri at all"},
        {"HUB_ID": "https://hub+one.test"},
        {"HUB_RATE_BURST": "0"},
        {"HUB_RATE_PER_SECOND": "-1"},
        {"HUB_SIMULATION_START": "2025-09-12T00:00:00Z"},
        {"HUB_MODE": "simulation", "HUB_SIMULATION_START": "2025-09-12T00:00:00"},
        {"HUB_MASTERKEY": KEY_1},
        {"HUB_DEBUG": "CANARY"},
    ],
    ids=str,
)
def test_a_wrong_setting_is_refused_by_name_and_never_by_value(load, changes):
    with pytest.raises(SettingsError) as caught:
        load(**changes)
    assert PREFIX in str(caught.value)
    assert "CANARY" not in str(caught.value)
    assert caught.value.__cause__ is None and "CANARY" not in repr(caught.value.__context__ or "")


def test_secrets_are_not_shown(load):
    settings = load(**PRODUCTION, HUB_OIDC_CLIENT_SECRET="CANARY-SECRET")
    shown = repr(settings) + str(settings) + settings.model_dump_json()
    assert not any(secret in shown for secret in (KEY_1, KEY_2, "CANARY"))


def test_an_unknown_name_in_the_file_is_refused_too(load, tmp_path, monkeypatch):
    file = tmp_path / ".env"
    file.write_text("HUB_MODE=development\nHUB_PASSWROD=CANARY\n", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings({}, env_file=file)
    assert "CANARY" not in str(caught.value)
