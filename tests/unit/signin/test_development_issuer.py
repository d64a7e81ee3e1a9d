"""The development issuer: code flow with PKCE and nonce, once, and back to the hub's own pages only."""

import base64
import hashlib
import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from hub.errors import HubError
from hub.signin import Bearer, DevelopmentIssuer, derived_key

ORIGIN = "https://hub.test"
LEAD = "education.elm-school/dsl-1"
BACK = f"{ORIGIN}/sign-in/callback"
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture
def issuer(world):
    return issuer_of(world)


def issuer_of(world):
    return DevelopmentIssuer(
        world.directory,
        world.tokens,
        derived_key(b"m" * 32, "development-issuer"),
        world.clock,
        world.chance,
        public_url=ORIGIN,
        client_id="hub-pages",
        used=world.record,
    )


def query(**changes):
    asked = {
        "response_type": "code",
        "client_id": "hub-pages",
        "redirect_uri": BACK,
        "scope": "openid",
        "state": "s-1",
        "nonce": "n-1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    } | changes
    return [(name, value) for name, value in asked.items() if value is not None]


def form(code, **changes):
    sent = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        "client_id": "hub-pages",
        "code_verifier": VERIFIER,
    } | changes
    return [(name, value) for name, value in sent.items() if value is not None]


def code_of(issuer, **changes):
    answer = issuer.authorise(query(**changes), LEAD)
    assert answer.status == 302 and answer.location.startswith(BACK + "?")
    came_back = parse_qs(urlsplit(answer.location).query)
    assert came_back["state"] == ["s-1"]
    return came_back["code"][0]


def test_the_whole_flow(issuer, world):
    assert issuer.check(query()) is None
    assert [one.id for one in issuer.people()] == [LEAD]
    answer = issuer.token(form(code_of(issuer)))
    assert answer.status == 200
    keys = KeySet.import_key_set(issuer.jwks())
    id_token = jwt.decode(answer.body["id_token"], keys, algorithms=["Ed25519"])
    claims = id_token.claims
    assert (claims["iss"], claims["aud"], claims["sub"]) == (issuer.url, "hub-pages", LEAD)
    assert claims["nonce"] == "n-1" and claims["exp"] > claims["iat"] == int(world.clock.now.timestamp())
    bearer = Bearer(world.directory, world.tokens, world.clock)
    assert bearer.principal(f"Bearer {answer.body['access_token']}").person == LEAD
    with pytest.raises(HubError):
        bearer.principal(f"Bearer {answer.body['id_token']}")
    assert "d" not in issuer.jwks()["keys"][0]
    assert issuer.discovery()["issuer"] == issuer.url == f"{ORIGIN}/development-issuer"


def refused(answer, error):
    assert (answer.status, answer.body["error"], answer.location) == (400, error, None)
    return True


@pytest.mark.req("H-16")
def test_a_code_is_good_at_another_process_and_then_at_none(issuer, world):
    code, other = code_of(issuer), issuer_of(world)
    assert other.token(form(code)).status == 200
    assert refused(issuer.token(form(code)), "invalid_grant")
    assert refused(other.token(form(code)), "invalid_grant")


@pytest.mark.req("H-16")
def test_a_code_is_of_this_issuers_making(issuer):
    """Neither another token of the issuer's own key, nor a code of another hub's, nor a changed one."""
    id_token = issuer.token(form(code_of(issuer))).body["id_token"]
    fresh = code_of(issuer)
    head, claims, signature = fresh.split(".")
    read = json.loads(base64.urlsafe_b64decode(claims + "=="))
    changed = base64.urlsafe_b64encode(json.dumps(read | {"person": "x/y"}).encode()).decode().rstrip("=")
    header = {"alg": "Ed25519", "typ": "sign-in-code+jwt"}
    foreign = jwt.encode(header, read, derived_key(b"o" * 32, "development-issuer"), algorithms=["Ed25519"])
    for wrong in (id_token, f"{head}.{changed}.{signature}", foreign, "x", "a.b.c"):
        assert refused(issuer.token(form(wrong)), "invalid_grant")
    assert issuer.token(form(fresh)).status == 200


@pytest.mark.parametrize("name", ["nonce", "code_challenge", "redirect_uri"])
def test_what_would_not_fit_into_an_address_is_refused(issuer, name):
    assert issuer.check(query(**{name: (BACK if name == "redirect_uri" else "") + "n" * 501})).status == 400


def test_a_code_is_good_once(issuer):
    code = code_of(issuer)
    assert issuer.token(form(code)).status == 200
    assert refused(issuer.token(form(code)), "invalid_grant")


@pytest.mark.parametrize("verifier", ["w" * 50, "short", None, CHALLENGE])
def test_a_wrong_verifier_gives_nothing_and_uses_up_the_code(issuer, verifier):
    code = code_of(issuer)
    assert issuer.token(form(code, code_verifier=verifier)).status == 400
    assert refused(issuer.token(form(code)), "invalid_grant")


def test_a_code_ends_after_a_minute(issuer, world):
    code = code_of(issuer)
    world.clock.now += timedelta(seconds=60)
    assert refused(issuer.token(form(code)), "invalid_grant")


def test_a_code_belongs_to_its_address_and_client(issuer):
    assert refused(issuer.token(form(code_of(issuer), redirect_uri=f"{ORIGIN}/other")), "invalid_grant")
    answer = issuer.token(form(code_of(issuer), client_id="other"))
    assert answer.status in (400, 401) and "access_token" not in answer.body
    assert refused(issuer.token(form("invented")), "invalid_grant")
    assert refused(issuer.token(form(code_of(issuer), grant_type="password")), "unsupported_grant_type")


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
        {"nonce": None},
        {"scope": None},
        {"scope": "profile"},
        {"response_type": "token"},
        {"response_type": None},
        {"client_id": "other"},
        {"client_id": None},
        {"redirect_uri": None},
        {"redirect_uri": "https://evil.test/sign-in/callback"},
        {"redirect_uri": "https://hub.test.evil.test/"},
        {"redirect_uri": "https://hub.test@evil.test/"},
        {"redirect_uri": "http://hub.test/sign-in/callback"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": f"{ORIGIN}/x#y"},
        {"state": "s" * 9_000},
    ],
    ids=str,
)
def test_a_wrong_request_is_answered_here_and_never_redirected(issuer, changes):
    for answer in (issuer.check(query(**changes)), issuer.authorise(query(**changes), LEAD)):
        assert answer.status in (400, 401) and answer.location is None
        assert "evil" not in json.dumps(dict(answer.body))


def test_repeated_parameters_are_refused(issuer):
    assert issuer.check([*query(), ("redirect_uri", "https://evil.test/")]).status == 400
    assert issuer.token([*form(code_of(issuer)), ("code", "x")]).status == 400


@pytest.mark.req("H-16")
def test_nobody_can_be_a_disabled_or_unknown_person(issuer, world):
    with pytest.raises(HubError):
        issuer.authorise(query(), "education.elm-school/nobody")
    world.directory.disable_person(LEAD)
    assert issuer.people() == ()
    with pytest.raises(HubError):
        issuer.authorise(query(), LEAD)
    with pytest.raises(HubError):
        issuer.person_token(LEAD)
