"""P-22: how long each agency took from its first account to its first referral; shown, not judged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from hub.pathway.calendar import instant_words
from hub.pathway.entries import Entry, Line, Material
from hub.pathway.fields import keys, of_type
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf

ACCOUNT: Final = "initial-account-recorded"
REFERRAL: Final = "referral-made"


def referral_lag(material: Material, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """From the recording of an agency's first account to its own next referral, in real time elapsed.

    An account without a referral is an open item of that agency alone (R-061).
    """
    lines: list[Line] = []
    accounts = _by_agency(of_type(material.entries, ACCOUNT))
    referrals = _by_agency(of_type(material.entries, REFERRAL))
    for agency, own in accounts.items():
        account = own[0]
        later = [one for one in referrals.get(agency, ()) if one.recorded_at >= account.recorded_at]
        if later:
            lines.append(_line(agency, account, later[0]))
    return tuple(lines)


def _by_agency(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for one in sorted(entries, key=lambda one: (one.recorded_at, one.key)):
        if one.organisation is not None:
            found.setdefault(one.organisation, []).append(one)
    return found


def _line(agency: str, account: Entry, referral: Entry) -> Line:
    # Between two local times a difference would be of the clock's hands, not of the hours that went by.
    lag = referral.recorded_at.astimezone(UTC) - account.recorded_at.astimezone(UTC)
    return Line(
        rule=RULE.id,
        requirement=RULE.requirement,
        text=(
            f"{agency}: account {instant_words(account.recorded_at)}, referral "
            f"{instant_words(referral.recorded_at)}: {_words(lag)}."
        ),
        evidence=keys([account, referral]),
        values={
            "organisation": agency,
            "account_at": account.recorded_at.isoformat(),
            "referral_at": referral.recorded_at.isoformat(),
            "minutes": int(lag.total_seconds()) // 60,
        },
    )


def _words(lag: timedelta) -> str:
    minutes = int(lag.total_seconds()) // 60
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    counted = [(days, "day"), (hours, "hour"), (minutes, "minute")]
    said = [f"{number} {name}{'' if number == 1 else 's'}" for number, name in counted if number]
    return " ".join(said) or "less than a minute"


RULE = Rule("P-22", "REFERRAL-LAG", "R-061", {ACCOUNT: (), REFERRAL: ()}, referral_lag)
