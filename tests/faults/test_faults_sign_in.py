"""A sign-in service that stands still: who is known goes on, nobody else gets in; later everybody does."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.faults_hub import in_good_time, resident, status, until
from tests.support.oidc_hub import OTHER_KEY, WORKER, Setup, signed_in_elsewhere

SECONDS_BACK = 10.0
MORE_MEMORY = 100 * 1024 * 1024


@pytest.fixture
def setup(tmp_path: Path) -> Iterator[Setup]:
    with signed_in_elsewhere(tmp_path) as found:
        yield found


def signalled(setup: Setup, number: int) -> None:
    assert setup.service._process is not None
    os.kill(setup.service._process.pid, number)


@pytest.mark.req("H-16", "H-21")
@pytest.mark.parametrize(
    "seconds", [pytest.param(6.0, id="6s"), pytest.param(60.0, id="60s", marks=pytest.mark.slow)]
)
def test_while_the_sign_in_service_stands_still_nobody_new_gets_in(setup: Setup, seconds: float) -> None:
    """1. A token is believed. 2. The service stands still: that token goes on, one by an unknown key is
    refused in bounded time, and the hub stays ready. 3. In the long form, a hub that starts meanwhile
    believes nobody. 4. The service goes on: everybody who should gets in."""
    token = setup.service.tokens("worker")["access_token"]
    assert setup.me(token).status_code == 200  # 1.
    claims = setup.service.access_claims(WORKER)
    stranger = setup.service.forge(claims, key=OTHER_KEY)
    assert setup.hub._server is not None
    before = resident(setup.hub._server.pid)
    signalled(setup, signal.SIGSTOP)  # 2.
    try:
        began, known, unknown = time.monotonic(), [], []
        while time.monotonic() - began < seconds:
            known.append(timed(lambda: setup.me(token).status_code))
            unknown.append(timed(lambda: setup.me(stranger).status_code))
            assert status(f"{setup.hub.address}/readyz") == 200
            time.sleep(0.2)
        more = resident(setup.hub._server.pid) - before
        if seconds > 20:  # 3.
            setup.hub.kill()
            setup.hub.start()
            unknown.append(timed(lambda: setup.me(token).status_code))
    finally:
        signalled(setup, signal.SIGCONT)
    back = until(lambda: setup.me(token).status_code == 200, 60, "a token that is believed")  # 4.
    slowest = max(took for _, took in (*known, *unknown))
    print(
        f"{len(known)} reads by a known key, {len(unknown)} by an unknown one, slowest {slowest:.1f} s; "
        f"{more / 2**20:+.0f} MiB; back {back:.1f} s after it went on"
    )
    assert {code for code, _ in known} == {200}
    assert {code for code, _ in unknown} == {401}
    assert setup.me(stranger).status_code == 401
    assert in_good_time(max(slowest, back), SECONDS_BACK, lambda: anew(setup)) and more < MORE_MEMORY


def anew(setup: Setup) -> float:
    """The hub started from nothing; how many seconds until it is ready."""
    began = time.monotonic()
    setup.hub.kill()
    setup.hub.start()
    return time.monotonic() - began


def timed(ask: Callable[[], int]) -> tuple[int, float]:
    began = time.monotonic()
    code = ask()
    return code, time.monotonic() - began
