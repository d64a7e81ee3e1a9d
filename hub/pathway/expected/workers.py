"""A child whose social worker has left: nobody is allocated any more, and nobody new has been."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hub.pathway.calendar import end_of_day, london_day
from hub.pathway.child import MOVED_BY
from hub.pathway.circumstances import worker_on
from hub.pathway.expected.missing import Members, Missing, expect
from hub.pathway.expected.rule import Expected, Look
from hub.pathway.fields import as_given, day, given_of, instant_of, of_type, text
from hub.pathway.profiles import authority

ALLOCATED: Final[Members] = {"social-worker-allocated": ("kind", "worker")}
ENDS: Final[Members] = {
    "social-worker-allocated": ("kind", "worker", "until"),
    "relationship-ended": ("kind", "person", "at"),
    "child-moved-area": ("step", "poster"),
}


def no_worker(look: Look) -> Iterator[Missing]:
    """H-16: the last allocation has ended, and no social worker has been allocated since.

    1. A child who never had a worker is another expectation's concern.
    2. The allocation ended by its day, by a recorded end, or when the child came under another authority.

    Trust: that a worker has left its organisation is for the directory to know; the end has to be recorded.
    """
    entries = look.material.entries
    allocations = as_given(
        one for one in of_type(entries, "social-worker-allocated") if text(one, "kind") == "allocated"
    )
    if not allocations:  # 1
        return
    last = allocations[-1]
    moved = [
        one
        for one in given_of(entries, "child-moved-area")
        if MOVED_BY in one.flags and instant_of(one) > instant_of(last)
    ]
    ended = [
        one
        for one in given_of(entries, "relationship-ended")
        if text(one, "kind") == "allocated" and instant_of(one) >= instant_of(last)
    ]
    if worker_on(entries, london_day(look.now)) is not None and not moved:  # 2
        return
    start = next(iter((*moved, *ended)), None)
    until = day(last, "until")
    if start is not None:
        yield Missing(instant_of(start), (last, start), authority(look.material))
    elif until is not None:
        yield Missing(end_of_day(until), (last,), authority(look.material))


RULES: Final[tuple[Expected, ...]] = (
    expect(
        "H-16-no-worker",
        "H-16; G.00",
        text="No social worker is allocated to this child.",
        why="The last allocation has ended, and nobody has been allocated since.",
        role="team-manager",
        starts=ENDS,
        meets=ALLOCATED,
        find=no_worker,
    ),
)
