"""Authorization header -> Principal: hub-issued tokens, and everything that is refused."""

import base64
import json
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from hub.errors import HubError
from hub.signin import AccessTokens, Bearer, TokenSubject, derived_key

SCHOOL, HUB = "education.elm-school", "https://hub.test/one"
LEAD = f"{SCHOOL}/dsl-1"
MASTER = b"m" * 32


def issue(world, kind="person", subject=LEAD):
    return world.tokens.issue(TokenSubject(kind, subject), now=world.clock.now, token_id="t-1")


def principal(world, header):
    return Bearer(world.directory, world.tokens, world.clock).principal(header)


def refused(world, header):
    with pytest.raises(HubError) as caught:
        principal(world, header)
    assert (caught.value.slug, caught.value.status) == ("token", 401)
    assert caught.value.detail == "Get a new access token.", "one text, whichever check failed"
    return True


@pytest.mark.req("H-16")
def test_a_token_says_who_and_the_directory_says_what_now(world):
    token = f"Bearer {issue(world)}"
    assert principal(world, token).roles == {"designated-safeguarding-lead"}
    world.directory.end_role(LEAD, "designated-safeguarding-lead")
    assert principal(world, token).roles == frozenset()
    world.directory.disable_person(LEAD)
    assert refused(world, token)


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Bearer a.b", "Bearer a.b.c.d", "Bearer a b.c.d",
     "Token a.b.c", "Bearer e30.e30.e30", "Bearer " + "a" * 20_000 + ".b.c", "Bearer ä.b.c"],
)  # fmt: skip
def test_other_headers_are_refused(world, header):
    assert refused(world, header)


def test_a_token_ends_after_ten_minutes(world):
    token = f"Bearer {issue(world)}"
    world.clock.now += timedelta(minutes=10, seconds=29)
    assert principal(world, token).person == LEAD
    world.clock.now += timedelta(seconds=2)
    assert refused(world, token)


def claims_of(world, **changes):
    now = int(world.clock.now.timestamp())
    claims = {"iss": HUB, "aud": HUB, "sub": LEAD, "kind": "person", "iat": now, "exp": now + 60}
    return {name: value for name, value in (claims | changes).items() if value is not None}


@pytest.mark.req("H-01")
@pytest.mark.parametrize(
    "changes",
    [{"iss": "https://other"}, {"aud": "https://other"}, {"aud": None}, {"iss": None}, {"exp": None},
     {"iat": None}, {"sub": None}, {"sub": 5}, {"kind": "administrator"}, {"kind": None},
     {"exp": 1}, {"nbf": 4_000_000_000}, {"sub": "education.elm-school/nobody"},
     {"kind": "organisation"}, {"kind": "organisation", "sub": "education.nowhere"}],
    ids=str,
)  # fmt: skip
def test_a_token_with_a_wrong_claim_is_refused_although_rightly_signed(world, changes):
    key = derived_key(MASTER, "access-tokens")
    good = jwt.encode({"alg": "Ed25519", "typ": "at+jwt"}, claims_of(world), key, algorithms=["Ed25519"])
    assert principal(world, f"Bearer {good}").person == LEAD
    bad = jwt.encode(
        {"alg": "Ed25519", "typ": "at+jwt"}, claims_of(world, **changes), key, algorithms=["Ed25519"]
    )
    assert refused(world, f"Bearer {bad}")


@pytest.mark.req("H-01")
def test_a_token_with_another_type_key_or_algorithm_is_refused(world):
    claims, key = claims_of(world), derived_key(MASTER, "access-tokens")
    id_token = jwt.encode({"alg": "Ed25519", "typ": "JWT"}, claims, key, algorithms=["Ed25519"])
    assert refused(world, f"Bearer {id_token}")
    for other in (OKPKey.generate_key("Ed25519"), derived_key(MASTER, "development-issuer")):
        forged = jwt.encode({"alg": "Ed25519", "typ": "at+jwt"}, claims, other, algorithms=["Ed25519"])
        assert refused(world, f"Bearer {forged}")
    secret = OctKey.import_key(json.dumps(key.as_dict(private=False)).encode())
    confused = jwt.encode({"alg": "HS256", "typ": "at+jwt"}, claims, secret, algorithms=["HS256"])
    assert refused(world, f"Bearer {confused}")
    head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"at+jwt"}').rstrip(b"=").decode()
    assert refused(world, f"Bearer {head}.{id_token.split('.')[1]}.")
    assert refused(world, f"Bearer {head}.{id_token.split('.')[1]}.AA")
    signature = id_token.rsplit(".", 1)
    assert refused(world, f"Bearer {signature[0]}.{'A' * len(signature[1])}")


def test_in_production_no_token_of_a_person_is_issued_or_accepted_by_the_hubs_own_key(world):
    token = issue(world)
    production = AccessTokens(derived_key(MASTER, "access-tokens"), HUB, people=False)
    with pytest.raises(HubError):
        production.issue(TokenSubject("person", LEAD), now=world.clock.now, token_id="t")
    with pytest.raises(HubError):
        Bearer(world.directory, production, world.clock).principal(f"Bearer {token}")
    system = production.issue(TokenSubject("organisation", SCHOOL), now=world.clock.now, token_id="t")
    who = Bearer(world.directory, production, world.clock).principal(f"bearer {system}")
    assert who.organisation == SCHOOL


def test_keys_of_different_purposes_and_masters_differ():
    thumbprints = {
        derived_key(master, purpose).thumbprint()
        for master in (MASTER, b"n" * 32)
        for purpose in ("access-tokens", "development-issuer")
    }
    assert len(thumbprints) == 4
    assert derived_key(MASTER, "access-tokens").thumbprint() in thumbprints
