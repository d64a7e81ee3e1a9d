"""What organisations say of themselves: events about no child, on the stream of the organisation named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hub.catalogue import Warning
from hub.directory import STREAM as DIRECTORY
from hub.directory import Change, Directory, ProfileAdopted
from hub.envelope import subject_organisation
from hub.errors import HubError
from hub.intake.admission import Admitted
from hub.pathway.calendar import london_day
from hub.pathway.fields import organisation_of, text
from hub.pathway.profiles import Profile

ADOPTION: Final = "profile-adopted"
_SOURCE: Final = "S1 s.Training"


@dataclass(frozen=True, slots=True)
class Governed:
    """Where an event about an organisation stands, what its poster is told, and what the directory learns."""

    stream: str
    warnings: tuple[Warning, ...] = ()
    change: Change | None = None

    @property
    def heads(self) -> Mapping[str, int]:
        """What must not have moved when it is appended."""
        return {DIRECTORY: self.change.version} if self.change is not None else {}


class Governing:
    """Finds the organisation that an event is about, and lets an adopted procedure rule for it."""

    def __init__(self, *, directory: Directory, profiles: Mapping[str, Profile]) -> None:
        self._directory: Final = directory
        self._profiles: Final = profiles

    def governed(self, post: Admitted, name: str) -> Governed:
        """Judge an event about an organisation; `name` is for the change of the directory that it brings.

        1. What an organisation says of its training and audits it says of itself, and of its own people.
        2. A partnership says which procedure an organisation has adopted: one that takes part, and where
           the partnership has an area, one of that area.
        3. The directory follows in the same append: the events after this one go by that procedure.

        Trust: the profile is one that this hub has loaded; another name would switch clocks off, silently.
        Raises: HubError of wrong-organisation, poster or schema.
        """
        about = subject_organisation(post.verified.subject) or ""
        stream = f"organisation/{about}"
        if post.valid.type.name != ADOPTION:
            self._about_itself(post, about)  # 1
            return Governed(stream)
        named = self._directory.organisation(about)  # 2
        if named is None:
            raise HubError("schema", "The subject is no organisation that takes part here.")
        if post.area is not None and named.area != post.area:
            raise HubError("poster", rule="R-197", source="contract 2")
        adopted = _adoption(post, about)
        change = self._directory.adopting(adopted, name)  # 3
        return Governed(stream, self._told(post, adopted), change)

    @staticmethod
    def _about_itself(post: Admitted, about: str) -> None:
        person = text(post.valid.data, "person")
        if about != post.organisation or (person and organisation_of(person) != about):
            raise HubError(
                "wrong-organisation",
                "An organisation says this of itself and of its own people.",
                rule="R-187",
                source="contract 2",
            )

    def _told(self, post: Admitted, adopted: ProfileAdopted) -> tuple[Warning, ...]:
        """What the poster should know of an adoption; nothing of it keeps the profile from ruling."""
        told: list[Warning] = []
        if adopted.version not in (None, self._profiles[adopted.profile].version):
            told.append(_OTHER_VERSION)
        if adopted.owner is not None:
            owner = self._directory.person(adopted.owner)
            if owner is None or not owner.active or owner.organisation != adopted.organisation:
                told.append(_OWNER_UNKNOWN)
        if adopted.since is not None and adopted.since > london_day(post.verified.time).isoformat():
            told.append(_BEGINS_NOW)
        return tuple(told)


def _adoption(post: Admitted, organisation: str) -> ProfileAdopted:
    data = post.valid.data
    return ProfileAdopted(
        organisation,
        text(data, "adopts") or "",
        text(data, "version"),
        text(data, "owner"),
        text(data, "from"),
    )


_OTHER_VERSION: Final = Warning(
    "R-197",
    "This hub has another version of that procedure; the version that it has loaded applies.",
    _SOURCE,
)
_OWNER_UNKNOWN: Final = Warning(
    "R-197", "Who answers for it is not a person of that organisation whom the directory knows.", _SOURCE
)
_BEGINS_NOW: Final = Warning(
    "R-197",
    "The procedure applies from the receipt of this event, not only from the later day that it names.",
    _SOURCE,
)
