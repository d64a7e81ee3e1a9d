"""Coded lines: safety lines, pointers and facts carried from a linked child (D-11, D-26, D-31).

A line is an item of its own: own id, day precision, closed code list, no source, no reference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

import schemas
from hub.disclosure.answers import Redaction, ShownEntry
from hub.disclosure.capacity import SUBJECT
from hub.disclosure.decide import Decider, Decision
from hub.disclosure.facts import ItemFacts, ReaderFacts
from hub.disclosure.family_told import TOLD_OF
from hub.disclosure.page import DAY, Placed, Spoken
from hub.disclosure.redact import LONDON, Desk, age_at
from hub.disclosure.rules import Rule
from hub.envelope import EventKey, JsonValue
from hub.pathway.entries import Entries, Entry

CONSIDERED: Final = "children-considered"
# The circles of children who live where the child who has harmed lives (D-48).
_AT_THE_ADDRESS: Final = frozenset({"household", "placement"})
FactsOf = Callable[[Entry], ItemFacts]

OWN_LINES: Final[Mapping[str, str]] = {
    "criminal-investigation-decided": "police-involved",
    "criminal-outcome-recorded": "plan-continues",
    "incident-linked": "linked-record",
    "adult-involvement-suspected": "police-hold-information",
    "exploitation-link-considered": "police-hold-information",
    "child-mentioned": "child-considered",
    "victimisation-considered": "care-needs",
}
CARRIED_LINES: Final[Mapping[str, str]] = {
    "incident-recorded": "linked-incident-recorded",
    "criminal-investigation-decided": "investigation-opened",
    "risk-management-plan-recorded": "plan-changed",
    "criminal-outcome-recorded": "criminal-matters-ended",
    "referral-made": "referral-receipt",
    "court-stage-recorded": "conditions-changed",
    "child-circumstance-recorded": "contact-place-changed",
    "custody-release-notified": "release",
    "conviction-recorded": "conviction",
    "engagement-changed": "not-engaging",
    "contact-children-risk-assessed": CONSIDERED,
    "child-mentioned": "another-child-considered",
}
# What a carer is told, of the child it cares for and of linked children alike (D-14, D-45).
CARER_LINES: Final[Mapping[str, str]] = {
    "incident-recorded": "safety-in-home",
    "child-mentioned": "own-child-in-plan",
}
# Of what a child's own account says that it was shared (H-23).
ACCOUNT: Final = "account"
ACCOUNT_LINES: Final[Mapping[str, str]] = dict.fromkeys(sorted(TOLD_OF), ACCOUNT)
# What these say is a measure of the closed list.
_ASK: Final[Mapping[str, JsonValue]] = {"code": "ask-the-worker", "for": "home"}
_SAYS_ASK: Final = frozenset({"safety-in-home", "care-needs"})
# A stage of these without conditions says that there are none any more.
_CONDITIONS_LAPSE: Final = frozenset({"bail", "remand"})
NOT_ENGAGING: Final = frozenset({"unable", "refused"})
_MEASURES: Final = frozenset(one.code for one in schemas.codes("measures").codes)
# However many events stand behind them, these show as one line (D-35, D-51).
MERGED: Final = frozenset({"linked-record", "police-hold-information", CONSIDERED})
# For whom a measure is meant, by what the reader is to the child.
AUDIENCES: Final[Mapping[str, frozenset[str]]] = {
    "school": frozenset({"child", "school", "transport", "everyone"}),
    "health": frozenset({"child", "everyone"}),
    "therapist": frozenset({"child", "everyone"}),
    "carer": frozenset({"child", "home", "transport", "club", "everyone"}),
    "consulted": frozenset({"child", "everyone"}),
    "early-help": frozenset({"child", "everyone"}),
    "spoc": frozenset({"child", "everyone"}),
    # Whoever steps in may do so wherever the child is.
    "emergency": frozenset({"child", "home", "school", "transport", "club", "everyone"}),
    "group-member": frozenset({"child", "everyone"}),
    "family": frozenset({"child", "home", "transport", "club", "everyone"}),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A coded line for one reader, the event it rests on, and the policy that sends it.

    Units: `since` is when the event, or its last correction, was received.
    """

    placed: Placed
    basis: EventKey
    policy: str
    since: datetime
    child: str


@dataclass(frozen=True, slots=True)
class LineDesk:
    """What lines need: the reader, the rules, and how facts of an item are found."""

    reader: ReaderFacts
    decider: Decider
    rule_of: Callable[[str], Rule]
    facts_of: FactsOf
    desk: Desk


def own_lines(entries: Sequence[Entry], decisions: Mapping[EventKey, Decision], desk: LineDesk) -> list[Line]:
    """The lines that entries of the reader's own child give where the entry itself does not say it."""
    lines: list[Line] = []
    speaking = (
        _speaking(entries, ACCOUNT_LINES, "account lines")
        if SUBJECT in desk.reader.classes
        else _speaking(entries, OWN_LINES, "own lines")
    )
    for entry, codes in speaking:
        if decisions[entry.key].whole:
            continue
        facts = desk.facts_of(entry)
        for code in codes:
            lines += _line(code, code, entry, facts, desk, _told(code))
        for number, measure in enumerate(_measures(entry), 1):
            audience = measure["for"]
            if any(audience in AUDIENCES.get(one, ()) for one in desk.reader.classes):
                lines += _line(
                    "safety-measure", f"safety-measure-{number}", entry, facts, desk,
                    {"code": measure["code"], "for": audience},
                )  # fmt: skip
    return merged(lines)


def carried_lines(entries: Sequence[Entry], own_child: str, desk: LineDesk) -> list[Line]:
    """The lines that entries of a linked child carry to the worker of the reader's own child."""
    lines: list[Line] = []
    for entry, codes in _speaking(entries, CARRIED_LINES, "carried lines"):
        facts = desk.facts_of(entry)
        for code in codes:
            if not _says(code, entry, own_child, entries):
                continue
            told = _told(code)
            if code == "referral-receipt":
                told["received_on"] = _day(entry).isoformat()
                outcome = outcome_of(entry, entries)
                if outcome is not None:
                    told["outcome_decided_on"] = _day(outcome).isoformat()
            lines += _line(code, code, entry, facts, desk, told)
        # Whatever it stands in, a plan, a risk assessment or a safety measure: it protects this child (D-31).
        protects = {f"other:{one.index}" for one in entry.others if one.child == own_child}
        for number, measure in enumerate(_measures(entry), 1):
            if measure["for"] in protects:
                lines += _line(
                    "safety-measure-for-linked-child", f"safety-measure-{number}", entry, facts, desk,
                    {"code": measure["code"], "for": "child"},
                )  # fmt: skip
    return lines


def _speaking(
    entries: Sequence[Entry], of: Mapping[str, str], name: str
) -> tuple[tuple[Entry, list[str]], ...]:
    """The entries that can give a line, with their codes; found once where the entries are kept."""

    def found() -> tuple[tuple[Entry, list[str]], ...]:
        telling = of.keys() | CARER_LINES.keys()
        return tuple(
            (one, _codes(one, of))
            for one in _taking_effect(entries)
            if one.type in telling or "measures" in one.data
        )

    return entries.once(name, found) if isinstance(entries, Entries) else found()


def _codes(entry: Entry, of: Mapping[str, str]) -> list[str]:
    """The codes that an entry of this type can give: to everybody, and to carers."""
    return [one for one in (of.get(entry.type), CARER_LINES.get(entry.type)) if one is not None]


def _told(code: str) -> dict[str, JsonValue]:
    return dict(_ASK) if code in _SAYS_ASK else {"code": code}


def _says(code: str, entry: Entry, own_child: str, entries: Sequence[Entry]) -> bool:
    """Whether an entry of the type says what the code does: court stages set conditions now and then."""
    if code == "conditions-changed":
        lifts = entry.data.get("stage") in _CONDITIONS_LAPSE
        return bool(entry.data.get("conditions")) or (lifts and _under_conditions(entry, entries))
    if code == CONSIDERED:
        # Only because of a child who has harmed, and to those around that child alone (D-48).
        named = any(one.child == own_child and one.role == "has-harmed" for one in entry.others)
        return named and entry.data.get("considered") is True and entry.data.get("circle") in _AT_THE_ADDRESS
    return code != "not-engaging" or entry.data.get("engagement") in NOT_ENGAGING


def _under_conditions(stage: Entry, entries: Sequence[Entry]) -> bool:
    """Whether conditions were in force before a court stage: it ends them where it sets none (D-31)."""
    stages = (one for one in _taking_effect(entries) if one.type == stage.type)
    under = False
    for one in sorted(stages, key=lambda one: one.position):
        if one.position >= stage.position:
            break
        if one.data.get("conditions"):
            under = True
        elif one.data.get("stage") in _CONDITIONS_LAPSE:
            under = False
    return under


def _taking_effect(entries: Sequence[Entry]) -> list[Entry]:
    """Entries without those that await agreement: a plan that is not in force instructs nobody."""
    return [one for one in entries if not one.awaiting]


def outcome_of(referral: Entry, entries: Sequence[Entry]) -> Entry | None:
    """The decision on this referral: the first after it; of later ones its sender learns nothing (D-22)."""
    authority = referral.data.get("to")
    outcomes = (
        one
        for one in entries
        if one.type == "referral-outcome-decided"
        and one.position > referral.position
        and one.organisation == authority
        and not one.awaiting
    )
    return min(outcomes, key=lambda one: one.position, default=None)


def _measures(entry: Entry) -> Iterator[dict[str, str]]:
    measures = entry.data.get("measures")
    if isinstance(measures, str) or not isinstance(measures, Sequence):
        return
    for one in measures:
        # A code outside the closed list is free text, and must not leave as a coded line.
        if isinstance(one, Mapping) and "for" in one and one.get("code") in _MEASURES:
            yield {"for": str(one["for"]), "code": str(one["code"])}


def _line(
    code: str, name: str, entry: Entry, facts: ItemFacts, desk: LineDesk, told: dict[str, JsonValue]
) -> list[Line]:
    policy = desk.decider.line(code, desk.reader, facts)
    if policy is None:
        return []
    rule = desk.rule_of(policy)
    day = _day(entry)
    begins = datetime.combine(day, time.min, LONDON)
    shown = ShownEntry(
        entry_id=desk.desk.names.entry(entry.key, name),
        occurred_at=day.isoformat(),
        precision="day",
        recorded_at=None,
        received_at=None,
        recorded_late=False,
        age_at_event=age_at(desk.desk.date_of_birth, begins),
        organisation=None,
        author_role=None,
        type="safety-line" if "safety" in name else "coded-fact",
        title=_title(rule, told),
        significance="key",
        level=None,
        fields=told,
        redactions=(Redaction("content", rule.rule, desk.desk.ask(rule.ask, entry)),),
        line=code,
    )
    placed = Placed(begins, entry.position, begins, begins + DAY, Spoken(shown))
    return [Line(placed, entry.key, policy, known_since(entry), entry.child)]


def _title(rule: Rule, told: Mapping[str, JsonValue]) -> str:
    if not rule.text:
        return f"Safety: {str(told['code']).replace('-', ' ')}"
    decided = told.get("outcome_decided_on")
    if "received_on" in told:
        return f"{rule.text}; received" + (f"; outcome decided {decided}" if decided else "")
    return rule.text


def merged(lines: Sequence[Line]) -> list[Line]:
    """The lines in their order; a code that is said once has the first of its lines (D-35, D-48, D-51)."""
    kept: list[Line] = []
    seen: set[str] = set()
    for line in sorted(lines, key=lambda one: (one.placed.sort_at, one.placed.order)):
        code = line.placed.shown.line or ""
        if code in MERGED and code in seen:
            continue
        seen.add(code)
        kept.append(line)
    return kept


def _day(entry: Entry) -> date:
    """The day on which it was recorded; a plan that was corrected has changed since."""
    changed = entry.type == "risk-management-plan-recorded" and entry.corrections
    return (known_since(entry) if changed else entry.recorded_at).astimezone(LONDON).date()


def known_since(entry: Entry) -> datetime:
    """Since when an entry reads as it does."""
    return entry.corrections[-1].received_at if entry.corrections else entry.received_at
