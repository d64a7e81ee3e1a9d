"""How one profile differs from another, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, time
from typing import Final

from hub.pathway.profiles.profile import Profile

_NAMED_BY: Final = ("id", "code", "term", "title", "kind", "type", "invitee")
_OF_ITSELF: Final = frozenset({"id", "version", "title", "document", "document_date"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that two profiles have differently; None where one of them lacks it."""

    row: str
    here: str | None
    there: str | None


def differences(here: Profile, there: Profile) -> tuple[Difference, ...]:
    """Every row in which a profile differs from another, by name.

    Shape: rows of a list are told apart by their id, code, term or title; sources and notes count as rows.
    """
    mine, theirs = dict(_rows(here)), dict(_rows(there))
    return tuple(
        Difference(row, mine.get(row), theirs.get(row))
        for row in sorted({*mine, *theirs})
        if mine.get(row) != theirs.get(row)
    )


def nearest(profile: Profile, others: Iterable[Profile]) -> Profile | None:
    """The profile with the fewest differences, the first by id among equals."""
    return min(others, key=lambda one: (len(differences(profile, one)), one.id), default=None)


def _rows(profile: Profile) -> Iterator[tuple[str, str]]:
    for member in fields(profile):
        if member.name not in _OF_ITSELF:
            yield from _flat(member.name, getattr(profile, member.name))


def _flat(path: str, value: object) -> Iterator[tuple[str, str]]:
    if is_dataclass(value):
        for member in fields(value):
            yield from _flat(f"{path}.{member.name}", getattr(value, member.name))
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield from _flat(f"{path}.{name}", one)
    elif isinstance(value, tuple | frozenset) and any(is_dataclass(one) for one in value):
        for number, one in enumerate(value, 1):
            yield from _flat(f"{path}[{_name(one, number)}]", one)
    elif value is not None:
        yield path, _written(value)


def _name(row: object, number: int) -> str:
    for member in _NAMED_BY:
        found = getattr(row, member, None)
        if isinstance(found, str):
            meetings = getattr(row, "meetings", None)
            return f"{found} {_written(meetings)}" if member == "invitee" and meetings else found
    return str(number)


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, frozenset):
        return ", ".join(sorted(_written(one) for one in value))
    if isinstance(value, tuple):
        return ", ".join(_written(one) for one in value)
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
