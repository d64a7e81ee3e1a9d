"""What each reader sees of the scenario, for the screen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from tests.stack.scenario import Json, Played
from tests.support.scenario import READERS

LONDON = ZoneInfo("Europe/London")


def lines_of(played: Played) -> Iterator[str]:
    """Every reader's view, line by line: entries as they were given, then the overview."""
    for (name, child), entries in played.entries.items():
        reader = READERS[name]
        yield f"\n{name}: {reader.person}, for {reader.purpose}, of {child}"
        for entry in entries:
            yield f"  {_day(entry):12} {_shown(entry):12} {_said(entry)}"
        overview = played.overviews[name, child]
        for line in overview["lines"]:
            yield f"  {line['rule']}: {line['text']}"
        for one in overview["deadlines"]:
            yield f"  {one['clock']}: {one['text']} due {one['due_on']}"


def _day(entry: Json) -> str:
    recorded = entry["recorded_at"] or ""
    if not recorded:
        return str(entry["occurred_at"])[:10]
    return f"{datetime.fromisoformat(recorded).astimezone(LONDON):%Y-%m-%d}"


def _shown(entry: Json) -> str:
    if entry.get("line"):
        return "coded line"
    return "redacted" if entry["redactions"] else "visible"


def _said(entry: Json) -> str:
    rules = ", ".join(sorted({one["rule"] for one in entry["redactions"]}))
    named = entry.get("line") or entry["type"]
    return f"{named}  ({rules})" if rules else str(named)
