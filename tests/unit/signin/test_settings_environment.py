"""The settings read the environment they are given, and no other."""

from __future__ import annotations

import pytest

from hub.settings import load_settings


@pytest.mark.req("H-12")
def test_a_given_environment_is_the_only_one_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_OIDC_ISSUER", "https://elsewhere.example")
    monkeypatch.setenv("HUB_RATE_BURST", "7")
    alone = load_settings({}, None)
    assert (alone.oidc_issuer, alone.rate_burst) == (None, 1_000)
    named = load_settings({"HUB_RATE_BURST": "9"}, None)
    assert (named.oidc_issuer, named.rate_burst) == (None, 9)
    assert load_settings(None, None).rate_burst == 7
    assert load_settings(None, None, rate_burst=3).rate_burst == 3
