"""The checker itself: each kind of fault alone is found, and named as what it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support import faults_hub
from tests.support.checker import Attempt, Held, check
from tests.support.faults_hub import in_good_time

ATTEMPTS = [Attempt("one", number, f"a{number}", "child", "ok", f"r{number}") for number in range(5)]
HELD = [Held(f"a{number}", number, {"log": number, "child": number}) for number in range(5)]


@pytest.mark.req("H-03")
def test_what_fits_is_sound() -> None:
    assert check(ATTEMPTS, HELD).sound
    before = Attempt("one", 3, "a3", "child", "unknown")
    assert check([before, *ATTEMPTS, ATTEMPTS[1]], HELD).sound


CASES: dict[str, Callable[[], tuple[list[Attempt], list[Held]]]] = {
    "lost": lambda: (ATTEMPTS, HELD[:4]),
    "doubled": lambda: (ATTEMPTS, [*HELD, Held("a2", 5, {"log": 5, "child": 5})]),
    "disordered": lambda: (
        ATTEMPTS, [Held(f"a{one}", number, {"log": number}) for number, one in enumerate("02134")],
    ),
    "gaps": lambda: (ATTEMPTS, [*HELD[:4], Held("a4", 5, {"log": 5, "child": 4})]),
    "changed": lambda: ([*ATTEMPTS, Attempt("one", 2, "a2", "child", "ok", "another")], HELD),
    "unresolved": lambda: ([*ATTEMPTS, Attempt("one", 5, "a5", "child", "unknown")], HELD),
    "uninvited": lambda: ([*ATTEMPTS[:4], Attempt("one", 4, "a4", "child", "refused")], HELD),
}  # fmt: skip


@pytest.mark.req("H-03")
@pytest.mark.parametrize("kind", CASES)
def test_each_kind_of_fault_is_found(kind: str) -> None:
    found = check(*CASES[kind]())
    assert found.faults == {kind: 1} and kind in str(found)


@pytest.mark.req("H-03")
def test_a_number_that_is_there_twice_is_a_fault_of_the_numbering() -> None:
    held = [*HELD[:4], Held("a4", 4, {"log": 3, "child": 4})]
    assert check(ATTEMPTS, held).gaps == ("log",)


@pytest.mark.req("H-03")
def test_clients_are_ordered_each_by_itself_and_in_each_stream() -> None:
    attempts = [
        Attempt("one", 0, "x", "child-1", "ok"), Attempt("one", 1, "y", "child-2", "ok"),
        Attempt("two", 0, "z", "child-1", "ok"),
    ]  # fmt: skip
    assert check(attempts, [Held(one, place) for place, one in enumerate("zyx")]).sound


@pytest.mark.req("H-21")
@pytest.mark.parametrize(
    ("took", "busy", "anew", "good"),
    [
        (9.0, 0.4, None, True),
        (11.0, 0.4, None, False),
        (9.0, 8.0, None, True),
        (11.0, 8.0, 30.0, True),
        (60.0, 8.0, 30.0, False),
    ],
)
def test_a_busy_machine_excuses_only_what_takes_as_long_there_as_to_begin_anew(
    took: float, busy: float, anew: float | None, good: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faults_hub, "busy", lambda: busy)

    def begun() -> float:
        assert anew is not None, "it was begun anew"
        return anew

    assert in_good_time(took, 10.0, begun) is good
