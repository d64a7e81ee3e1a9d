"""A local procedure as versioned data: every row of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from hub.catalogue.scales import SHIPPED, Scale
from hub.pathway.profiles.rows import (
    Agreement,
    AvoidedTerm,
    Checklist,
    Choice,
    Closure,
    ConferenceNotHeld,
    Consent,
    Contact,
    Designated,
    DisabledAdults,
    EarlyHelp,
    Indicator,
    InvitationRule,
    Oversight,
    PlanTopics,
    Reference,
    Review,
    Screening,
    Setting,
    SpecialistAssessment,
    StatutoryClock,
    StepDown,
    StrategyClock,
    Terms,
)


@dataclass(frozen=True, slots=True)
class Profile:
    """One version of one local procedure.

    Shape: `settings` holds every number that no document gives, its own and those of the overlays that it
    includes; `statutory` holds the clocks of those overlays. `clocks` names those of the clocks without a
    row of their own that the document asks for. `level_scale` names one of its own `scales`, or one that
    comes with the hub.
    Source: D.1
    """

    id: str
    version: str
    title: str
    document: str
    document_date: str
    include: tuple[str, ...]
    terms: Terms
    terms_avoided: tuple[AvoidedTerm, ...]
    level_scale: Choice
    scales: tuple[Scale, ...]
    indicator_list: str
    indicators: tuple[Indicator, ...]
    screening: Screening
    specialist_assessment: SpecialistAssessment
    strategy_clock: StrategyClock | None
    strategy_trigger: Choice
    separate_meetings: Choice
    different_social_worker: Choice
    youth_justice_strategy_invitation: Choice
    youth_justice_conference_invitation: Choice
    chair_multi_authority: Choice
    strategic_management_group: Choice
    conference_not_held: ConferenceNotHeld
    hsb_meeting: Choice
    review: Review
    plan: PlanTopics
    step_down: StepDown
    closure: Closure
    under_ten: Choice
    interviews: Choice
    mappa: Choice
    oversight: Oversight
    consent: Consent
    image_scope: Choice
    disabled_adults: DisabledAdults | None
    early_help: EarlyHelp | None
    non_engagement: Choice
    court_path: Choice
    invitations: tuple[InvitationRule, ...]
    agreements: tuple[Agreement, ...]
    checklists: Mapping[str, Checklist]
    contacts: tuple[Contact, ...]
    references: tuple[Reference, ...]
    designated: tuple[Designated, ...]
    clocks: frozenset[str]
    statutory: tuple[StatutoryClock, ...]
    settings: Mapping[str, Setting]

    @property
    def stamp(self) -> str:
        """Name and version as they are kept with an event."""
        return f"{self.id}/{self.version}"

    @property
    def scale(self) -> Scale:
        """The scale by which its organisations describe a behaviour."""
        return {**SHIPPED, **{one.id: one for one in self.scales}}[self.level_scale.value]

    @property
    def disabled_adult_age(self) -> int | None:
        """Under which age a disabled young adult has an assessment, None where none is asked for."""
        return self.disabled_adults.under_age if self.disabled_adults else None

    @property
    def simplified_under_ten(self) -> bool:
        """Whether the procedure is simpler for a child under ten."""
        return self.under_ten.value == "simplified"

    @property
    def plan_topics(self) -> tuple[str, ...]:
        """What a risk management plan says."""
        return self.plan.topics


ProfileOf: TypeAlias = Callable[[str], Profile | None]
"""The profile that an organisation has adopted, None where it has adopted none."""
