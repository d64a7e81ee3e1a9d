"""The rows of a profile that stand once: terms, scales, tools, clocks, reviews, ages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hub.pathway.profiles.rows import (
    AvoidedTerm,
    Closure,
    ConferenceNotHeld,
    Consent,
    Direction,
    DisabledAdults,
    EarlyHelp,
    Indicator,
    Oversight,
    PlanTopics,
    Review,
    Screening,
    ScreeningTool,
    SpecialistAssessment,
    StepDown,
    StrategyClock,
    Terms,
)
from hub.pathway.profiles.strict import CODE, Row

FACTORS: Final = frozenset({"risk", "outcomes", "carers_capacity", "ongoing_support"})
TOPICS: Final = frozenset(
    {
        "responsible_organisation",
        "responsible_person",
        "parts.accountability",
        "parts.needs",
        "parts.protection",
        "parts.future_risk",
        "education",
        "accommodation",
        "places",
        "measures",
        "next_review",
    }
)
TARGETS: Final = frozenset({"building-stronger-families", "early-help", "universal-services"})
COLOURS: Final = frozenset({"green", "amber", "orange", "red"})
BANDS: Final = frozenset({"0-5", "5-9", "9-13", "13-17"})
SIDES: Final = frozenset({"has-harmed", "has-been-harmed"})
DIRECTIONS: Final[Mapping[str, Direction]] = {
    "healthy": "healthy",
    "aggravating": "aggravating",
    "balancing": "balancing",
}
_OLDEST: Final = 25


def terms(row: Row) -> Terms:
    """The two children in the words of the local procedure."""
    made = Terms(row.text("has_harmed"), row.text("has_been_harmed"), row.text("source"))
    row.maybe_text("note")
    row.done()
    return made


def avoided_term(row: Row) -> AvoidedTerm:
    """A term that a profile itself does not use of a child."""
    made = AvoidedTerm(term_of(row), row.text("use_instead"), row.text("source"))
    row.done()
    return made


def term_of(row: Row) -> str:
    """The term of a row: one to six words."""
    return row.text("term", r"[A-Za-z]+(?:[ -][A-Za-z]+){0,5}", "one to six words")


def indicators(row: Row, order: tuple[str, ...]) -> tuple[str, tuple[Indicator, ...]]:
    """The name of the list of indicators, and its rows."""
    name, source = (
        row.text("list", r"CL-[A-Z0-9]+(?:-[A-Z0-9]+)*", "an id like CL-FEATURES"),
        row.text("source"),
    )
    found = tuple(_indicator(one, order, source) for one in row.parts("of"))
    row.done()
    return name, found


def _indicator(row: Row, order: tuple[str, ...], source: str) -> Indicator:
    direction = row.one_of("direction", DIRECTIONS)
    made = Indicator(
        code=row.text("code", CODE, "a short code in small letters with hyphens"),
        level=row.one_of("level", order),
        direction=DIRECTIONS.get(direction, "aggravating"),
        text=row.text("text"),
        source=row.text("source") if row.has("source") else source,
    )
    row.done()
    return made


def screening(row: Row) -> Screening:
    """What is asked for at triage, and the tools."""
    tools = {name: _tool(one) for name, one in row.named("tools")}
    made = Screening(row.truth("expected_at_triage"), tools, row.text("source"), row.maybe_text("note"))
    row.done()
    return made


def _tool(row: Row) -> ScreeningTool:
    made = ScreeningTool(
        versions=row.texts("versions"),
        bands=row.texts("bands", BANDS),
        colours=row.texts("colours", COLOURS),
        source=row.text("source"),
        note=row.maybe_text("note"),
    )
    row.done()
    return made


def specialist_assessment(row: Row, order: tuple[str, ...]) -> SpecialistAssessment:
    """For whom a specialist assessment is decided."""
    made = SpecialistAssessment(
        from_age=row.maybe_number("from_age", 0, _OLDEST),
        to_age=row.maybe_number("to_age", 0, _OLDEST),
        levels=frozenset(row.texts("levels", order)) if row.has("levels") else frozenset(),
        tools=frozenset(row.texts("tools", pattern=CODE)),
        source=row.text("source"),
        note=row.maybe_text("note"),
    )
    if (made.from_age is None) != (made.to_age is None):
        row.fault("to_age", "stands alone", "both from_age and to_age, or neither")
    row.done()
    return made


def strategy_clock(row: Row) -> StrategyClock:
    """How soon a strategy meeting is arranged."""
    made = StrategyClock(
        hours=row.number("hours", 1, 2_000),
        warn_hours=row.number("warn_hours", 0, 2_000),
        under_age=row.number("under_age", 1, _OLDEST),
        source=row.text("source"),
        note=row.maybe_text("note"),
    )
    row.done()
    return made


def review(row: Row) -> Review:
    """How a plan is reviewed."""
    pattern = row.one_of("pattern", ("calendar", "chair-interval"))
    warn_days = row.number("warn_days", 0, 90)
    source, note = row.text("source"), row.maybe_text("note")
    if pattern == "calendar":
        months, later = row.numbers("first_months", 1, 24), row.number("later_months", 1, 24)
        if sorted(set(months)) != list(months):
            row.fault(
                "first_months", "is not in rising order", "months from the start of the plan, e.g. 3, 6"
            )
        made = Review(
            "calendar", months, later, warn_days, row.number("later_warn_days", 0, 90), source, note
        )
    else:
        made = Review("chair-interval", (), None, warn_days, warn_days, source, note)
    row.done()
    return made


def conference_not_held(row: Row) -> ConferenceNotHeld:
    """What a decision not to hold a conference carries."""
    made = ConferenceNotHeld(frozenset(row.texts("requires", ("rationale", "manager"))), row.text("source"))
    row.maybe_text("note")
    row.done()
    return made


def plan_topics(row: Row) -> PlanTopics:
    """What a plan says."""
    made = PlanTopics(row.texts("topics", TOPICS), row.text("source"))
    row.maybe_text("note")
    row.done()
    return made


def step_down(row: Row) -> StepDown:
    """What a transfer to another service carries."""
    requires = frozenset(row.texts("requires", ("rationale", "manager", "meeting")))
    made = StepDown(requires, row.texts("targets", TARGETS), row.text("source"), row.maybe_text("note"))
    row.done()
    return made


def closure(row: Row) -> Closure:
    """Who ends a plan, and on which factors."""
    signatures = row.number("signatures", 1, 9)
    made = Closure(signatures, row.texts("factors", FACTORS), row.text("source"), row.maybe_text("note"))
    row.done()
    return made


def oversight(row: Row, order: tuple[str, ...]) -> Oversight:
    """Who oversees, and from when."""
    level = row.one_of("safeguarding_unit_from", order) if row.has("safeguarding_unit_from") else None
    sides = frozenset(row.texts("reviewing_officer_for", SIDES))
    made = Oversight(level, sides, row.text("source"), row.maybe_text("note"))
    row.done()
    return made


def consent(row: Row) -> Consent:
    """Ages of consent."""
    made = Consent(
        referral_under=row.number("referral_under", 1, 18),
        competency_from=row.number("competency_from", 1, 18),
        competency_to=row.number("competency_to", 1, 18),
        source=row.text("source"),
        note=row.maybe_text("note"),
    )
    row.done()
    return made


def early_help(row: Row, order: tuple[str, ...]) -> EarlyHelp:
    """At which levels early help is considered first."""
    levels = frozenset(row.texts("consider_at", order))
    made = EarlyHelp(levels, row.text("source"), row.maybe_text("note"))
    row.done()
    return made


def disabled_adults(row: Row) -> DisabledAdults:
    """Up to which age a disabled young adult has an assessment."""
    made = DisabledAdults(row.number("under_age", 18, _OLDEST + 5), row.text("source"))
    row.maybe_text("note")
    row.done()
    return made
