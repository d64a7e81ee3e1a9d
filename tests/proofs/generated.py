"""Requests made at random from a seed, leaning towards what the rules ask about."""

from __future__ import annotations

from random import Random  # noqa: TID251  seeded, so that every run asks the same

from hub.disclosure.cedar_schema import Attribute
from hub.disclosure.decide import LABELS
from hub.disclosure.proving.logic import OTHER
from hub.disclosure.proving.requests import Request, Value
from hub.disclosure.proving.world import World, compared


def requests(world: World, seed: int, count: int) -> list[Request]:
    random = Random(seed)
    return [_one(world, random) for _ in range(count)]


def _one(world: World, random: Random) -> Request:
    """Half of the facts are what one rule compares them with, so that conditions are met often."""
    rule = random.choice(world.policies)
    wanted: dict[Attribute, list[str]] = {}
    for fact, text in compared(rule.condition):
        wanted.setdefault(fact, []).append(text)
    facts = {
        fact: _value(world, random, fact, wanted.get(fact, [])) for fact in world.schema.attributes.values()
    }
    filled = facts[world.fact("resource", "filled")]
    assert isinstance(filled, frozenset)
    carries = frozenset(random.sample([*LABELS, OTHER], random.randint(0, 4)))
    return Request(facts, carries | (filled if random.random() < 0.8 else frozenset()))


def _value(world: World, random: Random, fact: Attribute, wanted: list[str]) -> Value:
    if fact.kind == "truth":
        return random.random() < 0.5
    known = world.known[fact]
    if fact.kind == "text":
        text = random.choice(wanted) if wanted and random.random() < 0.7 else random.choice(known)
        return "a text that no rule names" if text == OTHER else text
    chosen = set(random.sample(known, min(len(known), random.choice((0, 1, 1, 2, 3)))))
    if wanted and random.random() < 0.6:
        chosen.add(random.choice(wanted))
    return frozenset("a member that no rule names" if one == OTHER else one for one in chosen)
