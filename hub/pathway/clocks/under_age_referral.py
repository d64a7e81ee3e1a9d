"""K-03: a child protection referral for every child under thirteen at the time of an incident.

Source: R-038, S5 s.3
"""

from __future__ import annotations

from datetime import datetime

from hub.pathway.calendar import instant_words, start_of_day
from hub.pathway.child import date_of_birth, entries_of, incidents, youngest_age
from hub.pathway.entries import Deadline, Entry, Material
from hub.pathway.fields import as_given, days_of, instant_of, keys, of_type, text
from hub.pathway.profiles import ProfileOf, own_profile, settings_of


def under_age_referral(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[Deadline, ...]:
    """One clock for each incident on this child's record in which a child was under the age.

    The age is that of this child, and of each child named whose record this reader may look at. The
    text gives no time to act, so it alerts at once and stays until a referral is recorded.
    """
    if not material.sees("incident-recorded", "referral-made"):
        return ()
    limit = settings_of(own_profile(material, profile_of))["referral_under_age"]
    made: list[Deadline] = []
    for incident in incidents(material.entries):
        for child in _under_age(material, incident, limit.value):
            made.append(_deadline(material, incident, child, limit.value, limit.source))
    return tuple(made)


def _under_age(material: Material, incident: Entry, limit: int) -> list[str]:
    named = {other.child for other in incident.others if other.child in material.linked}
    involved = [material.child, *sorted(one for one in named if one is not None)]
    young: list[str] = []
    for child in involved:
        born = date_of_birth(material, child)
        if born is not None and youngest_age(born, incident) < limit:
            young.append(child)
    return young


def _deadline(material: Material, incident: Entry, child: str, limit: int, source: str) -> Deadline:
    referral = _referral(material, incident, child)
    starts = incident.recorded_at
    said = [
        f"A child was under {limit} at the time of this incident: a child protection referral is required."
    ]
    times = {"started_as_received_at": incident.received_at}
    if referral is None:
        said.append("No referral to children's social care is recorded.")
    else:
        said.append(f"Referred {instant_words(instant_of(referral))}.")
        times |= {"met_at": instant_of(referral), "met_as_received_at": referral.received_at}
    return Deadline(
        clock="K-03",
        requirement="R-038",
        source=source,
        text=" ".join(said),
        starts_at=starts,
        warn_at=starts,
        due_at=None,
        due_on=None,
        state="warning" if referral is None else "met",
        responsible=incident.organisation,
        responsible_person=None,
        evidence=keys((incident, referral) if referral else (incident,)),
        times=times,
        settings={"under_age": limit},
    )


def _referral(material: Material, incident: Entry, child: str) -> Entry | None:
    """The first referral of that child to children's social care since the incident happened."""
    since = start_of_day(days_of(incident)[0]) if incident.occurred.start else incident.occurred.sort_at
    for one in as_given(of_type(entries_of(material, child), "referral-made")):
        if text(one, "target") == "csc" and instant_of(one) >= since:
            return one
    return None
