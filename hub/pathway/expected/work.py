"""Actions and work with a child that are overdue, waiting, or left to one agency."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from hub.pathway.calendar import end_of_day, london_day, start_of_day
from hub.pathway.circumstances import harm_done
from hub.pathway.course import concerns, earliest, investigation_ended, latest, says, since
from hub.pathway.expected.missing import (
    Members,
    Missing,
    days_since,
    expect,
    provided,
    setting,
    waited,
    waited_days,
)
from hub.pathway.expected.rule import Expected, Look
from hub.pathway.fields import as_given, day, given_of, instant_of, of_type, organisation_of, text
from hub.pathway.profiles import authority

INCIDENTS: Final[Members] = {
    "child-stream-opened": ("responsible_authority",),
    "incident-recorded": ("role", "status", "others"),
}
LEVELS: Final[Members] = {"behaviour-level-assessed": ("scale", "level", "poster")}
WORK: Final[Members] = {"intervention-offered": (), "intervention-started": ()}
ACCESS_NEEDS: Final = frozenset({"interpreter", "culture-and-faith", "communication-support", "access"})


def action_overdue(look: Look) -> Iterator[Missing]:
    """R-147: an action's day has passed, and neither its owner nor who gave it recorded that it was done.

    Shape: two organisations may call their actions alike, so an action is known by who gave it and its name.
    """
    entries = look.material.entries
    given = {(one.organisation, text(one, "action")): one for one in given_of(entries, "action-assigned")}
    for (giver, action), one in given.items():
        due, person = day(one, "due"), text(one, "person")
        if action is None or due is None or look.now < end_of_day(due):
            continue
        owner = text(one, "organisation") or (organisation_of(person) if person else giver)
        done = [
            other
            for other in of_type(entries, "action-completed")
            if other.about == one.key
            or (says(other, "action", action) and other.organisation in (None, owner, giver))
        ]
        if not done:
            yield Missing(
                end_of_day(due), (one,), owner, person, values={"action": action, "due": due.isoformat()}
            )  # fmt: skip


def work_not_adapted(look: Look) -> Iterator[Missing]:
    """R-148: work began without an adaptation, though a need for access or culture was recorded."""
    entries = look.material.entries
    needs = [
        one
        for one in given_of(entries, "assessment-factor-recorded")
        if text(one, "kind") == "unmet-need" and text(one, "code") in ACCESS_NEEDS
    ]
    for begun in given_of(entries, "intervention-started"):
        if needs and text(begun, "adaptation") is None:
            codes = sorted({text(one, "code") or "" for one in needs})
            yield Missing(
                max(instant_of(begun), instant_of(needs[0])), (*needs, begun), begun.organisation,
                values={"needs": codes},
            )  # fmt: skip


def no_work_offered(look: Look) -> Iterator[Missing]:
    """R-149: the investigation ended, and no further work was offered within the setting's working days."""
    entries = look.material.entries
    outcome = investigation_ended(entries)
    if outcome is None or not waited(look, outcome, "further_work_working_days"):
        return
    begun = of_type(entries, "intervention-started") or since(entries, outcome, "intervention-offered")
    if harm_done(look.material) and not begun:
        yield Missing(
            instant_of(outcome), (outcome,), authority(look.material),
            values={"days": days_since(look, outcome)},
            settings=setting(look, "further_work_working_days"),
        )  # fmt: skip


def waiting_for_service(look: Look) -> Iterator[Missing]:
    """R-150: work was offered and has not begun; the child is waiting for the service.

    An offer that the child or family turned down since is not waited for.
    """
    entries = look.material.entries
    for offered in given_of(entries, "intervention-offered"):
        begun = [
            one
            for one in since(entries, offered, "intervention-started")
            if one.about == offered.key or says(one, "kind", text(offered, "kind") or "")
        ]
        turned_down = [
            one for one in since(entries, offered, "engagement-changed") if says(one, "engagement", "refused")
        ]
        if begun or turned_down:
            continue
        provider = text(offered, "provider")
        yield Missing(
            instant_of(offered), (offered,),
            provider if provider and "." in provider else offered.organisation,
            values={"kind": text(offered, "kind"), "days": days_since(look, offered)},
        )  # fmt: skip


def group_not_called(look: Look) -> Iterator[Missing]:
    """R-153: a child of ongoing risk cannot be engaged, and the multi-agency group was not called."""
    entries = look.material.entries
    changed = latest(entries, "engagement-changed")
    if not provided(look, lambda profile: profile.non_engagement):
        return
    if changed is None or text(changed, "engagement") != "unable":
        return
    if text(changed, "ongoing_risk") != "yes" and not concerns(entries):
        return
    if not since(entries, changed, "meeting-convened", "meeting-held"):
        yield Missing(instant_of(changed), (changed,), changed.organisation, changed.author)


def single_agency(look: Look) -> Iterator[Missing]:
    """R-154: one agency alone was at work for the days of the setting, and called no professionals' meeting.

    1. A level is problematic or above, and the child has been known for as long as the setting says.
    2. In those days one agency alone posted, or none: then it is the authority's.
    3. No meeting of any kind was held in them.
    """
    entries = [one for one in look.material.entries if one.type != "deadline-missed"]
    first = earliest(entries)
    if not provided(look, lambda profile: profile.non_engagement):
        return
    if first is None or not concerns(entries) or not waited_days(look, first, "single_agency_days"):
        return  # 1.
    window = setting(look, "single_agency_days")["single_agency_days"]
    bound = start_of_day(london_day(look.now) - timedelta(days=window))
    active = [one for one in entries if instant_of(one) >= bound]
    agencies = {one.organisation for one in active} or {authority(look.material)}
    if len(agencies) != 1 or None in agencies:
        return  # 2.
    (alone,) = agencies
    if not of_type(active, "meeting-held", "meeting-convened"):  # 3.
        last_other = max(
            (instant_of(one) for one in entries if one.organisation != alone), default=instant_of(first)
        )
        yield Missing(
            last_other, as_given(active or entries)[-1:], alone,
            settings=setting(look, "single_agency_days"),
        )  # fmt: skip


RULES: Final[tuple[Expected, ...]] = (
    expect(
        "R-147",
        "S3 s.4; S5 s.13",
        text="An action is overdue.",
        why="It was given to this agency, and its day has passed.",
        role=None,
        starts={"action-assigned": ("action", "organisation", "person", "due")},
        meets={
            "action-assigned": ("action", "organisation", "person", "due", "poster"),
            "action-completed": ("action", "poster"),
        },
        find=action_overdue,
    ),
    expect(
        "R-148",
        "S5 s.13; S3 s.4",
        text="Work with the child began without an adaptation.",
        why="A need for access, language or culture was recorded, and the work is to meet it.",
        role=None,
        starts={"assessment-factor-recorded": ("kind", "code"), "intervention-started": ()},
        meets={"intervention-started": ("adaptation",)},
        find=work_not_adapted,
    ),
    expect(
        "R-149",
        "S5 s.6",
        text="No further work has been offered since the investigation ended.",
        why="Further work is talked about soon after the investigation: delay makes taking part harder.",
        role="social-worker",
        starts={**INCIDENTS, "criminal-outcome-recorded": ("outcome",)},
        meets={**WORK, "criminal-outcome-recorded": ("outcome",)},
        find=no_work_offered,
    ),
    expect(
        "R-150",
        "S1 capacity",
        text="The child is waiting for a service that was offered and has not begun.",
        why="Help can take time because of how much a service can do; that is no unwillingness of the child.",
        role=None,
        starts={"intervention-offered": ("kind", "provider")},
        meets={"intervention-started": ("kind",), "engagement-changed": ("engagement",)},
        find=waiting_for_service,
    ),
    expect(
        "R-153",
        "S3 s.4",
        text="The multi-agency group has not been called together.",
        why="The child cannot be engaged and risk goes on: the group reviews how to engage and keep safe.",
        role=None,
        starts={"engagement-changed": ("engagement", "ongoing_risk"), **LEVELS},
        meets={
            "meeting-convened": (),
            "meeting-held": (),
            "engagement-changed": ("engagement", "ongoing_risk"),
            **LEVELS,
        },
        find=group_not_called,
    ),
    expect(
        "R-154",
        "S3 s.4",
        text="This agency alone is at work, and a professionals' meeting has not been convened.",
        why="Risk is open and no other agency has been active: the agency calls the others together.",
        role=None,
        starts=LEVELS,
        # Any event of another agency would make it untrue, so only a whole fold can say it.
        meets={"*": ("poster",)},
        find=single_agency,
    ),
)
