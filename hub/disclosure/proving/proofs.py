"""Proving the theorems: the negation of each is given to the solver, and what it finds is asked of Cedar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

import z3

from hub.disclosure.proving.requests import Request, ask
from hub.disclosure.proving.scenes import Case, Claim, Theorem
from hub.disclosure.proving.world import World

Result = Literal["proved", "false", "vacuous", "undecided"]
# A proof takes milliseconds; a minute without an answer is no answer.
PATIENCE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Shown:
    """A request, and what Cedar itself answers to it.

    Shape: `allowed` maps every action that Cedar allows to the rules that determined it; `agrees` is
    whether the encoding answers the same.
    """

    request: Request
    allowed: dict[str, tuple[str, ...]]
    agrees: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """How a theorem came out.

    Shape: `proved`: no request contradicts it, and `shown` is a witness that its premises can be met;
    `false`: `shown` is a counterexample; `vacuous`: there is no instance of it.
    """

    theorem: Theorem
    result: Result
    shown: tuple[Shown, ...]


def prove(world: World, theorems: Iterable[Theorem]) -> Iterator[Proof]:
    """Each theorem with its result, in order, as it is found.

    Procedure
      1. Is there a request that meets the premises and not the conclusion? Then it is false.
      2. Is there one that meets the premises, and is an instance worth telling? Else it says nothing.
    """
    for theorem in theorems:
        stated = theorem.state(world)
        sparing = [one for case in stated.cases for one in case.symbols.spared()]
        against = _solve(z3.And(stated.premises, z3.Not(stated.conclusion)), sparing)  # 1
        if against is None:
            yield Proof(theorem, "undecided", ())
        elif against is not False:
            yield Proof(theorem, "false", _shown(stated, against))
        else:
            witness = _solve(z3.And(stated.premises, stated.instance), sparing)  # 2
            if witness is None or witness is False:
                yield Proof(theorem, "undecided" if witness is None else "vacuous", ())
            else:
                yield Proof(theorem, "proved", _shown(stated, witness))


def holds(world: World, theorem: Theorem) -> bool:
    """Whether a theorem is true of a rule set."""
    stated = theorem.state(world)
    return _solve(z3.And(stated.premises, z3.Not(stated.conclusion))) is False


class Encoding:
    """What the formulas answer to requests whose facts are given; Cedar must answer the same."""

    def __init__(self, world: World) -> None:
        self._case: Final = Case(world)
        self._solver: Final = z3.Solver()
        self._flags: Final = {one: z3.Bool(f"allowed:{one}") for one in sorted(world.schema.actions)}
        for one, flag in self._flags.items():
            self._solver.add(flag == self._case.answers.allowed(one))

    def answers(self, request: Request) -> dict[str, bool]:
        """Whether each action is allowed."""
        self._solver.push()
        self._solver.add(self._case.symbols.same(request))
        if self._solver.check() != z3.sat:
            raise RuntimeError("the encoding has no answer to a request whose facts are all given")
        model = self._solver.model()
        self._solver.pop()
        return {one: bool(z3.is_true(model.eval(flag))) for one, flag in self._flags.items()}


def _solve(formula: z3.BoolRef, sparing: Iterable[z3.BoolRef] = ()) -> z3.ModelRef | Literal[False] | None:
    """A model, False where there is none, None where the solver does not know.

    Shape: as many as can be of the truths in `sparing` are false in the model, so that it shows what
    matters only.
    """
    solver = z3.Solver()
    solver.set("timeout", PATIENCE_MS)
    solver.add(formula)
    answer = solver.check()
    if answer != z3.sat:
        return False if answer == z3.unsat else None
    model = solver.model()
    for one in sparing:
        if z3.is_true(model.eval(one, model_completion=True)):
            solver.push()
            solver.add(z3.Not(one))
            if solver.check() == z3.sat:
                model = solver.model()
            else:
                solver.pop()
        else:
            solver.add(z3.Not(one))
    return model


def _shown(stated: Claim, model: z3.ModelRef) -> tuple[Shown, ...]:
    return tuple(_answered(case, model) for case in stated.cases)


def _answered(case: Case, model: z3.ModelRef) -> Shown:
    request = case.symbols.request(model)
    actions = sorted(case.world.schema.actions)
    answers = ask(case.world, request, actions)
    allowed = {one: tuple(sorted(answers[one].policies)) for one in actions if answers[one].allowed}
    expected = _evaluated(case, model, actions)
    return Shown(request, allowed, all(answers[one].allowed == expected[one] for one in actions))


def _evaluated(case: Case, model: z3.ModelRef, actions: Iterable[str]) -> dict[str, bool]:
    terms = {one: case.answers.allowed(one) for one in actions}
    return {one: bool(z3.is_true(model.eval(term, model_completion=True))) for one, term in terms.items()}
