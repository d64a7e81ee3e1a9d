"""Whom to contact at an instant, and what to read: what a profile says to people who are worried."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from hub.pathway.calendar import LONDON, is_bank_holiday
from hub.pathway.profiles.profile import Profile
from hub.pathway.profiles.rows import Contact, Designated, Hours, Reference

DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WITHOUT_HOURS: Final[Mapping[str, str]] = {
    "out-of-hours": "At all other times",
    "any-time": "At any time",
}


def contact_at(profile: Profile, instant: datetime) -> Contact | None:
    """Whom to contact at an instant: the office while it is open, else who is there out of hours.

    1. An office that is open in London time; on a bank holiday in England none is.
    2. The service out of hours, else one for any time.
    Units: an office shuts at the minute it closes.
    Source: R-049; S3 s.4
    """
    local = instant.astimezone(LONDON)
    if not is_bank_holiday(local.date()):  # 1.
        for contact in profile.contacts:
            for one in contact.hours:
                if local.weekday() in one.days and one.opens <= local.time() < one.closes:
                    return contact
    for kind in ("out-of-hours", "any-time"):  # 2.
        for contact in profile.contacts:
            if contact.kind == kind:
                return contact
    return None


def hours_in_words(contact: Contact) -> str:
    """When a contact is there, in words; London time."""
    if not contact.hours:
        return WITHOUT_HOURS.get(contact.kind, "Hours not given")
    times = (f"{_days(one)} {one.opens:%H:%M} to {one.closes:%H:%M}" for one in contact.hours)
    return "; ".join(times) + "; not on bank holidays in England"


def _days(hours: Hours) -> str:
    """The days of a row: a run of them by its ends."""
    days = sorted(hours.days)
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{DAYS[days[0]]} to {DAYS[days[-1]]}"
    return ", ".join(DAYS[one] for one in days)


def references_for(
    profile: Profile, kind: str, age: int | None = None, categories: Collection[str] = ()
) -> tuple[Reference, ...]:
    """What a kind of organisation is shown to read, about a child of this age and with such incidents.

    Source: R-037, R-053, R-122
    """
    return tuple(
        one
        for one in profile.references
        if (not one.kinds or kind in one.kinds)
        and (one.under_age is None or (age is not None and age < one.under_age))
        and (one.category is None or one.category in categories)
    )


def designated_for(profile: Profile, kind: str) -> Designated | None:
    """To whom a worried person of this kind of organisation speaks first.

    Source: R-198
    """
    return next((one for one in profile.designated if one.kind == kind), None)
