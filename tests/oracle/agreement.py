"""The comparison: what the hub gave of a case against what the oracle allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random  # noqa: TID251  seeded, so that every run asks the same
from typing import Literal

from hub.views import ChildView
from tests.oracle import cases, door, lines
from tests.oracle.bases import standings
from tests.oracle.model import ORDER, Expected, Happening, Reader, World
from tests.oracle.oracle import expected, reveals, source_shown

Kind = Literal["over", "under", "source", "line over", "line missing"]
FoundBy = Callable[[str], frozenset[str]]
READERS_OF_A_WORLD = 6
# One line however many there are (D-35, D-51).
MERGED = ("police-hold-information", "linked-record")


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One case in which hub and oracle differ."""

    kind: Kind
    type: str
    reader: str
    what: str
    case: str = field(compare=False)
    because: tuple[str, ...] = field(compare=False, default=())

    @property
    def group(self) -> tuple[str, str, str, str]:
        return self.kind, self.type, self.reader, self.what


@dataclass
class Tally:
    """What came of a run."""

    cases: int = 0
    shown: int = 0
    lines: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)

    def table(self) -> str:
        """The differences, grouped, the most frequent first, each with one case."""
        groups = Counter(one.group for one in self.differences)
        first = {one.group: one for one in reversed(self.differences)}
        return "\n".join(
            f"{count:6} {' | '.join(group)} [{' '.join(first[group].because)}] {first[group].case}"
            for group, count in groups.most_common()
        )


def run(wanted: int, first: int = 0) -> Tally:
    """Compare at least so many cases, from the world of this number on."""
    tally = Tally()
    number = first
    while tally.cases < wanted:
        compare(number, tally)
        number += 1
    return tally


def compare(number: int, tally: Tally, person: str | None = None) -> None:
    """Compare one world: some of its readers, or the one named, at one instant, on both children."""
    world, rng = cases.world(number), Random(-number - 1)
    compare_at(world, cases.at(world, rng), rng, tally, number, person)


def compare_at(
    world: World, now: datetime, rng: Random, tally: Tally, number: int, person: str | None = None,
    *, clocks: door.Clocks | None = None, folded_at: datetime | None = None,
    views: Mapping[str, ChildView] | None = None, found_by: FoundBy | None = None,
) -> None:  # fmt: skip
    """Compare one world at one instant.

    Shape: `clocks` say how far whose clock is off; `folded_at` is for a hub that answers from an older state;
    `views` are those of a hub with a record of its own, and `found_by` says which children it looks at for an
    organisation: any other child does not exist for it.
    """
    views = door.views(world, folded_at or now, clocks) if views is None else views
    known = world.known(now)
    chosen = (
        _chosen(world, rng, now) if person is None else (one for one in cases.READERS if one.person == person)
    )
    for reader in chosen:
        for child in world.born:
            given = door.given(views, world, reader, child, now)
            if (
                found_by is not None
                and reader.role != "ig-officer"
                and child not in found_by(reader.organisation)
            ):
                given = door.Given(frozenset(), {}, ())
            tally.lines += len(given.lines)
            where = f"{number}:{reader.person}:{child[-1]}"
            columns = _class(world, reader, child, now, given)
            for one in _lines_differ(world, reader, child, now, given, columns, where):
                tally.differences.append(one)
            for event in known.current(child):
                allowed = expected(world, reader, event, now)
                shown = given.items.get(event.number)
                tally.cases += 1
                tally.outcomes["/".join(sorted(allowed.outcomes))] += 1
                tally.shown += shown is not None
                for kind, what in differs(allowed, shown, event, given):
                    tally.differences.append(
                        Difference(
                            kind, event.type, columns, what, f"{where}:{event.number}", allowed.because
                        )
                    )
                if shown is not None and reveals(known, event):
                    named = shown.source == event.organisation
                    may = any(
                        source_shown(world, one, event, reader)
                        for one in standings(world, child, reader, now)
                    )
                    if named and not may:
                        tally.differences.append(
                            Difference(
                                "source", event.type, columns, "named", f"{where}:{event.number}", ("D-10",)
                            )
                        )


def _class(world: World, reader: Reader, child: str, now: datetime, given: door.Given) -> str:
    """What the hub takes the reader for, and what of the child the rules turn on."""
    standing = standings(world, child, reader, now)[0]
    notes = ""
    if "youth-justice" in given.classes and "has-harmed" not in standing.sides:
        notes = " of a child only harmed"
    if given.classes & {"police", "consulted"} and standing.young and "has-harmed" in standing.sides:
        notes = " of a child under ten"
    return ("+".join(sorted(given.classes)) or "none") + notes


def _chosen(world: World, rng: Random, now: datetime) -> Iterator[Reader]:
    """Readers who are something to a child now, and two who may be nothing."""
    near = [
        one
        for one in cases.READERS
        if any(standing.columns for child in world.born for standing in standings(world, child, one, now))
    ]
    # Coded facts go to the workers of the children, who are asked about in every world.
    workers = [one for one in near if one.role == "social-worker"][:2]
    yield from workers
    yield from rng.sample(near, min(len(near), READERS_OF_A_WORLD - 2 - len(workers)))
    yield from rng.sample(cases.READERS, 2)


def _lines_differ(
    world: World, reader: Reader, child: str, now: datetime, given: door.Given, columns: str, where: str
) -> Iterator[Difference]:
    """Lines that the text does not allow, and lines that it owes and that are said nowhere."""
    types = {one.number: one.type for other in world.born for one in world.known(now).current(other)}
    may, must = lines.allowed(world, reader, child, now), lines.owed(world, reader, child, now)
    got = {_wanted(one) for one in given.lines}
    for line in sorted(got - may, key=str):
        yield Difference(
            "line over", types[line.number], columns, _said(line, child), f"{where}:{line.number}", ("D-31",)
        )
    for line in sorted(must - got, key=str):
        shown = given.items.get(line.number) if line.child == child else None
        measures = shown.fields.get("measures") if shown is not None else None
        merged = line.code in MERGED and any(one.code == line.code for one in given.lines)
        if merged or (shown is not None and (line.says is None or _measure(line) in (measures or []))):
            continue
        yield Difference(
            "line missing",
            types[line.number],
            columns,
            _said(line, child),
            f"{where}:{line.number}",
            ("D-11",),
        )
    for code in MERGED:
        if sum(one.code == code for one in given.lines) > 1:
            yield Difference("line over", code, columns, "more than one", where, ("D-35", "D-51"))


def _measure(line: lines.Wanted) -> dict[str, str]:
    assert line.says is not None
    return {"for": line.says[0], "code": line.says[1]}


def _wanted(line: door.CodedLine) -> lines.Wanted:
    says = (
        (str(line.fields.get("for")), str(line.fields.get("code")))
        if line.code.startswith("safety-measure")
        else None
    )
    return lines.Wanted(line.code, line.child, line.number, says)


def _said(line: lines.Wanted, child: str) -> str:
    place = f" for {line.says[0]}" if line.says else ""
    return f"{line.code}{place} {'own' if line.child == child else 'carried'}"


def _in_part(name: str, value: object, allowed: Expected) -> bool:
    """Whether rows hold only those of their members that may be read."""
    rows = value if isinstance(value, list) else []
    return bool(rows) and all(
        isinstance(row, dict) and {f"{name}.{one}" for one in row} <= allowed.may for row in rows
    )


def differs(
    allowed: Expected, shown: door.Shown | None, event: Happening, given: door.Given
) -> Iterator[tuple[Kind, str]]:
    """Each way in which what was given leaves what is allowed."""
    outcome = shown.outcome if shown is not None else "H"
    lined = any(one.number == event.number and one.child == event.child for one in given.lines)
    most = max(allowed.outcomes, key=ORDER.index)
    least = min(allowed.outcomes, key=ORDER.index)
    if ORDER.index(outcome) > ORDER.index(most):
        yield "over", f"{outcome} for {'/'.join(sorted(allowed.outcomes))}"
    elif ORDER.index(outcome) < ORDER.index(least) and not (lined and outcome == "H" and least == "R"):
        yield "under", f"{outcome} for {'/'.join(sorted(allowed.outcomes))}"
    if shown is None or ORDER.index(outcome) > ORDER.index(most):
        return
    # What an entry is about shows by its name to who has that too (H-10).
    beyond = {
        one
        for one, value in shown.fields.items()
        if one not in allowed.may and not _in_part(one, value, allowed)
    }
    beyond -= {"about"}
    if beyond and outcome != "H" and most != "H":
        yield "over", f"fields {' '.join(sorted(beyond))}"
    lacking = allowed.must - set(shown.fields) if "H" not in allowed.outcomes else set()
    if lacking:
        yield "under", f"lacks {' '.join(sorted(lacking))}"
