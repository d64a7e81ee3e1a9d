"""Commands of the disclosure rules: check them or a draft, explain one, prove what they promise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.catalogue import load_catalogue
from hub.cli.output import (
    NOT_AS_IT_SHOULD_BE,
    USED_WRONGLY,
    Json,
    counted,
    fail,
    plain_errors,
    print_json,
    progress,
    say,
)
from hub.cli.policy_effects import tell_changes
from hub.cli.policy_past import Officer, explain_disclosure, policy_rehearse, policy_replay
from hub.cli.policy_releases import policy_approve, policy_status, propose, release_files
from hub.disclosure import load_purposes, load_rules
from hub.disclosure.proving.sentences import Explained, explain, find
from hub.disclosure.proving.world import World, draft_world, shipped_world, world_of
from hub.envelope import JsonValue

if TYPE_CHECKING:
    from hub.disclosure.proving.differences import RuleChange
    from hub.disclosure.proving.mutation import Judge, Judged
    from hub.disclosure.proving.proofs import Proof, Shown

policy = typer.Typer(
    no_args_is_help=True,
    help="The sharing rules: check, explain and prove them, change them, and make past answers again.",
)


@policy.command("check")
def policy_check(
    folder: Annotated[
        Path | None,
        typer.Argument(help="A folder with a draft of the rules; without one, the rules that are installed."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check that rules parse, fit their schema and explain themselves; of a draft also its proofs, what
    differs from the rules that are installed, and who would see more or less by it."""
    if folder is not None:
        _check_draft(folder, as_json)
        return
    with plain_errors():
        try:
            rules, purposes, catalogue = load_rules(), load_purposes(), load_catalogue()
        except (RuntimeError, ValueError, KeyError):
            fail("The rules that are installed do not stand. Install the hub again.")
    if as_json:
        print_json(
            {
                "version": rules.version,
                "rules": len(rules.by_id),
                "purposes": list(purposes.roles),
                "event_types": len(catalogue.types),
            }
        )
    else:
        found = f"{counted(len(rules.by_id), 'rule')}, version {rules.version}"
        say(f"{found}: they parse, fit, and explain themselves.")


@policy.command("explain")
def policy_explain(
    name: Annotated[
        str | None,
        typer.Argument(metavar="RULE", help="A rule's id (D-06-THERAPY-HOLD) or its code (D-06)."),
    ] = None,
    disclosure: Annotated[
        str | None, typer.Option(help="Instead of a rule: the disclosure id of a past answer.")
    ] = None,
    officer: Annotated[
        str | None, typer.Option(help="The officer for whom a past answer is explained: a person id.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say in sentences what a rule does, when, why, by which law, and whom a reader may ask; or, with
    --disclosure, why a past answer looked as it did."""
    if (name is None) == (disclosure is None):
        fail("Give a rule, or --disclosure with the id of a past answer.", USED_WRONGLY)
    if name is None:
        explain_disclosure(disclosure or "", officer, as_json)
        return
    world = shipped_world(load_catalogue())
    found = [explain(world, one) for one in find(world, name)]
    if not found:
        fail("No rule has this id or code. docs/rules.md lists them all.", USED_WRONGLY)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    for number, one in enumerate(found):
        if number:
            say("")
        _tell_rule(one)


@policy.command("prove")
def policy_prove(
    mutants: Annotated[
        bool,
        typer.Option(help="Also change every rule in every small way, and tell what goes unnoticed."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Prove what no reader can ever get by the rules, and name the rules that decide nothing."""
    world = shipped_world(load_catalogue())
    proofs = _prove(world)
    with _solver():
        from hub.disclosure.proving.mutation import Judge, deletions, never_met

        judge = Judge(world)
        with progress("rules that decide nothing", len(world.policies)) as bar:
            idle = []
            for one in deletions(judge):
                bar.advance(bar.task_ids[0])
                if one.fate == "the same":
                    idle.append(one.mutant.original.id)
        never = never_met(world)
    judged = _mutate(judge) if mutants else []
    survivors = [one for one in judged if one.fate == "survived"]
    if as_json:
        print_json(
            {
                "version": world.rules.version,
                "theorems": [_proof_row(one) for one in proofs],
                "never_met": list(never),
                "decide_nothing": list(idle),
                "mutants": _score(judged) if mutants else None,
                "survivors": [one.mutant.told for one in survivors],
            }
        )
    else:
        for proof in proofs:
            _tell_proof(proof)
        _tell_idle(never, idle)
        if mutants:
            _tell_score(judged)
    fallen = sum(not _stands(one) for one in proofs)
    if fallen or survivors:
        unnoticed = counted(len(survivors), "change")
        fail(f"Of {len(proofs)} theorems {fallen} {_hold(fallen)} not hold; {unnoticed} would go unnoticed.")
    if not as_json:
        rules = f"{counted(len(world.policies), 'rule')}, version {world.rules.version}"
        say(f"All {len(proofs)} theorems hold of the {rules}.")


@policy.command("release")
def policy_release(
    officer: Officer,
    reason: Annotated[str, typer.Option(help="Why the rules are to change.")],
    folder: Annotated[Path | None, typer.Argument(help="A folder with the rules to release.")] = None,
    shipped: Annotated[bool, typer.Option("--shipped", help="Go back to the package's rules.")] = False,
    as_json: Json = False,
) -> None:
    """Propose sharing rules for release, once they are checked and proved; another person approves them."""
    files = release_files(folder, shipped)
    if folder is not None:
        fallen = [one for one in _prove(world_of(files.rules(), load_catalogue())) if not _stands(one)]
        if fallen:
            theorems = counted(len(fallen), "theorem does", "theorems do")
            fail(f"{theorems} not hold of these rules. See: hub policy check {folder}")
    propose(files, officer, reason, as_json)


def _check_draft(folder: Path, as_json: bool) -> None:
    """The check of a draft; ends with 1 where it does not stand or a theorem falls."""
    catalogue = load_catalogue()
    try:
        draft = draft_world(folder, catalogue)
    except FileNotFoundError:
        fail("The folder holds no policy file (*.cedar).", USED_WRONGLY)
    except (OSError, UnicodeDecodeError):
        fail("The folder cannot be read as text.", USED_WRONGLY)
    except (RuntimeError, ValueError) as error:
        # The message holds the draft's own rules only, which are nobody's data.
        if as_json:
            print_json({"stands": False, "fault": str(error)})
            raise typer.Exit(NOT_AS_IT_SHOULD_BE) from None
        fail(f"The draft does not stand: {error}.")
    shipped = shipped_world(catalogue)
    proofs = _prove(draft)
    with _solver():
        from hub.disclosure.proving.differences import effects, rule_changes

        changes, effect = rule_changes(shipped, draft), effects(shipped, draft)
    fallen = [one for one in proofs if not _stands(one)]
    if as_json:
        print_json(
            {
                "stands": True,
                "version": draft.rules.version,
                "against": shipped.rules.version,
                "fallen": [_proof_row(one) for one in fallen],
                "theorems": len(proofs),
                "rules": [{"id": one.id, "change": one.change, "parts": _parts(one)} for one in changes],
                "readers": [
                    {"reader": one.reader, "more": list(one.more), "less": list(one.less)} for one in effect
                ],
            }
        )
    else:
        rules = f"{counted(len(draft.policies), 'rule')}, version {draft.rules.version}"
        say(f"{rules}: they parse, fit, and explain themselves.")
        tell_changes(changes, effect)
        for proof in fallen:
            _tell_proof(proof)
    if fallen:
        fail(f"Of {len(proofs)} theorems {len(fallen)} {_hold(len(fallen))} not hold of the draft.")
    if not as_json:
        say(f"All {len(proofs)} theorems hold of the draft.")


def _prove(world: World) -> list[Proof]:
    with _solver():
        from hub.disclosure.proving.everything import theorems
        from hub.disclosure.proving.proofs import prove

        stated = theorems(world)
        proofs = []
        with progress("theorems", len(stated)) as bar:
            for one in prove(world, stated):
                bar.advance(bar.task_ids[0])
                proofs.append(one)
    return proofs


def _mutate(judge: Judge) -> list[Judged]:
    with _solver():
        from hub.disclosure.proving.mutation import judged_all, of_all

        every = list(of_all(judge.world))
        found = []
        with progress("changed rules", len(every)) as bar:
            for one in judged_all(judge, every):
                bar.advance(bar.task_ids[0])
                found.append(one)
    return found


@contextmanager
def _solver() -> Iterator[None]:
    """The solver is an extra: a hub that serves readers does not need it."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != "z3":
            raise
        fail("The proofs need the solver: install the hub with its extra `proofs`.", USED_WRONGLY)


def _stands(proof: Proof) -> bool:
    """Proved, and Cedar answers the example as the encoding does; else the proof is about other rules."""
    return proof.result == "proved" and all(one.agrees for one in proof.shown)


def _proof_row(proof: Proof) -> dict[str, JsonValue]:
    return {
        "id": proof.theorem.id,
        "requirement": proof.theorem.requirement,
        "sentence": proof.theorem.sentence,
        "result": proof.result,
        "requests": [
            {
                "facts": dict(one.request.told()),
                "allowed": {action: list(rules) for action, rules in one.allowed.items()},
                "cedar_agrees": one.agrees,
            }
            for one in proof.shown
        ],
    }


def _parts(change: RuleChange) -> dict[str, JsonValue]:
    return {name: {"shipped": before, "draft": after} for name, (before, after) in change.parts.items()}


def _tell_rule(one: Explained) -> None:
    say(f"{one.id} (rule {one.rule}, requirement {one.requirement})")
    say(f"  It {one.does}.")
    say(f"  When: {one.when}.")
    if one.keeps:
        say(f"  What remains: {one.keeps}.")
    if one.text:
        say(f"  What the line says: {one.text}.")
    say(f"  Why: {one.reason}")
    say(f"  By: {one.legal_basis}.")
    if one.ask:
        say(f"  Whom to ask: {one.ask}.")


def _tell_proof(proof: Proof) -> None:
    say(f"{proof.theorem.id}  {proof.result}  {proof.theorem.sentence}")
    if not _stands(proof) and proof.shown:
        say("  It does not hold of this request:" if proof.result == "false" else "  As in this request:")
        for one in proof.shown:
            _tell_request(one)


def _tell_request(one: Shown) -> None:
    for name, told in one.request.told().items():
        say(f"    {name}: {told}")
    for action, rules in one.allowed.items():
        say(f"    Cedar allows {action} by {', '.join(rules)}")
    if not one.allowed:
        say("    Cedar allows nothing")
    if not one.agrees:
        say("    The encoding answers otherwise than Cedar: the proofs are not to be relied on.")


def _tell_idle(never: tuple[str, ...], idle: list[str]) -> None:
    if never:
        say(f"No request can meet: {', '.join(never)}.")
    if idle:
        say(f"Without these no answer would differ: {', '.join(idle)}.")


def _hold(fallen: int) -> str:
    return "does" if fallen == 1 else "do"


def _score(judged: list[Judged]) -> dict[str, JsonValue]:
    real = [one for one in judged if one.fate != "the same"]
    return {
        "changes": len(judged),
        "noticed": sum(one.fate == "noticed" for one in judged),
        "by_a_theorem": sum(one.theorem is not None for one in judged),
        "make_no_difference": len(judged) - len(real),
        "survived": sum(one.fate == "survived" for one in judged),
    }


def _tell_score(judged: list[Judged]) -> None:
    score = _score(judged)
    say(
        f"{score['changes']} changes to rules: {score['noticed']} noticed, {score['by_a_theorem']} by a "
        f"theorem; {score['make_no_difference']} make no difference to any request; "
        f"{score['survived']} go unnoticed."
    )
    for one in judged:
        if one.fate == "survived" and one.request is not None:
            say(f"  {one.mutant.told}")
            for name, told in one.request.told().items():
                say(f"    {name}: {told}")


# Last, so that the help lists the steps of a change in their order.
for _name, _command in (
    ("rehearse", policy_rehearse),
    ("approve", policy_approve),
    ("status", policy_status),
    ("replay", policy_replay),
):
    policy.command(_name)(_command)
