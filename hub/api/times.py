"""Instants and days as callers write them.

The framework would also take a bare number, as seconds since 1970: `as_at=20250912` would then ask for a
day of 1970, and the answer be empty where it should be a refusal. And it would take the first and the last
year there are, from which no instant can be counted in another time zone.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Final, TypeAlias

from pydantic import AwareDatetime, BeforeValidator, Field

_INSTANT: Final = re.compile(r"(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:")
_DAY: Final = re.compile(r"(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}")


def _is_instant(value: object) -> object:
    if not isinstance(value, str) or not _INSTANT.match(value):
        raise ValueError("an instant in the form of RFC 3339, with its offset")
    return value


def _is_day(value: object) -> object:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("a day in the form YYYY-MM-DD")
    return value


_YEARS: Final = Field(json_schema_extra={"pattern": "^(19|20|21)"})

Instant: TypeAlias = Annotated[AwareDatetime, BeforeValidator(_is_instant), _YEARS]
Day: TypeAlias = Annotated[date, BeforeValidator(_is_day), _YEARS]
