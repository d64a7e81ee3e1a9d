"""Around every route: who may call, problems, faults, logs, rates, readiness, the simulation's clock."""

import json
from datetime import timedelta

import pytest

from hub.errors import PROBLEMS, HubError

CSC, SCHOOL, PARTNERS = "social-care.n-csc", "education.elm-school", "partnership.hub-ig"
WORKER, OFFICER, REVIEWER, DEMO = f"{CSC}/sw-n1", f"{PARTNERS}/igo-1", f"{PARTNERS}/idr-1", f"{PARTNERS}/demo"
CHILD = "0b9f4c7e-5a35-4a38-9f5e-0d2f6a1f6b11"


@pytest.mark.req("H-16")
@pytest.mark.parametrize(
    ("path", "allowed", "refused"),
    [
        ("/v1/identity/queue", REVIEWER, WORKER),
        ("/v1/audit/accesses", OFFICER, WORKER),
        ("/v1/audit/accesses/d-1", OFFICER, REVIEWER),
        ("/v1/audit/accesses/d-1/explanation", OFFICER, SCHOOL),
        ("/v1/ledger/proof/consistency?old=1&new=2", OFFICER, SCHOOL),
    ],
)
def test_a_route_for_a_role_is_not_there_for_others(door, path, allowed, refused):
    door.record.ledger.integrate(door.clock.now)
    assert door.call("GET", path).status_code == 401
    answer = door.call("GET", path, refused)
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")
    assert door.rooms.asked == []
    assert door.call("GET", path, allowed).status_code == 200


@pytest.mark.req("H-16")
def test_a_role_that_ends_binds_at_the_next_request(door):
    assert door.call("GET", "/v1/audit/accesses", OFFICER).status_code == 200
    door.directory.end_role(OFFICER, "ig-officer")
    assert door.call("GET", "/v1/audit/accesses", OFFICER).status_code == 404
    door.directory.disable_person(OFFICER)
    answer = door.call("GET", "/v1/me", OFFICER)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


@pytest.mark.req("H-14", "H-15")
def test_an_officers_question_is_handed_on(door):
    query = "?child=nhs:9990010014&person=x/y&rule=D-05&since=2026-01-01T00:00:00Z&emergency=true"
    rows = door.call("GET", f"/v1/audit/accesses{query}", OFFICER).json()["accesses"]
    assert rows[0]["withheld"] == {"D-05": 2} and rows[0]["at"] == "2026-03-02T09:00:30Z"
    _, _, child, asked = door.rooms.asked[0]
    assert (child, asked.person, asked.rule, asked.emergency) == ("nhs:9990010014", "x/y", "D-05", True)
    explained = door.call("GET", "/v1/audit/accesses/d-1/explanation", OFFICER).json()
    assert explained["bases"] == ["allocated"] and explained["items"][0]["decision"] == "V"


def test_an_identity_reviewer_decides(door):
    assert door.call("GET", "/v1/identity/queue", REVIEWER).json()["queue"][0]["provisional"] == CHILD
    body = {"provisional": CHILD, "child": "nhs:9990010014"}
    assert door.call("POST", "/v1/identity/resolve", REVIEWER, json=body).status_code == 200
    assert door.rooms.asked[-1][2:] == (CHILD, "nhs:9990010014")
    for wrong in ({"provisional": CHILD}, body | {"extra": 1}, {"provisional": "CANARY", "child": "x"}):
        answer = door.call("POST", "/v1/identity/resolve", REVIEWER, json=wrong)
        assert answer.status_code == 422 and "CANARY" not in answer.text


@pytest.mark.req("H-14")
def test_the_ledger_is_proved_to_witnesses(door):
    assert door.call("GET", "/v1/ledger/checkpoint", OFFICER).status_code == 404
    door.directory.grant_role(SCHOOL, "witness")
    door.record.ledger.integrate(door.clock.now)
    size = door.record.ledger.size()
    proof = door.call("GET", f"/v1/ledger/proof/inclusion?leaf_index=0&tree_size={size}", SCHOOL).json()
    assert len(proof["inclusion"]) == len(door.record.ledger.inclusion(0, size))
    tile = door.call("GET", f"/v1/ledger/tile/0/000.p/{size}", SCHOOL)
    assert tile.content == door.record.ledger.tile(0, 0, size)
    for wrong in (
        "0/000",
        "0/000.p/0",
        "x/000",
        "0/00",
        "../../etc/passwd",
        "0/x000",
        "99/001.p/1",
        "0/" + "x000/" * 9,
    ):
        assert door.call("GET", f"/v1/ledger/tile/{wrong}", SCHOOL).status_code == 404
    for wrong in ("leaf_index=-1&tree_size=1", "leaf_index=0", "leaf_index=0&tree_size=99999999999999999999"):
        assert door.call("GET", f"/v1/ledger/proof/inclusion?{wrong}", SCHOOL).status_code == 422
    beyond = door.call("GET", f"/v1/ledger/proof/inclusion?leaf_index=0&tree_size={size + 1}", SCHOOL)
    assert beyond.status_code == 404


def test_every_problem_has_its_page_and_nothing_else_has(door):
    for slug, problem in PROBLEMS.items():
        page = door.call("GET", f"/problems/{slug}")
        assert page.status_code == 200 and problem.fix.split("'")[0] in page.text
    missing = door.call("GET", "/problems/<script>")
    assert missing.status_code == 404 and "script" not in missing.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/CANARY", 404), ("DELETE", "/v1/events", 405), ("GET", "/docs", 404), ("GET", "/v1/me/", 404),
     ("PUT", "/v1/simulation/clock", 404), ("GET", "/metrics", 404)],
)  # fmt: skip
def test_what_is_not_there_is_a_problem_too(door, method, path, status):
    answer = door.call(method, path, WORKER)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/not-found"
    assert "CANARY" not in answer.text


@pytest.mark.parametrize("slug", sorted(PROBLEMS))
def test_a_refusal_of_any_kind_becomes_its_document(door, slug):
    door.rooms.refusal = HubError(slug, rule="R-001", source="S5 s.2")
    answer = door.read(f"/v1/children/{CHILD}/chronology")
    document = answer.json()
    assert answer.status_code == PROBLEMS[slug].status == document["status"]
    assert (document["title"], document["rule"], document["source"]) == (
        PROBLEMS[slug].title,
        "R-001",
        "S5 s.2",
    )
    assert answer.headers["cache-control"] == "no-store"
    assert ("retry-after" in answer.headers) == (answer.status_code in (429, 503))


@pytest.mark.req("H-15")
def test_a_fault_tells_and_logs_nothing_but_its_kind(door):
    door.rooms.refusal = RuntimeError("CANARY-NARRATIVE nhs:9990010014")
    answer = door.read(f"/v1/children/{CHILD}/chronology?q=CANARY-SEARCH")
    assert answer.status_code == 500 and answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json()) == {"type", "title", "status", "instance"}
    fault, request = door.logged()
    assert fault["fault"] == "RuntimeError"
    assert answer.json()["instance"] == f"urn:uuid:{fault['instance']}"
    assert request["status"] == 500
    assert "CANARY" not in answer.text + "".join(door.lines) and "999001" not in "".join(door.lines)


@pytest.mark.req("H-15")
def test_one_line_per_request_with_the_template_and_nothing_received(door):
    door.read("/v1/children?identifier=nhs:9990010014")
    door.read("/v1/me/children?x=CANARY")
    door.read(f"/v1/children/{CHILD}/overview?as_at=CANARY", headers={"Access-Reference": "CANARY"})
    door.call("GET", "/CANARY/CANARY")
    door.call("POST", "/v1/events", SCHOOL, headers={"Content-Type": "CANARY"}, content=b"CANARY")
    lines = door.logged()
    assert [(line["route"], line["status"]) for line in lines] == [
        ("/v1/children", 200), ("/v1/me/children", 422), ("/v1/children/{child}/overview", 422),
        ("none", 404), ("/v1/events", 415),
    ]  # fmt: skip
    for line in lines:
        assert set(line) == {
            "event", "level", "at", "process", "trace", "method", "route", "status", "duration_ms",
        }  # fmt: skip
    everything = "".join(door.lines)
    assert not any(text in everything for text in ("CANARY", "9990010014", CHILD, WORKER, "Bearer"))


def test_the_log_drops_every_key_outside_its_list():
    from datetime import UTC, datetime

    from hub.api.log import KEYS, RequestLog

    lines = []
    log = RequestLog(lambda: datetime(2026, 1, 1, tzinfo=UTC), lines.append)
    log._log.info("request", route="/x", child=CHILD, payload="CANARY")
    [line] = [json.loads(one) for one in lines]
    assert set(line) <= KEYS and "CANARY" not in lines[0]


def test_rates_are_counted_by_organisation(make_door):
    door = make_door(per_second=1.0, burst=3)
    codes = [door.call("GET", "/v1/me", WORKER).status_code for _ in range(5)]
    assert codes == [200, 200, 200, 429, 429]
    limited = door.call("GET", "/v1/me", WORKER)
    assert (limited.json()["type"], limited.headers["retry-after"]) == ("/problems/rate", "1")
    assert door.call("GET", "/v1/me", OFFICER).status_code == 200, "another organisation has its own"
    door.clock.now += timedelta(seconds=2)
    assert [door.call("GET", "/v1/me", WORKER).status_code for _ in range(3)] == [200, 200, 429]


def test_token_requests_are_counted_by_address(make_door):
    door = make_door(per_second=1.0, burst=2)
    form = {"grant_type": "client_credentials"}
    codes = [door.call("POST", "/oauth/token", data=form).status_code for _ in range(3)]
    assert codes == [401, 401, 429]


def test_the_buckets_of_strangers_do_not_grow_without_end():
    from datetime import UTC, datetime

    from hub.api.rate import _MOST_BUCKETS, RateLimit

    at = datetime(2026, 1, 1, tzinfo=UTC)
    limit = RateLimit(1.0, 2)
    for number in range(_MOST_BUCKETS + 10):
        limit.take(f"address {number}", at, stranger=True)
    assert len(limit._alone._buckets) <= _MOST_BUCKETS


def test_health_and_readiness(door):
    assert door.call("GET", "/healthz").json() == {"status": "ok"}
    assert door.call("GET", "/readyz").json() == {"status": "ready", "failing": []}
    door.rooms.failing = ("ledger",)
    answer = door.call("GET", "/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "not ready", "failing": ["ledger"]})


def test_the_simulations_clock_is_moved_forward_by_the_demo_administrator_only(make_door):
    door = make_door(simulation=True)
    body = {"now": "2025-11-20T12:00:00+00:00"}
    assert door.call("PUT", "/v1/simulation/clock", json=body).status_code == 401
    assert door.call("PUT", "/v1/simulation/clock", OFFICER, json=body).status_code == 404
    answer = door.call("PUT", "/v1/simulation/clock", DEMO, json=body)
    assert answer.json() == {"now": "2025-11-20T12:00:00Z"}
    back = door.call("PUT", "/v1/simulation/clock", DEMO, json={"now": "2025-01-01T00:00:00Z"})
    assert back.json() == {"now": "2025-11-20T12:00:00Z"}
    assert (
        door.call("PUT", "/v1/simulation/clock", DEMO, json={"now": "2025-11-20T12:00:00"}).status_code == 422
    )


def test_openapi_describes_the_routes_and_names_no_open_secret(door):
    paths = door.call("GET", "/openapi.json").json()["paths"]
    assert "/v1/children/{child}/chronology" in paths and "/v1/events/batch" in paths
    assert "/v1/simulation/clock" not in paths


@pytest.mark.req("H-16")
def test_the_development_issuers_pages(door, make_door):
    wrong = door.call("GET", "/development-issuer/authorize?client_id=<b>CANARY")
    assert wrong.status_code in (400, 401) and "CANARY" not in wrong.text
    query = (
        "response_type=code&client_id=hub-pages&redirect_uri=https://hub.test/sign-in/callback&scope=openid"
        "&state=s&nonce=n&code_challenge_method=S256&code_challenge=" + "c" * 43
    )
    page = door.call("GET", f"/development-issuer/authorize?{query}")
    assert "No password is asked" in page.text and WORKER in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    back = door.call("POST", f"/development-issuer/authorize?{query}", data={"person": WORKER})
    assert back.status_code == 303 and back.headers["location"].startswith(
        "https://hub.test/sign-in/callback?code="
    )
    assert (
        door.call("POST", f"/development-issuer/authorize?{query}", data={"person": "x"}).status_code == 401
    )
    found = door.call("GET", "/development-issuer/.well-known/openid-configuration").json()
    assert found["issuer"] == "https://hub.test/development-issuer"
    production = make_door(development=False)
    assert production.call("GET", "/development-issuer/jwks").status_code == 404
    assert production.call("GET", f"/development-issuer/authorize?{query}").status_code == 404
