"""Signing in to the pages of a running hub, through its development issuer, as a browser would."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.support.hub_process import environment, free_port, serving, write_commands

SETTINGS = {"HUB_ID": "https://hub.localhost/sign-in", "HUB_DATABASE_URL": "sqlite:///./hub.db"}
WORKER, LEFT = "social-care.n-csc/sw-n1", "social-care.n-csc/sw-n2"
TAKES_PART = (
    *("--profile", "llr-2024", "--agreement", "Agreement 1", "--until", "2199-12-31"),
    *("--lead", WORKER),
)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path, Path]]:
    folder, commands = tmp_path_factory.mktemp("hub"), write_commands(tmp_path_factory.mktemp("bin"))
    for command in (
        ["init"],
        ["organisation", "add", "social-care.n-csc", "--title", "N Children's Social Care", *TAKES_PART],
        ["person", "add", WORKER, "--role", "social-worker"],
        ["person", "add", LEFT, "--role", "social-worker"],
    ):
        operate(commands, folder, *command)
    with serving(commands, folder, free_port(), SETTINGS) as address:
        yield address, commands, folder


def operate(commands: Path, folder: Path, *words: str) -> None:
    done = subprocess.run(
        [str(commands / "hub"), *words],
        cwd=folder,
        env=environment(commands, **SETTINGS),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr[-2_000:]


def to_issuer(browser: httpx.Client, address: str) -> str:
    """Where the pages send a browser to sign in."""
    start = browser.get(address + "/sign-in/start")
    assert start.status_code == 303, start.text
    return start.headers["location"]


def choose(browser: httpx.Client, issuer: str, person: str) -> str:
    """Where the issuer sends a browser back to after this person was chosen."""
    assert person in browser.get(issuer).text
    chosen = browser.post(issuer, data={"person": person})
    assert chosen.status_code == 303, chosen.text
    return chosen.headers["location"]


@pytest.mark.req("H-16", "H-14")
def test_a_person_signs_in_and_is_signed_out_when_disabled(hub: tuple[str, Path, Path]) -> None:
    address, commands, folder = hub
    with httpx.Client(timeout=20) as browser:
        issuer = to_issuer(browser, address)
        asked = parse_qs(urlsplit(issuer).query)
        assert asked["code_challenge_method"] == ["S256"] and asked["nonce"] and asked["state"]
        back = browser.get(choose(browser, issuer, LEFT))
        assert (back.status_code, back.headers.get("location")) == (303, "/children"), back.text
        assert LEFT in browser.get(address + "/children").text
        operate(commands, folder, "person", "disable", LEFT)
        gone = browser.get(address + "/children")
        assert (gone.status_code, gone.headers["location"]) == (303, "/sign-in")


@pytest.mark.req("H-16")
def test_a_way_back_that_belongs_to_another_browser_signs_nobody_in(hub: tuple[str, Path, Path]) -> None:
    """Login forgery: a code that one browser was given is useless in another."""
    address, _, _ = hub
    with httpx.Client(timeout=20) as mine, httpx.Client(timeout=20) as other:
        back = choose(mine, to_issuer(mine, address), WORKER)
        to_issuer(other, address)
        stolen = other.get(back)
        assert stolen.status_code == 401
        assert other.get(address + "/children").headers["location"] == "/sign-in"
        assert mine.get(back).headers["location"] == "/children"


@pytest.mark.req("H-16")
def test_a_way_back_works_once(hub: tuple[str, Path, Path]) -> None:
    address, _, _ = hub
    with httpx.Client(timeout=20) as browser:
        back = choose(browser, to_issuer(browser, address), WORKER)
        assert browser.get(back).headers["location"] == "/children"
        assert browser.get(back).status_code == 401


@pytest.mark.req("H-16", "H-12")
def test_a_signed_in_worker_meets_a_purpose_form_and_the_same_refusal_for_any_unknown_child(
    hub: tuple[str, Path, Path],
) -> None:
    address, _, _ = hub
    unknown = "00000000-0000-4000-8000-000000000000"
    with httpx.Client(timeout=20) as browser:
        browser.get(choose(browser, to_issuer(browser, address), WORKER))
        form = browser.get(f"{address}/children/{unknown}/purpose")
        token = form.text.split('name="form_token" value="')[1].split('"')[0]
        chosen = browser.post(
            f"{address}/children/{unknown}/purpose", data={"form_token": token, "purpose": "assessment"}
        )
        assert chosen.headers["location"] == f"/children/{unknown}"
        refused = browser.get(f"{address}/children/{unknown}")
        assert refused.status_code == 404
        assert refused.headers["cache-control"] == "no-store"
