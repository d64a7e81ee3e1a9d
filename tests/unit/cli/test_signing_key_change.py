"""Changing the hub's signing key: what the former one signed verifies, and nothing goes on by mistake."""

from __future__ import annotations

import base64
from contextlib import closing
from pathlib import Path

import pytest

from hub.cli.compose import initialise, open_store
from hub.errors import HubError
from hub.record import Append, Draft, verify_record
from hub.settings import Settings, SettingsError, load_settings

HUB_ID = "https://hub.example.test/key-change"


def secret(byte: int) -> str:
    return base64.urlsafe_b64encode(bytes([byte]) * 32).decode()


def settings(folder: Path, signing: int, former: str = "") -> Settings:
    return load_settings(
        {
            "HUB_ID": HUB_ID,
            "HUB_DATABASE_URL": f"sqlite:///{folder}/hub.db",
            "HUB_MASTER_KEY": secret(1),
            "HUB_SIGNING_KEY": secret(signing),
            "HUB_FORMER_SIGNING_KEYS": former,
        },
        None,
    )


def signed_once(found: Settings, name: str) -> str:
    """Add an item and have it covered; the verifier key that signed."""
    with closing(open_store(found)) as store:
        draft = Draft("hub/test", "record", "urn:safeguarding:hub", name, "test.v1", b"{}", b"{}")
        store.record.append(Append((draft,))).result()
        assert store.record.ledger.integrate(store.clock.wall()) is not None
        return store.signer.vkey


@pytest.mark.req("H-12", "H-14")
def test_what_a_former_key_signed_verifies_where_it_is_named_and_nothing_starts_where_it_is_not(
    tmp_path: Path,
) -> None:
    initialise(settings(tmp_path, 2))
    first = signed_once(settings(tmp_path, 2), "one")
    for former in ("", "  "):
        with pytest.raises(HubError) as refused:
            open_store(settings(tmp_path, 3, former))
        assert refused.value.slug == "store" and "HUB_FORMER_SIGNING_KEYS" in str(refused.value.detail)
    second = signed_once(settings(tmp_path, 3, first), "two")
    third = signed_once(settings(tmp_path, 4, f"{first} {second}"), "three")
    assert len({first, second, third}) == 3
    with closing(open_store(settings(tmp_path, 4, f"{first} {second}"))) as store:
        keys = store.signer.note_keys
    where = tmp_path / "hub.db"
    assert verify_record(where, master_key=bytes([1]) * 32, keys=keys).whole
    for missing in range(3):
        known = [key for number, key in enumerate(keys) if number != missing]
        found = verify_record(where, master_key=bytes([1]) * 32, keys=known).first_break
        assert found is not None and found.place == "checkpoints"


@pytest.mark.parametrize("text", ["nonsense", f"{HUB_ID}+00000000+AAAA", "a+b"])
def test_a_former_key_that_is_none_is_named_without_its_value(tmp_path: Path, text: str) -> None:
    initialise(settings(tmp_path, 2))
    with pytest.raises(SettingsError, match="HUB_FORMER_SIGNING_KEYS") as refused:
        open_store(settings(tmp_path, 2, text))
    assert text not in str(refused.value)
