"""The checker itself: each kind of fault alone is found, and named as what it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.checker import Attempt, Held, check

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
