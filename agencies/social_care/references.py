"""How a social care case system writes children, colleagues, partners and times."""

from __future__ import annotations

from typing import Final

STAMP: Final = "%Y-%m-%d %H:%M:%S"


def reference(number: str, organisation: str) -> str:
    """An NHS number in groups of three, three and four, a UPN, or the authority's own case number."""
    digits = number.replace(" ", "")
    if digits.isdigit() and len(digits) == 10:
        return f"nhs:{digits}"
    if len(number) == 13 and number[0].isalpha() and number[1:12].isdigit():
        return f"upn:{number}"
    return f"local:{organisation}:{number}"


def person(written: str | None, organisation: str) -> str | None:
    """A colleague by the local id, or a partner's worker by the full one."""
    if written is None or "/" in written:
        return written
    return f"{organisation}/{written}"
