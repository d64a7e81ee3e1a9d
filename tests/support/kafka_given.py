"""The brokers of `$TEST_KAFKA_BOOTSTRAP`: used as they are, by one file of tests at a time, never stopped.

They are the tests' own as far as the hub's topics go, which are deleted; other topics are left alone. They
have to take clients without sign-in, and sessions of a second (`group.min.session.timeout.ms`).
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO, Final, NoReturn

import pytest

from tests.support.broker_topics import topics_of, wipe_topics

VARIABLE: Final = "TEST_KAFKA_BOOTSTRAP"
OF_THE_HUB: Final = ("events.", "hub.", "notices.")
"""How the names of the hub's topics begin."""
_HELD: Final = "TEST_KAFKA_HELD"
"""Tells processes that tests start that the brokers are held for them already."""


class GivenCluster:
    """Brokers that run already, and are not ours to stop; what only one's own brokers have skips with why."""

    may_stop: Final = False

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap: Final = bootstrap

    def start(self, node: int = 1) -> NoReturn:
        """Not ours to start."""
        _skip("are not ours to start")

    def kill(self, node: int = 1) -> NoReturn:
        """Not ours to kill."""
        _skip("are not ours to kill")

    def pause(self, node: int = 1) -> NoReturn:
        """Not ours to stop where they stand."""
        _skip("are not ours to stop")

    def resume(self, node: int = 1) -> None:
        """They were never paused."""

    @property
    def secure(self) -> NoReturn:
        """The variable names no address with a sign-in."""
        _skip("were given without a way to sign in over TLS")

    @property
    def mutual(self) -> NoReturn:
        """The variable names no address with certificates."""
        _skip("were given without a way to sign in over TLS")

    @property
    def certificates(self) -> NoReturn:
        """Theirs are not known."""
        _skip("were given without a way to sign in over TLS")

    @property
    def nodes(self) -> NoReturn:
        """Where their files are is not known."""
        _skip("keep their files where these tests cannot read them")

    def wipe(self) -> None:
        """Delete every topic of a hub, so that the next test finds none."""
        wipe_topics(self.bootstrap, _of_the_hub)

    def topics(self) -> list[str]:
        """The names of all topics of a hub."""
        return topics_of(self.bootstrap, _of_the_hub)


class Holding:
    """The given brokers, held so that no other file of tests meets this one's topics on them."""

    def __init__(self, lock: Path) -> None:
        self._lock: Final = lock
        self._open: IO[str] | None = None

    def begin(self) -> None:
        """Wait until nobody else has them; nothing where they are held already, here or by who started us."""
        if self._open is None and _HELD not in os.environ:
            self._open = self._lock.open("w")
            fcntl.flock(self._open, fcntl.LOCK_EX)
            os.environ[_HELD] = str(os.getpid())

    def end(self) -> None:
        """Let others have them."""
        if self._open is not None:
            del os.environ[_HELD]
            self._open.close()
            self._open = None


def given() -> GivenCluster | None:
    """The brokers that the environment names; None where it names none."""
    bootstrap = os.environ.get(VARIABLE)
    return GivenCluster(bootstrap) if bootstrap else None


def none_given(why: str) -> None:
    """Skip what needs brokers of its own where others are given."""
    if os.environ.get(VARIABLE):
        _skip(why)


def _of_the_hub(topic: str) -> bool:
    return topic.startswith(OF_THE_HUB)


def _skip(why: str) -> NoReturn:
    pytest.skip(f"the brokers of ${VARIABLE} {why}")
