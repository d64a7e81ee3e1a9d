"""Reports: each is asked as a person who may have it, and recorded as that person's access."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC
from typing import Annotated

import typer

from hub.cli.compose import compose, open_store
from hub.cli.governing import register_reports
from hub.cli.output import Json, fail, plain_errors, print_rows, say
from hub.envelope import JsonValue
from hub.errors import HubError
from hub.oversight import OverrideRow
from hub.settings import load_settings

reports = typer.Typer(no_args_is_help=True, help="Reports for officers and for those who govern.")

_COLUMNS = ("received_at", "rule", "force", "type", "organisation", "author", "manager", "stands", "event")


@reports.callback()
def _reports() -> None:
    """Reports for officers and for those who govern."""


register_reports(reports)


@reports.command("overrides")
def report_overrides(
    officer: Annotated[str, typer.Option(help="The officer for whom it is made: a person id.")],
    child: Annotated[str | None, typer.Option(help="One child, by any form of identifier.")] = None,
    as_json: Json = False,
) -> None:
    """List the decisions that a rule refused and a named manager let pass; recorded as an access."""
    with plain_errors():
        store = open_store(load_settings())
        try:
            principal = store.directory.principal_for_person(officer)
        except HubError:
            store.close()
            fail("There is no such person at work. List them with: hub person list")
        with closing(compose(store)) as hub:
            rows = hub.oversight.overrides(principal, child)
    if not rows and not as_json:
        say("No decision that this officer answers for stands against a rule.")
        return
    print_rows(_COLUMNS, [_row(one) if as_json else _shown(one) for one in rows], as_json)


def _row(one: OverrideRow) -> dict[str, JsonValue]:
    return {
        "received_at": one.received_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:00Z"),
        "rule": one.rule,
        "force": one.force,
        "source": one.source,
        "type": one.type,
        "organisation": one.organisation,
        "author": one.author,
        "manager": one.manager,
        "stands": one.stands,
        "event": {"source": one.event.source, "id": one.event.id},
        "child": one.child,
        "entry_id": one.entry_id,
    }


def _shown(one: OverrideRow) -> dict[str, JsonValue]:
    return {**_row(one), "event": one.event.id, "stands": "yes" if one.stands else "retracted"}
