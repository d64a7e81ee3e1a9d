"""What a partnership can learn from a year without learning of a child (R-184)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from hub.catalogue.warnings import OTHER_CODE
from hub.pathway.calendar import age_on
from hub.pathway.entries import Entry
from hub.pathway.fields import days_of, text, truth
from hub.pathway.reports.children import SIDES, Counted, Told, by_side, split
from hub.pathway.reports.period import ReportYear
from hub.pathway.reports.suppression import parts
from hub.pathway.reports.table import NUMBER, Report, Row, Table

AGES: Final[Mapping[str, str]] = {
    "under-10": "Under 10",
    "10-to-12": "10 to 12",
    "13-to-15": "13 to 15",
    "16-or-over-or-not-known": "16 or over, or not known",
}
HOW_MANY: Final[Mapping[str, str]] = {"one": "One", "two": "Two", "three-or-more": "Three or more"}


def learning(children: Sequence[Counted], places: Sequence[tuple[str, str]], year: ReportYear) -> Report:
    """The children of a year by what is known of them, with small numbers withheld.

    Shape: `places` are the kinds of place (code, title): a row for each.

    1. In parts that do not overlap: side, age at the first notice, agencies that told, incidents.
    2. By what several can share: of each row, with and without it are two parts.

    Trust: no two characteristics are crossed, and nothing counted here is counted by side in another report:
    one total and its parts are all that can be subtracted (ADR 0025).
    Source: R-184; S1, S2
    """
    sides = by_side(children)
    return Report(
        "learning",
        "Learning from a year",
        (
            Table(
                "sides", "R-184", "Children by side", (NUMBER,),
                (*(Row(name, title, (sides.of[name],)) for name, title in SIDES.items()),
                 Row("all", "All children", (sides.total,))),
            ),
            _table(
                "ages", "Children by age at the first notice of the year", AGES,
                lambda one: one.age, children,
            ),
            _table(
                "agencies", "Children by how many agencies told of them", HOW_MANY,
                lambda one: _how_many(one.agencies), children,
            ),
            _table(
                "incidents", "Children by incidents recorded in the year", HOW_MANY,
                lambda one: _how_many(one.incidents), children,
            ),
            Table(
                "contexts", "R-184", "Children with an incident in each context", (NUMBER,),
                (*(_at(place, title, children) for place, title in places), _online(children)),
            ),
        ),
        year,
    )  # fmt: skip


def _table(
    name: str, title: str, titles: Mapping[str, str], part_of: Callable[[Counted], str],
    children: Sequence[Counted],
) -> Table:  # fmt: skip
    found = [part_of(one) for one in children]
    told = parts({part: found.count(part) for part in titles})
    rows = tuple(Row(part, words, (told.of[part],)) for part, words in titles.items())
    return Table(name, "R-184", title, (NUMBER,), rows)


def age_group(child: Told) -> str:
    """The youngest age that the child can have been, to the day."""
    if child.born is None:
        return "16-or-over-or-not-known"
    age = age_on(child.born, max(days_of(child.notices[0])[0], child.born))
    if age < 10:
        return "under-10"
    return "10-to-12" if age < 13 else "13-to-15" if age < 16 else "16-or-over-or-not-known"


def incidents_of(child: Told) -> list[Entry]:
    """The incidents recorded in the year."""
    return [one for one in child.notices if one.type == "incident-recorded"]


def places_of(child: Told) -> frozenset[str]:
    """The kinds of place of the year's incidents, those of the code list alone: never what was written."""
    kinds = {text(one, "place_kind") for one in incidents_of(child)}
    return frozenset(one for one in kinds if one and not one.startswith(OTHER_CODE))


def is_online(child: Told) -> bool:
    """Whether one of the year's incidents was by means of technology."""
    return any(truth(one, "technology_assisted") is True for one in incidents_of(child))


def _how_many(number: int) -> str:
    """A child without an incident yet was told of once: it is among the children with one."""
    return "one" if number < 2 else "two" if number == 2 else "three-or-more"


def _at(place: str, title: str, children: Sequence[Counted]) -> Row:
    told = split(children, lambda child: place in child.places)
    return Row(place, title, (told.of["yes"],))


def _online(children: Sequence[Counted]) -> Row:
    told = split(children, lambda child: child.online)
    return Row("technology", "By means of technology", (told.of["yes"],))
