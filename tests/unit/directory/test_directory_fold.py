"""The directory's fold: pure, in any portions, and never changed in place."""

import itertools
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OKPKey

from hub.directory.events import (
    TYPES,
    AgreementRecorded,
    DirectoryEvent,
    KeyRegistered,
    KeyRevoked,
    KeyRotated,
    OrganisationAdded,
    PersonAdded,
    PersonDisabled,
    ProfileAdopted,
    RoleEnded,
    RoleGranted,
    SharingAgreed,
    decode,
    encode,
    name_of,
)
from hub.directory.keys import public_key
from hub.directory.names import known_role, organisation_kind, organisation_of
from hub.directory.state import DirectoryState, fold
from hub.errors import HubError

T0 = datetime(2025, 9, 12, 9, 0, tzinfo=UTC)
CSC, SCHOOL, WORKER = "social-care.n-csc", "education.elm-school", "social-care.n-csc/sw-n1"
HISTORY: list[DirectoryEvent] = [
    OrganisationAdded(CSC, "social-care", "N children's social care", CSC),
    OrganisationAdded(SCHOOL, "education", "Elm School", CSC),
    ProfileAdopted(CSC, "darlington-2024"),
    PersonAdded(WORKER),
    RoleGranted(WORKER, "social-worker"),
    RoleGranted(WORKER, "team-manager"),
    RoleEnded(WORKER, "team-manager"),
    RoleGranted(CSC, "witness"),
    KeyRegistered(SCHOOL, "events", "kid-1", "{}", T0, None),
    KeyRotated("kid-1", "kid-2", "{}", T0 + timedelta(days=10), T0 + timedelta(days=12)),
    KeyRevoked("kid-2", T0 + timedelta(days=20), T0 + timedelta(days=15)),
    AgreementRecorded(CSC, "assessment", "Children Act 1989 s.17", "ISA-1"),
    SharingAgreed(CSC, "ISA-1", "2025-09-01", "2026-08-31", WORKER),
    OrganisationAdded(CSC, "social-care", "Children's social care, N", CSC),
    PersonDisabled(WORKER),
]


@pytest.mark.req("H-16", "H-21")
def test_the_fold_of_a_whole_history():
    state = fold(DirectoryState(), HISTORY)
    assert state.version == len(HISTORY)
    assert state.organisations[CSC].title == "Children's social care, N"
    assert state.organisations[CSC].profile == "darlington-2024", "a new title keeps the adopted profile"
    assert state.people[WORKER].roles == {"social-worker"}
    assert state.people[WORKER].active is False
    assert state.system_roles[CSC] == {"witness"}
    assert state.agreements[CSC, "assessment"].lawful_basis == "Children Act 1989 s.17"


@pytest.mark.req("H-21")
def test_a_rotated_key_is_accepted_until_the_overlap_ends_and_the_new_one_until_revoked():
    keys = fold(DirectoryState(), HISTORY).keys
    old, new = keys["kid-1"], keys["kid-2"]
    assert old.valid_at(T0) and old.valid_at(T0 + timedelta(days=11))
    assert not old.valid_at(T0 + timedelta(days=12)), "the end of a validity is exclusive"
    assert not old.valid_at(T0 - timedelta(microseconds=1))
    assert not new.valid_at(T0 + timedelta(days=9))
    assert new.valid_at(T0 + timedelta(days=19)) and not new.valid_at(T0 + timedelta(days=20))
    assert new.compromised_since == T0 + timedelta(days=15), "revoking flags, it deletes nothing"
    assert new.organisation == SCHOOL and new.use == "events"


@pytest.mark.req("H-06")
@given(st.lists(st.integers(0, len(HISTORY)), max_size=6))
def test_any_portions_fold_to_the_same_state_and_leave_the_earlier_ones_alone(cuts):
    edges = [0, *sorted(cuts), len(HISTORY)]
    state = DirectoryState()
    for start, end in itertools.pairwise(edges):
        before, frozen = state, (state.version, dict(state.people), dict(state.keys))
        state = fold(state, HISTORY[start:end])
        assert (before.version, before.people, before.keys) == frozen
    assert state == fold(DirectoryState(), HISTORY)


@pytest.mark.req("H-06")
@pytest.mark.parametrize("event", HISTORY, ids=name_of)
def test_what_is_encoded_is_decoded(event):
    assert decode(name_of(event), encode(event, T0)) == event


def test_every_event_of_the_history_is_a_kind_of_its_own_and_every_kind_occurs():
    assert {name_of(event) for event in HISTORY} == set(TYPES)


@pytest.mark.parametrize("jwk", [OKPKey.generate_key("Ed25519"), ECKey.generate_key("P-256")])
@pytest.mark.req("H-01")
def test_a_public_key_is_named_by_its_thumbprint_and_keeps_no_other_member(jwk):
    given_members = jwk.as_dict(private=False) | {"kid": "mine", "alg": "Ed25519"}
    found = public_key(json.dumps(given_members))
    assert found.kid == jwk.thumbprint()
    assert set(json.loads(found.jwk)) <= {"kty", "crv", "x", "y"}


@pytest.mark.req("H-01")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"kty": "oct", "k": "c2VjcmV0"}',
        '{"kty": "RSA", "n": "AQAB", "e": "AQAB"}',
        '{"kty": "OKP", "crv": "Ed448", "x": "AAAA"}',
        '{"kty": "OKP", "crv": "Ed25519", "x": 5}',
        '{"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}',
        '{"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"}',
        json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=True)),
        '{"kty": "OKP", "crv": "Ed25519", "d": "AAAA", "x": "AAAA"}',
        " " * 5000,
    ],
)
def test_other_and_private_keys_are_refused_without_echo(text):
    with pytest.raises(HubError) as caught:
        public_key(text)
    assert caught.value.slug == "schema"
    assert not text.strip() or text.strip() not in caught.value.detail


@pytest.mark.parametrize(
    "name", ["elm-school", "zoo.elm", "education.", "education.Elm", "education.e/x", ""]
)
def test_an_organisation_begins_with_its_kind(name):
    with pytest.raises(HubError):
        organisation_kind(name)


@pytest.mark.parametrize("name", ["dsl-1", "education.elm", "education.elm/", "education.elm/ö"])
def test_a_person_begins_with_the_organisation(name):
    with pytest.raises(HubError):
        organisation_of(name)


@pytest.mark.req("H-09")
def test_a_role_that_the_hub_does_not_know_is_refused():
    assert known_role("social-worker") == "social-worker"
    with pytest.raises(HubError):
        known_role("socal-worker")
