"""What commands print, and with which code they end: 0 done, 1 not as it should be, 2 used wrongly."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Final, NoReturn

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from hub.envelope import JsonValue
from hub.errors import HubError
from hub.record import Parked
from hub.settings import SettingsError

DONE: Final = 0
NOT_AS_IT_SHOULD_BE: Final = 1
USED_WRONGLY: Final = 2

Json = Annotated[bool, typer.Option("--json", help="Print one JSON value instead of text.")]

_screen: Final = Console(highlight=False, soft_wrap=True)
_errors: Final = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """Print one line for people."""
    _screen.print(text, markup=False)


def counted(number: int, one: str, many: str = "") -> str:
    """A number with what it counts: one thing, or many of them."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def print_json(value: JsonValue) -> None:
    """Print one JSON value for scripts."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n")


def print_rows(columns: Sequence[str], rows: Sequence[Mapping[str, JsonValue]], as_json: bool) -> None:
    """Print rows as a table, or as a JSON list."""
    if as_json:
        print_json([dict(row) for row in rows])
        return
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(_cell(row.get(column)) for column in columns))
    _screen.print(table)


def _cell(value: JsonValue) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value) or "-"
    return str(value)


def tell_views(position: int, parked: Sequence[Parked], as_json: bool) -> None:
    """Print how far the views are; end with 1 where items stand aside."""
    if as_json:
        print_json({"position": position, "parked": [one.position for one in parked]})
    else:
        say(f"The views stand at position {position}.")
    if parked:
        items = counted(len(parked), "item")
        fail(f"{items} could not be taken up; the first at position {parked[0].position}.")


def fail(text: str, code: int = NOT_AS_IT_SHOULD_BE) -> NoReturn:
    """Print what went wrong and end."""
    _errors.print(text, markup=False)
    raise typer.Exit(code)


def in_words(error: HubError) -> str:
    """What went wrong, for whoever runs a command: the sentence of the place that refused, if it has one.

    Why: the kinds of refusal are named for who posts and reads over HTTP, and say less here.
    """
    if error.detail != error.problem.fix:
        return error.detail
    if error.slug == "not-found":
        return "Not found: nothing is kept under this name, or it is not for this person to see."
    if error.slug == "store":
        return f"{error.problem.title}. Does the database run, and is HUB_DATABASE_URL right?"
    return f"{error.problem.title}. {error.problem.fix}"


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn refusals into plain sentences and an exit code, without a trace."""
    try:
        yield
    except HubError as error:
        code = USED_WRONGLY if error.slug in ("schema", "not-found", "conflict") else NOT_AS_IT_SHOULD_BE
        fail(in_words(error), code)
    except SettingsError as error:
        fail(f"The settings do not stand: {error}.", USED_WRONGLY)


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Progress]:
    """A progress bar on standard error, for long work; nothing where that is no terminal."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=_errors,
        disable=not _errors.is_terminal,
    )
    bar.add_task(what, total=total)
    with bar:
        yield bar
