"""What project, tick and relay tell operators, and to whom."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import httpx
import pytest

from hub.cli.operators import answering, operators_application
from hub.errors import HubError
from tests.support.hub_process import free_port

TOKEN = "operators-own-token"


class Told:
    failing: tuple[str, ...] = ()


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def operators(told: Told) -> Iterator[httpx.Client]:
    app = operators_application(lambda: told.failing, lambda: b"hub_ready 1\n", TOKEN)
    port = free_port()
    with answering(app, ("127.0.0.1", port)), httpx.Client(base_url=f"http://127.0.0.1:{port}") as http:
        yield http
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/healthz")


@pytest.mark.req("H-10")
def test_alive_whatever_fails_and_ready_only_without_faults(operators: httpx.Client, told: Told) -> None:
    assert operators.get("/readyz").json() == {"status": "ready", "failing": []}
    told.failing = ("store", "projection")
    answer = operators.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "failing": ["store", "projection"]}
    assert operators.get("/healthz").status_code == 200


@pytest.mark.req("H-10", "H-16")
def test_numbers_are_for_who_holds_the_token(operators: httpx.Client) -> None:
    for header in (
        {},
        {"Authorization": "Bearer x"},
        {"Authorization": TOKEN},
        {"Authorization": "Bearer é".encode()},
    ):
        answer = operators.get("/metrics", headers=header)
        assert answer.status_code == 401 and b"hub_" not in answer.content
    answer = operators.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200 and answer.text == "hub_ready 1\n"


@pytest.mark.req("H-16")
def test_without_a_token_there_are_no_numbers_and_nothing_else_is_served() -> None:
    port = free_port()
    app = operators_application(tuple, lambda: b"hub_ready 1\n", None)
    with answering(app, ("127.0.0.1", port)), httpx.Client(base_url=f"http://127.0.0.1:{port}") as http:
        for path in ("/metrics", "/", "/v1/children", "/openapi.json"):
            assert http.get(path, headers={"Authorization": "Bearer None"}).status_code == 404
        assert http.post("/readyz").status_code == 405


def test_a_port_in_use_is_said_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        app = operators_application(tuple, bytes, None)
        with pytest.raises(HubError) as caught:
            with answering(app, ("127.0.0.1", held.getsockname()[1])):
                pass
        assert "HUB_OPERATIONS_LISTEN" in str(caught.value.detail)


def test_nowhere_without_an_address() -> None:
    with answering(operators_application(tuple, bytes, None), None):
        assert not [one for one in threading.enumerate() if one.name == "operators"]
