"""Commands that put sharing rules in force: one person proposes, another approves (ADR 0023)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.output import USED_WRONGLY, Json, fail, print_json, say
from hub.cli.policy_past import Officer, draft_of, officer_at_work
from hub.disclosure.library import Release
from hub.disclosure.rules import RuleFiles, shipped_files
from hub.envelope import JsonValue


def release_files(folder: Path | None, shipped: bool) -> RuleFiles:
    """What is to be proposed: a folder's rules, or those of the package; ends where neither or both."""
    if (folder is None) != shipped:
        fail("Give a folder with the rules, or --shipped to go back to the package's.", USED_WRONGLY)
    return shipped_files() if folder is None else draft_of(folder)[0]


def propose(files: RuleFiles, officer: str, reason: str, as_json: bool) -> None:
    """Propose a rule set; it decides nothing yet."""
    with officer_at_work(officer) as (hub, principal):
        found = hub.oversight.policies.propose(principal, files, reason)
    if as_json:
        print_json(release_row(found))
        return
    say(f"Version {found.version} is proposed by {found.proposed_by}. It decides nothing yet. Next:")
    say(f"  hub policy rehearse --proposed {found.version} --officer {officer}")
    say(f"  hub policy approve {found.version} --officer ANOTHER")


def policy_approve(
    version: Annotated[str, typer.Argument(help="The version that is proposed.")],
    officer: Officer,
    as_json: Json = False,
) -> None:
    """Approve sharing rules that somebody else proposed; servers that start from now on decide by them."""
    with officer_at_work(officer) as (hub, principal):
        found = hub.oversight.policies.approve(principal, version)
    if as_json:
        print_json(release_row(found))
    else:
        say(f"Version {found.version} is in force for servers that start from now on. Restart them all.")


def policy_status(officer: Officer, as_json: Json = False) -> None:
    """Show which sharing rules decide, which are here, and what was proposed and approved, by whom."""
    with officer_at_work(officer) as (hub, principal):
        found = hub.oversight.policies.standing(principal)
    if as_json:
        print_json(
            {
                "in_force": found.in_force,
                "shipped": found.shipped,
                "installed": list(found.installed),
                "releases": [release_row(one) for one in found.releases],
            }
        )
        return
    say(f"In force: {found.in_force or 'none, so that no server starts'}.")
    say(f"Shipped with this version of the hub: {found.shipped}.")
    say(f"Kept, so that answers by them can be made again: {', '.join(found.installed)}.")
    for one in found.releases:
        say(f"{one.version}: proposed by {one.proposed_by} on {_day(one.proposed_at)}: {one.reason}")
        if one.rehearsed_at is not None:
            say(f"  rehearsed on {_day(one.rehearsed_at)}")
        if one.approved_at is not None:
            say(f"  approved by {one.approved_by} on {_day(one.approved_at)}")


def release_row(one: Release) -> dict[str, JsonValue]:
    """A proposal for scripts; the rehearsal by whether there is one."""
    return {
        "version": one.version,
        "digest": one.digest,
        "against": one.against,
        "reason": one.reason,
        "proposed_by": one.proposed_by,
        "proposed_at": _written(one.proposed_at),
        "rehearsed_at": _written(one.rehearsed_at),
        "approved_by": one.approved_by,
        "approved_at": _written(one.approved_at),
    }


def _written(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else None


def _day(at: datetime) -> str:
    return at.astimezone(UTC).date().isoformat()
