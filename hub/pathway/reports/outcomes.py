"""What became of plans and cases that were closed, and who was asked for advice (R-195)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hub.pathway.course import latest
from hub.pathway.entries import Entries, Entry
from hub.pathway.fields import of_type, parts, text
from hub.pathway.reports import suppression
from hub.pathway.reports.period import ReportYear
from hub.pathway.reports.suppression import enough
from hub.pathway.reports.table import NUMBER, Column, Report, Row, Table

CLOSURE: Final = "closure-decided"
REVIEW: Final = "plan-reviewed"
ADVICE: Final = "oversight-advice-given"
MET: Final[Mapping[str, str]] = {
    "met": "Every goal met",
    "partly-met": "Some goals met, or met in part",
    "not-met": "No goal met",
    "not-recorded": "No goal recorded",
}
GIVERS: Final = (("safeguarding-unit", "Safeguarding Unit"), ("iro", "Independent reviewing officer"))


@dataclass(frozen=True, slots=True)
class Closed:
    """What was closed of one child in a year, and who advised.

    Shape: `goals` is one of `MET`, None where nothing was closed; `advised` are some of `GIVERS`.
    Trust: no entry, no text and no date, so that it can be kept between reports.
    """

    goals: str | None
    advised: frozenset[str]


def closed(entries: Sequence[Entry], year: ReportYear) -> Closed:
    """What a child's record says of a year.

    1. A child counts once, by its last closure of the year that all who had to agree have decided.
    2. The goals are those of the closure, or where it has none, of the last review before.
    """
    record = Entries.over(entries)
    last = latest([one for one in of_type(record, CLOSURE) if year.recorded_in(one)], CLOSURE)  # 1.
    given = {text(one, "given_by") for one in of_type(record, ADVICE) if year.recorded_in(one)}
    return Closed(
        goals=_met(last, record) if last is not None else None,
        advised=frozenset(name for name, _ in GIVERS if name in given),
    )


def outcomes(children: Iterable[Closed], year: ReportYear) -> Report:
    """The children whose plan or case was closed in a year, by whether the goals were met.

    Shape: who advised is counted by children; it and the goals are no parts of one number.

    Source: R-195; S1, S4
    """
    goals = {name: 0 for name in MET}
    advised = {name: 0 for name, _ in GIVERS}
    for child in children:
        if child.goals is not None:
            goals[child.goals] += 1
        for name in child.advised:
            advised[name] += 1
    told = suppression.parts(goals)
    rows = [Row(name, title, (told.of[name],)) for name, title in MET.items()]
    consulted = [Row(name, title, (enough(advised[name]),)) for name, title in GIVERS]
    return Report(
        "outcomes",
        "Outcomes of plans and cases that were closed",
        (
            Table(
                "goals", "R-195", "Children whose plan or case was closed, by whether the goals were met",
                (NUMBER,), (*rows, Row("all", "All closures", (told.total,))),
            ),
            Table(
                "advice", "R-195", "Children about whom advice was given",
                (Column("children", "Children"),), tuple(consulted),
            ),
        ),
        year,
    )  # fmt: skip


def _met(closure: Entry, record: Entries) -> str:
    """How far the goals were met, in one word."""
    progress = [text(goal, "progress") for goal in parts(closure, "goals")]  # 2.
    if not any(progress):
        before = [one for one in of_type(record, REVIEW) if one.recorded_at <= closure.recorded_at]
        review = latest([one for one in before if text(one, "goals")], REVIEW)
        progress = [text(review, "goals")] if review is not None else []
    said = {one for one in progress if one is not None}
    if not said:
        return "not-recorded"
    if said == {"met"}:
        return "met"
    return "partly-met" if said & {"met", "partly-met"} else "not-met"
