"""The JSON of reports, as types and written out, and their tables as CSV.

Shape: as in `shapes`, whose words hold here too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Final

from pydantic import Field
from typing_extensions import TypedDict

from hub.api.answers import instant
from hub.api.reader_shapes import Day, Settings
from hub.api.shapes import Instant
from hub.api.table import spreadsheet
from hub.envelope import JsonValue
from hub.pathway.entries import Deadline
from hub.pathway.reports import (
    Action,
    Cycle,
    DomainResult,
    Framework,
    Mean,
    Report,
    ReportYear,
    SelfAssessment,
    Table,
)

WITHHELD: Final = "withheld"


class ListedReport(TypedDict):
    """A report that the caller may have."""

    report: str
    title: str


class YearOfReport(TypedDict):
    """The year of a report, from 1 April; told as it was known at one instant, whenever it is asked for."""

    begins_in: int
    first: Day
    last: Day
    known_at: Instant | None


class ListedReports(TypedDict):
    """The reports that the caller may have; `latest` is the last year that can be reported."""

    reports: Sequence[ListedReport]
    latest: YearOfReport


class ReportColumn(TypedDict):
    """One column of a table."""

    name: str
    title: str


class ReportRow(TypedDict):
    """One row of a table, with its values in the order of the columns."""

    name: str
    title: str
    values: Annotated[
        Sequence[int | float | str | None],
        Field(description="null is withheld: a small number, or one from which a small one could be found"),
    ]


class ReportTable(TypedDict):
    """One table of a report, and the requirement that it answers."""

    name: str
    requirement: str
    title: str
    note: str
    columns: Sequence[ReportColumn]
    rows: Sequence[ReportRow]


class ReportAnswer(TypedDict):
    """One report. It names no child and puts children in no order."""

    report: str
    title: str
    year: Annotated[YearOfReport | None, Field(description="null where no children are counted")]
    fewest: Annotated[int | None, Field(description="The smallest number of children that is told")]
    notes: Sequence[str]
    tables: Sequence[ReportTable]


class AssessedMean(TypedDict):
    """The mean of what was answered; null where nothing was. Not answered is not nought."""

    mean: float | None
    answered: int
    asked: int


class AssessedStatement(TypedDict):
    """One statement, with each organisation's own score beside the joint one and its reasons."""

    statement: str
    text: Annotated[str | None, Field(description="null where it is not among the imported statements")]
    scores: Annotated[Mapping[str, int | None], Field(description="By organisation; null is not answered")]
    joint: int | None
    reasons: str | None
    spread: int | None


class AgreedAction(TypedDict):
    """What was agreed for a domain."""

    organisation: str
    what: str | None
    owner: str | None
    due: Day | None


class AssessedDomain(TypedDict):
    """One domain: own means, the joint mean apart, the spread, and what was agreed."""

    domain: str
    title: str
    means: Mapping[str, AssessedMean]
    joint: AssessedMean
    spread: int | None
    weakest: bool
    prompt: str | None
    statements: Sequence[AssessedStatement]
    actions: Sequence[AgreedAction]


class AssessedCycle(TypedDict):
    """One cycle of the audit; `missing` names the domains without a joint answer."""

    cycle: str
    last_scored: Day
    complete: bool
    missing: Sequence[str]
    domains: Sequence[AssessedDomain]


class StarOutline(TypedDict):
    """One outline of the star: the joint means on its axes, in the order of the framework."""

    cycle: str
    axes: Sequence[AssessedMean]


class EvidenceLink(TypedDict):
    """One link to local evidence and when somebody last looked at it."""

    title: str
    url: str
    checked: Day


class FrameworkDomain(TypedDict):
    """What the local area imported for a domain: evidence summary, principles, and how many statements."""

    domain: str
    title: str
    summary: str | None
    evidence: Sequence[EvidenceLink]
    principles: Sequence[str]
    statements: int


class AuditDeadline(TypedDict):
    """When the joint audit can be repeated and is due."""

    clock: str
    text: str
    state: str | None
    opens_at: Instant | None
    due_on: Day | None
    settings: Settings


class SelfAssessmentAnswer(TypedDict):
    """The self-assessment against the framework: of organisations, and of no child."""

    title: str
    organisations: Sequence[str]
    framework: Sequence[FrameworkDomain]
    cycles: Sequence[AssessedCycle]
    star: Sequence[StarOutline]
    deadlines: Sequence[AuditDeadline]


def report_json(report: Report) -> ReportAnswer:
    """One report."""
    return {
        "report": report.name,
        "title": report.title,
        "year": year_json(report.year) if report.year is not None else None,
        "fewest": report.fewest,
        "notes": report.notes,
        "tables": [_table(one) for one in report.tables],
    }


def report_csv(report: Report) -> bytes:
    """One report as a list of its values: table, row, column, value."""
    return spreadsheet(("table", "row", "title", "column", "value"), _values(report))


def _values(report: Report) -> Iterator[tuple[JsonValue, ...]]:
    for table in report.tables:
        for row in table.rows:
            for column, value in zip(table.columns, row.values, strict=True):
                yield table.name, row.name, row.title, column.name, WITHHELD if value is None else value


def year_json(year: ReportYear) -> YearOfReport:
    """One year."""
    return {
        "begins_in": year.begins_in,
        "first": year.first.isoformat(),
        "last": year.last.isoformat(),
        "known_at": instant(year.known_at),
    }


def _table(table: Table) -> ReportTable:
    return {
        "name": table.name,
        "requirement": table.requirement,
        "title": table.title,
        "note": table.note,
        "columns": [{"name": one.name, "title": one.title} for one in table.columns],
        "rows": [{"name": one.name, "title": one.title, "values": one.values} for one in table.rows],
    }


def self_assessment_json(found: SelfAssessment, framework: Framework) -> SelfAssessmentAnswer:
    """The self-assessment with what the local area imported."""
    return {
        "title": framework.title,
        "organisations": found.organisations,
        "framework": [
            {
                "domain": one.id,
                "title": one.title,
                "summary": one.summary,
                "evidence": [
                    {"title": link.title, "url": link.url, "checked": link.checked.isoformat()}
                    for link in one.evidence
                ],
                "principles": one.principles,
                "statements": len(one.statements),
            }
            for one in framework.domains
        ],
        "cycles": [_cycle(one) for one in found.cycles],
        "star": [{"cycle": one.cycle, "axes": [_mean(axis) for axis in one.axes]} for one in found.star],
        "deadlines": [_deadline(one) for one in found.deadlines],
    }


def self_assessment_csv(found: SelfAssessment) -> bytes:
    """Every score as a row: cycle, domain, statement, organisation, score; not answered is empty."""

    def rows() -> Iterator[tuple[JsonValue, ...]]:
        for cycle in found.cycles:
            for one in cycle.domains:
                for row in one.statements:
                    for organisation, score in (*row.scores, ("joint", row.joint)):
                        yield cycle.name, one.domain.id, row.id, organisation, score

    return spreadsheet(("cycle", "domain", "statement", "organisation", "score"), rows())


def _cycle(cycle: Cycle) -> AssessedCycle:
    return {
        "cycle": cycle.name,
        "last_scored": cycle.last_scored.isoformat(),
        "complete": cycle.complete,
        "missing": cycle.missing,
        "domains": [_domain(one) for one in cycle.domains],
    }


def _domain(found: DomainResult) -> AssessedDomain:
    return {
        "domain": found.domain.id,
        "title": found.domain.title,
        "means": {organisation: _mean(mean) for organisation, mean in found.means},
        "joint": _mean(found.joint),
        "spread": found.spread,
        "weakest": found.weakest,
        "prompt": found.prompt,
        "statements": [
            {
                "statement": one.id,
                "text": one.text,
                "scores": dict(one.scores),
                "joint": one.joint,
                "reasons": one.reasons,
                "spread": one.spread,
            }
            for one in found.statements
        ],
        "actions": [_action(one) for one in found.actions],
    }


def _action(action: Action) -> AgreedAction:
    return {
        "organisation": action.organisation,
        "what": action.what,
        "owner": action.owner,
        "due": action.due.isoformat() if action.due else None,
    }


def _mean(mean: Mean) -> AssessedMean:
    return {"mean": mean.mean, "answered": mean.answered, "asked": mean.asked}


def _deadline(one: Deadline) -> AuditDeadline:
    return {
        "clock": one.clock,
        "text": one.text,
        "state": one.state,
        "opens_at": instant(one.warn_at),
        "due_on": one.due_on.isoformat() if one.due_on else None,
        "settings": one.settings,
    }
