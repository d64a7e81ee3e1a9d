"""A local procedure as versioned data: which rows apply where, each with its source."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final, Literal, TypeAlias

from hub.envelope import JsonObject, JsonValue
from hub.pathway.fields import number, part, parts, text, texts

ReviewPattern = Literal["calendar", "chair-interval"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One row of a profile: the chosen value, where it stands, and a note where it is a setting."""

    value: str
    source: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Setting:
    """A number with where it comes from; the note says so where no local procedure gives it."""

    value: int
    source: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Terms:
    """The two children in the words of the local procedure."""

    has_harmed: str
    has_been_harmed: str
    source: str


@dataclass(frozen=True, slots=True)
class StrategyClock:
    """How soon a strategy meeting is arranged.

    Units: real elapsed hours; `under_age` in years at the incident.
    """

    hours: int
    warn_hours: int
    under_age: int
    source: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Review:
    """How a risk management plan is reviewed.

    Units: calendar months from the plan's start, then from the last review; days of warning.
    Shape: a `chair-interval` has no months: the chair of the meeting decides.
    """

    pattern: ReviewPattern
    first_months: tuple[int, ...]
    later_months: int | None
    warn_days: int
    later_warn_days: int
    source: str
    note: str | None


@dataclass(frozen=True, slots=True)
class ConferenceNotHeld:
    """What a decision not to hold a child protection conference must carry."""

    requires: frozenset[str]
    source: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """A decision that takes effect only when an organisation of each of these kinds has signed it.

    Shape: `when` limits the row to decisions whose field has one of the values named.
    """

    type: str
    kinds: frozenset[str]
    when: Mapping[str, tuple[str, ...]]
    requirement: str
    source: str


@dataclass(frozen=True, slots=True)
class Profile:
    """One version of one local procedure.

    Source: D.1
    """

    id: str
    title: str
    document: str
    document_date: str
    terms: Terms
    level_scale: Choice
    strategy_clock: StrategyClock | None
    review: Review
    separate_meetings: Choice
    different_social_worker: Choice
    youth_justice_strategy_invitation: Choice
    youth_justice_conference_invitation: Choice
    chair_multi_authority: Choice
    conference_not_held: ConferenceNotHeld
    agreements: tuple[Agreement, ...]
    settings: Mapping[str, Setting]


ProfileOf: TypeAlias = Callable[[str], Profile | None]
"""The profile that an organisation has adopted, None where it has adopted none."""


def load(name: str) -> Profile:
    """Read one shipped profile; a row that is missing or malformed fails the start, not a child.

    Raises: ValueError naming the row.
    """
    data = _toml(name)
    clock = part(data, "strategy_clock")
    return Profile(
        id=_text(data, "id"),
        title=_text(data, "title"),
        document=_text(data, "document"),
        document_date=_text(data, "document_date"),
        terms=_terms(_part(data, "terms")),
        level_scale=_choice(data, "level_scale"),
        strategy_clock=_strategy_clock(clock) if clock is not None else None,
        review=_review(_part(data, "review")),
        separate_meetings=_choice(data, "separate_meetings"),
        different_social_worker=_choice(data, "different_social_worker"),
        youth_justice_strategy_invitation=_choice(data, "youth_justice_strategy_invitation"),
        youth_justice_conference_invitation=_choice(data, "youth_justice_conference_invitation"),
        chair_multi_authority=_choice(data, "chair_multi_authority"),
        conference_not_held=_conference(_part(data, "conference_not_held")),
        agreements=tuple(_agreement(one) for one in parts(data, "agreement")),
        settings={**SETTINGS, **_settings(_part(data, "settings"))},
    )


def adopted(profile_name: Callable[[str], str | None]) -> ProfileOf:
    """Make the look-up that clocks, patterns and gates take from one that gives a profile's name."""

    def profile_of(organisation: str) -> Profile | None:
        name = profile_name(organisation)
        return PROFILES.get(name) if name else None

    return profile_of


def settings_of(profile: Profile | None) -> Mapping[str, Setting]:
    """The settings of a profile, or the shipped defaults where none is adopted."""
    return profile.settings if profile else SETTINGS


def _toml(name: str) -> dict[str, JsonValue]:
    return tomllib.loads((files(__package__) / f"{name}.toml").read_text("utf-8"))


def _text(data: JsonObject, name: str) -> str:
    value = text(data, name)
    if value is None:
        raise ValueError(f"profile row {name} is missing")
    return value


def _number(data: JsonObject, name: str) -> int:
    value = number(data, name)
    if value is None:
        raise ValueError(f"profile row {name} is not a number")
    return value


def _part(data: JsonObject, name: str) -> JsonObject:
    value = part(data, name)
    if value is None:
        raise ValueError(f"profile row {name} is missing")
    return value


def _numbers(data: JsonObject, name: str) -> tuple[int, ...]:
    value = data.get(name)
    return tuple(one for one in value if isinstance(one, int)) if isinstance(value, list) else ()


def _choice(data: JsonObject, name: str) -> Choice:
    row = _part(data, name)
    return Choice(_text(row, "value"), _text(row, "source"), text(row, "note"))


def _terms(row: JsonObject) -> Terms:
    return Terms(_text(row, "has_harmed"), _text(row, "has_been_harmed"), _text(row, "source"))


def _strategy_clock(row: JsonObject) -> StrategyClock:
    return StrategyClock(
        hours=_number(row, "hours"),
        warn_hours=_number(row, "warn_hours"),
        under_age=_number(row, "under_age"),
        source=_text(row, "source"),
        note=text(row, "note"),
    )


def _review(row: JsonObject) -> Review:
    warn_days = _number(row, "warn_days")
    source, note = _text(row, "source"), text(row, "note")
    match _text(row, "pattern"):
        case "calendar":
            months, later = _numbers(row, "first_months"), _number(row, "later_months")
            return Review("calendar", months, later, warn_days, _number(row, "later_warn_days"), source, note)
        case "chair-interval":
            return Review("chair-interval", (), None, warn_days, warn_days, source, note)
        case _:
            raise ValueError("profile row pattern is not known")


def _conference(row: JsonObject) -> ConferenceNotHeld:
    return ConferenceNotHeld(frozenset(texts(row, "requires")), _text(row, "source"))


def _agreement(row: JsonObject) -> Agreement:
    when = part(row, "when") or {}
    return Agreement(
        type=_text(row, "type"),
        kinds=frozenset(texts(row, "kinds")),
        when={name: texts(when, name) for name in when},
        requirement=_text(row, "requirement"),
        source=_text(row, "source"),
    )


def _settings(rows: JsonObject) -> dict[str, Setting]:
    made = {}
    for name in rows:
        row = _part(rows, name)
        made[name] = Setting(_number(row, "value"), _text(row, "source"), text(row, "note"))
    return made


SETTINGS: Final[Mapping[str, Setting]] = _settings(_toml("settings"))
PROFILES: Final[Mapping[str, Profile]] = {one: load(one) for one in ("darlington-2025", "llr-2024")}
