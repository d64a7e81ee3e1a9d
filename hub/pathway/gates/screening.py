"""What is noted beside a screening, a level and an incident: evidence, age band, version, claimed consent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from hub.catalogue.scales import SHIPPED
from hub.envelope import JsonObject
from hub.pathway.calendar import age_on
from hub.pathway.child import date_of_birth, incidents, youngest_age
from hub.pathway.entries import Entry
from hub.pathway.fields import as_given, day, days_of, of_type, text, texts, truth
from hub.pathway.gates.flag import Flag, said
from hub.pathway.gates.gate import Case
from hub.pathway.gates.no_action import has_concern, is_concern
from hub.pathway.levels import above_lowest, lowest
from hub.pathway.profiles import settings_of

# The tool's bands overlap: at 5, 9 and 13 two of them apply, and the practitioner says why this one.
BANDS: Final = {"0-5": (0, 5), "5-9": (5, 9), "9-13": (9, 13), "13-17": (13, 17)}


def outside_band(case: Case) -> bool:
    """Whether the child was not of the age of the band used, or of two bands without a reason for this one.

    The age is that at the incident it is about, else on the day of the screening; a child is outside a
    band only if it was so on every day on which that can have been.
    """
    band, born = text(case.posted, "band"), date_of_birth(case.fold, case.fold.child)
    if born is None or band not in BANDS:
        return False
    about = [one for one in incidents(case.fold.entries) if one.key == case.posted.about]
    first, last = days_of(about[0] if about else case.posted)
    if first < born:
        return False
    youngest, oldest = age_on(born, first), age_on(born, last)
    low, high = BANDS[band]
    if oldest < low or youngest > high:
        return True
    fitting = [one for one in BANDS.values() if one[0] <= youngest and oldest <= one[1]]
    return len(fitting) > 1 and text(case.posted, "band_reason") is None


def old_version(case: Case) -> bool:
    """Whether the version of the tool is not among those that the poster's own procedure lists."""
    profile = case.deciders_profile
    tool = profile.screening.tools.get(text(case.posted, "tool") or "") if profile else None
    return tool is not None and text(case.posted, "tool_version") not in tool.versions


def normal_after_concern(case: Case) -> bool:
    """Whether the lowest level is given although a screening was above green or there was coercion.

    What was said only afterwards could not be thought of.
    """
    then = said(case.posted)
    return lowest(case.posted) and has_concern(one for one in case.fold.entries if said(one) <= then)


def apart_in_age_or_disabled(case: Case) -> bool:
    """Whether a claim of mutual consent meets a gap in age or a disability of one of the children.

    1. A disability or a learning need of this child or of one who is named is recorded.
    2. This child and one who is named are apart by the years of the setting, to the day.
    """
    named = _named(case)
    everyone = [case.fold.entries, *(case.fold.linked[child] for child in named)]
    if any(_has_need(entries, days_of(case.posted)[1]) for entries in everyone):  # 1.
        return True
    gap = settings_of(case.profile)["vulnerability_gap_years"].value  # 2.
    own = date_of_birth(case.fold, case.fold.child)
    others = (date_of_birth(case.fold, child) for child in named)
    return own is not None and any(_apart(own, one, gap) for one in others if one is not None)


def consent_under_age(case: Case) -> bool:
    """Whether mutual consent is claimed of a child who was too young to give it."""
    limit = settings_of(case.profile)["referral_under_age"].value
    born = [date_of_birth(case.fold, child) for child in (case.fold.child, *_named(case))]
    return any(youngest_age(one, case.posted) < limit for one in born if one is not None)


def scope_to_decide_again(case: Case) -> bool:
    """Whether coercion or abuse of power is added after it was decided that the procedure does not apply."""
    then = said(case.posted)
    decided = as_given(
        one for one in of_type(case.fold.entries, "scope-decision-recorded") if said(one) <= then
    )
    return bool(decided) and text(decided[-1], "decision") == "out-experimental"


def _named(case: Case) -> list[str]:
    named = {one.child for one in case.posted.others}
    return [child for child in case.fold.linked if child in named]


def _apart(one: date, other: date, years: int) -> bool:
    older, younger = sorted((one, other))
    return age_on(older, younger) >= years


def _has_need(entries: Iterable[Entry], at: date) -> bool:
    return any(
        text(one, "kind") in ("disability", "learning-need") and at <= (day(one, "until") or date.max)
        for one in of_type(entries, "child-circumstance-recorded")
    )


def _may_be_lowest(data: JsonObject) -> bool:
    """Whether the level can be the lowest: of a partnership's own scale the data alone does not say."""
    scale = SHIPPED.get(text(data, "scale") or "")
    return scale is None or scale.normal == text(data, "level")


def _without_indicator(data: JsonObject) -> bool:
    return not texts(data, "indicators")


def _normal_unevidenced(case: Case) -> bool:
    written = text(case.posted, "basis") or text(case.posted, "narrative")
    return lowest(case.posted) and written is None


def _mutual(data: JsonObject) -> bool:
    return truth(data, "claimed_mutual") is True


_LEVEL: Final = frozenset({"behaviour-level-assessed"})
_SCREENED: Final = frozenset({"behaviour-screened"})
_INCIDENT: Final = frozenset({"incident-recorded"})

FLAGS: Final = (
    Flag(
        "R-005",
        "S5 s.1; S1 s.Professional attitudes",
        "The lowest level was given after a screening above green, or a sign of unequal power or coercion.",
        _LEVEL,
        False,
        normal_after_concern,
        _may_be_lowest,
        {},
    ),
    Flag(
        "R-020",
        "S5 s.3; S5 s.8",
        "The level is above the lowest and no indicator of its scale is named.",
        _LEVEL,
        True,
        lambda case: above_lowest(case.posted),
        _without_indicator,
    ),
    Flag(
        "R-024",
        "S3 s.3; S5 s.3",
        "The lowest level is given without a healthy feature or a note.",
        _LEVEL,
        True,
        _normal_unevidenced,
        _without_indicator,
    ),
    Flag(
        "R-027",
        "S5 s.3",
        "The age band used is not recorded.",
        _SCREENED,
        True,
        starts=lambda data: text(data, "band") is None,
    ),
    Flag(
        "R-027-AGE",
        "S5 s.3",
        "The child's age is outside the band used, or two bands apply and the reason for this one is not "
        "recorded.",
        _SCREENED,
        False,
        outside_band,
        untrue={"incident-recorded": ("status",)},
    ),
    Flag(
        "R-028",
        "S5 s.2",
        "This version of the tool is no longer supported.",
        _SCREENED,
        True,
        old_version,
        lambda data: text(data, "tool_version") is not None,
    ),
    Flag(
        "R-036",
        "S5 s.3",
        "Coercion or unequal power was added after the procedure was decided not to apply: decide again.",
        _LEVEL | _INCIDENT,
        False,
        scope_to_decide_again,
        is_concern,
        {"scope-decision-recorded": ("decision",)},
    ),
    Flag(
        "R-038",
        "S5 s.3",
        "Mutual consent is claimed of a child who was under thirteen and could not give it.",
        _INCIDENT,
        False,
        consent_under_age,
        _mutual,
        {},
        True,
    ),
    Flag(
        "R-040",
        "S1 s.Professional attitudes",
        "VULNERABILITY-GAP: consent is assumed where there is a gap in age or a disability; check.",
        _INCIDENT,
        False,
        apart_in_age_or_disabled,
        _mutual,
        {},
        True,
    ),
)
