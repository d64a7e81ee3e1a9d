"""Reading one entry: a field may be withheld from this reader, and is then simply not there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Final

from hub.envelope import EventKey, JsonObject
from hub.pathway.calendar import day_words, london_day, month_words, start_of_day
from hub.pathway.entries import Entries, Entry

_DAYS = ("exact", "day", "about-day")
# What JSON gives first: to ask of a Mapping takes several times as long.
_OBJECT: Final = (dict, Mapping)
_order: Final = attrgetter("occurred.sort_at", "recorded_at", "key")


def text(source: Entry | JsonObject, name: str) -> str | None:
    """A text member that is filled and not blank, else None."""
    value = (source.data if isinstance(source, Entry) else source).get(name)
    return value if isinstance(value, str) and value and not value.isspace() else None


def truth(source: Entry | JsonObject, name: str) -> bool | None:
    """A true or false member, else None."""
    value = _data(source).get(name)
    return value if isinstance(value, bool) else None


def number(source: Entry | JsonObject, name: str) -> int | None:
    """A whole number, else None."""
    value = _data(source).get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def day(source: Entry | JsonObject, name: str) -> date | None:
    """A member written YYYY-MM-DD, else None."""
    written = text(source, name)
    try:
        return date.fromisoformat(written) if written and len(written) == 10 else None
    except ValueError:
        return None


def part(source: Entry | JsonObject, name: str) -> JsonObject | None:
    """An object member, else None."""
    value = _data(source).get(name)
    return value if isinstance(value, _OBJECT) else None


def parts(source: Entry | JsonObject, name: str) -> tuple[JsonObject, ...]:
    """The objects of a list member; empty where it is absent."""
    value = _data(source).get(name)
    if not isinstance(value, list | tuple):
        return ()
    return tuple([one for one in value if isinstance(one, _OBJECT)])


def texts(source: Entry | JsonObject, name: str) -> tuple[str, ...]:
    """The texts of a list member; empty where it is absent."""
    value = _data(source).get(name)
    if not isinstance(value, list | tuple):
        return ()
    return tuple([one for one in value if isinstance(one, str)])


def _data(source: Entry | JsonObject) -> JsonObject:
    return source.data if isinstance(source, Entry) else source


def instant_of(entry: Entry) -> datetime:
    """The instant from which an entry counts: as exact as it is known, never after it was recorded.

    Units: aware UTC. Where only a day or a span is known it is the end of the span: an agency gains
    no hours by being vague.
    """
    occurred = entry.occurred
    known = occurred.start if occurred.precision == "exact" else occurred.end
    return min(known or entry.recorded_at, entry.recorded_at)


def day_of(entry: Entry) -> date:
    """The London day from which a calendar clock counts."""
    if entry.occurred.precision in _DAYS and entry.occurred.start is not None:
        return min(london_day(entry.occurred.start), london_day(entry.recorded_at))
    return london_day(entry.recorded_at)


def started_at(entry: Entry) -> datetime:
    """The instant of a calendar clock's start, on the day that `day_of` gives."""
    instant = instant_of(entry)
    return instant if london_day(instant) == day_of(entry) else start_of_day(day_of(entry))


def days_of(entry: Entry) -> tuple[date, date]:
    """The first and last London day on which it can have happened; never after it was recorded."""
    occurred = entry.occurred
    recorded = london_day(entry.recorded_at)
    first = london_day(occurred.start) if occurred.start is not None else date.min
    last = recorded
    if occurred.end is not None:
        last = min(recorded, london_day(occurred.end - timedelta(microseconds=1)))
    return first, max(first, last)


def occurred_words(entry: Entry) -> str:
    """When it happened, with its precision in words."""
    shown = london_day(entry.occurred.sort_at)
    match entry.occurred.precision:
        case "month":
            return month_words(shown)
        case "year":
            return str(shown.year)
        case "about-day":
            return f"about {day_words(shown)}"
        case "before" | "after":
            return f"{entry.occurred.precision} {day_words(shown)}"
        case "unknown":
            return "a date not known"
        case _:
            return day_words(shown)


def occurred_iso(entry: Entry) -> str:
    """When it happened as YYYY-MM-DD, YYYY-MM or YYYY, as precise as it is known."""
    shown = london_day(entry.occurred.sort_at).isoformat()
    match entry.occurred.precision:
        case "month":
            return shown[:7]
        case "year":
            return shown[:4]
        case "unknown":
            return "unknown"
        case _:
            return shown


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Entries by when they happened; the order in which they arrived has no say."""
    return sorted(entries, key=_order)


def first_of(entries: Iterable[Entry]) -> Entry:
    """The first of some entries by when they happened; there is one."""
    return min(entries, key=_order)


def as_given(entries: Iterable[Entry]) -> list[Entry]:
    """Entries by when they were decided or given; the order in which they arrived has no say."""
    return sorted(entries, key=_given)


def _given(one: Entry) -> tuple[datetime, datetime, EventKey]:
    return instant_of(one), one.recorded_at, one.key


def given_of(entries: Iterable[Entry], *types: str) -> list[Entry]:
    """The entries of these types that are in effect, by when they were decided or given."""
    if isinstance(entries, Entries):
        found = entries.made_of(types, f"given {types}", lambda every: as_given(every.of(types)))
        return list(found)
    return as_given(of_type(entries, *types))


def of_type(entries: Iterable[Entry], *types: str) -> list[Entry]:
    """The entries of these types that are in effect: a decision that awaits agreement is not."""
    if isinstance(entries, Entries):
        return entries.of(types)
    return [one for one in entries if one.type in types and not one.awaiting]


def gathered(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Entries that are looked at more than once; those that know their places keep knowing them."""
    return entries if isinstance(entries, tuple) else tuple(entries)


def keys(entries: Iterable[Entry]) -> tuple[EventKey, ...]:
    """The keys of entries in the order given, each once."""
    return tuple(dict.fromkeys(one.key for one in entries))


def organisation_kind(organisation: str | None) -> str | None:
    """The kind that an organisation's id begins with."""
    return organisation.partition(".")[0] if organisation else None


def organisation_of(person: str) -> str:
    """The organisation that a person's id begins with."""
    return person.partition("/")[0]
