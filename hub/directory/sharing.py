"""Whether an organisation may take people on: its agreement on sharing, its procedure, its named lead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from hub.directory.state import DirectoryState
from hub.directory.types import Agreement, SharingAgreement
from hub.errors import HubError

Lack = Literal["agreement", "lapsed", "begins-later", "procedure", "lead"]

_SAID: Final[dict[Lack, str]] = {
    "agreement": "no sharing agreement is recorded",
    "lapsed": "its sharing agreement has lapsed",
    "begins-later": "its sharing agreement has not begun",
    "procedure": "neither it nor the authority of its area has adopted a local procedure",
    "lead": "the lead whom its agreement names is disabled",
}
AGREE: Final = "hub organisation agree ID --reference TEXT --until DATE --lead ID/PERSON"
_MENDED_BY: Final[dict[Lack, str]] = {
    "agreement": AGREE,
    "lapsed": AGREE,
    "begins-later": AGREE,
    "procedure": "hub organisation add ID --title TITLE --profile PROFILE",
    "lead": AGREE,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an organisation stands on a day: what it follows, and what it lacks to take people on.

    Shape: `profile` is its own, else that of the authority of its area; `lacks` is empty where it may take
    people on. `agreement` is the one in force, else the last to begin.
    Units: `until` is the last London day that agreements cover without a gap, None where none covers today.
    """

    organisation: str
    profile: str | None
    agreement: SharingAgreement | None
    until: date | None
    lacks: tuple[Lack, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """What it lacks, as an operator reads it."""
        return tuple(_SAID[one] for one in self.lacks)

    @property
    def mended_by(self) -> tuple[str, ...]:
        """The commands that mend what it lacks, each once."""
        return tuple(dict.fromkeys(_MENDED_BY[one] for one in self.lacks))

    def lapses_within(self, today: date, days: int) -> bool:
        """Whether an agreement is in force and nothing follows it for more than so many days."""
        return self.until is not None and self.until - today < timedelta(days=days)


def standing(state: DirectoryState, organisation: str, today: date) -> Standing:
    """Where an organisation of the directory stands on a London day.

    1. Its agreement of today; what follows it without a gap counts as well.
    2. The lead whom that agreement names; one who is disabled is no lead.
    3. The procedure that it follows: its own, else that of the authority of its area.
    """
    one = state.organisations[organisation]
    held = state.sharing.get(organisation, ())
    # 1
    current = max((each for each in held if each.covers(today)), key=lambda each: each.until, default=None)
    latest = current or max(held, key=lambda each: (each.since, each.until), default=None)
    lacks: list[Lack] = []
    if current is None:
        if latest is None:
            lacks.append("agreement")
        else:
            lacks.append("begins-later" if latest.since > today else "lapsed")
    # 2
    if latest is not None:
        lead = state.people.get(latest.lead)
        if lead is not None and not lead.active:
            lacks.append("lead")
    # 3
    area = state.organisations.get(one.area) if one.area is not None else None
    profile = one.profile or (area.profile if area is not None else None)
    if profile is None:
        lacks.append("procedure")
    until = _covered_until(held, today) if current is not None else None
    return Standing(organisation, profile, latest, until, tuple(lacks))


def lapsing_bases(state: DirectoryState, organisation: str, today: date, days: int) -> tuple[Agreement, ...]:
    """The bases on which an organisation's people read that have lapsed, or lapse within so many days."""
    return tuple(
        one
        for _, one in sorted(state.agreements.items())
        if one.organisation == organisation
        and one.until is not None
        and one.until - today < timedelta(days=days)
    )


def refuse_new_people(state: DirectoryState, organisation: str, today: date) -> None:
    """Refuse that an organisation takes people on, or gives them roles, while it lacks what that rests on.

    Raises: HubError("gate"), naming everything that is missing and the commands that mend it.
    """
    found = standing(state, organisation, today)
    if found.lacks:
        missing = "; ".join(found.words)
        commands = " and ".join(found.mended_by)
        raise HubError(
            "gate",
            f"This organisation takes on nobody now: {missing}. Mend it with: {commands}",
            rule="H-12",
            source="R-197",
        )


def _covered_until(held: Iterable[SharingAgreement], today: date) -> date:
    """The last day of an unbroken row of agreements that begins with today's."""
    last = today
    for one in sorted(held, key=lambda each: each.since):
        if one.since <= last + timedelta(days=1):
            last = max(last, one.until)
    return last
