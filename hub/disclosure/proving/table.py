"""A table of decisions over many thousand distinct requests, each one bit of a long number.

What a rule says to all requests at once is then a few operations on such numbers, so that the effect of
any change to any rule is seen at once, request by request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product
from typing import Final

from hub.disclosure.cedar_ast import attributes_read
from hub.disclosure.cedar_schema import Attribute, Kind
from hub.disclosure.decide import LABELS
from hub.disclosure.proving.logic import OTHER
from hub.disclosure.proving.requests import Request, Value
from hub.disclosure.proving.world import SIDES, World, compared, of_a_meeting

# True of an ordinary entry; every other truth is false of it.
ORDINARY: Final = frozenset({"evidenceHeld"})
HARMING: Final = "has-harmed"
_TOLD: Final = "familyTold"
# Who is one of a group is always something else too, and of an officer much is asked otherwise.
_GROUP: Final = "group-member"
_OFFICER: Final = "officer"
# The circumstances in which a type is asked with details that no rule expects of it.
FEW: Final = frozenset({"", "attended", "harmed side", _TOLD})


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of item under some circumstances, as the table has it once for each reader.

    Shape: `variant` says how it differs from an ordinary entry of its type, `""` where it does not.
    """

    type: str
    detail: str
    variant: str
    facts: Mapping[Attribute, Value]


class Table:
    """The requests of the table, and the logic over them: bit n of a number is what holds of request n.

    Shape: requests are ordered by row, then by reader; a reader is nothing, one thing or two things, or an
    officer of a group and one thing more. A row fills whole bytes, the bits beyond its readers being false
    always.
    """

    def __init__(self, world: World) -> None:
        self.world: Final = world
        self.rows: Final = tuple(_rows(world))
        self.readers: Final = _readers(world)
        self._bytes: Final = -(-len(self.readers) // 8)
        self._width: Final = self._bytes * 8
        full = (1 << len(self.readers)) - 1
        self._full: Final = f"{full:0{self._width}b}"
        self.all: Final = int(self._full * len(self.rows), 2)
        classes = world.fact("principal", "classes")
        self._classes: Final = classes
        self.holds = cache(self._holds)
        self.is_text = cache(self._is_text)
        self.has = cache(self._has)
        self.carries = cache(self._carries)

    def constant(self, value: bool) -> int:
        """See `Logic`."""
        return self.all if value else 0

    def negation(self, one: int) -> int:
        """See `Logic`."""
        return self.all ^ one

    def every(self, parts: Sequence[int]) -> int:
        """See `Logic`."""
        found = self.all
        for one in parts:
            found &= one
        return found

    def some(self, parts: Sequence[int]) -> int:
        """See `Logic`."""
        found = 0
        for one in parts:
            found |= one
        return found

    def members(self, fact: Attribute) -> Sequence[str]:
        """See `Logic`."""
        return self.world.known[fact]

    def _holds(self, fact: Attribute) -> int:
        return self._of_rows(lambda facts: facts[fact] is True)

    def _is_text(self, fact: Attribute, text: str) -> int:
        return self._of_rows(lambda facts: facts[fact] == text)

    def _has(self, fact: Attribute, member: str) -> int:
        if fact == self._classes:
            pattern = "".join("1" if member in reader else "0" for reader in reversed(self.readers))
            return int(pattern.zfill(self._width) * len(self.rows), 2)
        return self._of_rows(lambda facts: member in _set(facts[fact]))

    def _carries(self, label: str) -> int:
        type_fact = self.world.fact("resource", "type")
        return self._of_rows(lambda facts: label in self.world.labels(str(facts[type_fact])))

    def _of_rows(self, true: Callable[[Mapping[Attribute, Value]], bool]) -> int:
        zeros = "0" * self._width
        return int("".join(self._full if true(row.facts) else zeros for row in reversed(self.rows)), 2)

    def requests(self, places: int) -> Iterator[tuple[Row, frozenset[str]]]:
        """The rows and readers of the bits that are set."""
        while places:
            low = places & -places
            row, reader = divmod(low.bit_length() - 1, self._width)
            yield self.rows[row], self.readers[reader]
            places ^= low

    def by_row(self, places: int) -> list[int]:
        """The bits of each row, a bit a reader."""
        told = places.to_bytes(len(self.rows) * self._bytes, "little")
        starts = range(0, len(told), self._bytes)
        return [int.from_bytes(told[start : start + self._bytes], "little") for start in starts]

    def named(self, places: int) -> Iterator[frozenset[str]]:
        """The readers of the bits of one row."""
        return (reader for place, reader in enumerate(self.readers) if places >> place & 1)

    def request(self, row: Row, reader: frozenset[str]) -> Request:
        """One request of the table in plain facts."""
        return Request({**row.facts, self._classes: reader}, self.world.labels(row.type))


def _set(value: Value) -> frozenset[str]:
    assert isinstance(value, frozenset), "a set of texts is asked for its members only"
    return value


def _readers(world: World) -> tuple[frozenset[str], ...]:
    classes = world.known[world.fact("principal", "classes")]
    singles = [frozenset({one}) for one in classes]
    pairs = [frozenset(two) for two in combinations(classes[:-1], 2)]
    both = {_GROUP, _OFFICER}
    threes = [frozenset({*both, one}) for one in classes[:-1] if both < {*classes} and one not in both]
    return (frozenset(), *singles, *pairs, *threes)


def _rows(world: World) -> Iterator[Row]:
    """Every type with its own details in all circumstances, and with all other details in a few."""
    details, everywhere = _details(world), world.known[world.fact("resource", "detail")]
    for type in sorted(world.fields):
        own = details[type]
        every = list(_variants(world, type))
        few = [one for one in every if one[0] in FEW]
        for detail in (*own, *(one for one in everywhere if one not in own)):
            for variant, facts in every if detail in own else few:
                named = {world.fact("resource", "type"): type, world.fact("resource", "detail"): detail}
                yield Row(type, detail, variant, {**facts, **named})


def _details(world: World) -> dict[str, tuple[str, ...]]:
    """The details of each type that any rule which names the type, or none, tells apart; and any other."""
    found: dict[str, set[str]] = {type: set() for type in world.fields}
    for policy in world.policies:
        named: dict[str, set[str]] = {"type": set(), "detail": set()}
        for fact, text in compared(policy.condition):
            if fact.of == "resource" and fact.name in named:
                named[fact.name].add(text)
        for type in named["type"] & found.keys() or found.keys():
            found[type] |= named["detail"]
    return {type: (*sorted(details), OTHER) for type, details in found.items()}


def _flips(world: World) -> list[tuple[Attribute, ...]]:
    """None, one, two or all the truths that one rule reads, the other way round than in an ordinary entry."""
    truths = [fact for fact in world.schema.attributes.values() if fact.kind == "truth"]
    read = {
        tuple(one for one in truths if one in attributes_read(policy.condition)) for policy in world.policies
    }
    together = {two for all in read for two in (*combinations(all, 2), all) if len(two) > 1}
    return [(), *((one,) for one in truths), *sorted(together, key=lambda two: [one.name for one in two])]


def _variants(world: World, type: str) -> Iterator[tuple[str, dict[Attribute, Value]]]:
    """The circumstances of one type.

    1. An ordinary entry: every label filled that the type carries, of the side of a child who has harmed.
    2. Or one label filled only, or none, or all but opinion; or of another side, or both, or none.
    3. A meeting's also where the reader is not entitled to it.
    4. Each as it is, and with a truth or two the other way round.
    5. One that the family was told of, with all or none of its labels filled, with each other truth, and with
       all that a rule reads together: no rule for others may open it to a paper.
    """
    filled, sides = world.fact("resource", "filled"), world.fact("resource", "sides")
    meeting, labels = world.fact("resource", "meeting"), world.labels(type)
    plain: Mapping[Kind, Value] = {"truth": False, "text": OTHER, "texts": frozenset()}
    base: dict[Attribute, Value] = {
        fact: fact.name in ORDINARY or plain[fact.kind] for fact in world.schema.attributes.values()
    }
    base |= {filled: labels, sides: frozenset({HARMING})}  # 1
    changes: list[tuple[str, dict[Attribute, Value]]] = [("", {})]
    if len(labels) > 1:  # 2
        changes += [(f"only {one}", {filled: frozenset({one})}) for one in LABELS if one in labels]
    if labels:
        changes.append(("nothing filled", {filled: frozenset()}))
    if len(labels) > 2 and "OPIN" in labels:
        changes.append(("all but OPIN", {filled: labels - {"OPIN"}}))
    changes += [
        ("harmed side", {sides: SIDES - {HARMING}}),
        ("both sides", {sides: SIDES}),
        ("no side", {sides: frozenset()}),
    ]
    changes += [
        (fact.name, {fact: frozenset(world.known[fact])})
        for fact in world.schema.attributes.values()
        if fact.kind == "texts" and fact.of == "resource" and fact not in (filled, sides)
    ]
    for room in ("entitled", "other") if of_a_meeting(type) else ("none",):  # 3
        for (name, change), flipped in product(changes, _flips(world)):  # 4
            turned = {fact: fact.name not in ORDINARY for fact in flipped}
            words = [name, *(fact.name for fact in flipped), "other room" if room == "other" else ""]
            yield ", ".join(filter(None, words)), {**base, **change, **turned, meeting: room}
        for none, flipped in product((False, True) if labels else (False,), _beside_told(world)):  # 5
            names = [_TOLD, *(fact.name for fact in flipped), "other room" if room == "other" else ""]
            words = ["nothing filled" if none else "", *names]
            turned = {fact: fact.name not in ORDINARY for fact in flipped}
            turned[world.fact("resource", _TOLD)] = True
            held = frozenset[str]() if none else labels
            yield ", ".join(filter(None, words)), {**base, **turned, filled: held, meeting: room}


def _beside_told(world: World) -> list[tuple[Attribute, ...]]:
    """The truths that no rule reads with what the family was told, and those of each rule at once."""
    told = world.fact("resource", _TOLD)
    read = {one for flipped in _flips(world) if told in flipped for one in flipped}
    truths = [fact for fact in world.schema.attributes.values() if fact.kind == "truth"]
    groups = {
        tuple(one for one in truths if one != told and one in attributes_read(policy.condition))
        for policy in world.policies
    }
    together = sorted(
        (one for one in groups if len(one) > 1), key=lambda group: [fact.name for fact in group]
    )
    return [*((fact,) for fact in truths if fact not in (told, *read)), *together]
