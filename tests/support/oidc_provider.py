"""A sign-in service that is not the hub's own: npm's `oidc-provider` behind `tests/oidc/provider.mjs`.

It is installed once into a cache folder outside the tree, by `npm ci` from the lock beside it. Where
there is no Node.js or no registry the tests skip and say so; in CI (`$CI`) they fail instead, wherever
the machine could have had it.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from hub.cli.world import SystemClock
from tests.support.hub_process import free_port

SOURCE = Path(__file__).resolve().parents[1] / "oidc"
FILES = ("package.json", "package-lock.json", "provider.mjs")
PERSON_CLAIM = "directory_id"
READER_APP = "reader-app"
"""A public client for people's programs: its access tokens are for the hub's API."""
READER_BACK = "http://127.0.0.1:9/back"
PASSWORD = "correct horse"
Key = RSAKey | ECKey


def seconds() -> int:
    """Unix time now."""
    return int(SystemClock().wall().timestamp())


class NoService(Exception):
    """This machine gives no such service, in words."""


@cache
def installed() -> Path:
    """The folder with the service and what it needs, made once for each version of its files.

    Raises: NoService.
    """
    npm = shutil.which("npm")
    if shutil.which("node") is None or npm is None:
        raise NoService("no Node.js with npm on this machine")
    digest = hashlib.sha256(b"".join((SOURCE / name).read_bytes() for name in FILES)).hexdigest()[:16]
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hub-tests"
    folder = caches / f"sign-in-service-{digest}"
    caches.mkdir(parents=True, exist_ok=True)
    with (caches / "sign-in-service.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes may want it at once
        if not folder.is_dir():
            part = folder.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir()
            for name in FILES:
                shutil.copy(SOURCE / name, part)
            options = ("--ignore-scripts", "--no-audit", "--no-fund", "--silent")
            try:
                subprocess.run([npm, "ci", *options], cwd=part, capture_output=True, check=True, timeout=180)
            except subprocess.SubprocessError:
                raise NoService("npm could not install the sign-in service") from None
            part.rename(folder)
    return folder


def required() -> Path:
    """The installed service; skips where there can be none, and fails in CI where there could."""
    try:
        return installed()
    except NoService as reason:
        npm = shutil.which("npm")
        answers = npm and subprocess.run(
            [npm, "view", "oidc-provider", "version"], capture_output=True, timeout=120
        )
        if os.environ.get("CI") and answers and answers.returncode == 0:
            pytest.fail(f"{reason}, and npm answers")
        pytest.skip(str(reason))


@dataclass(slots=True)
class SignInService:
    """The running service, its private keys, and the people it knows."""

    folder: Path
    audience: str
    client: Mapping[str, object]
    accounts: Mapping[str, str | None]
    key: Key
    port: int = field(default_factory=free_port)
    control: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def issuer(self) -> str:
        """Its `iss`."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def algorithm(self) -> str:
        """What its key signs with."""
        return "RS256" if isinstance(self.key, RSAKey) else "ES256"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        reader = {"id": READER_APP, "redirect": [READER_BACK]}
        config = {
            "issuer": self.issuer,
            "control": f"127.0.0.1:{self.control}",
            "personClaim": PERSON_CLAIM,
            "audience": self.audience,
            "algorithm": self.algorithm,
            "keys": [self.private(self.key)],
            "clients": [self.client, reader],
            "accounts": [
                {"login": login, "password": PASSWORD} | ({"person": person} if person else {})
                for login, person in self.accounts.items()
            ],
        }
        self._process = subprocess.Popen(
            ["node", str(self.folder / "provider.mjs")],
            env=os.environ | {"SIGN_IN_SERVICE": json.dumps(config), "NODE_NO_WARNINGS": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + 30
        while time.monotonic() < end:
            assert self._process.poll() is None, "the sign-in service ended by itself"
            try:
                httpx.get(f"{self.issuer}/jwks", timeout=5).raise_for_status()
                return
            except httpx.HTTPError:
                time.sleep(0.1)
        raise AssertionError("the sign-in service did not start")

    def stop(self) -> None:
        """End it: its port refuses connections from now on."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def private(self, key: Key) -> dict[str, object]:
        """A private key as the service takes it."""
        return dict(key.as_dict(private=True)) | {
            "kid": key.thumbprint(),
            "use": "sig",
            "alg": self.algorithm,
        }

    def rotate(self, *keys: Key) -> None:
        """Publish these keys and no others; the first one signs."""
        self.key = keys[0]
        self._tell("keys", {"keys": [self.private(key) for key in keys]})

    def faults(self, faults: Mapping[str, object]) -> None:
        """Answer wrongly from now on, by path, or give out this `idToken`; with {}, rightly."""
        self._tell("faults", faults)

    def _tell(self, what: str, body: object) -> None:
        httpx.post(f"http://127.0.0.1:{self.control}/{what}", json=body, timeout=10).raise_for_status()

    def forge(
        self,
        claims: Mapping[str, object],
        *,
        key: Key | None = None,
        kid: str | None = None,
        kind: str | None = "at+jwt",
    ) -> str:
        """A token with the service's own signature and any content; a claim of None is left out."""
        used = key or self.key
        header = {"alg": self.algorithm, "kid": kid or used.thumbprint()} | ({"typ": kind} if kind else {})
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(header, kept, used, algorithms=[self.algorithm])

    def access_claims(self, person: str, **changes: object) -> dict[str, object]:
        """What a good access token for the hub's API holds, with changes."""
        now = seconds()
        return {
            "iss": self.issuer, "aud": self.audience, "sub": "u-1", "client_id": READER_APP, "iat": now,
            "exp": now + 300, "jti": "j-1", "scope": "hub", PERSON_CLAIM: person,
        } | changes  # fmt: skip

    def tokens(self, login: str) -> dict[str, str]:
        """Sign a person's program in and give its tokens: `access_token` for the hub's API, `id_token`."""
        verifier = "v" * 43
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "client_id": READER_APP, "response_type": "code", "redirect_uri": READER_BACK, "state": "s",
            "scope": "openid hub", "nonce": "n", "resource": self.audience,
            "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        with httpx.Client(timeout=20) as browser:
            address = str(httpx.URL(f"{self.issuer}/auth", params=query))
            back = through_the_form(browser, address, login, READER_BACK)
            form = {
                "grant_type": "authorization_code", "client_id": READER_APP, "redirect_uri": READER_BACK,
                "code": httpx.URL(back).params["code"], "code_verifier": verifier, "resource": self.audience,
            }  # fmt: skip
            answer = browser.post(f"{self.issuer}/token", data=form)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def through_the_form(
    browser: httpx.Client, address: str, login: str, until: str, password: str = PASSWORD
) -> str:
    """Follow redirects from `address`, fill the sign-in form when it comes, and stop before `until`.

    The address it stopped at is the way back, with the code in it.
    """
    for _ in range(12):
        if address.startswith(until):
            return address
        answer = browser.get(address)
        if answer.status_code == 200 and 'name="password"' in answer.text:
            answer = browser.post(address, data={"login": login, "password": password})
        assert answer.is_redirect, f"{answer.status_code}: {answer.text[:500]}"
        address = urljoin(address, answer.headers["location"])
    raise AssertionError("the sign-in does not come back")


def fields(page: str) -> dict[str, str]:
    """The hidden fields of a form."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))


@contextmanager
def sign_in_service(
    audience: str, client: Mapping[str, object], accounts: Mapping[str, str | None], key: Key | None = None
) -> Iterator[SignInService]:
    """The service until the block ends; `client` is the hub's pages, `accounts` persons by login."""
    service = SignInService(required(), audience, client, accounts, key or RSAKey.generate_key(2048))
    try:
        service.start()
        yield service
    finally:
        service.stop()
