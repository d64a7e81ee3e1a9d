"""A running hub whose people sign in at another make's provider, and tokens that nobody should believe."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from joserfc.jwk import RSAKey

from tests.support.hub_process import HubProcess, free_port, write_commands
from tests.support.oidc_provider import PERSON_CLAIM, SignInService, sign_in_service, through_the_form

HUB_ID = "https://hub.localhost/signed-in-elsewhere"
WORKER, LEFT, STRANGER = "social-care.n-csc/sw-n1", "social-care.n-csc/sw-n2", "social-care.n-csc/sw-n9"
ACCOUNTS = {"worker": WORKER, "leaver": LEFT, "stranger": STRANGER, "nobody": None}
SECRET = "a:secret+with/%-signs and spaces"
OTHER_KEY = RSAKey.generate_key(2048)


@dataclass(frozen=True)
class Setup:
    """A hub and its sign-in service."""

    hub: HubProcess
    service: SignInService

    @property
    def callback(self) -> str:
        return f"{self.hub.address}/sign-in/callback"

    def begin(self, browser: httpx.Client) -> httpx.URL:
        """Where the pages send this browser."""
        start = browser.get(f"{self.hub.address}/sign-in/start")
        assert start.status_code == 303, start.text
        return httpx.URL(start.headers["location"])

    def way_back(self, browser: httpx.Client, login: str) -> httpx.URL:
        return httpx.URL(through_the_form(browser, str(self.begin(browser)), login, self.callback))

    def signed_in(self, browser: httpx.Client) -> bool:
        return browser.get(f"{self.hub.address}/children").status_code == 200

    def me(self, token: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.get(f"{self.hub.address}/v1/me", headers=headers, timeout=20)


@contextmanager
def signed_in_elsewhere(folder: Path) -> Iterator[Setup]:
    """A hub in this folder, a provider for it, and two social workers in its directory."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    client = {
        "id": "hub-pages", "secret": SECRET, "redirect": [f"{address}/sign-in/callback"],
        "afterSignOut": [f"{address}/sign-in"],
    }  # fmt: skip
    with sign_in_service(HUB_ID, client, ACCOUNTS) as service:
        commands = write_commands(folder)
        settings = {
            "HUB_ID": HUB_ID, "HUB_DATABASE_URL": "sqlite:///./hub.db", "HUB_OIDC_ISSUER": service.issuer,
            "HUB_OIDC_CLIENT_SECRET": SECRET, "HUB_OIDC_PERSON_CLAIM": PERSON_CLAIM,
        }  # fmt: skip
        hub = HubProcess(commands, folder, port, settings)
        people = [["person", "add", one, "--role", "social-worker"] for one in (WORKER, LEFT)]
        organisation = [
            *("organisation", "add", "social-care.n-csc", "--title", "N", "--profile", "llr-2024"),
            *("--agreement", "Agreement 1", "--until", "2199-12-31", "--lead", WORKER),
        ]
        for command in (["init"], organisation, *people):
            done = hub.run(*command)
            assert done.returncode == 0, done.stderr[-2_000:]
        try:
            hub.start()
            yield Setup(hub, service)
        finally:
            hub.stop()


def refused(answer: httpx.Response, status: int = 401) -> bool:
    """A page that says so in words a person understands, and no session."""
    assert answer.status_code == status, answer.text
    assert "You are not signed in" in answer.text and "access token" not in answer.text
    return True


def hmac_with_the_public_key(service: SignInService, claims: dict[str, object], kind: str) -> str:
    """An HS256 token whose secret is the public key, as a verifier that believes `alg` would check it."""
    header = {"alg": "HS256", "kid": service.key.thumbprint(), "typ": kind}
    signed = ".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
    secret = service.key.as_pem(private=False)
    return f"{signed}.{encoded(hmac.digest(secret, signed.encode(), 'sha256'))}"


def unsigned(claims: dict[str, object], kind: str) -> str:
    header = {"alg": "none", "typ": kind}
    return ".".join(encoded(json.dumps(part).encode()) for part in (header, claims)) + "."


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()
