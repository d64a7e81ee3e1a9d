"""How long it takes: to a referral, to feedback, to help, to an assessment (R-061, R-123, R-194)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeAlias

from hub.pathway.course import concerns
from hub.pathway.entries import Entry
from hub.pathway.fields import of_type, organisation_kind, text
from hub.pathway.reports.children import (
    COMPARED,
    SIDES,
    Counted,
    Side,
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
                organisations, _account_to_referral,
            ),
            _by_agency(
                "referral-to-feedback", "From a referral to the decision on it", children, authorities,
                _referral_to_outcome,
            ),
            _by_side(
                "first-notice-to-assessment", "R-194", "From the first notice to the start of an assessment",
                children, _to_assessment,
            ),
            _by_side(
                "first-concern-to-help", "R-123", "From the first concern to the first help offered",
                children, _concern_to_help,
            ),
            _first_notices(children),
        ),
        year,
    )  # fmt: skip


def _by_agency(
    name: str, title: str, children: Sequence[Counted], organisations: Iterable[tuple[str, str]],
    lag: Callable[[Counted, str], int | None],
) -> Table:  # fmt: skip
    def rows() -> Iterator[Row]:
        for organisation, named in organisations:
            days = [found for one in children if (found := lag(one, organisation)) is not None]
            yield Row(organisation, named, measured(days, enough(len(days))))

    note = "An account without a referral is listed to its own agency as an open item."
    return Table(name, "R-061", title, (NUMBER, MEDIAN), tuple(rows()), note)


def _account_to_referral(child: Counted, organisation: str) -> int | None:
    own = [one for one in child.notices if one.organisation == organisation]
    account = first_recorded(one for one in own if one.type == ACCOUNT)
    return _to_next(account, (one for one in _posted(child, REFERRAL) if one.organisation == organisation))


def _referral_to_outcome(child: Counted, authority: str) -> int | None:
    made = first_recorded(
        one for one in child.notices if one.type == REFERRAL and text(one, "to") == authority
    )
    return _to_next(made, (one for one in _posted(child, OUTCOME) if one.organisation == authority))


def _posted(child: Counted, type_: str) -> list[Entry]:
    return of_type(child.entries, type_)


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


def _to_assessment(child: Counted) -> int | None:
    """Measured for the children of the same step of the parity report, so that no two numbers differ."""
    started = child.first(*ASSESSED.types)
    return days_between(child.notices[0], started) if started is not None else None


def _concern_to_help(child: Counted) -> int | None:
    """From the first screening or level of concern; no level of one scale is turned into another's."""
    screened = [one for one in of_type(child.entries, "behaviour-screened") if text(one, "colour") in AMBER]
    concern = first_recorded([*screened, *concerns(child.entries)])
    offered = [one for one in of_type(child.entries, *HELP) if text(one, "for") in (None, "child")]
    return _to_next(concern, offered)


def _first_notices(children: Sequence[Counted]) -> Table:
    told = split(children, lambda one: organisation_kind(one.notices[0].organisation) == EDUCATION)
    share = round(100 * told.of["yes"] / told.total) if told.total and told.of["yes"] is not None else None
    columns = (NUMBER, Column("percent", "Per cent of first notices"))
    row = Row("education", "First told by education", (told.of["yes"], share))
    return Table("first-notices", "R-123", "Who told first", columns, (row,))
