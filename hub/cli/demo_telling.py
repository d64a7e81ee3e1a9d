"""What the demonstration prints: each reader's view, the officer's answer, the ledger's check."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from hub.cli.compose import Hub
from hub.cli.demo_readings import ItemTrace, Reading
from hub.cli.demo_world import OFFICER, Posted
from hub.envelope import JsonObject
from hub.record.verify import Verification

LONDON: Final = ZoneInfo("Europe/London")
WORDS: Final = {"V": "visible", "R": "redacted", "line": "coded line", "H": "hidden"}
_screen: Final = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 150)


def tell_posts(posted: Sequence[Posted]) -> None:
    """How many posts each agency made, and what was refused."""
    _heading("What the agencies posted, signed, over HTTP")
    for organisation, number in sorted(Counter(one.organisation for one in posted).items()):
        _screen.print(f"  {organisation:24} {number:3} posts", markup=False)
    for one in posted:
        if one.status not in (200, 201):
            _screen.print(f"  {one.ref} refused: {one.slug}", markup=False)


def tell_reading(reading: Reading) -> None:
    """One reader: what is visible, redacted with its rule, hidden; then the overview with its evidence."""
    reader = reading.reader
    _heading(f"{reader.name}: {reader.person}, for {reader.purpose}")
    for child in reader.children:
        items = [one for one in reading.items if one.child == child]
        table = Table("recorded", "event", "this reader gets", "rules", box=None, pad_edge=False)
        for one in items:
            rules = "" if one.shown == "V" else ", ".join(one.rules)
            table.add_row(_when(one), one.type, WORDS.get(one.shown, one.shown), rules)
        _screen.print(f"{child}, as the information governance officer can trace it", markup=False)
        _screen.print(table)
        _overview(reading.overviews[child], reading.entries[child])


def _overview(overview: JsonObject, entries: Sequence[JsonObject]) -> None:
    titles = {str(one["entry_id"]): f"{one['title']} {one['occurred_at']}" for one in entries}
    lines, deadlines = overview["lines"], overview["deadlines"]
    assert isinstance(lines, list)
    assert isinstance(deadlines, list)
    for line in lines:
        _screen.print(f"  {line['rule']}: {line['text']}", markup=False)
        evidence = [titles[one] for one in line["evidence"] if one in titles]
        if evidence:
            _screen.print(f"      rests on: {'; '.join(evidence)}", markup=False, style="dim")
    for one in deadlines:
        state = f", {one['state']}" if one.get("state") else ""
        due = f" due {one['due_on']}" if one.get("due_on") else ""
        _screen.print(f"  {one['clock']}: {one['text']}{due}{state}", markup=False)
    _screen.print("")


def tell_accesses(hub: Hub, readings: Sequence[Reading]) -> None:
    """The officer's answer to "who saw the record of C-2001, and why"."""
    _heading("Who saw the record of C-2001, and why")
    officer = hub.store.directory.principal_for_person(OFFICER)
    child = next(one.children["C-2001"] for one in readings if "C-2001" in one.children)
    table = Table("at", "who", "what", "purpose", "outcome", "items", "rules", box=None, pad_edge=False)
    for row in hub.oversight.accesses(officer, child):
        table.add_row(
            f"{row.at.astimezone(LONDON):%d %b %Y %H:%M}", row.reader, row.what, row.purpose or "-",
            row.outcome, str(row.items), ", ".join(row.rules[:6]) + (" ..." if len(row.rules) > 6 else ""),
        )  # fmt: skip
    _screen.print(table)


def tell_verified(verified: Verification) -> None:
    """Whether the ledger fits the record."""
    _heading("The ledger")
    word = "everything fits" if verified.whole else "DAMAGED"
    _screen.print(f"  {verified.items} items, {verified.covered} under the checkpoint: {word}.", markup=False)
    _screen.print(f"  root {verified.root.hex()}", markup=False)


def tell_pages(address: str, readings: Sequence[Reading]) -> None:
    """Where each reader's page is; it prints as it stands, without scripts."""
    _heading(f"The pages are open at {address}/")
    _screen.print("  Sign in as the person named, choose the purpose, and read or print.", markup=False)
    for reading in readings:
        for name, child in reading.children.items():
            where = f"{address}/children/{child}"
            _screen.print(
                f"  {reading.reader.name:8} {reading.reader.person:28} {name}  {where}", markup=False
            )
    _screen.print("  Stop with Ctrl-C.", markup=False)


def _heading(text: str) -> None:
    _screen.print(f"\n{text}\n{'-' * len(text)}", markup=False, style="bold")


def _when(item: ItemTrace) -> str:
    if not item.recorded_at:
        return "-"
    return f"{datetime.fromisoformat(item.recorded_at).astimezone(LONDON):%d %b %Y %H:%M}"
