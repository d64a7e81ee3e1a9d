"""The reports of those who govern, on the command line: as over HTTP, small numbers withheld alike."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from enum import StrEnum
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table as Grid

from hub.api import report_shapes as shapes
from hub.api.answers import json_bytes
from hub.api.services import Reports
from hub.cli.compose import compose, open_store
from hub.cli.output import NOT_AS_IT_SHOULD_BE, USED_WRONGLY, Json, fail, plain_errors, print_rows, say
from hub.directory import Principal
from hub.envelope import JsonValue
from hub.errors import HubError
from hub.oversight.reports import OF_CHILDREN, SELF_ASSESSMENT, TITLES
from hub.pathway.reports import Report, SelfAssessment, Table
from hub.settings import load_settings


class Form(StrEnum):
    """In which form a report is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


ReaderOption = Annotated[str, typer.Option(help="For whom it is made and recorded: a person id.")]
YearOption = Annotated[
    int | None,
    typer.Option(min=2000, max=9000, help="The year that begins on 1 April of it; unset: the latest."),
]
FormOption = Annotated[
    Form, typer.Option(help="A table for people, JSON as the API gives it, CSV for a spreadsheet.")
]
_screen: Final = Console(highlight=False, soft_wrap=True)
_NONE: Final = "-"


def register_reports(app: typer.Typer) -> None:
    """Give the command line `list`, and a command for each report."""
    app.command("list")(report_list)
    for name, title in TITLES.items():
        if name == SELF_ASSESSMENT:
            app.command(name, help=f"{title}.")(report_self_assessment)
        else:
            app.command(name, help=f"{title}. Recorded as an access.")(_command(name))


def report_list(reader: ReaderOption, as_json: Json = False) -> None:
    """List the reports that a person may have."""
    with plain_errors(), _asked(reader) as (principal, reports):
        rows: list[dict[str, JsonValue]] = [
            {"report": name, "title": title} for name, title in reports.listed(principal).items()
        ]
        latest = reports.latest().begins_in
    if not rows and not as_json:
        say("This person may have none of the reports. Who may is decided by role (requirements B).")
        return
    print_rows(("report", "title"), rows, as_json)
    if not as_json:
        say(f"The latest year that can be told began on 1 April {latest}. To print one: hub report NAME")


def report_self_assessment(reader: ReaderOption, form: FormOption = Form.TABLE) -> None:
    """What organisations scored against the framework; about no child. Recorded as an access."""
    with plain_errors(), _asked(reader) as (principal, reports):
        with _explained(SELF_ASSESSMENT, reader):
            found = reports.self_assessment(principal)
        framework = reports.framework
    if form is Form.JSON:
        _written(json_bytes(shapes.self_assessment_json(found, framework)) + b"\n")
    elif form is Form.CSV:
        _written(shapes.self_assessment_csv(found))
    else:
        say(framework.title)
        _tell_scores(found)


def _command(name: str) -> Callable[[str, int | None, Form], None]:
    """The command of one report of tables."""

    def report(reader: ReaderOption, year: YearOption = None, form: FormOption = Form.TABLE) -> None:
        if year is not None and name not in OF_CHILDREN:
            fail("This report is told as it stands now: leave --year out.", USED_WRONGLY)
        with plain_errors(), _asked(reader) as (principal, reports), _explained(name, reader):
            found = reports.report(principal, name, year)
        if form is Form.JSON:
            _written(json_bytes(shapes.report_json(found)) + b"\n")
        elif form is Form.CSV:
            _written(shapes.report_csv(found))
        else:
            _tell(found)

    return report


@contextmanager
def _asked(reader: str) -> Iterator[tuple[Principal, Reports]]:
    """The person and the reports, over a hub that is opened for this one question."""
    store = open_store(load_settings())
    try:
        principal = store.directory.principal_for_person(reader)
    except HubError:
        store.close()
        fail("There is no such person at work. List them with: hub person list")
    with closing(compose(store)) as hub:
        if hub.services.reports is None:
            fail("This hub has no reports.")
        yield principal, hub.services.reports


@contextmanager
def _explained(name: str, reader: str) -> Iterator[None]:
    """What to do next where a person may not have a report, or the views have to catch up first."""
    try:
        yield
    except HubError as refusal:
        if refusal.slug == "not-found":
            fail(
                f"This person may not have the report {name}. See which with:"
                f" hub report list --reader {reader}",
                USED_WRONGLY,
            )
        if refusal.slug == "schema":
            fail(refusal.detail, USED_WRONGLY)
        if refusal.slug == "views-behind":
            fail("The views are behind the record: let `hub serve` or `hub project` run, and ask again.",
                 NOT_AS_IT_SHOULD_BE)  # fmt: skip
        raise


def _tell(found: Report) -> None:
    say(found.title)
    if found.year is not None:
        known = found.year.known_at
        say(
            f"{found.year.first:%d %B %Y} to {found.year.last:%d %B %Y}, as known on {known:%d %B %Y}."
            f' "{shapes.WITHHELD}" is a number below {found.fewest}, or one from which such a number could be'
            " found."
        )
    for note in found.notes:
        say(note)
    for table in found.tables:
        _tell_table(table)


def _tell_table(table: Table) -> None:
    say(f"\n{table.title} [{table.requirement}]")
    grid = Grid("", *(one.title for one in table.columns), box=None, pad_edge=False)
    for row in table.rows:
        values = (shapes.WITHHELD if value is None else str(value) for value in row.values)
        grid.add_row(row.title, *values)
    _screen.print(grid)
    if table.note:
        say(table.note)


def _tell_scores(found: SelfAssessment) -> None:
    """The joint means of each cycle by domain, what is missing, and when the next joint audit is due."""
    if not found.cycles:
        say("Nothing has been scored yet.")
    for cycle in found.cycles:
        say(f"\n{cycle.name}, last scored {cycle.last_scored.isoformat()}")
        organisations = found.organisations
        grid = Grid("domain", *organisations, "joint", "spread", box=None, pad_edge=False)
        for one in cycle.domains:
            means = dict(one.means)
            own = (means[name].mean if name in means else None for name in organisations)
            grid.add_row(one.domain.title, *map(_number, own), _number(one.joint.mean), _number(one.spread))
        _screen.print(grid)
        if cycle.missing:
            say(f"No joint answer yet: {', '.join(cycle.missing)}.")
    for clock in found.deadlines:
        say(f"{clock.clock}: {clock.text}" + (f" Due {clock.due_on.isoformat()}." if clock.due_on else ""))


def _number(value: float | None) -> str:
    return _NONE if value is None else str(value)


def _written(body: bytes) -> None:
    sys.stdout.buffer.write(body)
    sys.stdout.buffer.flush()
