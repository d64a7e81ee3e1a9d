"""Local procedures as versioned data, and which one applies to a child or a meeting."""

from hub.pathway.profiles.applying import authority, convening_authority, own_profile
from hub.pathway.profiles.comparing import Difference, differences, nearest
from hub.pathway.profiles.contacts import contact_at, designated_for, hours_in_words, references_for
from hub.pathway.profiles.profile import Profile, ProfileOf
from hub.pathway.profiles.rows import (
    Agreement,
    AvoidedTerm,
    Checklist,
    ChecklistItem,
    Choice,
    Closure,
    Contact,
    Indicator,
    InvitationRule,
    Reference,
    Setting,
    StepDown,
)
from hub.pathway.profiles.shipped import (
    PROFILES,
    SETTINGS,
    TERMS_AVOIDED,
    adopted,
    catalogue_of,
    load,
    load_profiles,
    read,
    scales_of,
    settings_of,
)
from hub.pathway.profiles.strict import Fault

__all__ = [
    "PROFILES",
    "SETTINGS",
    "TERMS_AVOIDED",
    "Agreement",
    "AvoidedTerm",
    "Checklist",
    "ChecklistItem",
    "Choice",
    "Closure",
    "Contact",
    "Difference",
    "Fault",
    "Indicator",
    "InvitationRule",
    "Profile",
    "ProfileOf",
    "Reference",
    "Setting",
    "StepDown",
    "adopted",
    "authority",
    "catalogue_of",
    "contact_at",
    "convening_authority",
    "designated_for",
    "differences",
    "hours_in_words",
    "load",
    "load_profiles",
    "nearest",
    "own_profile",
    "read",
    "references_for",
    "scales_of",
    "settings_of",
]
