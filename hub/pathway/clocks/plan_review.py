"""K-10, K-11 and K-12: the reviews of a risk management plan, by calendar or by the chair.

Source: R-143, S5 s.13; R-144, S3 s.4
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from hub.pathway.calendar import after_months, day_words, end_of_day, start_of_day
from hub.pathway.child import current_plan
from hub.pathway.clocks.clock import POSTED_LATE, RECEIVED_LATE
from hub.pathway.entries import Deadline, Entry, Material
from hub.pathway.fields import (
    as_given,
    day,
    day_of,
    given_of,
    instant_of,
    keys,
    number,
    of_type,
    part,
    started_at,
    text,
)
from hub.pathway.profiles import ProfileOf, authority
from hub.pathway.profiles.rows import Review
from hub.pathway.state import state_of


def plan_review(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[Deadline, ...]:
    """The review clocks of the plan in force, under the profile of the child's own authority.

    1. Without a plan, or an adopted profile, there is no clock.
    2. A reader from whom the plan's text or its reviews are withheld gets the date the plan names, or
       nothing.
    3. By calendar: each of the first reviews, then the open one after the last review.
    4. By the chair: the one review that the chair's interval, or else the date set, makes due.
    """
    plan = current_plan(material.entries)
    organisation = authority(material) or (text(plan, "responsible_organisation") if plan else None)
    profile = profile_of(organisation) if organisation else None
    if plan is None or profile is None:  # 1.
        return ()
    review = profile.review
    # Every adopted plan has its parts: a plan without them is one whose text is withheld.
    if part(plan, "parts") is None or not material.sees("risk-management-plan-recorded", "plan-reviewed"):
        return _date_only(material, plan, review)  # 2.
    reviews = _reviews(material, plan)
    if review.pattern == "calendar":  # 3.
        return (*_first_reviews(plan, reviews, review, now), *_later_review(plan, reviews, review, now))
    if not material.sees("meeting-held"):
        return _date_only(material, plan, review)
    return _by_chair(material, plan, reviews, review, now)  # 4.


def _reviews(material: Material, plan: Entry) -> list[Entry]:
    """The reviews since the plan started; one that names another plan is not a review of this one."""
    return [
        one
        for one in given_of(material.entries, "plan-reviewed")
        if one.about in (None, plan.key) and day_of(one) >= day_of(plan)
    ]


def _date_only(material: Material, plan: Entry, review: Review) -> tuple[Deadline, ...]:
    for one in reversed((plan, *_reviews(material, plan))):
        due_on = day(one, "next_review")
        if due_on is not None:
            break
    else:
        return ()
    by_calendar = review.pattern == "calendar"
    return (
        Deadline(
            clock="K-10" if by_calendar else "K-12",
            requirement="R-143" if by_calendar else "R-144",
            source=review.source,
            text=f"The plan is to be reviewed on {day_words(due_on)}.",
            starts_at=None,
            warn_at=None,
            due_at=None,
            due_on=due_on,
            state=None,
            responsible=None,
            responsible_person=None,
            evidence=(one.key,),
        ),
    )


def _first_reviews(plan: Entry, reviews: Sequence[Entry], review: Review, now: datetime) -> list[Deadline]:
    """Review 1 is the first one held; each later one must come after the date before it was due."""
    made: list[Deadline] = []
    for index, due_on in enumerate(_first_dates(plan, review)):
        met = _first_met(plan, reviews, review)[index]
        said = f"Review {index + 1} of the risk management plan is due on {day_words(due_on)}."
        settings = {"months": review.first_months[index], "warn_days": review.warn_days}
        made.append(_deadline("K-10", "R-143", review, plan, plan, due_on, met, said, settings, now))
    return made


def _first_dates(plan: Entry, review: Review) -> list[date]:
    return [after_months(day_of(plan), months) for months in review.first_months]


def _first_met(plan: Entry, reviews: Sequence[Entry], review: Review) -> list[Entry | None]:
    met: list[Entry | None] = []
    left = list(reviews)
    before: date | None = None
    for due_on in _first_dates(plan, review):
        found = next((one for one in left if before is None or day_of(one) > before), None)
        met.append(found)
        left = left[left.index(found) + 1 :] if found else []
        before = due_on
    return met


def _later_review(plan: Entry, reviews: Sequence[Entry], review: Review, now: datetime) -> list[Deadline]:
    if review.later_months is None or None in _first_met(plan, reviews, review) or not reviews:
        return []
    due_on = after_months(day_of(reviews[-1]), review.later_months)
    said = f"The next review of the risk management plan, if still needed, is due on {day_words(due_on)}."
    settings = {"months": review.later_months, "warn_days": review.later_warn_days}
    return [_deadline("K-11", "R-143", review, plan, reviews[-1], due_on, None, said, settings, now)]


def _by_chair(
    material: Material, plan: Entry, reviews: Sequence[Entry], review: Review, now: datetime
) -> tuple[Deadline, ...]:
    last = reviews[-1] if reviews else plan
    for one in reversed(as_given([*of_type(material.entries, "meeting-held", "plan-reviewed"), plan])):
        days = number(one, "chair_interval_days") or number(one, "interval_days")
        if days is not None:
            due_on = day_of(last) + timedelta(days=days)
            said = f"The chair set a review every {days} days: the next is due on {day_words(due_on)}."
            settings = {"interval_days": days, "warn_days": review.warn_days}
            break
        named = day(one, "next_review")
        if named is not None:
            due_on, settings = named, {"warn_days": review.warn_days}
            said = f"The next review of the risk management plan is set for {day_words(due_on)}."
            break
    else:
        return (_not_set(plan, review),)
    return (_deadline("K-12", "R-144", review, plan, last, due_on, None, said, settings, now),)


def _not_set(plan: Entry, review: Review) -> Deadline:
    return Deadline(
        clock="K-12",
        requirement="R-144",
        source=review.source,
        text="The chair has not set how often the risk management plan is reviewed.",
        starts_at=started_at(plan),
        warn_at=started_at(plan),
        due_at=None,
        due_on=None,
        state="warning",
        responsible=text(plan, "responsible_organisation"),
        responsible_person=text(plan, "responsible_person"),
        evidence=(plan.key,),
        times={"started_as_received_at": plan.received_at},
    )


def _deadline(
    clock: str,
    requirement: str,
    review: Review,
    plan: Entry,
    start: Entry,
    due_on: date,
    met: Entry | None,
    said: str,
    settings: dict[str, int],
    now: datetime,
) -> Deadline:
    warn = start_of_day(due_on - timedelta(days=settings["warn_days"]))
    due = end_of_day(due_on)
    times = {"started_as_received_at": start.received_at}
    # A review counts as of the end of its day, as `due` is the end of the day on which it falls due.
    reviewed = end_of_day(day_of(met)) if met else None
    if met is not None:
        times |= {"met_at": instant_of(met), "met_as_received_at": met.received_at}
        said = f"{said} Reviewed {day_words(day_of(met))}."
        if reviewed is not None and reviewed <= due < met.received_at:
            said = f"{said} {RECEIVED_LATE}"
    if start.recorded_at > due:
        times["alert_at"] = start.recorded_at
        said = f"{said} {POSTED_LATE}"
    return Deadline(
        clock=clock,
        requirement=requirement,
        source=review.source,
        text=said,
        starts_at=started_at(start),
        warn_at=warn,
        due_at=due,
        due_on=due_on,
        state=state_of(now, warn=warn, due=due, met=reviewed),
        responsible=text(plan, "responsible_organisation"),
        responsible_person=text(plan, "responsible_person"),
        evidence=keys((plan, start, met) if met else (plan, start)),
        times=times,
        settings=dict(settings),
    )
