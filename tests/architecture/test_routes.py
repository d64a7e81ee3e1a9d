"""Every route declares who may call it, except the open ones of the contract."""

from types import SimpleNamespace

import pytest
from fastapi.routing import APIRoute

from hub.api import OPEN, create_app
from hub.api.access import Access
from hub.signin.issuer import PATH

CHILD_ROUTES = ("/v1/children", "/v1/me")


def services(**given):
    """Routes are built without any room behind them."""
    nothing = SimpleNamespace(uuid=lambda: "x")
    values = {name: nothing for name in ("chance", "development_issuer")} | {"advance": lambda to: to}
    values |= {"metrics_token": "a scraper's"}
    return SimpleNamespace(**(values | given))


def routes(**given):
    return [route for route in create_app(services(**given)).routes if route.path != "/openapi.json"]


def accesses(dependant):
    """The declarations of access in a route's parameters, and in theirs."""
    found = [dependant.call] if isinstance(dependant.call, Access) else []
    return found + [one for inner in dependant.dependencies for one in accesses(inner)]


@pytest.mark.req("H-16")
def test_every_route_but_the_open_ones_names_its_caller():
    for route in routes():
        assert isinstance(route, APIRoute), f"{route.path} is not walked by this test"
        declared = accesses(route.dependant)
        if route.path in OPEN or route.path.startswith(PATH) or route.path == "/metrics":
            assert not declared, f"{route.path} is open, or asks otherwise, and asks for a caller"
        else:
            assert len(declared) == 1, f"{route.path} does not say once who may call it"


@pytest.mark.req("H-16")
def test_the_numbers_are_no_route_of_the_api_and_there_with_a_token_only():
    [numbers] = [route for route in routes() if route.path == "/metrics"]
    assert not numbers.include_in_schema
    assert "/metrics" not in {route.path for route in routes(metrics_token=None)}


@pytest.mark.req("H-16")
def test_the_open_routes_are_those_of_the_contract_and_all_exist():
    assert OPEN == {"/oauth/token", "/healthz", "/readyz", "/openapi.json", "/problems/{slug}"}
    assert {route.path for route in create_app(services()).routes} >= OPEN


@pytest.mark.req("H-14", "H-15", "H-16")
@pytest.mark.parametrize(
    ("prefix", "roles"),
    [
        ("/v1/audit/", {"ig-officer"}),
        ("/v1/identity/", {"identity-reviewer"}),
        ("/v1/reports", {"ig-officer", "governance-lead", "audit-lead", "commissioner", "manager"}),
        ("/v1/ledger/", {"ig-officer", "witness"}),
        ("/v1/simulation/", {"demo-administrator"}),
    ],
)
def test_routes_of_roles_ask_for_them(prefix, roles):
    found = [route for route in routes() if route.path.startswith(prefix)]
    assert found
    for route in found:
        [access] = accesses(route.dependant)
        assert access.roles == roles


def test_development_and_simulation_routes_exist_only_there():
    paths = {route.path for route in routes(development_issuer=None, advance=None)}
    assert not [path for path in paths if path.startswith((PATH, "/v1/simulation"))]
    assert paths < {route.path for route in routes()}


@pytest.mark.req("H-16")
def test_every_read_of_a_child_names_its_purpose():
    for route in routes():
        if route.path.startswith("/v1/children"):
            names = {
                one.call.__name__ for one in route.dependant.dependencies if hasattr(one.call, "__name__")
            }
            assert "purpose_of" in names, route.path
