"""Whether a change to a rule would be noticed: by the table of decisions, by a theorem, or by nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

import z3

from hub.disclosure.proving.everything import theorems
from hub.disclosure.proving.mutants import Mutant, mutants
from hub.disclosure.proving.procedure import Answers
from hub.disclosure.proving.proofs import holds
from hub.disclosure.proving.requests import Request
from hub.disclosure.proving.scenes import Case, Theorem
from hub.disclosure.proving.symbols import Symbols
from hub.disclosure.proving.table import Table
from hub.disclosure.proving.world import World

Fate = Literal["noticed", "the same", "survived"]


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a mutant.

    Shape: `noticed` where the table shows another decision, `seen` saying which, or a theorem falls,
    `theorem` being its id; `the same` where no request that the hub can make would be answered otherwise,
    so that there is nothing to notice; `survived` where there is such a request, `request`, and the table
    does not have it.
    """

    mutant: Mutant
    fate: Fate
    seen: str = ""
    theorem: str | None = None
    request: Request | None = None


class Judge:
    """Compares rule sets that differ in one rule with the original, by the table first."""

    def __init__(self, world: World) -> None:
        self.world: Final = world
        self.table: Final = Table(world)
        self.answers: Final[Answers[int]] = Answers(world, self.table)
        self._seen: Final = dict(self.answers.seen())
        self._case: Final = Case(world)
        self._solver: Final = z3.Solver()
        self._solver.add(self._case.symbols.put_by_the_hub())
        self._formulas: Final = dict(self._case.answers.seen())

    def judge(self, mutant: Mutant) -> Judged:
        """What becomes of a mutant."""
        changed = self.answers.instead(mutant.put_into(self.world), mutant.original, mutant.policy)
        for name, places in self._differences(changed):
            row, reader = next(self.table.requests(places))
            return Judged(mutant, "noticed", name, request=self.table.request(row, reader))
        request = self._told_apart(mutant)
        return Judged(mutant, "survived", request=request) if request else Judged(mutant, "the same")

    def weakens(self, mutant: Mutant) -> bool:
        """Whether a changed rule forbids less than the original, and nothing more."""
        if mutant.policy is None:
            return True
        before, after = (
            self.answers.satisfied(mutant.original),
            Answers(self.world, self.table).satisfied(mutant.policy),
        )
        return before != after and not after & ~before

    def _differences(self, changed: Answers[int]) -> Iterator[tuple[str, int]]:
        gone = dict(self._seen)
        for name, places in changed.seen():
            if difference := places ^ gone.pop(name, 0):
                yield name, difference
        yield from ((name, places) for name, places in gone.items() if places)

    def _told_apart(self, mutant: Mutant) -> Request | None:
        """A request of the hub that is answered otherwise; None where there is none."""
        changed = self._case.answers.instead(mutant.put_into(self.world), mutant.original, mutant.policy)
        after = dict(changed.seen())
        names = self._formulas.keys() | after.keys()
        nothing = z3.BoolVal(False)
        self._solver.push()
        self._solver.add(
            z3.Or([self._formulas.get(one, nothing) != after.get(one, nothing) for one in sorted(names)])
        )
        found = self._solver.check()
        request = self._case.symbols.request(self._solver.model()) if found == z3.sat else None
        self._solver.pop()
        if found == z3.unknown:
            raise RuntimeError("the solver does not know whether two rule sets differ")
        return request


def deletions(judge: Judge) -> Iterator[Judged]:
    """What becomes of each rule's absence; a rule whose absence is `the same` decides nothing."""
    for policy in judge.world.policies:
        yield judge.judge(Mutant(policy, "deleted", "", None))


def never_met(world: World) -> tuple[str, ...]:
    """The rules whose condition no request of the hub can meet."""
    symbols = Symbols(world)
    answers = Answers(world, symbols)
    solver = z3.Solver()
    solver.add(symbols.put_by_the_hub())
    return tuple(one.id for one in world.policies if _never(solver, answers.satisfied(one)))


def _never(solver: z3.Solver, condition: z3.BoolRef) -> bool:
    return bool(solver.check(condition) == z3.unsat)


def judged_all(judge: Judge, changed: Iterable[Mutant]) -> Iterator[Judged]:
    """What becomes of each mutant; of one by which a rule forbids less, also which theorem falls.

    1. By the table, and where it shows nothing by the solver.
    2. A theorem is first looked for where the last mutant of the same rule was found: most fall there.
    """
    stated = theorems(judge.world)
    last: dict[str, Theorem] = {}
    for mutant in changed:
        found = judge.judge(mutant)  # 1
        if mutant.original.effect == "forbid" and judge.weakens(mutant):  # 2
            first = last.get(mutant.original.id)
            inside = mutant.put_into(judge.world)
            order = ([first] if first else []) + [one for one in stated if one is not first]
            fallen = next((one for one in order if not holds(inside, one)), None)
            if fallen is not None:
                last[mutant.original.id] = fallen
                found = replace(found, fate="noticed", theorem=fallen.id)
        yield found


def of_all(world: World) -> Iterator[Mutant]:
    """The mutants of every rule."""
    for policy in world.policies:
        yield from mutants(world, policy)
