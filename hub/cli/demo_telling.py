"""What the demonstration prints: who gets which event, and each child's findings and deadlines."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from hub.cli.compose import Hub
from hub.cli.demo_readings import ItemTrace, Reading, Told, rules_of
from hub.cli.demo_world import OFFICER, Posted
from hub.cli.output import counted
from hub.envelope import EventKey, JsonObject, JsonValue
from hub.pathway.patterns.sources import SOURCES
from hub.record.verify import Verification

LONDON: Final = ZoneInfo("Europe/London")
HIDDEN: Final = "-"
_ALLOCATED: Final = "assessment"
_MOST_NAMED: Final = 4
_screen: Final = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 150)


def tell_posts(posted: Sequence[Posted]) -> None:
    """How many posts each agency made, and what was refused."""
    _heading("What the agencies posted, signed, over HTTP")
    for organisation, number in sorted(Counter(one.organisation for one in posted).items()):
        _say(f"  {organisation:26} {number:3} posts")
    for one in posted:
        if one.status not in (200, 201):
            why = f"by rule {one.rule}, as it should be" if one.good else f"({one.slug})"
            _say(f"  {one.ref}, {one.type} of {one.organisation}, was refused {why}")


def tell_scenario(told: Told) -> None:
    """One scenario: who gets which event; then, child by child, what its own worker is told."""
    _heading(told.story.title)
    _say(told.story.about)
    readings = [one for one in told.readings if one.reader.person != OFFICER]
    for child in told.story.children:
        of_child = [one for one in readings if child in one.children]
        _say("")
        _matrix(child, of_child)
        _say("")
        _readers(child, of_child)
        _say("")
        _overview(child, _own_worker(child, of_child))
    for one in readings:
        for child in one.reader.children:
            if child not in one.children:
                _say(f"{one.reader.name}, {one.reader.person}, has no relationship with {child} any more.")


def _matrix(child: str, readings: Sequence[Reading]) -> None:
    """Every event that anybody got something of, and what each reader got: as the officer can trace it."""
    _say(f"{child}, event by event: V visible, R redacted, line a coded line, {HIDDEN} hidden without trace")
    items: dict[EventKey, ItemTrace] = {}
    cells: dict[EventKey, dict[str, str]] = {}
    for reading in readings:
        for one in reading.of(child):
            items.setdefault(one.key, one)
            cells.setdefault(one.key, {})[reading.reader.name] = HIDDEN if one.shown == "H" else one.shown
    names = [one.reader.name for one in readings]
    rows = Counter(
        (_when(one), one.type, tuple(cells[one.key].get(name, HIDDEN) for name in names))
        for one in sorted(items.values(), key=lambda one: one.recorded_at)
        if set(cells[one.key].values()) != {HIDDEN}
    )
    table = _table("recorded", "event", *names)
    for (when, type_, row), number in rows.items():
        table.add_row(when, type_ if number == 1 else f"{type_} ({number})", *row)
    _screen.print(table)


def _readers(child: str, readings: Sequence[Reading]) -> None:
    """Who reads a child, for what, by which rules something was withheld, and what findings each is given."""
    table = _table("reader", "who", "for", "findings", "deadlines", "withheld by")
    for one in readings:
        rules = {rule for item in one.of(child) if item.shown in ("R", "line") for rule in item.rules}
        overview = one.overviews[child]
        table.add_row(
            one.reader.name, one.reader.person, one.reader.purpose,
            _listed(rules_of(overview, "lines", "rule")), _listed(rules_of(overview, "deadlines", "clock")),
            _listed(sorted(rules)),
        )  # fmt: skip
    _screen.print(table)


def _own_worker(child: str, readings: Sequence[Reading]) -> Reading:
    """The reading of the child's allocated worker, else of whoever is told most."""
    own = [one for one in readings if one.reader.purpose == _ALLOCATED]
    return max(own or readings, key=lambda one: len(rules_of(one.overviews[child], "deadlines", "clock")))


def _overview(child: str, reading: Reading) -> None:
    """Findings, deadlines and what is missing, each with its source and what it rests on."""
    overview = reading.overviews[child]
    titles = {
        str(one["entry_id"]): f"{one['title']}, {_day(str(one['occurred_at']))}"
        for one in reading.entries[child]
    }
    _say(f"{child}, what {reading.reader.name} is told, with sources and what each rests on")
    findings = _table("finding", "source", "what it says", "rests on")
    for one in _members(overview, "lines"):
        source = SOURCES.get(str(one["rule"]), str(one["requirement"]))
        findings.add_row(str(one["rule"]), source, str(one["text"]), _rests_on(one, titles))
    _screen.print(findings)
    deadlines = _table("deadline", "source", "due", "state", "what it says", "rests on")
    for one in _members(overview, "deadlines"):
        due = _day(str(one["due_on"])) if one.get("due_on") else "no day is set"
        deadlines.add_row(
            str(one["clock"]), str(one["source"]), due, str(one.get("state") or ""), str(one["text"]),
            _rests_on(one, titles),
        )  # fmt: skip
    if deadlines.row_count:
        _say("")
        _screen.print(deadlines)
    missing = _table("missing", "source", "what is not recorded", "of whom", "rests on")
    for one in _members(overview, "open_items"):
        missing.add_row(
            str(one["id"]), str(one["source"]), str(one["text"]), str(one.get("agency") or ""),
            _rests_on(one, titles),
        )  # fmt: skip
    if missing.row_count:
        _say("")
        _screen.print(missing)


def tell_accesses(hub: Hub, told: Told) -> None:
    """The officer's answer to "who saw the record of this child, and why"; equal reads are one row."""
    name = tuple(told.story.children)[-1]
    _heading(f"Who saw the record of {name}, and why")
    officer = hub.store.directory.principal_for_person(OFFICER)
    child = next(one.children[name] for one in told.readings if name in one.children)
    rows = Counter(
        (one.reader, one.what, one.purpose or "-", one.outcome, str(one.items), _listed(one.rules))
        for one in hub.oversight.accesses(officer, child)
    )
    table = _table("who", "what", "purpose", "outcome", "items", "times", "rules")
    for (who, what, purpose, outcome, items, rules), times in rows.items():
        table.add_row(who, what, purpose, outcome, items, str(times), rules)
    _screen.print(table)


def tell_verified(verified: Verification) -> None:
    """Whether the ledger fits the record."""
    _heading("The ledger")
    word = "everything fits" if verified.whole else "DAMAGED"
    _say(f"  {counted(verified.items, 'item')}, {verified.covered} under the checkpoint: {word}.")
    _say(f"  root {verified.root.hex()}")


def tell_pages(address: str, told: Iterable[Told]) -> None:
    """Where each reader's page is; it prints as it stands, without scripts."""
    _heading(f"The pages are open at {address}/")
    _say("  Sign in as the person named, choose the purpose, and read or print.")
    for scenario in told:
        _say(f"  {scenario.story.title}")
        for reading in scenario.readings:
            for name, child in reading.children.items():
                where = f"{address}/children/{child}"
                _say(f"    {reading.reader.name:10} {reading.reader.person:32} {name}  {where}")
    _say("  Stop with Ctrl-C.")


def _say(text: str) -> None:
    _screen.print(text, markup=False)


def _heading(text: str) -> None:
    _screen.print(f"\n{text}\n{'-' * len(text)}", markup=False, style="bold")


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, pad_edge=False, header_style="dim")


def _listed(rules: Sequence[str]) -> str:
    return ", ".join(rules) or HIDDEN


def _members(overview: JsonObject, member: str) -> Iterable[Mapping[str, JsonValue]]:
    found = overview[member]
    assert isinstance(found, list)
    return [one for one in found if isinstance(one, dict)]


def _rests_on(one: Mapping[str, JsonValue], titles: Mapping[str, str]) -> str:
    evidence = one["evidence"]
    assert isinstance(evidence, list)
    named = list(dict.fromkeys(titles[str(entry)] for entry in evidence if str(entry) in titles))
    more = f"; and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    return "; ".join(named[:_MOST_NAMED]) + more


def _day(written: str) -> str:
    """A day in words; a month or a year alone stays as it was written."""
    if len(written) < len("2025-09-10"):
        return written
    day = date.fromisoformat(written[:10])
    if "T" in written:
        day = datetime.fromisoformat(written).astimezone(LONDON).date()
    return f"{day.day} {day:%b %Y}"


def _when(item: ItemTrace) -> str:
    if not item.recorded_at:
        return HIDDEN
    return f"{datetime.fromisoformat(item.recorded_at).astimezone(LONDON):%d %b %Y %H:%M}"
