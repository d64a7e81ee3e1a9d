"""What the description of the API says of each route; and HEAD and empty batches at the door."""

import json
from types import SimpleNamespace

import pytest
from fastapi.routing import APIRoute

from hub.api import OPEN, create_app
from hub.api.access import Access
from hub.disclosure import load_purposes
from hub.errors import PROBLEMS

SCHOOL, WORKER = "education.elm-school", "social-care.n-csc/sw-n1"
CHILD = "0b9f4c7e-5a35-4a38-9f5e-0d2f6a1f6b11"
LINES = {"Content-Type": "application/jose-lines"}
PROBLEM = "application/problem+json"


def app():
    nothing = SimpleNamespace(uuid=lambda: "x")
    return create_app(
        SimpleNamespace(chance=nothing, development_issuer=nothing, advance=lambda to: to, metrics_token=None)
    )


@pytest.fixture(scope="module")
def document():
    return app().openapi()


def operations(document):
    return {
        (method, path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def slugs(operation):
    return {
        status: set(answer["x-problems"])
        for status, answer in operation["responses"].items()
        if "x-problems" in answer
    }


def accesses(dependant):
    found = [dependant.call] if isinstance(dependant.call, Access) else []
    return found + [one for inner in dependant.dependencies for one in accesses(inner)]


@pytest.mark.req("H-16")
def test_every_route_but_the_open_ones_wants_the_bearer_token(document):
    [(name, scheme)] = document["components"]["securitySchemes"].items()
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer") and "/oauth/token" in scheme[
        "description"
    ]
    for (_, path), operation in operations(document).items():
        if path in OPEN:
            assert "security" not in operation
        else:
            assert operation["security"] == [{name: []}]
            assert slugs(operation)["401"] >= {"token"} and slugs(operation)["429"] == {"rate"}


def test_every_route_is_described_once_and_by_a_name_of_its_own(document):
    # Every route of the API, but the description itself and the development issuer's.
    routes = {
        (method.lower(), route.path_format)
        for route in app().routes
        if isinstance(route, APIRoute) and not route.path.startswith("/development-issuer")
        for method in route.methods
    }
    described = operations(document)
    assert set(described) == routes
    names = [operation["operationId"] for operation in described.values()]
    assert len(names) == len(set(names)) and all(name.isidentifier() for name in names)
    assert all(operation["description"] and operation["tags"] for operation in described.values())


def test_the_frameworks_validation_error_is_nowhere(document):
    assert "ValidationError" not in json.dumps(document)


def test_every_answer_names_a_form_and_every_refusal_its_closed_list(document):
    for where, operation in operations(document).items():
        assert any(status.startswith("2") for status in operation["responses"]), where
        for status, answer in operation["responses"].items():
            assert answer["description"] and answer["content"], (where, status)
            for media_type, content in answer["content"].items():
                if media_type == "application/json":
                    assert content["schema"]["$ref"].startswith("#/components/schemas/"), (where, status)
            if "x-problems" in answer:
                assert set(answer["content"]) == {PROBLEM}
                assert set(answer["x-problems"]) <= set(PROBLEMS), (where, status)
                for slug in answer["x-problems"]:
                    # A purpose that is missing and a form that is not offered have a status of their own.
                    own = {("purpose", "400"), ("media-type", "406")}
                    assert (slug, status) in own or PROBLEMS[slug].status == int(status), (where, slug)


def test_no_shape_is_there_for_nothing_and_none_is_missing(document):
    text = json.dumps(document)
    names = set(document["components"]["schemas"])
    for name in names:
        assert f'"#/components/schemas/{name}"' in text, name
    assert text.count("#/components/schemas/") > len(names)
    assert {one.split('"')[0] for one in text.split("#/components/schemas/")[1:]} <= names


@pytest.mark.req("H-16")
def test_a_read_of_a_child_names_its_purpose_and_may_name_a_reference(document):
    reads = {path: one for (_, path), one in operations(document).items() if path.startswith("/v1/children")}
    assert len(reads) == 10
    for path, operation in reads.items():
        headers = {one["name"]: one for one in operation["parameters"] if one["in"] == "header"}
        assert headers["Access-Purpose"]["required"]
        assert headers["Access-Purpose"]["schema"]["enum"] == list(load_purposes().roles)
        assert ("Access-Reference" in headers) == (path != "/v1/children")
        assert slugs(operation)["400"] == slugs(operation)["403"] == {"purpose"}
        assert slugs(operation)["404"] == {"not-found"}


@pytest.mark.req("H-01")
def test_posting_is_described_as_the_contract_says(document):
    described = operations(document)
    post = described["post", "/v1/events"]
    assert set(post["requestBody"]["content"]) == {"application/jose"}
    assert {"200", "201"} <= set(post["responses"])
    assert slugs(post) == {
        "401": {"signature", "key-unknown", "key-revoked", "audience", "token"},
        "403": {"poster", "gate", "wrong-organisation"},
        "409": {"conflict"},
        "413": {"too-large"},
        "415": {"media-type"},
        "422": {"json", "schema", "clock", "imagery"},
        "429": {"rate"},
        "503": {"store", "views-behind"},
    }
    batch = described["post", "/v1/events/batch"]
    assert set(batch["requestBody"]["content"]) == {"application/jose-lines"}
    token = described["post", "/oauth/token"]["requestBody"]["content"]
    form = token["application/x-www-form-urlencoded"]["schema"]
    assert form["required"] == ["grant_type", "client_assertion_type", "client_assertion"]
    chronology = described["get", "/v1/children/{child}/chronology"]["responses"]["200"]
    assert set(chronology["content"]) == {"application/json", "text/csv"}
    assert set(chronology["headers"]) == {"Disclosure-Id", "Next-Cursor"}


def test_no_parameter_can_be_null(document):
    for operation in operations(document).values():
        for parameter in operation.get("parameters", ()):
            assert "null" not in json.dumps(parameter["schema"]), parameter["name"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/openapi.json", "/problems/gate", "/problems/none"])
def test_head_is_answered_like_get_without_the_body(door, path):
    got, headed = door.call("GET", path), door.call("HEAD", path)
    assert (headed.status_code, headed.content) == (got.status_code, b"") and got.content
    assert headed.headers.pop("trace-id") != got.headers.pop("trace-id")
    assert headed.headers == got.headers
    assert [line["method"] for line in door.logged()] == ["GET", "HEAD"]
    assert door.logged()[0]["route"] == door.logged()[1]["route"]


@pytest.mark.req("H-14")
def test_head_of_a_chronology_is_a_read_like_any_other(door):
    answer = door.call(
        "HEAD", f"/v1/children/{CHILD}/chronology", WORKER, headers={"Access-Purpose": "assessment"}
    )
    assert (answer.status_code, answer.content) == (200, b"") and int(answer.headers["content-length"]) > 0
    [(what, _, request)] = door.rooms.asked
    assert (what, request.purpose) == ("chronology", "assessment")
    assert door.call("HEAD", f"/v1/children/{CHILD}/chronology").status_code == 401
    refused = door.call("HEAD", "/v1/events/batch", SCHOOL)
    assert (refused.status_code, refused.content, refused.headers["allow"]) == (405, b"", "POST")
    assert door.call("DELETE", "/healthz").headers["allow"] == "GET, HEAD"


@pytest.mark.req("H-26")
@pytest.mark.parametrize("body", [b"", b"\n", b"\r\n"])
def test_an_empty_batch_has_no_results(door, body):
    answer = door.call("POST", "/v1/events/batch", SCHOOL, headers=LINES, content=body)
    assert (answer.status_code, answer.json()) == (200, {"results": []})
    assert door.rooms.asked == []
    assert door.call("POST", "/v1/events/batch", headers=LINES, content=body).status_code == 401


def test_a_posted_document_is_read_after_its_sender_is_known_and_to_a_limit(make_door):
    door = make_door(simulation=True)
    reviewer, demo = "partnership.hub-ig/idr-1", "partnership.hub-ig/demo"
    for method, path, who in (
        ("POST", "/v1/identity/resolve", reviewer),
        ("PUT", "/v1/simulation/clock", demo),
    ):
        large = b'{"child": "' + b"x" * 20_000 + b'"}'
        sent = {"headers": {"Content-Type": "application/json"}, "content": large}
        assert door.call(method, path, **sent).status_code == 401
        assert door.call(method, path, who, **sent).status_code == 413
        assert door.call(method, path, who, content=b"{}").status_code == 415
        assert door.call(method, path, who, json={"other": 1}).status_code == 422
    assert door.rooms.asked == []
