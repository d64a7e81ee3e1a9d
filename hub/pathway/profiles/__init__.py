"""Local procedures as versioned data, and which one applies to a child or a meeting."""

from hub.pathway.profiles.applying import authority, convening_authority, own_profile
from hub.pathway.profiles.profile import (
    PROFILES,
    SETTINGS,
    Agreement,
    Profile,
    ProfileOf,
    Setting,
    adopted,
    load,
    settings_of,
)

__all__ = [
    "PROFILES",
    "SETTINGS",
    "Agreement",
    "Profile",
    "ProfileOf",
    "Setting",
    "adopted",
    "authority",
    "convening_authority",
    "load",
    "own_profile",
    "settings_of",
]
