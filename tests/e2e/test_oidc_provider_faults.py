"""Keys that change, and a provider that answers slowly or with rubbish; on a clock that the test moves."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import anyio
import httpx
import pytest
from joserfc.jwk import ECKey

from hub.cli.world import SystemChance, SystemClock
from hub.errors import HubError
from hub.signin import CodeFlow, ExternalIssuer, ExternalTokens, SignIn, over_http
from hub.signin.published import IssuerDocuments, Published
from tests.support.oidc_provider import PERSON_CLAIM, SignInService, sign_in_service, through_the_form

AUDIENCE, PERSON = "https://hub.localhost/keys", "social-care.n-csc/sw-n1"
DISCOVERY, JWKS = "/.well-known/openid-configuration", "/jwks"
KEYS = [ECKey.generate_key("P-256") for _ in range(3)]


PAGES = "http://127.0.0.1:9/sign-in/callback"


class Clock:
    """The machine's time and what the test adds to it."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def wall(self) -> datetime:
        return SystemClock().wall() + self.ahead

    domain = wall

    def later(self, **given: float) -> None:
        self.ahead += timedelta(**given)


class Verifier:
    """The hub's verifier of access tokens, with a count of what it asked the provider."""

    def __init__(self, service: SignInService) -> None:
        self.clock, self.asked, self.service = Clock(), [], service
        issuer = ExternalIssuer(service.issuer, (AUDIENCE,), PERSON_CLAIM)
        self._tokens = ExternalTokens(issuer, self.clock, self._fetch)

    def _fetch(self, address: str) -> bytes:
        self.asked.append(address)
        return over_http.fetch(address)

    def accepts(self, key: ECKey) -> bool:
        now = int(self.clock.wall().timestamp())
        claims = self.service.access_claims(PERSON, iat=now, exp=now + 300)
        try:
            return self._tokens.person(self.service.forge(claims, key=key)) == PERSON
        except HubError as refusal:
            assert refusal.slug == "token"
            return False


@pytest.fixture(scope="module")
def running() -> Iterator[SignInService]:
    client = {"id": "hub-pages", "redirect": [PAGES]}
    with sign_in_service(AUDIENCE, client, {"worker": PERSON}, KEYS[0]) as service:
        yield service


@pytest.fixture
def service(running: SignInService) -> Iterator[SignInService]:
    yield running
    running.faults({})
    running.rotate(KEYS[0])


@pytest.mark.req("H-16")
def test_a_rotated_key_is_accepted_after_one_look_and_invented_ones_cause_no_more(
    service: SignInService,
) -> None:
    hub = Verifier(service)
    assert hub.accepts(KEYS[0]) and len(hub.asked) == 2
    service.rotate(KEYS[1], KEYS[0])
    assert not hub.accepts(KEYS[1]), "asked again at most every 30 seconds"
    assert len(hub.asked) == 2
    hub.clock.later(seconds=31)
    assert hub.accepts(KEYS[1]) and hub.accepts(KEYS[0])
    assert len(hub.asked) == 4
    for _ in range(20):
        assert not hub.accepts(KEYS[2])
    assert len(hub.asked) == 4


@pytest.mark.req("H-16")
def test_a_key_that_the_provider_withdraws_is_refused_within_ten_minutes(service: SignInService) -> None:
    """A stolen key is of no use for longer, though no token ever names a new one."""
    hub = Verifier(service)
    assert hub.accepts(KEYS[0])
    service.rotate(KEYS[1])
    hub.clock.later(minutes=9)
    assert hub.accepts(KEYS[0])
    hub.clock.later(minutes=1, seconds=1)
    assert not hub.accepts(KEYS[0])
    assert hub.accepts(KEYS[1])


NO_KEYS = [
    {"kty": "oct", "k": "AAAA"},
    {"kty": "EC", "crv": "P-256", "x": "!"},
    {"kty": "OKP"},
    {"kty": "AKP"},
]
RUBBISH = {
    "not json": "<html>Service unavailable</html>",
    "nothing": "",
    "a list": "[]",
    "a number": "7",
    "no keys": '{"keys": []}',
    "keys in words": '{"keys": "none today"}',
    "keys of no use": json.dumps({"keys": [None, 7, {}, *NO_KEYS]}),
    "a key named by a number": json.dumps({"keys": [KEYS[0].as_dict(private=False) | {"kid": 7}]}),
    "deep": "[" * 100_000,
    "too large": json.dumps({"keys": [], "filled": "x" * 1_100_000}),
}

NO_DOCUMENT = ("not json", "a list", "deep", "too large")


@pytest.mark.req("H-16", "H-21")
@pytest.mark.parametrize(
    ("case", "path"), [*((case, JWKS) for case in RUBBISH), *((case, DISCOVERY) for case in NO_DOCUMENT)]
)
def test_rubbish_instead_of_a_document_takes_no_key_away_and_is_forgotten_when_it_ends(
    service: SignInService, case: str, path: str
) -> None:
    hub, fresh = Verifier(service), Verifier(service)
    assert hub.accepts(KEYS[0])
    service.faults({path: {"body": RUBBISH[case]}})
    hub.clock.later(minutes=11)
    asked = len(hub.asked)
    assert hub.accepts(KEYS[0]) and len(hub.asked) > asked
    assert not fresh.accepts(KEYS[0])
    service.faults({})
    fresh.clock.later(seconds=6)
    assert fresh.accepts(KEYS[0])


@pytest.mark.req("H-16", "H-21")
@pytest.mark.parametrize("status", [302, 404, 500, 503])
def test_an_answer_that_is_no_document_is_not_followed(service: SignInService, status: int) -> None:
    hub = Verifier(service)
    service.faults({JWKS: {"status": status, "body": json.dumps({"keys": [KEYS[0].as_dict(private=False)]})}})
    assert not hub.accepts(KEYS[0])


@pytest.mark.req("H-16")
@pytest.mark.parametrize("named", ["https://other.example", None, 7])
def test_a_description_of_another_issuer_is_not_believed(service: SignInService, named: object) -> None:
    described = httpx.get(service.issuer + DISCOVERY).json()
    service.faults({DISCOVERY: {"body": json.dumps(described | {"issuer": named})}})
    assert not Verifier(service).accepts(KEYS[0])
    service.faults({DISCOVERY: {"body": json.dumps(described)}})
    assert Verifier(service).accepts(KEYS[0]), "the same document with nothing wrong"


@pytest.mark.req("H-21")
@pytest.mark.parametrize("fault", [{"delay": 5_000}, {"drip": 100, "body": " " * 100 + "{}"}], ids=str)
def test_a_slow_provider_costs_a_bounded_time_and_only_those_who_need_it(
    service: SignInService, monkeypatch: pytest.MonkeyPatch, fault: dict[str, object]
) -> None:
    """A limit for each read alone would let an answer drip for ever, and the waiting hold every thread."""
    monkeypatch.setattr(over_http, "LONGEST_WAIT", 1.5)
    hub = Verifier(service)
    assert hub.accepts(KEYS[0])
    service.faults({JWKS: fault})
    hub.clock.later(seconds=31)
    took: list[float] = []

    def unknown() -> None:
        began = time.monotonic()
        assert not hub.accepts(KEYS[1])
        took.append(time.monotonic() - began)

    callers = [threading.Thread(target=unknown) for _ in range(40)]
    for caller in callers:
        caller.start()
    began = time.monotonic()
    assert hub.accepts(KEYS[0])
    assert time.monotonic() - began < 1.2, "a known key needs no provider"
    for caller in callers:
        caller.join(20)
    assert len(took) == 40
    assert max(took) < 4
    assert sorted(took)[len(took) // 2] < 1.2, "most are refused at once instead of waiting in line"


@pytest.mark.req("H-21")
def test_keys_that_are_due_to_be_read_again_hold_up_one_caller_only(
    service: SignInService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(over_http, "LONGEST_WAIT", 1.5)
    hub = Verifier(service)
    assert hub.accepts(KEYS[0])
    service.faults({DISCOVERY: {"delay": 5_000}})
    hub.clock.later(minutes=11)
    took: list[float] = []

    def known() -> None:
        began = time.monotonic()
        assert hub.accepts(KEYS[0])
        took.append(time.monotonic() - began)

    callers = [threading.Thread(target=known) for _ in range(20)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(20)
    assert len(took) == 20 and len(hub.asked) == 3
    assert sorted(took)[-2] < 1.2 < max(took)


@pytest.mark.req("H-16")
@pytest.mark.parametrize(
    "name", ["jwks_uri", "authorization_endpoint", "token_endpoint", "end_session_endpoint"]
)
def test_a_description_with_an_address_that_is_none_is_not_believed(
    service: SignInService, name: str
) -> None:
    described = httpx.get(service.issuer + DISCOVERY).json()
    for value in ("javascript:alert(1)", "http://[bad", "/jwks", "http:", 7):
        service.faults({DISCOVERY: {"body": json.dumps(described | {name: value})}})
        assert not Verifier(service).accepts(KEYS[0]), value
    service.faults({DISCOVERY: {"body": json.dumps(described)}})
    assert Verifier(service).accepts(KEYS[0])


@pytest.mark.req("H-16", "H-21")
def test_an_issuer_with_tls_cannot_send_the_hub_to_an_address_without() -> None:
    secure = "https://login.example"
    published = {
        "issuer": secure, "jwks_uri": f"{secure}/jwks", "authorization_endpoint": f"{secure}/auth",
        "token_endpoint": f"{secure}/token",
    }  # fmt: skip
    keys = json.dumps({"keys": [KEYS[0].as_dict(private=False)]}).encode()

    def read(described: dict[str, str]) -> Published | None:
        def fetch(address: str) -> bytes:
            return keys if address.endswith("/jwks") else json.dumps(described).encode()

        return IssuerDocuments(secure, Clock(), fetch).current()

    assert read(published)
    for name in ("jwks_uri", "authorization_endpoint", "token_endpoint", "end_session_endpoint"):
        assert read(published | {name: "http://login.example/jwks"}) is None, name


def sign_in(service: SignInService, clock: Clock, *, minutes: float = 0, back: str = "") -> str:
    """The person whom the pages take for signed in, by the flow of a public client with ES256."""
    pages = SignIn(service.issuer, "hub-pages", PAGES, None, PERSON_CLAIM)
    flow = CodeFlow(pages, clock, SystemChance().bytes)

    async def there_and_back() -> str:
        address, begun = await flow.begin()
        with httpx.Client(timeout=20) as browser:
            found = back or through_the_form(browser, address, "worker", PAGES)
        clock.later(minutes=minutes)
        return await flow.finish(httpx.URL(found).params.multi_items(), begun)

    return anyio.run(there_and_back)


@pytest.mark.req("H-16")
def test_a_sign_in_takes_a_quarter_of_an_hour_at_most(service: SignInService) -> None:
    assert sign_in(service, Clock()) == PERSON
    with pytest.raises(HubError) as late:
        sign_in(service, Clock(), minutes=16)
    assert (late.value.slug, late.value.status) == ("token", 401)


TOKEN_FAULTS = {
    "rubbish": {"body": "<html>"}, "a list": {"body": "[]"}, "no tokens": {"body": "{}"},
    "an error": {"status": 400, "body": '{"error": "invalid_grant"}'}, "a fault": {"status": 500},
    "elsewhere": {"status": 302}, "drips": {"drip": 100, "body": " " * 100},
}  # fmt: skip


@pytest.mark.req("H-16", "H-21")
@pytest.mark.parametrize("case", TOKEN_FAULTS)
def test_a_code_that_cannot_be_exchanged_signs_nobody_in_and_says_why(
    service: SignInService, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    monkeypatch.setattr(over_http, "LONGEST_WAIT", 0.6)
    service.faults({"/token": TOKEN_FAULTS[case]})
    with pytest.raises(HubError) as caught:
        sign_in(service, Clock())
    assert caught.value.status == (401 if case in ("an error", "no tokens", "a list") else 503)
