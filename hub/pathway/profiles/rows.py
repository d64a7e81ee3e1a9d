"""The rows of a local procedure profile: each a value with its source, and a note where it is a setting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Literal, TypeAlias

ReviewPattern: TypeAlias = Literal["calendar", "chair-interval"]
Force: TypeAlias = Literal["always", "invited", "consider"]
Side: TypeAlias = Literal["has-harmed", "has-been-harmed", "any"]
Direction: TypeAlias = Literal["healthy", "aggravating", "balancing"]
ContactKind: TypeAlias = Literal["office", "out-of-hours", "any-time"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One row of a profile: the chosen value, where it stands, and a note where it is a setting.

    Shape: `not-stated` where the document says nothing about it.
    """

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
class AvoidedTerm:
    """A term that the local procedure does not use of a child, and what it says instead.

    Source: R-006, R-007
    """

    term: str
    use_instead: str
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
class InvitationRule:
    """Who is invited to which meetings about a child, and how strongly.

    Shape: `meetings` are kinds of meeting as `meeting-convened` names them (a child protection conference
    is `cpc`); `invitee` is a kind of organisation, or one of `school`, `specialist-service`, `camhs`,
    `parents`, `strategy-participants`, `enquiry-worker`, `front-door`, `early-help`; `side` is the role of
    the child whom the meeting is about; `not_under_ten` leaves out the simplified procedure.
    Units: `from_age` in years on the day of the meeting.
    """

    meetings: frozenset[str]
    invitee: str
    force: Force
    side: Side
    from_age: int | None
    not_under_ten: bool
    requirement: str
    source: str
    note: str | None


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One item of a checklist, in the order of the local procedure."""

    code: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """A checklist of the local procedure.

    Shape: `meetings` are the kinds of meeting at which it is gone through; empty where it is no meeting's.
    `under_ten` is true where it is for children under ten only, false where it is not for them.
    Source: requirements H
    """

    id: str
    title: str
    source: str
    meetings: frozenset[str]
    under_ten: bool | None
    items: tuple[ChecklistItem, ...]


@dataclass(frozen=True, slots=True)
class Indicator:
    """A feature of behaviour that speaks for a level; the text is ours, the code that of `indicators`."""

    code: str
    level: str
    direction: Direction
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class ScreeningTool:
    """A screening tool that the procedure names: its kept versions, age bands and colours."""

    versions: tuple[str, ...]
    bands: tuple[str, ...]
    colours: tuple[str, ...]
    source: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Screening:
    """Whether a screening is expected when a referral is triaged, and with which tools (by code)."""

    expected_at_triage: bool
    tools: Mapping[str, ScreeningTool]
    source: str
    note: str | None


@dataclass(frozen=True, slots=True)
class SpecialistAssessment:
    """For whom a specialist assessment is decided.

    Shape: no ages and no levels: it is decided in every case.
    Units: ages in years, both ends included.
    """

    from_age: int | None
    to_age: int | None
    levels: frozenset[str]
    tools: frozenset[str]
    source: str
    note: str | None


@dataclass(frozen=True, slots=True)
class StepDown:
    """What a transfer to another service must carry, and to which services it may go.

    Shape: `requires` holds any of `rationale`, `manager`, `meeting`.
    """

    requires: frozenset[str]
    targets: tuple[str, ...]
    source: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Closure:
    """How many organisations sign an end of a plan, and which factors they answer.

    Shape: `factors` are members of `factors` of `closure-decided`.
    """

    signatures: int
    factors: tuple[str, ...]
    source: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Oversight:
    """From which level the safeguarding unit is told, and about which children a reviewing officer."""

    safeguarding_unit_from: str | None
    reviewing_officer_for: frozenset[str]
    source: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Consent:
    """Ages of consent.

    Units: years; under `referral_under` a referral is required, from `competency_from` to
    `competency_to` (both included) competence to consent is assessed.
    """

    referral_under: int
    competency_from: int
    competency_to: int
    source: str
    note: str | None


@dataclass(frozen=True, slots=True)
class DisabledAdults:
    """Up to which age a disabled young adult has a child and family assessment (under that age)."""

    under_age: int
    source: str


@dataclass(frozen=True, slots=True)
class EarlyHelp:
    """The levels at which an early help assessment is considered first.

    Source: R-118
    """

    consider_at: frozenset[str]
    source: str
    note: str | None


@dataclass(frozen=True, slots=True)
class PlanTopics:
    """What a risk management plan says, as members of `risk-management-plan-recorded`."""

    topics: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Hours:
    """When an office is open, in London time.

    Units: `days` from 0 (Monday) to 6; open from `opens` until just before `closes`.
    """

    days: frozenset[int]
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to contact about a child, and when.

    Shape: an `office` has hours and is shut on bank holidays; `out-of-hours` is for all other times.
    Source: R-049
    """

    id: str
    title: str
    kind: ContactKind
    telephone: str
    hours: tuple[Hours, ...]
    source: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Reference:
    """Something to read, with the day on which somebody last checked it.

    Shape: `kinds` are the kinds of organisation it is shown to, all where empty; `under_age` limits it to
    children under that age, `category` to children with an incident of that category.
    Source: R-037, R-053, R-122, R-200
    """

    title: str
    publisher: str
    address: str | None
    checked: date
    kinds: frozenset[str]
    under_age: int | None
    category: str | None
    source: str


@dataclass(frozen=True, slots=True)
class Designated:
    """To whom a worried person of a kind of organisation speaks first.

    Source: R-198
    """

    kind: str
    role: str
    title: str
    source: str


@dataclass(frozen=True, slots=True)
class StatutoryClock:
    """A time limit from outside the local documents.

    Shape: `setting` names the number among the profile's settings; None where no figure is given.
    `unit` is `working-days` or `months`.
    Source: requirements D.3
    """

    id: str
    title: str
    starts: str
    stops: str
    who: str
    unit: str | None
    settings: tuple[str, ...]
    source: str
    note: str
