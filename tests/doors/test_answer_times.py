"""How long it takes tells nobody whether a child is not theirs or does not exist."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from random import Random  # noqa: TID251  seeded, so that every run asks in the same order
from uuid import UUID

import pytest

from hub.directory.types import Principal
from hub.disclosure.answers import ReadRequest
from hub.errors import HubError
from tests.doors.hubs import Doors, copied, played

ASKED = 500
"""Of each kind, in a random order of both."""
NOTICED = 0.60
"""How often the one kind takes longer than the other, in pairs of one each, from which on they count as told
apart: 0.5 is chance. With 500 of each, chance alone passes 0.5 +- 0.1 once in twenty million runs (5.5
standard deviations of the rank sum), and a difference of a millisecond is far beyond it."""
MILLISECOND = 0.001

Answer = Callable[[], None]


def longer(first: Sequence[float], second: Sequence[float]) -> float:
    """The share of all pairs of one each in which the second is longer (Mann-Whitney U / nm); ties half."""
    both = sorted([(one, 0) for one in first] + [(one, 1) for one in second])
    ranks = 0.0
    place = 0
    while place < len(both):
        tied = place
        while tied < len(both) and both[tied][0] == both[place][0]:
            tied += 1
        ranks += sum(group for _, group in both[place:tied]) * (place + 1 + tied) / 2
        place = tied
    n, m = len(first), len(second)
    return (ranks - m * (m + 1) / 2) / (n * m)


def measured(kinds: Sequence[Answer]) -> list[list[float]]:
    """The processor's time of each answer, in seconds, both kinds in one random order.

    Why the processor's and not the clock's: other programs on the machine have no part in it, and a path
    that does more work shows in it first. Waiting for the disk, which both do once, is left out.
    """
    order = [kind for kind in range(len(kinds)) for _ in range(ASKED)]
    Random(7).shuffle(order)
    taken: list[list[float]] = [[] for _ in kinds]
    gc.disable()
    try:
        for number, kind in enumerate(order):
            if number % 100 == 0:
                gc.collect()
            began = time.process_time()
            kinds[kind]()
            taken[kind].append(time.process_time() - began)
    finally:
        gc.enable()
    return taken


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    folder = tmp_path_factory.mktemp("times")
    with copied(played(folder / "played", "scenario-a"), folder / "hub", "scenario-a", told=False) as found:
        yield found


def nobody(random: Random) -> str:
    """A child who does not exist, another one each time."""
    return str(UUID(int=random.getrandbits(128), version=4))


def nobodys(random: Random) -> str:
    """A number that is nobody's, in the form of those that are somebody's."""
    return f"nhs:999{random.randrange(10**7):07d}"


def asker(doors: Doors, question: str) -> Callable[[Principal, str], object]:
    """A question behind the door: what stands before it is the same whatever is asked for."""
    disclosure = doors.hub.disclosure
    purpose = "education-safety"
    return {
        "chronology": lambda who, child: disclosure.chronology(who, ReadRequest(child, purpose)),
        "overview": lambda who, child: disclosure.overview(who, ReadRequest(child, purpose)),
        "pack": lambda who, child: disclosure.meetings.pack(who, ReadRequest(child, purpose), "M2", None),
        "look-up": lambda who, child: disclosure.lookup(who, child, purpose),
    }[question]


def both(doors: Doors, question: str) -> tuple[Answer, Answer]:
    """The same question of a child that is another school's, and of nobody."""
    who = doors.hub.services.bearer.principal(f"Bearer {doors.token('education.elm-school/dsl-1')}")
    ask, random = asker(doors, question), Random(1)
    by_number = question == "look-up"
    theirs = "nhs:9990200106" if by_number else doors.children["C-2001"]

    def refused(child: str) -> None:
        with pytest.raises(HubError, match="not-found"):
            ask(who, child)

    found = (lambda: refused(theirs), lambda: refused((nobodys if by_number else nobody)(random)))
    for one in found * 20:
        one()
    return found


def a_millisecond_more(answer: Answer) -> Answer:
    """The same answer by a path that does more work."""

    def slower() -> None:
        answer()
        until = time.process_time() + MILLISECOND
        while time.process_time() < until:
            pass

    return slower


@pytest.mark.req("H-10", "D-18", "D-26")
def test_not_yours_takes_as_long_as_does_not_exist(doors: Doors) -> None:
    """And a path that did clearly more work would be noticed: the same answer with a millisecond more is."""
    theirs, none = both(doors, "chronology")
    taken = measured([theirs, none, a_millisecond_more(theirs)])
    assert 1 - NOTICED < longer(taken[0], taken[1]) < NOTICED
    assert longer(taken[0], taken[2]) > NOTICED
    assert longer(taken[1], taken[2]) > NOTICED


@pytest.mark.slow
@pytest.mark.req("H-10", "D-18", "D-26")
@pytest.mark.parametrize("question", ["overview", "pack", "look-up"])
def test_nor_at_any_other_question(doors: Doors, question: str) -> None:
    taken = measured(both(doors, question))
    assert 1 - NOTICED < longer(*taken) < NOTICED


@pytest.mark.parametrize(("first", "second", "share"), [
    ([1, 2, 3], [4, 5], 1.0), ([4, 5], [1, 2, 3], 0.0), ([1, 3], [2, 4], 0.75), ([1, 1], [1, 1], 0.5),
])  # fmt: skip
def test_the_rank_test_counts_pairs(first: list[float], second: list[float], share: float) -> None:
    assert longer(first, second) == share
