"""The profiles that come with the hub, and those of a partnership's own folder."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final

from hub.catalogue import Catalogue, load_catalogue
from hub.catalogue.scales import SHIPPED, Scale
from hub.errors import HubError
from hub.pathway.profiles.profile import Profile, ProfileOf
from hub.pathway.profiles.reading import (
    STATUTORY,
    Defaults,
    Overlay,
    Read,
    read_overlay,
    read_profile,
    read_settings,
    read_terms,
)
from hub.pathway.profiles.rows import Setting

_PACKAGE: Final = "hub.pathway.profiles"
_NAMES: Final = ("darlington-2025", "llr-2024")


def shipped_text(name: str) -> str:
    """The file of a shipped profile, as it is."""
    return (files(_PACKAGE) / f"{name}.toml").read_text("utf-8")


_OVERLAYS: Final[Mapping[str, Overlay]] = {STATUTORY: read_overlay(shipped_text(STATUTORY))}
_STARTED_FROM: Final = Defaults(
    read_settings(shipped_text("settings")), read_terms(shipped_text("terms")), _OVERLAYS
)
SETTINGS: Final[Mapping[str, Setting]] = {**_STARTED_FROM.settings, **_OVERLAYS[STATUTORY].settings}
"""The shipped defaults of every setting."""
TERMS_AVOIDED: Final = _STARTED_FROM.terms_avoided
"""The terms that no local procedure uses of a child, with what the hub itself says instead."""


def read(written: str) -> Read:
    """Read a profile on top of the shipped settings, terms and overlays."""
    return read_profile(written, _STARTED_FROM)


def load(name: str) -> Profile:
    """Read one shipped profile; a row that is missing or malformed fails the start, not a child.

    Raises: ValueError naming the row.
    """
    found = read(shipped_text(name))
    if found.profile is None or found.profile.id != name:
        raise ValueError(f"profile {name}: {found.faults[0].row if found.faults else 'id'} is wrong")
    return found.profile


PROFILES: Final[Mapping[str, Profile]] = {one: load(one) for one in _NAMES}


def load_profiles(folder: Path | None) -> Mapping[str, Profile]:
    """The shipped profiles and those of a partnership's own folder, by id.

    Shape: one profile a file, named `<id>.toml`; a shipped id is taken.
    Raises: HubError("schema") naming the file; `hub profile check FILE` names its rows.
    """
    if folder is None:
        return PROFILES
    found = dict(PROFILES)
    try:
        paths = sorted(folder.iterdir())
    except OSError:
        raise HubError("schema", "The folder of local procedure profiles cannot be read.") from None
    for path in (one for one in paths if one.suffix == ".toml"):
        try:
            profile = read(path.read_text("utf-8")).profile
        except (OSError, UnicodeDecodeError):
            profile = None
        if profile is None or profile.id != path.stem:
            raise HubError(
                "schema",
                f"{path.name} is not a local procedure profile, or its id is not the file's name. "
                f"See what is wrong: hub profile check {path.name}",
            )
        if profile.id in PROFILES:
            raise HubError("schema", f"{path.name} has the id of a profile that comes with the hub.")
        known = scales_of(found.values())
        if any(known.get(one.id, one) != one for one in profile.scales):
            raise HubError("schema", f"{path.name} has the id of a level scale that another profile has.")
        found[profile.id] = profile
    return found


def scales_of(profiles: Iterable[Profile]) -> Mapping[str, Scale]:
    """Every level scale by its id: those that come with the hub, and those that these profiles bring."""
    return {**SHIPPED, **{one.id: one for profile in profiles for one in profile.scales}}


def catalogue_of(profiles: Collection[Profile]) -> Catalogue:
    """The event types, with the level scales and the features for a level that these profiles bring."""
    indicators = frozenset(one.code for profile in profiles for one in profile.indicators)
    return load_catalogue(scales=scales_of(profiles), indicators=indicators)


def adopted(
    profile_name: Callable[[str], str | None], profiles: Mapping[str, Profile] = PROFILES
) -> ProfileOf:
    """Make the look-up that clocks, patterns and gates take from one that gives a profile's name."""

    def profile_of(organisation: str) -> Profile | None:
        name = profile_name(organisation)
        return profiles.get(name) if name else None

    return profile_of


def settings_of(profile: Profile | None) -> Mapping[str, Setting]:
    """The settings of a profile, or the shipped defaults where none is adopted."""
    return profile.settings if profile else SETTINGS
