"""Which agency converts which organisation's export."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from agencies import education, health, police, social_care, youth_justice
from agencies.sdk.build import AgencyEvent
from agencies.sdk.errors import AgencyError

Convert: TypeAlias = Callable[[bytes, str], list[AgencyEvent]]

CONVERTERS: Final[Mapping[str, Convert]] = {
    "education": education.convert,
    "health": health.convert,
    "police": police.convert,
    "social-care": social_care.convert,
    "youth-justice": youth_justice.convert,
}


def convert(agency: str, content: bytes, organisation: str) -> list[AgencyEvent]:
    """The events of an agency's native export.

    Raises: AgencyError where the agency is not known, does not fit the organisation, or a record
    cannot be read.
    """
    found = CONVERTERS.get(agency)
    if found is None:
        raise AgencyError("There is no such agency.", f"Choose one of: {', '.join(CONVERTERS)}.")
    kind, dot, name = organisation.partition(".")
    if kind != agency or not dot or not name:
        raise AgencyError("The organisation is not of this agency's kind.", f"Write it as {agency}.<name>.")
    return found(content, organisation)
