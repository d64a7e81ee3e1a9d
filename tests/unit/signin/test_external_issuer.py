"""Tokens of an external issuer over its real published documents, served by a small HTTP server."""

import base64
import hmac
import http.server
import json
import threading
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from hub.errors import HubError
from hub.signin import Bearer, ExternalIssuer, ExternalTokens, derived_key

LEAD = "education.elm-school/dsl-1"
AUDIENCE = "https://hub.test/one"
RSA = [RSAKey.generate_key(2048) for _ in range(3)]


class Issuer:
    """An issuer that publishes its keys; which keys, and whether it answers, changes during a test."""

    def __init__(self):
        self.keys = {"k-1": RSA[0]}
        self.asked = 0
        self.up = True
        self.says_issuer = None
        issuer = self

        class Documents(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                issuer.asked += 1
                body = json.dumps(issuer.document(self.path)).encode()
                self.send_response(200 if issuer.up else 503)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Documents)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def document(self, path):
        if path.endswith("openid-configuration"):
            addresses = ("authorization_endpoint", "token_endpoint")
            described = {name: f"{self.url}/{name}" for name in addresses}
            return described | {"issuer": self.says_issuer or self.url, "jwks_uri": f"{self.url}/jwks"}
        keys = [key.as_dict(private=False) | {"kid": kid} for kid, key in self.keys.items()]
        return {"keys": [{"kty": "oct", "k": "A" * 43, "kid": "shared"}, {"kty": "AKP"}, "odd", *keys]}

    def token(self, clock, kid="k-1", alg="RS256", key=None, **changes):
        now = int(clock.now.timestamp())
        claims = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "u-77",
            "person": LEAD,
            "iat": now,
            "exp": now + 300,
        }
        claims = {name: value for name, value in (claims | changes).items() if value is not None}
        return jwt.encode({"alg": alg, "kid": kid}, claims, key or self.keys[kid], algorithms=[alg])


@pytest.fixture
def issuer():
    issuer = Issuer()
    yield issuer
    issuer.server.shutdown()
    issuer.server.server_close()


@pytest.fixture
def external(issuer, world):
    return ExternalTokens(ExternalIssuer(issuer.url, (AUDIENCE,), "person"), world.clock)


def refused(external, token, **given):
    with pytest.raises(HubError) as caught:
        external.person(token, **given)
    assert caught.value.slug == "token" and caught.value.detail == "Get a new access token."
    return True


@pytest.mark.req("H-16")
def test_a_token_of_the_issuer_names_a_person_of_the_directory(issuer, external, world):
    token = issuer.token(world.clock)
    bearer = Bearer(world.directory, world.tokens, world.clock, external)
    assert bearer.principal(f"Bearer {token}").person == LEAD
    world.directory.disable_person(LEAD)
    with pytest.raises(HubError):
        bearer.principal(f"Bearer {token}")


@pytest.mark.parametrize(
    ("alg", "key"), [("ES256", ECKey.generate_key("P-256")), ("Ed25519", OKPKey.generate_key("Ed25519"))]
)
def test_other_good_algorithms(issuer, external, world, alg, key):
    issuer.keys["k-2"] = key
    assert external.person(issuer.token(world.clock, "k-2", alg)) == LEAD


@pytest.mark.req("H-16")
@pytest.mark.parametrize(
    "changes",
    [{"iss": "https://evil.test"}, {"iss": None}, {"aud": "https://other"}, {"aud": None}, {"exp": 1},
     {"exp": None}, {"nbf": 4_000_000_000}, {"iat": 4_000_000_000}, {"person": None}, {"person": 7},
     {"person": ""}],
    ids=str,
)  # fmt: skip
def test_a_wrong_claim_is_refused(issuer, external, world, changes):
    assert refused(external, issuer.token(world.clock, **changes))


@pytest.mark.req("H-16")
def test_wrong_signatures_and_algorithms_are_refused(issuer, external, world):
    good = issuer.token(world.clock)
    assert external.person(good) == LEAD
    assert refused(external, issuer.token(world.clock, key=RSA[1]))
    head, body, _ = issuer.token(world.clock).split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"k-1"}').rstrip(b"=").decode()
    pem = issuer.keys["k-1"].as_pem(private=False)
    mac = hmac.digest(pem, f"{head}.{body}".encode(), "sha256")
    assert refused(external, f"{head}.{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}")
    shared = OctKey.import_key({"kty": "oct", "k": "A" * 43})
    assert refused(external, issuer.token(world.clock, kid="shared", alg="HS256", key=shared))
    head, body, _ = good.split(".")
    assert refused(external, f"eyJhbGciOiJub25lIiwia2lkIjoiay0xIn0.{body}.")
    assert refused(external, f"{head}.{body}.AAAA")
    assert refused(external, "not a token")
    assert refused(external, "a" * 20_000)


@pytest.mark.req("H-16")
def test_a_nonce_that_the_flow_sent_must_come_back(issuer, external, world):
    assert external.person(issuer.token(world.clock, nonce="n-1"), nonce="n-1") == LEAD
    assert refused(external, issuer.token(world.clock, nonce="n-2"), nonce="n-1")
    assert refused(external, issuer.token(world.clock), nonce="n-1")


def test_new_keys_are_read_when_a_token_names_one_but_not_at_every_invented_name(issuer, external, world):
    assert external.person(issuer.token(world.clock)) == LEAD
    assert issuer.asked == 2
    for number in range(5):
        assert refused(external, issuer.token(world.clock, f"x-{number}", key=issuer.keys["k-1"]))
    assert issuer.asked == 2, "asked again at most every 30 seconds"
    issuer.keys = {"k-2": RSA[1]}
    world.clock.now += timedelta(seconds=31)
    assert external.person(issuer.token(world.clock, "k-2")) == LEAD
    assert issuer.asked == 4
    old = RSA[2]
    assert refused(external, issuer.token(world.clock, "k-1", key=old)), "a withdrawn key is gone"


def test_while_the_issuer_is_down_known_keys_stay_good_and_unknown_ones_are_refused(issuer, external, world):
    assert external.person(issuer.token(world.clock)) == LEAD
    issuer.up = False
    world.clock.now += timedelta(minutes=5)
    issuer.keys["k-9"] = RSA[1]
    assert refused(external, issuer.token(world.clock, "k-9"))
    assert external.person(issuer.token(world.clock)) == LEAD


def test_a_description_that_speaks_for_another_issuer_is_not_believed(issuer, external, world):
    issuer.says_issuer = "https://other.test"
    assert refused(external, issuer.token(world.clock))


def test_a_token_that_only_claims_the_issuer_does_not_get_the_hubs_verification(issuer, external, world):
    key = derived_key(b"m" * 32, "access-tokens")
    token = issuer.token(world.clock, alg="Ed25519", key=key)
    with pytest.raises(HubError):
        Bearer(world.directory, world.tokens, world.clock, external).principal(f"Bearer {token}")
