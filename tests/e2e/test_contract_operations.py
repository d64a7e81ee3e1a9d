"""The contract of tokens, the ledger's doors, the simulation's clock, and the open routes."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx
import pytest
from joserfc import jwt

from agencies.sdk.keys import algorithm_of, load_key, paths_of
from hub.record.checkpoint import parse_checkpoint, verify_checkpoint
from hub.record.merkle import Frontier, verify_consistency, verify_inclusion
from tests.support.hostile import ELM, POLICE
from tests.support.scenario import World, empty_world

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
NUMBERS = count()
ADMINISTRATOR, OFFICER = "partnership.hub-ig/demo-1", "partnership.hub-ig/igo-1"
PATHS = {
    "/oauth/token", "/healthz", "/readyz", "/problems/{slug}", "/v1/events", "/v1/events/batch",
    "/v1/events/{org}/{id}/receipt", "/v1/me", "/v1/me/children", "/v1/me/open-items",
    "/v1/children",
    "/v1/children/{child}/chronology", "/v1/children/{child}/overview", "/v1/children/{child}/deadlines",
    "/v1/identity/queue", "/v1/identity/resolve", "/v1/audit/accesses", "/v1/audit/flags",
    "/v1/audit/accesses/{disclosure_id}", "/v1/audit/accesses/{disclosure_id}/explanation",
    "/v1/audit/accesses/{disclosure_id}/replay", "/v1/audit/policies", "/v1/audit/policies/{version}",
    "/v1/audit/policies/{version}/approval",
    "/v1/ledger/checkpoint", "/v1/ledger/proof/inclusion", "/v1/ledger/proof/consistency",
    "/v1/ledger/tile/{tile}",
}  # fmt: skip


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with empty_world(tmp_path_factory.mktemp("operations")) as found:
        yield found


def asked(hub: World, token: str | None, method: str, path: str, **given: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.request(method, hub.address + path, headers=headers, timeout=30, **given)


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")


# --- tokens ------------------------------------------------------------------------------------------


def assertion(hub: World, use: Any = "client", **claims: Any) -> str:
    key = load_key(paths_of(hub.keys, ELM, use)[0])
    now, number = int(hub.hub.store.clock.wall().timestamp()), next(NUMBERS)
    members = {
        "iss": ELM, "sub": ELM, "aud": f"{hub.address}/oauth/token", "iat": now, "exp": now + 60,
        "jti": f"assertion-{number}",
    }  # fmt: skip
    header = {"alg": algorithm_of(key), "kid": key.thumbprint()}
    return jwt.encode(header, members | claims, key, algorithms=[algorithm_of(key)])


def exchanged(hub: World, signed: str, **form: str) -> httpx.Response:
    given = {
        "grant_type": "client_credentials", "client_assertion_type": ASSERTION, "client_assertion": signed,
    }  # fmt: skip
    return httpx.post(f"{hub.address}/oauth/token", data=given | form, timeout=30)


@pytest.mark.req("H-01", "H-21")
def test_a_system_gets_a_token_for_a_signed_assertion_once(hub: World) -> None:
    signed = assertion(hub)
    answer = exchanged(hub, signed)
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert set(body) >= {"access_token", "token_type", "expires_in"} and body["token_type"] == "Bearer"
    me = asked(hub, body["access_token"], "GET", "/v1/me").json()
    assert me == {"organisation": ELM, "person": None, "roles": [], "purposes": []}
    again = exchanged(hub, signed)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")


@pytest.mark.req("H-01")
@pytest.mark.parametrize(
    ("use", "claims", "form"),
    [
        ("events", {}, {}),
        ("client", {"aud": "https://another.example/oauth/token"}, {}),
        ("client", {"sub": POLICE}, {}),
        ("client", {"iss": POLICE, "sub": POLICE}, {}),
        ("client", {"exp": 1}, {}),
        ("client", {"exp": 4_000_000_000}, {}),
        ("client", {"jti": ""}, {}),
        ("client", {}, {"grant_type": "password"}),
        ("client", {}, {"client_assertion_type": "other"}),
    ],
)
def test_no_other_assertion_gives_one(
    hub: World, use: str, claims: dict[str, Any], form: dict[str, str]
) -> None:
    answer = exchanged(hub, assertion(hub, use, **claims), **form)
    assert answer.status_code in (400, 401)
    assert answer.json()["error"] in ("invalid_client", "unsupported_grant_type")
    assert "access_token" not in answer.text


@pytest.mark.req("H-16")
def test_a_person_who_is_disabled_is_refused_from_the_next_request(hub: World) -> None:
    directory = hub.hub.store.directory
    directory.add_person(f"{ELM}/deputy", ("designated-safeguarding-lead",))
    token = hub.person_token(f"{ELM}/deputy")
    assert asked(hub, token, "GET", "/v1/me").json()["roles"] == ["designated-safeguarding-lead"]
    directory.end_role(f"{ELM}/deputy", "designated-safeguarding-lead")
    assert asked(hub, token, "GET", "/v1/me").json()["roles"] == []
    directory.disable_person(f"{ELM}/deputy")
    answer = asked(hub, token, "GET", "/v1/me")
    assert problem(answer) == (401, "token") and answer.headers["www-authenticate"] == "Bearer"


# --- the ledger --------------------------------------------------------------------------------------


def root_of(leaves: list[bytes]) -> bytes:
    frontier = Frontier()
    frontier.extend(leaves)
    return frontier.root()


@pytest.mark.req("H-14")
def test_officers_and_witnesses_can_prove_the_ledger_and_nobody_else_sees_it(hub: World) -> None:
    store = hub.hub.store
    store.directory.grant_role(POLICE, "witness")
    store.record.ledger.integrate(store.clock.wall())
    for token in (hub.person_token(OFFICER), hub.system_token(POLICE)):
        note = asked(hub, token, "GET", "/v1/ledger/checkpoint")
        assert note.status_code == 200 and note.headers["content-type"].startswith("text/plain")
        latest = verify_checkpoint(note.text, store.signer.note_key)
        assert parse_checkpoint(note.text).size == latest.size > 20
        tile = asked(hub, token, "GET", f"/v1/ledger/tile/0/000.p/{latest.size}")
        assert tile.headers["content-type"] == "application/octet-stream"
        leaves = [tile.content[at : at + 32] for at in range(0, len(tile.content), 32)]
        assert len(leaves) == latest.size and root_of(leaves) == latest.root
        query = {"leaf_index": 7, "tree_size": latest.size}
        proof = asked(hub, token, "GET", "/v1/ledger/proof/inclusion", params=query).json()
        assert set(proof) == {"leaf_index", "tree_size", "inclusion"}
        path = [base64.b64decode(one) for one in proof["inclusion"]]
        assert verify_inclusion(leaves[7], 7, latest.size, path, latest.root)
        query = {"old": 11, "new": latest.size}
        proof = asked(hub, token, "GET", "/v1/ledger/proof/consistency", params=query).json()
        assert set(proof) == {"old", "new", "consistency"}
        path = [base64.b64decode(one) for one in proof["consistency"]]
        assert verify_consistency(11, latest.size, root_of(leaves[:11]), latest.root, path)
    for path_ in (
        "checkpoint",
        "proof/inclusion?leaf_index=0&tree_size=5",
        "proof/consistency?old=1&new=2",
        "tile/0/000.p/5",
    ):
        for token in (hub.person_token(f"{ELM}/dsl-1"), hub.system_token(ELM)):
            assert problem(asked(hub, token, "GET", f"/v1/ledger/{path_}")) == (404, "not-found")
        assert problem(asked(hub, None, "GET", f"/v1/ledger/{path_}")) == (401, "token")
    beyond = asked(
        hub, hub.person_token(OFFICER), "GET", "/v1/ledger/proof/inclusion?leaf_index=0&tree_size=999999"
    )
    assert problem(beyond) == (404, "not-found")


# --- the clock of a simulation -----------------------------------------------------------------------


@pytest.mark.req("H-24", "H-07")
def test_the_demo_administrator_alone_moves_the_clock_and_only_forward(hub: World) -> None:
    def put(token: str | None, now: object) -> httpx.Response:
        return asked(hub, token, "PUT", "/v1/simulation/clock", json={"now": now})

    administrator = hub.person_token(ADMINISTRATOR)
    assert put(administrator, "2025-09-03T10:00:00+01:00").json() == {"now": "2025-09-03T09:00:00Z"}
    assert put(administrator, "2025-09-02T10:00:00Z").json() == {"now": "2025-09-03T09:00:00Z"}
    assert hub.hub.store.clock.domain().isoformat() == "2025-09-03T09:00:00+00:00"
    assert problem(put(None, "2025-09-04T10:00:00Z")) == (401, "token")
    for token in (hub.person_token(OFFICER), hub.system_token(ELM)):
        assert problem(put(token, "2025-09-04T10:00:00Z")) == (404, "not-found")
    for now in ("2025-09-04", "2025-09-04T10:00:00", "", None, 5, "1757000000"):
        answer = put(administrator, now)
        assert problem(answer) == (422, "schema"), now
    more = asked(
        hub, administrator, "PUT", "/v1/simulation/clock",
        json={"now": "2025-09-05T10:00:00Z", "speed": 2},
    )  # fmt: skip
    assert problem(more) == (422, "schema")
    assert hub.hub.store.clock.domain().isoformat() == "2025-09-03T09:00:00+00:00"


# --- open routes -------------------------------------------------------------------------------------


@pytest.mark.req("H-14")
def test_health_readiness_and_the_description_are_open_and_metrics_are_not(hub: World) -> None:
    assert asked(hub, None, "GET", "/healthz").json() == {"status": "ok"}
    assert asked(hub, None, "GET", "/readyz").json() == {"status": "ready", "failing": []}
    assert problem(asked(hub, None, "GET", "/metrics")) == (404, "not-found")
    assert problem(asked(hub, None, "GET", "/problems/nothing")) == (404, "not-found")
    described = asked(hub, None, "GET", "/openapi.json").json()
    assert PATHS <= set(described["paths"])
    assert described["openapi"].startswith("3.")


@pytest.mark.req("H-16")
@pytest.mark.parametrize("path", sorted(PATHS - {"/oauth/token", "/healthz", "/readyz", "/problems/{slug}"}))
def test_every_other_route_wants_a_token(hub: World, path: str) -> None:
    address = re.sub(r"\{[a-z_]+\}", "0", path)
    posts = path in ("/v1/events/batch", "/v1/identity/resolve") or path.endswith("/approval")
    for token in (None, "x.y.z"):
        answer = asked(hub, token, "POST" if posts else "GET", address, **({"json": {}} if posts else {}))
        assert problem(answer) == (401, "token")


@pytest.mark.req("H-01")
def test_a_token_that_was_changed_is_refused(hub: World) -> None:
    header, payload, signature = hub.system_token(ELM).split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    other = base64.urlsafe_b64encode(json.dumps(claims | {"sub": POLICE}).encode()).decode().rstrip("=")
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"at+jwt"}').decode().rstrip("=")
    for bad in (f"{header}.{other}.{signature}", f"{none}.{payload}.{signature}", f"{header}.{payload}"):
        assert problem(asked(hub, bad, "GET", "/v1/me")) == (401, "token")
