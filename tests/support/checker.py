"""One judgement over what was answered and what was kept: nothing lost, doubled, out of order or missing.

It knows nothing of the hub: a history of attempts on the one side, a log that was read at the end on the
other. The same checker judges the record, a topic, and what is there only to be found wanting.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal

Outcome = Literal["ok", "refused", "unknown"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a sequential client to have one thing kept, and what came of it.

    Shape: `number` counts the things of a client, `stream` is where the thing belongs, `receipt` is what
    an `ok` was answered with. Units: `began` and `ended` in seconds of one monotonic clock.
    """

    client: str
    number: int
    id: str
    stream: str
    outcome: Outcome
    receipt: str = ""
    began: float = 0.0
    ended: float = 0.0


class History:
    """Every attempt of all clients in the order in which they ended; safe to write from several threads."""

    def __init__(self) -> None:
        self._lock: Final = threading.Lock()
        self._attempts: list[Attempt] = []

    def note(self, attempt: Attempt) -> None:
        """One more."""
        with self._lock:
            self._attempts.append(attempt)

    @property
    def attempts(self) -> list[Attempt]:
        """All so far."""
        with self._lock:
            return list(self._attempts)

    @property
    def acknowledged(self) -> int:
        """How many attempts were answered with an acceptance so far."""
        return sum(one.outcome == "ok" for one in self.attempts)

    def within(self, began: float, ended: float) -> list[Attempt]:
        """The attempts that ended between two instants."""
        return [one for one in self.attempts if began <= one.ended <= ended]

    def write(self, path: Path) -> None:
        """One line of JSON for each attempt, without receipts, for whoever looks into a failure."""
        lines = (
            json.dumps(
                [
                    one.client,
                    one.number,
                    one.id,
                    one.stream,
                    one.outcome,
                    round(one.began, 4),
                    round(one.ended, 4),
                ]
            )
            for one in self.attempts
        )
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Held:
    """One thing as it stands in a log at the end.

    Shape: `place` orders the log; each of `numbers` is its number in a numbering that must have no gap and
    nothing twice, counted from 0: position, leaf, version within its stream, offset within its partition.
    """

    id: str
    place: int
    numbers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Findings:
    """What does not fit; everything empty is what is wanted.

    Shape: `lost` was acknowledged and is not there; `doubled` stands more than once; `disordered` stands
    before what its client did earlier in that stream; `gaps` names numberings; `changed` has two receipts;
    `unresolved` was never answered for certain; `uninvited` was refused throughout and is there all the same.
    """

    attempts: int
    outcomes: Mapping[str, int]
    held: int
    lost: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    disordered: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unresolved: tuple[str, ...] = ()
    uninvited: tuple[str, ...] = ()

    @property
    def faults(self) -> dict[str, int]:
        """How much of each kind does not fit, the kinds without any left out."""
        kinds = ("lost", "doubled", "disordered", "gaps", "changed", "unresolved", "uninvited")
        return {kind: len(found) for kind in kinds if (found := getattr(self, kind))}

    @property
    def sound(self) -> bool:
        """Whether everything fits."""
        return not self.faults

    def __str__(self) -> str:
        counted = ", ".join(f"{name} {count}" for name, count in sorted(self.outcomes.items()))
        wrong = ", ".join(f"{name} {count}" for name, count in self.faults.items()) or "nothing amiss"
        return f"{self.attempts} attempts ({counted}), {self.held} held: {wrong}"


def check(history: Iterable[Attempt], held: Sequence[Held]) -> Findings:
    """Judge a log by the history of those who wrote to it.

    1. Each thing: what its attempts came to, and how often it stands.
    2. Each client and stream: the first standing of its things, in the order of their numbers.
    3. Each numbering: from 0 without a gap, nothing twice.
    """
    attempts = list(history)
    by_id: dict[str, list[Attempt]] = {}
    for one in attempts:
        by_id.setdefault(one.id, []).append(one)
    places: dict[str, int] = {}
    for thing in sorted(held, key=lambda thing: thing.place):
        places.setdefault(thing.id, thing.place)
    counted = Counter(thing.id for thing in held)
    acknowledged = {id for id, tries in by_id.items() if any(one.outcome == "ok" for one in tries)}
    refused = {id for id, tries in by_id.items() if all(one.outcome == "refused" for one in tries)}
    receipts = {id: {one.receipt for one in tries if one.outcome == "ok"} for id, tries in by_id.items()}
    sequences: dict[tuple[str, str], dict[int, str]] = {}
    for one in attempts:
        sequences.setdefault((one.client, one.stream), {})[one.number] = one.id
    disordered: list[str] = []
    for (client, _), things in sequences.items():  # 2.
        ordered = [(number, id) for number, id in sorted(things.items()) if id in places]
        disordered += [
            f"{client}: {before[0]} at {places[before[1]]}, {after[0]} at {places[after[1]]}"
            for before, after in pairwise(ordered)
            if places[after[1]] < places[before[1]]
        ]
    numberings: dict[str, list[int]] = {}
    for thing in held:
        for name, number in thing.numbers.items():
            numberings.setdefault(name, []).append(number)
    return Findings(
        attempts=len(attempts),
        outcomes=Counter(one.outcome for one in attempts),
        held=sum(id in counted for id in by_id),
        lost=tuple(sorted(acknowledged - counted.keys())),  # 1.
        doubled=tuple(sorted(id for id in by_id if counted[id] > 1)),
        disordered=tuple(disordered),
        gaps=tuple(
            sorted(n for n, found in numberings.items() if sorted(found) != list(range(len(found))))
        ),  # 3.
        changed=tuple(sorted(id for id, found in receipts.items() if len(found) > 1)),
        unresolved=tuple(sorted(by_id.keys() - acknowledged - refused)),
        uninvited=tuple(sorted(refused & counted.keys())),
    )


def _gapless(numbers: list[int]) -> bool:
    return sorted(numbers) == list(range(len(numbers)))
