"""The written forms of names and instants in events: ASCII only, checked as a whole string."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

ORGANISATION: Final = (
    r"(?:police|social-care|education|health|youth-justice|partnership|other)\.[a-z0-9][a-z0-9-]{0,62}"
)
LOCAL_ID: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_UUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

_SOURCE_PREFIX: Final = "urn:safeguarding:org:"
_EVENT_ID: Final = re.compile(r"[A-Za-z0-9-]{16,64}")
_SOURCE: Final = re.compile(f"{_SOURCE_PREFIX}({ORGANISATION})")
_TYPE: Final = re.compile(r"safeguarding\.([a-z0-9]+(?:-[a-z0-9]+)*)\.v([1-9][0-9]{0,2})")
_REFERENCE: Final = re.compile(
    rf"nhs:[0-9]{{10}}|upn:[A-Z][0-9]{{11}}[0-9A-Z]|local:{ORGANISATION}:{LOCAL_ID}|child:{_UUID}"
)
_PERSON: Final = re.compile(f"({ORGANISATION})/{LOCAL_ID}")
_ORGANISATION: Final = re.compile(ORGANISATION)
_ABOUT_ORGANISATION: Final = re.compile(f"organisation:({ORGANISATION})")
_INSTANT: Final = re.compile(
    r"(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})"
)


def is_event_id(text: str) -> bool:
    """Whether this is the form of a CloudEvents `id` here."""
    return _EVENT_ID.fullmatch(text) is not None


def is_organisation(text: str) -> bool:
    """Whether this is the form of an organisation, `<kind>.<name>`."""
    return _ORGANISATION.fullmatch(text) is not None


def is_person(text: str) -> bool:
    """Whether this is the form of a person, `<organisation>/<local id>`."""
    return _PERSON.fullmatch(text) is not None


def is_reference(text: str) -> bool:
    """Whether this is one of the forms that name a child; a check digit is not judged."""
    return _REFERENCE.fullmatch(text) is not None


def subject_organisation(text: str) -> str | None:
    """The organisation that a subject of the form `organisation:<id>` names, or None where it has another."""
    match = _ABOUT_ORGANISATION.fullmatch(text)
    return match[1] if match else None


def source_of(organisation: str) -> str:
    """The CloudEvents `source` of an organisation."""
    return _SOURCE_PREFIX + organisation


def organisation_of(source: str) -> str | None:
    """The organisation that a CloudEvents `source` names, or None where it has another form."""
    match = _SOURCE.fullmatch(source)
    return match[1] if match else None


def type_of(text: str) -> tuple[str, int] | None:
    """Name and version of `safeguarding.<name>.v<version>`, or None where it has another form."""
    match = _TYPE.fullmatch(text)
    return (match[1], int(match[2])) if match else None


def instant(text: str) -> datetime | None:
    """An RFC 3339 date-time with its offset kept, or None where it is not one.

    Units: aware, 1900 to 2199.
    Source: RFC 3339 5.6
    """
    if not _INSTANT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
