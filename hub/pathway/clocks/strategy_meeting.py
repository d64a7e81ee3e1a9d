"""K-01: a strategy meeting is arranged within the profile's hours of the first notice.

Source: R-077, S3 s.4, Q-02, Q-14
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.pathway import levels
from hub.pathway.calendar import after_hours, age_on, instant_words, london_day
from hub.pathway.child import date_of_birth, entries_of, in_role
from hub.pathway.clocks.clock import POSTED_LATE
from hub.pathway.entries import Deadline, Entry, Material
from hub.pathway.fields import as_given, instant_of, keys, of_type, organisation_kind, text
from hub.pathway.profiles import ProfileOf, convening_authority
from hub.pathway.profiles.rows import StrategyClock
from hub.pathway.state import state_of

# Without the first the clock would claim an absence that the reader cannot check (H-20): that there was no
# earlier notice. Without the others it can say that a meeting was in time, and not that there was none.
NEEDED = "referral-made"
MEETINGS = ("meeting-convened", "meeting-held")
TOLD = frozenset({"csc", "police"})


@dataclass(frozen=True, slots=True)
class _Episode:
    """One course of events: the first notice, and the meeting it led to so far."""

    notice: Entry
    convened: Entry | None
    held: Entry | None


def strategy_meeting(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[Deadline, ...]:
    """The clock of each child who has harmed, from this child's entries and those linked to it.

    1. Leave it out for a reader who may not see notices.
    2. Find whose meeting is meant: the child who has harmed, else this child alone.
    3. Follow its notices and meetings, a new incident and notice after a meeting being a new course.
    4. Count under the profile of the convening authority.
    5. A reader from whom a meeting may be hidden gets it only where it was met by one that the reader has.
    """
    if not material.sees(NEEDED):  # 1.
        return ()
    every = material.sees(*MEETINGS)
    made: list[Deadline] = []
    for child in _subjects(material):  # 2.
        if _adult(material, child, profile_of) or _of_no_concern(entries_of(material, child)):
            continue
        for episode in _episodes(material, child):  # 3.
            deadline = _deadline(material, child, episode, now, profile_of)  # 4.
            if deadline is not None and (every or (deadline.state == "met" and episode.held)):  # 5.
                made.append(deadline)
    return tuple(made)


def _subjects(material: Material) -> list[str]:
    if in_role(material.entries, "has-harmed"):
        return [material.child]
    linked = [one for one in sorted(material.linked) if in_role(material.linked[one], "has-harmed")]
    return linked or [material.child]


def _folds(material: Material, child: str) -> list[Entry]:
    others = material.linked if child == material.child else (child,)
    return [*material.entries, *(one for other in others for one in material.linked[other])]


def _adult(material: Material, child: str, profile_of: ProfileOf) -> bool:
    born = date_of_birth(material, child)
    harmed = in_role(entries_of(material, child), "has-harmed")
    if born is None or not harmed:
        return False
    limit = _under_age(material, child, profile_of)
    return all(age_on(born, london_day(one.occurred.sort_at)) >= limit for one in harmed)


def _under_age(material: Material, child: str, profile_of: ProfileOf) -> int:
    clock = _clock(material, child, profile_of)
    return clock.under_age if clock else 18


def _of_no_concern(entries: Sequence[Entry]) -> bool:
    """Every incident has a level and every level given is the lowest of its scale (Q-14)."""
    harmed = {one.key for one in in_role(entries, "has-harmed")}
    given = [one for one in of_type(entries, "behaviour-level-assessed") if one.about in harmed]
    return {one.about for one in given} == harmed != set() and all(levels.lowest(one) for one in given)


def _notices(entries: Sequence[Entry]) -> list[Entry]:
    """Referrals to police or children's social care, and what these recorded on their own account."""
    candidates = of_type(entries, "referral-made", "incident-recorded", "criminal-investigation-decided")
    notices = [
        one
        for one in candidates
        if (one.type == "referral-made" and text(one, "target") in TOLD)
        or (one.type != "referral-made" and organisation_kind(one.organisation) in ("police", "social-care"))
    ]
    return sorted(notices, key=lambda one: (_noticed_at(one), one.key))


def _noticed_at(notice: Entry) -> datetime:
    # An incident is noticed when it is recorded; when it happened starts no clock.
    return notice.recorded_at if notice.type == "incident-recorded" else instant_of(notice)


def _strategy(entries: Sequence[Entry], type_: str) -> list[Entry]:
    return as_given(one for one in of_type(entries, type_) if text(one, "kind") == "strategy")


def _episodes(material: Material, child: str) -> list[_Episode]:
    folds = _folds(material, child)
    notices = _notices(folds)
    incidents = of_type(folds, "incident-recorded")
    convened = _strategy(entries_of(material, child), "meeting-convened")
    held = _strategy(entries_of(material, child), "meeting-held")
    made: list[_Episode] = []
    after: datetime | None = None
    while True:
        fresh = after is None or any(one.occurred.sort_at > after for one in incidents)
        notice = next((one for one in notices if after is None or _noticed_at(one) > after), None)
        if notice is None or not fresh:
            return made
        episode = _Episode(notice, _first(convened, after), _first(held, after))
        made.append(episode)
        if episode.held is None:
            return made
        after = max(instant_of(episode.held), _noticed_at(notice))


def _first(entries: Sequence[Entry], after: datetime | None) -> Entry | None:
    return next((one for one in entries if after is None or instant_of(one) > after), None)


def _clock(material: Material, child: str, profile_of: ProfileOf) -> StrategyClock | None:
    organisation = _convenor(material, child)
    profile = profile_of(organisation) if organisation else None
    return profile.strategy_clock if profile else None


def _convenor(material: Material, child: str) -> str | None:
    entries = entries_of(material, child)
    return convening_authority(
        material, child, _strategy(entries, "meeting-convened"), _strategy(entries, "meeting-held")
    )


def _deadline(
    material: Material, child: str, episode: _Episode, now: datetime, profile_of: ProfileOf
) -> Deadline | None:
    clock = _clock(material, child, profile_of)
    if clock is None:
        return None
    starts = _noticed_at(episode.notice)
    due = after_hours(starts, clock.hours)
    warn = after_hours(starts, clock.warn_hours)
    steps = [one for one in (episode.convened, episode.held) if one is not None]
    # A meeting that was held was arranged, whether or not its convening was ever posted.
    arranging = min(steps, key=instant_of, default=None)
    arranged = instant_of(arranging) if arranging else None
    times: dict[str, datetime] = {"started_as_received_at": episode.notice.received_at}
    if arranging and arranged:
        times |= {"arranged_at": arranged, "arranged_as_received_at": arranging.received_at}
    if episode.held:
        times |= {"held_at": instant_of(episode.held), "held_as_received_at": episode.held.received_at}
    if episode.notice.recorded_at > due:
        # The alert is dated by the recording: nobody could have been reminded before (H-25).
        times["alert_at"] = episode.notice.recorded_at
    return Deadline(
        clock="K-01",
        requirement="R-077",
        source=clock.source,
        text=_text(clock, episode, arranging, due),
        starts_at=starts,
        warn_at=warn,
        due_at=due,
        due_on=london_day(due),
        state=state_of(now, warn=warn, due=due, met=arranged),
        responsible=_convenor(material, child),
        responsible_person=None,
        evidence=keys(one for one in (episode.notice, episode.convened, episode.held) if one is not None),
        times=times,
        settings={"hours": clock.hours, "warn_hours": clock.warn_hours},
        subject=child if child != material.child else None,
    )


def _text(clock: StrategyClock, episode: _Episode, arranging: Entry | None, due: datetime) -> str:
    said = [
        f"A strategy meeting is to be arranged within {clock.hours} hours of the first notice to police or "
        f"children's social care: by {instant_words(due)}."
    ]
    if arranging is None:
        said.append("Not arranged yet.")
    elif episode.held is None:
        said.append(f"Arranged {instant_words(instant_of(arranging))}. Not held yet.")
    elif arranging is episode.held:
        said.append(
            f"Held {instant_words(instant_of(episode.held))}, which also counts as arranged; "
            "its convening was not recorded before."
        )
    else:
        said.append(
            f"Arranged {instant_words(instant_of(arranging))}, "
            f"held {instant_words(instant_of(episode.held))}."
        )
    if arranging and instant_of(arranging) <= due < arranging.received_at:
        said.append(f"The hub received this after the time was up, {instant_words(arranging.received_at)}.")
    if episode.notice.recorded_at > due:
        said.append(POSTED_LATE)
    return " ".join(said)
