"""How long it takes: to a referral, to feedback, to help, to an assessment (R-061, R-123, R-194)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from hub.pathway.course import concerns
from hub.pathway.entries import Entry
from hub.pathway.fields import of_type, organisation_kind, text
from hub.pathway.reports.children import (
    COMPARED,
    SIDES,
    Counted,
    Side,
    Told,
    days_between,
    first_recorded,
    split,
    within,
)
from hub.pathway.reports.parity import ASSESSED, told_of
from hub.pathway.reports.period import ReportYear
from hub.pathway.reports.suppression import enough
from hub.pathway.reports.table import MEDIAN, NUMBER, Column, Report, Row, Table, measured

ACCOUNT: Final = "initial-account-recorded"
REFERRAL: Final = "referral-made"
OUTCOME: Final = "referral-outcome-decided"
HELP: Final = ("intervention-offered", "intervention-started")
AMBER: Final = frozenset({"amber", "orange", "red"})
Lag: TypeAlias = Callable[[Counted], int | None]
"""Whole days of one child, None where it is not measured."""
EDUCATION: Final = "education"


def lags(children: Sequence[Counted], organisations: Sequence[tuple[str, str]], year: ReportYear) -> Report:
    """The lags of a year.

    Shape: `organisations` are (id, title) of everybody that takes part: a row for each, with or without
    children, so that to be listed says nothing.

    1. Of each agency, from its first account of a child to its own next referral.
    2. Of each authority, from a referral to it to its decision on it.
    3. Of each side, from the first notice to an assessment, and from the first concern to help.
    4. What part of the first notices came from education.

    Source: R-061, R-123, R-194; S1, S3 s.4, S4
    """
    authorities = [one for one in organisations if organisation_kind(one[0]) == "social-care"]
    return Report(
        "lags",
        "How long it takes",
        (
            _by_agency(
                "account-to-referral", "From the first account to the agency's own referral", children,
                organisations, lambda one: one.to_referral,
            ),
            _by_agency(
                "referral-to-feedback", "From a referral to the decision on it", children, authorities,
                lambda one: one.to_decision,
            ),
            _by_side(
                "first-notice-to-assessment", "R-194", "From the first notice to the start of an assessment",
                children, lambda one: one.to_assessment,
            ),
            _by_side(
                "first-concern-to-help", "R-123", "From the first concern to the first help offered",
                children, lambda one: one.to_help,
            ),
            _first_notices(children),
        ),
        year,
    )  # fmt: skip


def _by_agency(
    name: str, title: str, children: Sequence[Counted], organisations: Iterable[tuple[str, str]],
    lag: Callable[[Counted], Mapping[str, int]],
) -> Table:  # fmt: skip
    def rows() -> Iterator[Row]:
        for organisation, named in organisations:
            days = [found for one in children if (found := lag(one).get(organisation)) is not None]
            yield Row(organisation, named, measured(days, enough(len(days))))

    note = "An account without a referral is listed to its own agency as an open item."
    return Table(name, "R-061", title, (NUMBER, MEDIAN), tuple(rows()), note)


def to_referral(child: Told) -> Mapping[str, int]:
    """From each agency's first account of the year to its own next referral, where there is one."""
    accounts = [one for one in child.notices if one.type == ACCOUNT]
    return _of_each(accounts, lambda one: one.organisation, of_type(child.entries, REFERRAL))


def to_decision(child: Told) -> Mapping[str, int]:
    """From the first referral of the year to each authority to its decision, where there is one."""
    referrals = [one for one in child.notices if one.type == REFERRAL]
    return _of_each(referrals, lambda one: text(one, "to"), of_type(child.entries, OUTCOME))


def _of_each(
    starts: Sequence[Entry], whose: Callable[[Entry], str | None], steps: Sequence[Entry]
) -> Mapping[str, int]:
    """From the first of each organisation's starts to its own next step."""
    found: dict[str, int] = {}
    for organisation in {name for one in starts if (name := whose(one)) is not None}:
        start = first_recorded(one for one in starts if whose(one) == organisation)
        days = _to_next(start, (one for one in steps if one.organisation == organisation))
        if days is not None:
            found[organisation] = days
    return found


def _to_next(start: Entry | None, steps: Iterable[Entry]) -> int | None:
    if start is None:
        return None
    following = first_recorded(one for one in steps if one.recorded_at >= start.recorded_at)
    return days_between(start, following) if following is not None else None


def _by_side(name: str, requirement: str, title: str, children: Sequence[Counted], lag: Lag) -> Table:
    def row(side: Side) -> Row:
        told, _ = told_of(children, side, lambda one: lag(one) is not None)
        days = [found for one in within(children, side) if (found := lag(one)) is not None]
        return Row(side, SIDES[side], measured(days, told))

    return Table(name, requirement, title, (NUMBER, MEDIAN), tuple(row(side) for side in COMPARED))


def to_assessment(child: Told) -> int | None:
    """Measured for the children of the same step of the parity report, so that no two numbers differ."""
    started = child.first(*ASSESSED.types)
    return days_between(child.notices[0], started) if started is not None else None


def to_help(child: Told) -> int | None:
    """From the first screening or level of concern; no level of one scale is turned into another's."""
    screened = [one for one in of_type(child.entries, "behaviour-screened") if text(one, "colour") in AMBER]
    concern = first_recorded([*screened, *concerns(child.entries)])
    offered = [one for one in of_type(child.entries, *HELP) if text(one, "for") in (None, "child")]
    return _to_next(concern, offered)


def _first_notices(children: Sequence[Counted]) -> Table:
    told = split(children, lambda one: one.told_first == EDUCATION)
    share = round(100 * told.of["yes"] / told.total) if told.total and told.of["yes"] is not None else None
    columns = (NUMBER, Column("percent", "Per cent of first notices"))
    row = Row("education", "First told by education", (told.of["yes"], share))
    return Table("first-notices", "R-123", "Who told first", columns, (row,))
