"""One profile out of a TOML file, strictly: a row that is missing, malformed or not known is a fault."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from hub.catalogue.scales import SHIPPED, Scale
from hub.pathway.profiles.lists import (
    agreement,
    checklist,
    contact,
    designated,
    invitation,
    level_scale,
    reference,
    statutory_clock,
)
from hub.pathway.profiles.profile import Profile
from hub.pathway.profiles.rows import AvoidedTerm, Choice, Setting, StatutoryClock
from hub.pathway.profiles.single import (
    avoided_term,
    closure,
    conference_not_held,
    consent,
    disabled_adults,
    early_help,
    indicators,
    oversight,
    plan_topics,
    review,
    screening,
    specialist_assessment,
    step_down,
    strategy_clock,
    term_of,
    terms,
)
from hub.pathway.profiles.strict import CODE, Fault, Row

STATUTORY: Final = "statutory-england"
NAME: Final = r"(?=.{6,60}$)[a-z][a-z0-9]*(?:-[a-z0-9]+)*-[0-9]{4}"
NOT_STATED: Final = "not-stated"
CHOICES: Final[Mapping[str, frozenset[str] | None]] = {
    "strategy_trigger": frozenset({"notice-of-harm", "significant-harm-or-police"}),
    "separate_meetings": frozenset({"consider", "always"}),
    "different_social_worker": frozenset({"always", "both-meetings-or-more-than-two"}),
    "youth_justice_strategy_invitation": frozenset({"always", "invited", "consider"}),
    "youth_justice_conference_invitation": None,
    "chair_multi_authority": None,
    "strategic_management_group": None,
    "hsb_meeting": None,
    "under_ten": frozenset({"simplified", "same-procedure"}),
    "interviews": None,
    "mappa": None,
    "image_scope": None,
    "non_engagement": None,
    "court_path": None,
}
"""The rows that are one choice, and the values that code reads; None where only people read the row."""
CLOCKS: Final = ("K-16", "K-20", "K-21", "K-23", "K-24")
"""The clocks that no other row decides on; a file that names none of them has them all."""
_LONGEST_FILE: Final = 262_144


@dataclass(frozen=True, slots=True)
class Overlay:
    """Rows that profiles include: settings, and clocks from outside the local documents."""

    id: str
    title: str
    settings: Mapping[str, Setting]
    clocks: tuple[StatutoryClock, ...]


@dataclass(frozen=True, slots=True)
class Defaults:
    """What every profile starts from: settings, terms that no procedure uses of a child, overlays."""

    settings: Mapping[str, Setting]
    terms_avoided: tuple[AvoidedTerm, ...]
    overlays: Mapping[str, Overlay]


@dataclass(frozen=True, slots=True)
class Read:
    """What a file gave: the profile, or every fault in it."""

    profile: Profile | None
    faults: tuple[Fault, ...]


def read_profile(written: str, defaults: Defaults) -> Read:
    """Read one profile.

    1. TOML.
    2. Every row, so that all faults are found at once.
    3. Rows that speak of each other agree.
    Trust: the text of a fault names rows and what may stand there, never a value.
    """
    members, faults = _toml(written)  # 1.
    if faults:
        return Read(None, faults)
    top = Row(members, "", [])
    profile = _profile(top, defaults)  # 2.
    top.done()
    _agree(profile, top)  # 3.
    return Read(None, tuple(top.faults)) if top.faults else Read(profile, ())


def read_overlay(written: str) -> Overlay:
    """Read a shipped overlay.

    Raises: ValueError naming the first row that is wrong.
    """
    top = Row(tomllib.loads(written), "", [])
    overlay = Overlay(
        id=top.text("id"),
        title=top.text("title"),
        settings=_settings(top),
        clocks=tuple(statutory_clock(one) for one in top.parts("clock")),
    )
    top.done()
    named = {one for clock in overlay.clocks for one in clock.settings}
    if top.faults or named != set(overlay.settings):
        raise ValueError(f"overlay row {top.faults[0].row if top.faults else 'settings'} is wrong")
    return overlay


def read_settings(written: str) -> Mapping[str, Setting]:
    """Read the shipped settings, one row each.

    Raises: ValueError naming the first row that is wrong.
    """
    top = Row({"settings": tomllib.loads(written)}, "", [])
    found = _settings(top)
    if top.faults:
        raise ValueError(f"{top.faults[0].row} {top.faults[0].says}")
    return found


def read_terms(written: str) -> tuple[AvoidedTerm, ...]:
    """Read the shipped terms that no procedure uses of a child.

    Raises: ValueError naming the first row that is wrong.
    """
    top = Row(tomllib.loads(written), "", [])
    instead = top.text("use_instead")
    found = tuple(AvoidedTerm(term_of(one), instead, one.text("source")) for one in top.parts("avoided"))
    if top.faults:
        raise ValueError(f"{top.faults[0].row} {top.faults[0].says}")
    return found


def _toml(written: str) -> tuple[dict[str, object], tuple[Fault, ...]]:
    if len(written) > _LONGEST_FILE:
        return {}, (Fault("the file", "is too long", f"at most {_LONGEST_FILE} characters"),)
    try:
        return tomllib.loads(written), ()
    except tomllib.TOMLDecodeError as error:
        return {}, (Fault("the file", f"is not TOML: {error}", "TOML 1.0"),)
    except RecursionError:
        return {}, (Fault("the file", "is nested too deeply", "TOML 1.0"),)


def _profile(top: Row, defaults: Defaults) -> Profile:
    overlays = defaults.overlays
    include = top.texts("include", overlays) if top.has("include") else (STATUTORY,)
    included = [overlays[one] for one in include if one in overlays]
    own = tuple(level_scale(one) for one in top.parts("scale"))
    _each_once(top, "scale", [one.id for one in own])
    scales = {**SHIPPED, **{one.id: one for one in own}}
    scale = _choice(top, "level_scale", scales)
    # Where the scale itself is wrong, its levels are not told as wrong as well.
    order = _levels_of(scales[one] for one in ([scale.value] if scale.value in scales else scales))
    choices = {name: _choice(top, name, allowed) for name, allowed in CHOICES.items()}
    listed, features = indicators(top.part("indicators"), order)
    clock = top.maybe_part("strategy_clock")
    adults = top.maybe_part("disabled_adults")
    helped = top.maybe_part("early_help")
    checklists = [checklist(one) for one in top.parts("checklist")]
    _each_once(top, "checklist", [one.id for one in checklists])
    contacts = tuple(contact(one) for one in top.parts("contact"))
    _each_once(top, "contact", [one.id for one in contacts])
    words = terms(top.part("terms"))
    settings = dict(defaults.settings)
    for one in included:
        settings |= one.settings
    return Profile(
        id=top.text("id", NAME, "small letters, digits and hyphens, with the year at the end: ashby-2026"),
        version=top.text("version", r"[0-9]{1,3}(?:\.[0-9]{1,3})?", 'a number in quotation marks, e.g. "1"'),
        title=top.text("title"),
        document=top.text("document"),
        document_date=top.text("document_date", r"[0-9]{4}-(?:0[1-9]|1[0-2])", "year and month: 2025-02"),
        include=include,
        terms=words,
        terms_avoided=(
            *(replace(one, use_instead=words.has_harmed) for one in defaults.terms_avoided),
            *(avoided_term(one) for one in top.parts("avoided_term")),
        ),
        level_scale=scale,
        scales=own,
        indicator_list=listed,
        indicators=features,
        screening=screening(top.part("screening")),
        specialist_assessment=specialist_assessment(top.part("specialist_assessment"), order),
        strategy_clock=strategy_clock(clock) if clock else None,
        conference_not_held=conference_not_held(top.part("conference_not_held")),
        review=review(top.part("review")),
        plan=plan_topics(top.part("plan")),
        step_down=step_down(top.part("step_down")),
        closure=closure(top.part("closure")),
        oversight=oversight(top.part("oversight"), order),
        consent=consent(top.part("consent")),
        disabled_adults=disabled_adults(adults) if adults else None,
        early_help=early_help(helped, order) if helped else None,
        invitations=tuple(invitation(one) for one in top.parts("invitation")),
        agreements=tuple(agreement(one) for one in top.parts("agreement")),
        checklists={one.id: one for one in checklists},
        contacts=contacts,
        references=tuple(reference(one) for one in top.parts("reference")),
        designated=tuple(designated(one) for one in top.parts("designated")),
        clocks=frozenset(top.texts("clocks", CLOCKS) if top.has("clocks") else CLOCKS),
        statutory=tuple(clock for one in included for clock in one.clocks),
        settings={**settings, **_own_settings(top, settings)},
        **choices,
    )


def _agree(profile: Profile, top: Row) -> None:
    """Rows that speak of each other; those that are wrong in themselves were told already."""
    sound = {one.row.partition(".")[0].partition("[")[0] for one in top.faults}.isdisjoint
    consent, setting = profile.consent, profile.settings["referral_under_age"].value
    if sound({"consent", "settings"}) and consent.referral_under != setting:
        top.fault("consent.referral_under", "differs from settings.referral_under_age", str(setting))
    if sound({"consent"}) and consent.competency_to < consent.competency_from:
        top.fault("consent.competency_to", "is below competency_from", "the last age of the span")
    clock = profile.strategy_clock
    if sound({"strategy_clock"}) and clock and clock.warn_hours >= clock.hours:
        top.fault("strategy_clock.warn_hours", "is not before the limit", "fewer hours than `hours`")
    _each_once(top, "indicator", [one.code for one in profile.indicators])
    _each_once(top, "avoided_term", [one.term.casefold() for one in profile.terms_avoided])
    offices = {one.kind for one in profile.contacts}
    if sound({"contact"}) and "office" in offices and not offices & {"out-of-hours", "any-time"}:
        top.fault("contact", "nobody is named for the hours outside the office's", "an out-of-hours contact")
    if not offices:
        top.fault("contact", "is missing", "whom to contact, with hours or for any time")


def _levels_of(scales: Iterable[Scale]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(level for one in scales for level in one.codes))


def _each_once(top: Row, name: str, ids: list[str]) -> None:
    if len(set(ids)) != len(ids):
        top.fault(name, "one of the rows stands twice", "each id, code or term once")


def _choice(top: Row, name: str, allowed: Mapping[str, object] | frozenset[str] | None) -> Choice:
    row = top.part(name)
    if allowed is None:
        value = row.text("value", CODE, "a short code in small letters with hyphens")
    else:
        closed = frozenset(allowed)
        # A level scale must be there; of everything else a document may say nothing.
        value = row.one_of("value", closed if name == "level_scale" else closed | {NOT_STATED})
    made = Choice(value, row.text("source"), row.maybe_text("note"))
    row.done()
    return made


def _settings(top: Row) -> dict[str, Setting]:
    made = {}
    for name, row in top.named("settings"):
        made[name] = Setting(row.number("value", 0, 100_000), row.text("source"), row.maybe_text("note"))
        row.done()
    return made


def _own_settings(top: Row, known: Mapping[str, Setting]) -> dict[str, Setting]:
    own = _settings(top)
    for name in own:
        if name not in known:
            top.fault(f"settings.{name}", "is not a setting", ", ".join(sorted(known)))
    return own
