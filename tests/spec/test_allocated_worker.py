"""Who the allocated worker is: allocations count from the authority responsible for the child (G.00)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from hub.pathway.child import MOVED_BY, allocated_worker
from hub.pathway.circumstances import worker_on
from tests.spec.posts import ELM, N, S, post

CHILD = "c"
ON = date(2025, 9, 20)
WORKER = f"{S}/sw-s1"
OTHER = f"{N}/sw-n1"
FOUND = (worker_on, allocated_worker)


def given(name, by, type_, data, day="2025-09-10", position=2):
    return replace(post(name, f"{day} 10:00", by, CHILD, type_, data), position=position)


OPENED = given("o", S, "child-stream-opened", {"responsible_authority": S}, "2025-09-01", 1)
ALLOCATED = given("a", S, "social-worker-allocated", {"kind": "allocated", "worker": WORKER})


def allocation(by, worker, day="2025-09-12", position=3, **data):
    members = {"kind": "allocated", "worker": worker, **data}
    return given("b", by, "social-worker-allocated", members, day, position)


def end(by, organisation, person=None, day="2025-09-15", position=4):
    data = {"kind": "allocated", "organisation": organisation, "at": day}
    return given("e", by, "relationship-ended", data | ({"person": person} if person else {}), day, position)


CASES = {
    "the child's own authority": ([OPENED, ALLOCATED], WORKER),
    "another authority takes no worker's place": ([OPENED, ALLOCATED, allocation(N, OTHER)], WORKER),
    "another authority alone": ([OPENED, allocation(N, OTHER)], None),
    "a school": ([OPENED, allocation(ELM, OTHER)], None),
    "social care while no authority is known": ([allocation(N, OTHER)], OTHER),
    "no school even then": ([allocation(ELM, OTHER)], None),
    "who posted is withheld": ([OPENED, replace(ALLOCATED, organisation=None)], WORKER),
    "the authority places another's worker": ([OPENED, ALLOCATED, allocation(S, OTHER)], OTHER),
    "an enquiry worker is none": ([OPENED, allocation(S, OTHER, kind="enquiry")], None),
    "ended by the authority": ([OPENED, ALLOCATED, end(S, S)], None),
    "ended by the worker's own": ([OPENED, allocation(S, OTHER), end(N, N, OTHER)], None),
    "ended by somebody else": ([OPENED, ALLOCATED, end(N, S, WORKER)], WORKER),
    "ended by a school": ([OPENED, ALLOCATED, end(ELM, S)], WORKER),
    "until a day before": ([OPENED, allocation(S, OTHER, until="2025-09-19")], None),
    "until the day": ([OPENED, allocation(S, OTHER, until="2025-09-20")], OTHER),
}


@pytest.mark.req("G.00", "R-067")
@pytest.mark.parametrize("find", FOUND, ids=lambda one: one.__name__)
@pytest.mark.parametrize(("entries", "worker"), CASES.values(), ids=CASES)
def test_an_allocation_counts_from_the_childs_own_authority(find, entries, worker):
    assert find(entries, ON) == worker
    assert worker_on(entries[::-1], ON) == worker, "the order of arrival has no say"


def moved(day="2025-09-16", position=5):
    said = {"step": "acknowledged", "from_authority": S, "to_authority": N}
    return replace(given("m", N, "child-moved-area", said, day, position), flags=(MOVED_BY,))


@pytest.mark.req("G.00", "D-24", "R-157")
@pytest.mark.parametrize("find", FOUND, ids=lambda one: one.__name__)
def test_a_move_ends_what_the_former_authority_allocated(find):
    assert find([OPENED, ALLOCATED, moved()], ON) is None
    assert find([OPENED, ALLOCATED, replace(moved(), flags=())], ON) == WORKER, "a claim moves nobody"
    late = allocation(S, WORKER, "2025-09-17", 6)
    assert find([OPENED, ALLOCATED, moved(), late], ON) is None, "the former authority has no say any more"
    assert find([OPENED, ALLOCATED, moved(), allocation(N, OTHER, "2025-09-17", 6)], ON) == OTHER
