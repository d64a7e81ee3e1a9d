"""A World whose hub is the whole stack: several processes on PostgreSQL, people who sign in elsewhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

import httpx

from agencies.sdk.client import HubClient
from agencies.sdk.keys import SigningKey, load_key, paths_of
from agencies.sdk.sign import sign_event
from hub.cli.compose import Store, open_store
from hub.settings import load_settings
from tests.stack.native import Stack
from tests.support.oidc_provider import READER_APP, READER_BACK, through_the_form
from tests.support.scenario import World


def told_of_the_embedded_hub() -> dict[str, Callable[..., None]]:
    """The tests of the matrix and of the values, to be collected once more with another `world`."""
    from tests.e2e import test_matrix_a, test_scenario_a_values

    return {
        name: found
        for module in (test_matrix_a, test_scenario_a_values)
        for name, found in vars(module).items()
        if name.startswith("test_")
    }


class StackWorld(World):
    """What the World of one process offers, asked of the processes of a stack over HTTP only."""

    stack: Stack

    def sign(self, organisation: str, payload: bytes, key: SigningKey | None = None) -> str:
        """A payload signed by an organisation now."""
        signing = key or load_key(paths_of(self.keys, organisation, "events")[0])
        now = datetime.now(UTC)  # noqa: TID251  an agency reads its own clock
        return sign_event(payload, signing, audience=self.stack.hub_id, now=now)

    def system_token(self, organisation: str) -> str:
        """A token that the hub gave the organisation's system for an assertion it signed."""
        if organisation not in self._tokens:
            key = load_key(paths_of(self.keys, organisation, "client")[0])
            with HubClient(self.address, organisation, key) as client:
                assert client._renew() is None, "the hub gives this system no token"
                self._tokens[organisation] = client._token
        return self._tokens[organisation]

    def person_token(self, person: str) -> str:
        """A token that the sign-in service gave this person."""
        if person not in self._tokens:
            self._tokens[person] = access_token(self.stack, person)
        return self._tokens[person]

    def advance(self, to: str) -> None:
        """Move the simulation's clock, which all processes share."""
        self._read.clear()
        store = store_of(self.stack)
        try:
            store.clock.advance(datetime.fromisoformat(to))  # type: ignore[attr-defined]
        finally:
            store.close()

    def __init__(self, stack: Stack) -> None:
        super().__init__(None, stack.address, stack.folder / "agencies", stack.folder)  # type: ignore[arg-type]
        self.stack = stack
        self._tokens: dict[str, str] = {}


def store_of(stack: Stack) -> Store:
    """The record of the stack, opened beside its processes as a command of `hub` opens it."""
    told = {name: value for name, value in stack.environment("init").items() if name.startswith("HUB_")}
    return open_store(load_settings(told, None))


def access_token(stack: Stack, login: str) -> str:
    """A person's token for the API, by code flow with PKCE at the stack's sign-in service."""
    verifier = "stack" * 10
    digest = hashlib.sha256(verifier.encode()).digest()
    query = {
        "client_id": READER_APP, "response_type": "code", "redirect_uri": READER_BACK, "state": "s",
        "nonce": "n", "scope": "openid hub", "resource": stack.hub_id, "code_challenge_method": "S256",
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
    }  # fmt: skip
    with httpx.Client(timeout=20) as browser:
        address = str(httpx.URL(f"{stack.issuer}/auth", params=query))
        password = stack.secrets["SIGN_IN_PASSWORD"]
        back = through_the_form(browser, address, login, READER_BACK, password)
        form = {
            "grant_type": "authorization_code", "client_id": READER_APP, "redirect_uri": READER_BACK,
            "code": httpx.URL(back).params["code"], "code_verifier": verifier, "resource": stack.hub_id,
        }  # fmt: skip
        answer = browser.post(f"{stack.issuer}/token", data=form)
    answer.raise_for_status()
    return str(answer.json()["access_token"])
