"""The alarm about a concern that was not acknowledged in time: who is told, once (R-049)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from hub.directory import Directory
from hub.disclosure.notice_record import RAISED, NoticeRecord, Origin, lines_of
from hub.disclosure.telling import UNACKNOWLEDGED, Look
from hub.disclosure.tokens import DigestOf, ReaderNames
from hub.envelope import EventKey, JsonObject, JsonValue
from hub.pathway.calendar import after_working_days, end_of_day, london_day
from hub.pathway.entries import Entry
from hub.pathway.profiles import ProfileOf, settings_of
from hub.views import ChildView

SETTING: Final = "concern_acknowledged_working_days"
CONCERN: Final = "concern"
_PURPOSE: Final = "notice-unacknowledged"
_AGENCY: Final = "urn:safeguarding:org:"


class Alarm:
    """Finds which concerns nobody has acknowledged in time, and records who must be told."""

    def __init__(
        self, notices: NoticeRecord, directory: Directory, profile_of: ProfileOf, digest: DigestOf
    ) -> None:
        self._notices: Final = notices
        self._directory: Final = directory
        self._profile_of: Final = profile_of
        self._digest: Final = digest

    def judge(self, child: str, key: EventKey, look: Look) -> datetime | None:
        """Raise the alarm about one concern where its time is up; else when to look again.

        Shape: None where nothing is left to look at: acknowledged, retracted, or the alarm stands.
        Units: the returned instant is aware UTC and later than that of the look.
        Trust: an organisation that was told is told that it has not acknowledged, and nothing of others.
        That nobody at all has acknowledged is told to who finds the concern in the chronology and may act
        on it; the sender among them only where it has a relationship to the child (D-01).
        Source: requirements B ("every concern, immediately"), R-049, K-02, D-22.
        Raises: HubError store, rate, views-behind.

        Procedure
          1. The concern as it stands; retracted, there is none.
          2. Its time is up at the end of the last of so many working days, a setting of the procedure of
             the child's authority.
          3. Who was told of it, and who of these has acknowledged that.
          4. Those who were told and have not; where nobody has, everybody whom the rules name, unless it is
             the child's own authority that recorded the concern: it knows.
        """
        own = look.find(child)
        entry = next((one for one in own.entries if one.key == key), None)  # 1
        if entry is None:
            return None
        due = self._due(own, entry)  # 2
        if due > look.now:
            return due
        told = dict(self._told(own, key))  # 3
        silent = {organisation for organisation, acknowledged in told.items() if not acknowledged}
        poster = key.source.removeprefix(_AGENCY)
        nobody = len(silent) == len(told) and poster not in (own.authority, own.area)
        for organisation in sorted(look.connected(own)):  # 4
            if organisation in silent or nobody:
                self._raise(organisation, own, entry, look)
        return None

    def _due(self, own: ChildView, entry: Entry) -> datetime:
        authority = own.authority or own.area
        profile = self._profile_of(authority) if authority else None
        days = settings_of(profile)[SETTING].value
        return end_of_day(after_working_days(london_day(entry.received_at), days))

    def _told(self, own: ChildView, key: EventKey) -> Iterator[tuple[str, bool]]:
        """The organisations that a notice said of this concern that there is one; whether each has it.

        Shape: before its stream was joined to the child a notice was about the provisional child.
        """
        children = [one.removeprefix("child/") for one in own.streams]
        for organisation in (one.id for one in self._directory.organisations()):
            found = [
                id
                for id in (self._notices.name(key, organisation, child) for child in children)
                if any(line.get("code") == CONCERN for line in lines_of(self._notices.held(id) or {}))
            ]
            if found:
                yield organisation, any(self._notices.acknowledged(id) is not None for id in found)

    def _raise(self, organisation: str, own: ChildView, entry: Entry, look: Look) -> None:
        told = look.told(organisation, own, own, entry, (UNACKNOWLEDGED,))
        lines: list[JsonValue] = [one.line() for one in told if one.code == UNACKNOWLEDGED]
        if lines:
            id = self._notices.name(entry.key, organisation, own.child, _PURPOSE)
            token = ReaderNames(self._digest, organisation, own.child).child()
            body: JsonObject = {"notice": id, "token": token, "lines": lines}
            self._notices.keep(organisation, id, body, Origin(own.child, entry.key), RAISED)
