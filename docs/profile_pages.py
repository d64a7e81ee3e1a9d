"""The pages of docs/profiles/: one per local procedure, and one for what no local document says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Final

from docs.schema_pages import NOTE
from hub.catalogue.scales import Scale
from hub.pathway.profiles import PROFILES, Profile, Setting, hours_in_words
from hub.pathway.profiles.reading import STATUTORY, Overlay, read_overlay
from hub.pathway.profiles.rows import Checklist, Choice, StatutoryClock
from hub.pathway.profiles.shipped import shipped_text

DANGER: Final = "If a child is in immediate danger, call 999. The hub is not an emergency service."
OUTSIDE: Final = "Not in the local documents"
_ROWS: Final = {"hsb_meeting": "Meeting about behaviour", "mappa": "Multi-agency public protection"}


def pages() -> dict[str, str]:
    """Every page by the name of its file."""
    overlay = read_overlay(shipped_text(STATUTORY))
    made = {f"{one.id}.md": profile_page(one, overlay) for one in PROFILES.values()}
    return {"README.md": _index(overlay), f"{STATUTORY}.md": overlay_page(overlay), **made}


def profile_page(one: Profile, overlay: Overlay) -> str:
    """Every row of one local procedure, with where it stands and a note where it is a setting."""
    lines = [
        f"# {one.title} (`{one.stamp}`)",
        "",
        NOTE,
        DANGER,
        "",
        f"Made from: {one.document} ({one.document_date}), in words of our own. A row whose note says that "
        "it is a setting rests on no document and is the partnership's to decide.",
        "",
        *_terms(one),
        *_choices(one),
        *_levels(one),
        *_tools(one),
        *_clocks(one, overlay),
        *_section(
            "Whom to invite",
            ("meeting", "whom", "how strongly", "child", "age", "requirement", "source", "note"),
            (
                (
                    _list(rule.meetings),
                    rule.invitee,
                    rule.force,
                    rule.side,
                    _age(rule.from_age, rule.not_under_ten),
                    rule.requirement,
                    rule.source,
                    rule.note,
                )
                for rule in one.invitations
            ),
        ),
        *_section(
            "Who signs together",
            ("decision", "kinds of organisation", "only where", "requirement", "source"),
            (
                (
                    f"`{row.type}`",
                    _list(row.kinds),
                    "; ".join(f"{name} is {_list(values)}" for name, values in sorted(row.when.items())),
                    row.requirement,
                    row.source,
                )
                for row in one.agreements
            ),
        ),
        *(line for checklist in one.checklists.values() for line in _checklist(checklist)),
        *_section(
            "Whom to contact",
            ("contact", "when (London time)", "telephone", "source", "note"),
            ((row.title, hours_in_words(row), row.telephone, row.source, row.note) for row in one.contacts),
        ),
        *_section(
            "Whom a worried person speaks to first",
            ("kind of organisation", "role", "title", "source"),
            ((row.kind, row.role, row.title, row.source) for row in one.designated),
        ),
        *_section(
            "To read",
            ("title", "publisher", "address", "last checked", "for", "source"),
            (
                (
                    row.title,
                    row.publisher,
                    row.address,
                    row.checked.isoformat(),
                    "; ".join(
                        filter(
                            None,
                            (_list(row.kinds), f"children under {row.under_age}" if row.under_age else ""),
                        )
                    )
                    or "everyone",
                    row.source,
                )
                for row in one.references
            ),
        ),
        *_section(
            "Clocks that no other row decides on", ("clock",), ((one_id,) for one_id in sorted(one.clocks))
        ),
        *_settings({name: row for name, row in one.settings.items() if name not in overlay.settings}),
        *_statutory(one.statutory, one.settings, overlay),
    ]
    return "\n".join(lines).rstrip() + "\n"


def overlay_page(overlay: Overlay) -> str:
    """The rows that stand in no local document, each marked so."""
    lines = [
        f"# {overlay.title} (`{overlay.id}`)",
        "",
        NOTE,
        DANGER,
        "",
        f"**{OUTSIDE}.** Guidance elsewhere gives these numbers; check each against the guidance itself. A "
        "local procedure includes them unless it says otherwise, and can set other values.",
        "",
        *_statutory(overlay.clocks, overlay.settings, overlay),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _index(overlay: Overlay) -> str:
    lines = [
        "# Local procedures",
        "",
        NOTE,
        DANGER,
        "",
        "A partnership can add a procedure of its own as a file, and `hub profile check FILE` says what is",
        "wrong with it and where it differs from one of these.",
        "",
        "| procedure | version | made from |",
        "|---|---|---|",
        *(
            f"| [{one.title}]({one.id}.md) | {one.version} | {_cell(one.document)} ({one.document_date}) |"
            for one in PROFILES.values()
        ),
        f"| [{overlay.title}]({overlay.id}.md) | | {OUTSIDE} |",
    ]
    return "\n".join(lines) + "\n"


def _terms(one: Profile) -> list[str]:
    said = (
        ("child who has harmed", one.terms.has_harmed, one.terms.source),
        ("child who has been harmed", one.terms.has_been_harmed, one.terms.source),
    )
    lines = _section("Terms", ("the hub's own word", "the procedure's word", "source"), said)
    # The terms themselves would be system text that labels a child.
    avoided = len(one.terms_avoided)
    return [
        *lines,
        f"Whoever writes one of {avoided} terms not used of a child is told what to say instead (R-007);",
        f"`hub profile show {one.id}` lists them.",
        "",
    ]


def _choices(one: Profile) -> list[str]:
    """The rows that are one choice, or one rule with its own members, by the names of the profile."""
    rows: list[Sequence[str | None]] = []
    for member in fields(one):
        value = getattr(one, member.name)
        if isinstance(value, Choice):
            told = f"`{value.value}`" if member.name == "level_scale" else _hyphens(value.value)
            rows.append((_named(member.name), told, value.source, value.note))
    need = one.conference_not_held
    rows.append(("Conference not held, needs", _list(need.requires), need.source, None))
    plan, down = one.plan, one.step_down
    rows.append(("Risk management plan, topics", _list(plan.topics), plan.source, None))
    told = f"{_list(down.requires)}; to {_list(down.targets)}"
    rows.append(("Transfer to another service, needs", told, down.source, down.note))
    ends = one.closure
    told = f"{ends.signatures} organisations; considers {_list(ends.factors)}"
    rows.append(("End of a plan, signed by", told, ends.source, ends.note))
    watch = one.oversight
    told = f"safeguarding unit from level: {watch.safeguarding_unit_from or 'none'}; reviewing officer: "
    told += _list(watch.reviewing_officer_for) or "none"
    rows.append(("Oversight", told, watch.source, watch.note))
    asked = one.consent
    told = f"referral under {asked.referral_under}; competence assessed from {asked.competency_from} to "
    rows.append(("Consent, by age", f"{told}{asked.competency_to}", asked.source, asked.note))
    if one.disabled_adults is not None:
        adults = one.disabled_adults
        rows.append(("Disabled young adults", f"assessed under {adults.under_age}", adults.source, None))
    if one.early_help is not None:
        helped = one.early_help
        rows.append(
            ("Early help", f"considered first at {_list(helped.consider_at)}", helped.source, helped.note)
        )
    return _section("What the procedure chooses", ("row", "value", "source", "note"), rows)


def _levels(one: Profile) -> list[str]:
    scale = one.scale
    order = (
        (str(place), level.text, _meaning(scale, level.code)) for place, level in enumerate(scale.levels, 1)
    )
    lines = _section(
        f"Levels of behaviour (`{scale.id}`), lowest first",
        ("place", "level", "what it means to the hub"),
        order,
    )
    shown = ((row.level, row.direction, row.text, row.source) for row in one.indicators)
    return lines + _section(
        "Features that speak for a level", ("level", "weight", "feature", "source"), shown
    )


def _meaning(scale: Scale, level: str) -> str:
    if level == scale.normal:
        return "no concern"
    if scale.reaches(level, scale.serious_from):
        return "serious"
    return "harmful" if scale.reaches(level, scale.concern_from) else "above the lowest"


def _tools(one: Profile) -> list[str]:
    rows: list[Sequence[str | None]] = [
        (name, _list(row.versions), _list(row.bands), _list(row.colours), row.source, row.note)
        for name, row in sorted(one.screening.tools.items())
    ]
    expected = "is expected" if one.screening.expected_at_triage else "is not asked for"
    lines = _section("Screening tools", ("tool", "versions", "age bands", "colours", "source", "note"), rows)
    lines += [f"A screening {expected} when a referral is triaged ({one.screening.source}).", ""]
    decided = one.specialist_assessment
    whom = "in every case"
    if decided.from_age is not None and decided.to_age is not None:
        whom = f"from {decided.from_age} to {decided.to_age} years, at level {_list(decided.levels)}"
    lines += [f"A specialist assessment ({_list(decided.tools)}) is decided {whom} ({decided.source}).", ""]
    return lines


def _clocks(one: Profile, overlay: Overlay) -> list[str]:
    rows: list[Sequence[str | None]] = []
    if one.strategy_clock is not None:
        clock = one.strategy_clock
        told = f"{clock.hours} hours, reminder after {clock.warn_hours}; children under {clock.under_age}"
        rows.append(("Strategy meeting arranged", told, clock.source, clock.note))
    review = one.review
    told = "the chair of the meeting sets the interval"
    if review.pattern == "calendar":
        first = ", ".join(str(month) for month in review.first_months)
        told = f"after {first} months, then every {review.later_months} months"
    told += f"; reminder {review.warn_days} days before, later {review.later_warn_days}"
    rows.append(("Review of the plan", told, review.source, review.note))
    return _section("Time limits", ("clock", "how long", "source", "note"), rows)


def _checklist(one: Checklist) -> list[str]:
    at = f"Gone through at: {_list(one.meetings)}." if one.meetings else "At no meeting of its own."
    ages = {True: " Children under ten only.", False: " Not for children under ten.", None: ""}[one.under_ten]
    items = ((f"`{row.code}`", row.text, row.source) for row in one.items)
    heading, *table = _section(f"Checklist {one.id}: {one.title}", ("item", "asks", "source"), items)
    return [heading, "", f"{at}{ages} Source: {one.source}.", *table]


def _settings(settings: Mapping[str, Setting]) -> list[str]:
    rows = ((f"`{name}`", str(row.value), row.source, row.note) for name, row in sorted(settings.items()))
    return _section("Settings", ("setting", "value", "source", "note"), rows)


def _statutory(
    clocks: Sequence[StatutoryClock], settings: Mapping[str, Setting], overlay: Overlay
) -> list[str]:
    rows = (
        (
            clock.title,
            _starts(clock),
            " or ".join(f"{settings[name].value} {_hyphens(clock.unit or '')}" for name in clock.settings)
            or "no figure",
            clock.who,
            clock.source,
            _outside(clock.note),
        )
        for clock in clocks
    )
    lines = _section(
        f"Time limits outside the local documents (`{overlay.id}`)",
        ("clock", "from and to", "how long", "who", "source", "note"),
        rows,
    )
    marked = (
        (f"`{name}`", str(settings[name].value), settings[name].source, _outside(settings[name].note))
        for name in sorted(overlay.settings)
        if name in settings
    )
    return lines + _section(
        "Settings outside the local documents", ("setting", "value", "source", "note"), marked
    )


def _outside(note: str | None) -> str:
    """A note that says that no local document has this, once."""
    said = note or ""
    return said if OUTSIDE.lower() in said.lower() else f"{OUTSIDE}. {said}".strip()


def _starts(clock: StatutoryClock) -> str:
    return f"{clock.starts}, until {clock.stops}"


def _section(title: str, columns: Sequence[str], rows: Iterable[Sequence[str | None]]) -> list[str]:
    """A heading with a table; nothing where there is no row."""
    written = ["| " + " | ".join(_cell(cell or "") for cell in row) + " |" for row in rows]
    if not written:
        return []
    head = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    return [f"## {title}", "", *head, *written, ""]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _list(values: Iterable[str]) -> str:
    ordered = values if isinstance(values, Sequence) else sorted(values)
    return ", ".join(_hyphens(one) for one in ordered)


def _hyphens(code: str) -> str:
    return code.replace("_", " ").replace("-", " ") if code.islower() and " " not in code else code


def _named(member: str) -> str:
    return _ROWS.get(member) or member.replace("_", " ").capitalize()


def _age(from_age: int | None, not_under_ten: bool) -> str:
    said = f"from {from_age}" if from_age is not None else ""
    return "; ".join(filter(None, (said, "not the simpler procedure under ten" if not_under_ten else "")))
