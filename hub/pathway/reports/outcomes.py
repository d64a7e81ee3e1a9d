"""What became of plans and cases that were closed, and who was asked for advice (R-195)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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


def outcomes(records: Iterable[Sequence[Entry]], year: ReportYear) -> Report:
    """The children whose plan or case was closed in a year, by whether the goals were met.

    1. A child counts once, by its last closure of the year that all who had to agree have decided.
    2. The goals are those of the closure, or where it has none, of the last review before.
    3. Who advised is counted by children; the two are no parts of one number.

    Source: R-195; S1, S4
    """
    closed = {name: 0 for name in MET}
    advised = {name: 0 for name, _ in GIVERS}
    for record in map(Entries, records):
        decided = [one for one in of_type(record, CLOSURE) if year.recorded_in(one)]
        if (last := latest(decided, CLOSURE)) is not None:  # 1.
            closed[_met(last, record)] += 1
        given = {text(one, "given_by") for one in of_type(record, ADVICE) if year.recorded_in(one)}
        for name in advised.keys() & given:  # 3.
            advised[name or ""] += 1
    told = suppression.parts(closed)
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
