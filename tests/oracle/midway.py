"""What changes in the middle of a case, read just before and just after, with senders' clocks a day off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random  # noqa: TID251  seeded, so that every run asks the same

from tests.oracle import cases
from tests.oracle.agreement import Tally, compare_at
from tests.oracle.door import Clocks
from tests.oracle.model import World

# By these a relationship begins or ends, consent is given or taken back, something is held back, a link is
# made, and what was said is put right or withdrawn.
TURNS = frozenset(
    {
        "relationship-recorded", "relationship-ended", "social-worker-allocated", "named-contact-appointed",
        "invitation-sent", "assessment-consent-recorded", "sharing-declined", "child-voice-recorded",
        "incident-linked", "incident-recorded", "closure-decided", "event-corrected", "event-retracted",
    }
)  # fmt: skip
TURNS_OF_A_WORLD = 2
A_DAY = timedelta(hours=24)
MOMENT = timedelta(seconds=1)


def run(wanted: int, first: int = 0) -> Tally:
    """Compare at least so many cases around the turns of worlds, from the world of this number on."""
    tally = Tally()
    number = first
    while tally.cases < wanted:
        world, rng = cases.world(number), Random(-number - 2)
        clocks = clocks_off(rng)
        for now in instants(world, rng):
            compare_at(world, now, rng, tally, number, clocks=clocks)
        number += 1
    return tally


def clocks_off(rng: Random) -> Clocks:
    """Senders' clocks a day ahead, a day behind, or right."""
    return {one: rng.choice([-A_DAY, timedelta(), A_DAY]) for one in cases.AREAS}


def instants(world: World, rng: Random) -> Iterator[datetime]:
    """Just before some turns, and when the hub has just had them."""
    turns = sorted({one.received for one in world.posted if one.type in TURNS})
    for turn in rng.sample(turns, min(len(turns), TURNS_OF_A_WORLD)):
        yield turn - MOMENT
        yield turn
