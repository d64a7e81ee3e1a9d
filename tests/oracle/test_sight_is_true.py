"""What a reader is said to see always, it does: or a statement that something is missing could be untrue."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random  # noqa: TID251  seeded, so that every run asks the same

import pytest

from hub.directory.types import Principal
from hub.disclosure.assemble import Assembler, Disclosed
from hub.disclosure.risk import _sight
from hub.pathway.entries import Entry, Sight
from tests.oracle import cases, door

FEW, MANY = range(400_000, 400_002), range(410_000, 410_080)
# What may be hidden although its type is said to be seen, and why nothing said to be missing is it: an
# allocation of the enquiry worker, where the child's own is missing; what was done to a child, from youth
# justice (D-21), which is told of what the child did; an event of which nothing is filled that carries a
# label (D-32).
ENQUIRY, DONE_TO = "social-worker-allocated", "incident-recorded"


def untrue(world_number: int) -> Iterator[tuple[str, str, str]]:
    """Entries that are hidden from readers who are said to see all of their type."""
    world = cases.world(world_number)
    now = cases.at(world, Random(world_number))
    folds = door.views(world, now)
    assembler = door.assembler()
    for reader in cases.READERS:
        area = world.areas.get(reader.organisation)
        who = Principal(reader.organisation, reader.sector, area, reader.person, frozenset({reader.role}))
        for child in world.born:
            found = assembler.disclose(who, folds[child], folds.__getitem__, now=now, as_at=None)
            if not found.standing.classes:
                continue
            sight, shown = _sight(found, assembler, now), {one.entry.key for one in found.items}
            for entry in folds[child].entries:
                if entry.type in sight.types and entry.key not in shown and not excepted(entry, found):
                    yield entry.type, "+".join(sorted(found.standing.classes)), entry.key.id


def excepted(entry: Entry, found: Disclosed) -> bool:
    facts = found.facts[entry.key]
    done_to = entry.type == DONE_TO and entry.data.get("role") == "has-been-harmed"
    return (
        (entry.type == ENQUIRY and entry.data.get("kind") == "enquiry")
        or (done_to and "youth-justice" in found.standing.classes)
        or (bool(facts.carries) and not facts.filled)
    )


@pytest.mark.req("H-20", "D-04", "D-09", "D-21")
def test_nothing_is_hidden_of_what_is_always_seen() -> None:
    assert [one for number in FEW for one in untrue(number)] == []


@pytest.mark.slow
@pytest.mark.req("H-20", "D-04", "D-09", "D-21")
def test_nor_in_many_worlds() -> None:
    assert [one for number in MANY for one in untrue(number)] == []


@pytest.mark.req("H-20")
def test_a_type_that_is_not_always_seen_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Assembler.sight

    def more(self: Assembler, *facts: object) -> Sight:
        found = honest(self, *facts)
        return Sight(found.types | {"meeting-held"}, found.fields)

    monkeypatch.setattr(Assembler, "sight", more)
    assert any(type_ == "meeting-held" for number in FEW for type_, _, _ in untrue(number))
