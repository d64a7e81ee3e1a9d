"""Everything about notices in one place: made, handed over, fetched, acknowledged, raised and recalled."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from hub.directory import Directory
from hub.disclosure.alarm import Alarm
from hub.disclosure.assemble import Assembler, FindView
from hub.disclosure.decide import Decider
from hub.disclosure.handing import Handing, Notice
from hub.disclosure.notice_box import NoticeBox
from hub.disclosure.notice_record import NoticeRecord
from hub.disclosure.notices import Notices
from hub.disclosure.purposes import Purposes
from hub.disclosure.recall import Recalls
from hub.disclosure.release import AccessRecord
from hub.disclosure.rules import RuleSet
from hub.disclosure.telling import Look
from hub.envelope import EventKey
from hub.pathway.profiles import ProfileOf
from hub.record import HubSigner, Record, Recorded
from hub.record.ports import Clock
from hub.views import Views


class Mail:
    """What organisations are told without asking, and what they say of having been told.

    Shape: without a `signer` nothing can be recalled.
    """

    def __init__(
        self, *, record: Record, views: Views, directory: Directory, rules: RuleSet, purposes: Purposes,
        assembler: Assembler, decider: Decider, accesses: AccessRecord, profile_of: ProfileOf, clock: Clock,
        signer: HubSigner | None,
    ) -> None:  # fmt: skip
        self._views: Final = views
        self._clock: Final = clock

        def look_at(find: FindView, now: datetime) -> Look:
            return Look(
                find, directory=directory, rules=rules, purposes=purposes, assembler=assembler,
                decider=decider, now=now,
            )  # fmt: skip

        self._look_at: Final = look_at
        notices = NoticeRecord(record, clock)
        handing = Handing(
            record=record, views=views, directory=directory, rules=rules, notices=notices, accesses=accesses
        )
        self._notices: Final = Notices(record=record, views=views, notices=notices, handing=handing)
        self._recalls: Final = Recalls(
            record=record, views=views, directory=directory, rules=rules, assembler=assembler,
            decider=decider, notices=notices, look_at=look_at,
            hub=signer.name if signer else "", sign=signer.sign_recall if signer else None,
        )  # fmt: skip
        self._alarm: Final = Alarm(notices, directory, profile_of, record.digest)
        self.box: Final = NoticeBox(record, notices, handing, self.look)

    def look(self) -> Look:
        """A look at the record as it is now, for what is decided at once."""
        return self._look_at(self._views.one_look(), self._clock.domain())

    def of(self, item: Recorded, look: Look) -> tuple[Notice, ...]:
        """The notices of an item that are handed over now; see `Notices.of`."""
        return self._notices.of(item, look)

    def prepare(self, item: Recorded, look: Look) -> None:
        """Record the notices of an item, to be fetched; see `Notices.prepare`."""
        self._notices.prepare(item, look)

    def recall(self, item: Recorded, look: Look) -> int:
        """Record what a correction or retraction recalls; see `Recalls.of`."""
        return self._recalls.of(item, look)

    def unacknowledged(self, child: str, key: EventKey, look: Look) -> datetime | None:
        """Raise the alarm about a concern, or say when to look again; see `Alarm.judge`."""
        return self._alarm.judge(child, key, look)
