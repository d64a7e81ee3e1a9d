"""POST /oauth/token: what gives an agency's system a token, and everything that does not."""

import base64
import json
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from hub.directory import Directory
from hub.errors import HubError
from hub.record import Record
from hub.signin import AccessTokens, Bearer, TokenEndpoint

SCHOOL, CSC, HUB = "education.elm-school", "social-care.n-csc", "https://hub.test/one"


def refused(answer, error="invalid_client", status=401):
    assert (answer.status, answer.body["error"]) == (status, error)
    assert "access_token" not in answer.body
    return True


@pytest.mark.req("H-01")
def test_a_signed_assertion_gives_a_token_of_the_organisation(world):
    answer = world.endpoint().respond(world.form(world.assertion()))
    assert answer.status == 200
    assert answer.body["token_type"] == "Bearer" and answer.body["expires_in"] == 600
    who = Bearer(world.directory, world.tokens, world.clock).principal(
        f"Bearer {answer.body['access_token']}"
    )
    assert (who.organisation, who.person) == (SCHOOL, None)


@pytest.mark.parametrize("audience", [HUB, ["https://hub.test/oauth/token"], [HUB, "https://other"]])
def test_the_hubs_id_and_lists_are_audiences_too(world, audience):
    assert world.endpoint().respond(world.form(world.assertion(aud=audience))).status == 200


def test_es256_and_the_older_name_of_the_algorithm_are_accepted(world):
    ec = ECKey.generate_key("P-256")
    world.directory.register_key(SCHOOL, "client", json.dumps(ec.as_dict(private=False)))
    assert world.endpoint().respond(world.form(world.assertion(key=ec, alg="ES256"))).status == 200


@pytest.mark.req("H-01")
def test_an_assertion_is_good_once_only_and_other_processes_know(world, tmp_path):
    assertion = world.assertion()
    assert world.endpoint().respond(world.form(assertion)).status == 200
    assert refused(world.endpoint().respond(world.form(assertion)))
    other = Record.open(tmp_path / "hub.db", master_key=b"m" * 32, chance=world.chance)
    try:
        directory = Directory(other, world.clock)
        audiences = ("https://hub.test/oauth/token",)
        elsewhere = TokenEndpoint(directory, world.tokens, other, world.clock, world.chance, audiences)
        assert refused(elsewhere.respond(world.form(assertion)))
        assert elsewhere.respond(world.form(world.assertion())).status == 200
    finally:
        other.close()


@pytest.mark.req("H-01")
@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://other.test/oauth/token"},
        {"aud": None},
        {"iss": CSC},
        {"sub": CSC},
        {"iss": CSC, "sub": CSC},
        {"iss": "education.nowhere", "sub": "education.nowhere"},
        {"sub": 5},
        {"sub": None},
        {"iss": None},
        {"exp": None},
        {"exp": "soon"},
        {"exp": -1},
        {"exp": 10**30},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"jti": "x" * 300},
        {"nbf": 4_000_000_000},
        {"iat": 4_000_000_000},
    ],
    ids=str,
)
def test_a_wrong_claim_is_refused(world, changes):
    assert refused(world.endpoint().respond(world.form(world.assertion(**changes))))


@pytest.mark.parametrize(("seconds", "good"), [(299, True), (359, True), (370, False), (3600, False)])
def test_an_assertion_lives_five_minutes_at_most(world, seconds, good):
    ends = int((world.clock.now + timedelta(seconds=seconds)).timestamp())
    answer = world.endpoint().respond(world.form(world.assertion(exp=ends)))
    assert answer.status == 200 if good else refused(answer)


def test_an_expired_assertion_is_refused(world):
    assertion = world.assertion()
    world.clock.now += timedelta(minutes=4)
    assert refused(world.endpoint().respond(world.form(assertion)))


@pytest.mark.req("H-01", "H-21")
def test_a_key_for_events_an_unknown_a_strange_and_a_revoked_key_are_refused(world):
    endpoint = world.endpoint()
    assert refused(endpoint.respond(world.form(world.assertion(key=world.events_key))))
    stranger = OKPKey.generate_key("Ed25519")
    assert refused(endpoint.respond(world.form(world.assertion(key=stranger))))
    forged = {"kid": world.client_key.thumbprint()}
    assert refused(endpoint.respond(world.form(world.assertion(key=stranger, header=forged))))
    world.directory.revoke_key(world.client_key.thumbprint())
    assert refused(endpoint.respond(world.form(world.assertion())))


@pytest.mark.req("H-01")
def test_other_algorithms_are_refused(world):
    endpoint, claims = (
        world.endpoint(),
        jwt.decode(world.assertion(), world.client_key, algorithms=["Ed25519"]).claims,
    )
    kid = world.client_key.thumbprint()
    public = json.dumps(world.client_key.as_dict(private=False)).encode()
    hmac = jwt.encode({"alg": "HS256", "kid": kid}, claims, OctKey.import_key(public), algorithms=["HS256"])
    assert refused(endpoint.respond(world.form(hmac)))
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": kid}).encode()).rstrip(b"=").decode()
    unsigned = f"{head}.{world.assertion().split('.')[1]}."
    assert refused(endpoint.respond(world.form(unsigned)))
    rsa = RSAKey.generate_key(2048)
    assert refused(endpoint.respond(world.form(world.assertion(key=rsa, alg="RS256"))))


@pytest.mark.parametrize("assertion", ["", "x", "a.b.c", "..", "e30.e30.e30", "e30.W10.e30", "é.é.é"])
def test_what_is_no_assertion_is_refused(world, assertion):
    assert refused(world.endpoint().respond(world.form(assertion)))


def test_wrong_forms_are_refused_without_echo(world):
    endpoint, good = world.endpoint(), world.assertion()
    odd = 'CANARY-\u2028-"\\'
    for form, error, status in (
        (world.form(good, grant_type=odd), "unsupported_grant_type", 400),
        (world.form(good, grant_type="authorization_code"), "unsupported_grant_type", 400),
        (world.form(good, grant_type=None), "unsupported_grant_type", 400),
        ([*world.form(good), ("grant_type", "client_credentials")], "invalid_request", 400),
        (world.form("x" * 10_000), "invalid_request", 400),
        (world.form(good, client_assertion_type=odd), "invalid_client", 401),
        (world.form(good, client_assertion=None), "invalid_client", 401),
        (world.form(good, client_id=CSC), "invalid_client", 401),
        (
            [("grant_type", "client_credentials"), ("client_id", SCHOOL), ("client_secret", odd)],
            "invalid_client",
            401,
        ),
    ):
        answer = endpoint.respond(form)
        assert refused(answer, error, status)
        assert "CANARY" not in json.dumps(dict(answer.body))
    assert world.endpoint().respond(world.form(world.assertion(), client_id=SCHOOL)).status == 200


def test_a_refused_assertion_leaves_its_jti_unused(world):
    jti = "0123456789"
    assert refused(world.endpoint().respond(world.form(world.assertion(jti=jti, aud="https://other"))))
    assert world.endpoint().respond(world.form(world.assertion(jti=jti))).status == 200


def test_the_same_jti_of_another_organisation_is_another(world):
    key = OKPKey.generate_key("Ed25519")
    world.directory.register_key(CSC, "client", json.dumps(key.as_dict(private=False)))
    assert world.endpoint().respond(world.form(world.assertion(jti="same-jti"))).status == 200
    other = world.assertion(key=key, iss=CSC, sub=CSC, jti="same-jti")
    assert world.endpoint().respond(world.form(other)).status == 200


def test_tokens_of_another_hub_or_key_are_not_this_ones(world):
    answer = world.endpoint().respond(world.form(world.assertion()))
    other = AccessTokens(OKPKey.generate_key("Ed25519"), HUB, people=True)
    with pytest.raises(HubError) as caught:
        other.validate(answer.body["access_token"], now=world.clock.now)
    assert caught.value.slug == "token"
