"""What has to follow from a strategy meeting or from deciding on none: what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from hub.pathway.circumstances import harm_done, held
from hub.pathway.course import earliest, latest, since
from hub.pathway.expected.missing import (
    Members,
    Missing,
    by_poster,
    expect,
    of_authority,
    setting,
    waited,
)
from hub.pathway.expected.rule import Expected, Look
from hub.pathway.fields import (
    as_given,
    given_of,
    instant_of,
    of_type,
    organisation_of,
    parts,
    text,
    texts,
)

CHILD: Final[Members] = {"child-stream-opened": ("responsible_authority",)}
INCIDENTS: Final[Members] = {"incident-recorded": ("role", "status", "others")}
HELD: Final[Members] = {"meeting-held": ("kind",)}
MET: Final[Members] = {"meeting-convened": ("kind",), "meeting-held": ("kind",)}
OPEN_ANSWERS: Final = frozenset({"not-done", "not-known-yet", "not-answered", "refused"})
CHARGED: Final = frozenset({"charge", "prosecution-youth-court", "prosecution-crown-court"})


def no_education(look: Look) -> Iterator[Missing]:
    """R-089: a strategy meeting was held, and the child's education is not arranged."""
    met = earliest(held(look.material.entries, "strategy"))
    if met is not None and not of_type(look.material.entries, "education-arrangement-recorded"):
        yield of_authority(look, met)


def health_not_considered(look: Look) -> Iterator[Missing]:
    """R-090: a strategy meeting was held, and the child's health needs were not considered."""
    met = earliest(held(look.material.entries, "strategy"))
    if met is not None and not of_type(look.material.entries, "health-needs-considered"):
        yield of_authority(look, met)


def absent_not_updated(look: Look) -> Iterator[Missing]:
    """R-093: an agency was absent from a meeting, and nobody has recorded bringing it up to date."""
    entries = look.material.entries
    for met in held(entries):
        absences = parts(met, "absent")
        if not absences or not waited(look, met, "absent_agency_working_days"):
            continue
        updated = {text(one, "organisation") for one in since(entries, met, "absent-agency-updated")}
        for row in absences:
            absent, updater = text(row, "organisation"), text(row, "updater")
            if absent is None or absent in updated:
                continue
            found = replace(by_poster(look, met), settings=setting(look, "absent_agency_working_days"))
            agency = organisation_of(updater) if updater else found.agency
            yield replace(found, agency=agency, person=updater, values={"absent": absent})


def records_not_given(look: Look) -> Iterator[Missing]:
    """R-092: records were asked for, and their holder has not decided; checks have a rule of their own."""
    entries = look.material.entries
    for asked in given_of(entries, "records-access-requested"):
        holder, scope = text(asked, "holder"), text(asked, "scope")
        if scope in (None, "background-check"):
            continue
        decided = since(entries, asked, "records-access-decided")
        if not any(
            one.about == asked.key or (one.about is None and one.organisation in (None, holder))
            for one in decided
        ):
            yield replace(by_poster(look, asked, values={"scope": scope}), agency=holder)


def consent_not_asked(look: Look) -> Iterator[Missing]:
    """R-095: a specialist assessment was decided on, and consent was not asked of child and parent."""
    entries = look.material.entries
    decided = latest(entries, "specialist-assessment-decided")
    if decided is None or text(decided, "decision") != "yes":
        return
    asked = {text(one, "from_whom") for one in of_type(entries, "assessment-consent-recorded")}
    left = sorted({"child", "parent"} - asked)
    if left:
        owner = text(decided, "consent_owner")
        person = owner if owner and "/" in owner else None
        found = replace(by_poster(look, decided), person=person, values={"from_whom": left})
        yield replace(found, agency=organisation_of(person)) if person else found


def order_not_decided(look: Look) -> Iterator[Missing]:
    """R-097: the child may have been harmed, is interviewed more than once, and no meeting set the order."""
    entries = look.material.entries
    considered = latest(entries, "victimisation-considered")
    if considered is None or text(considered, "outcome") not in ("suspected", "established"):
        return
    planned = given_of(entries, "interview-planned")
    interviews = as_given([*planned, *of_type(entries, "interview-held")])
    methods = {"social-worker": "social-work"}
    kinds = {text(one, "kind") or methods.get(m := text(one, "method") or "", m) for one in interviews}
    if len(kinds) < 2 or not harm_done(look.material):
        return
    if not any(texts(one, "order") and text(one, "decided_at_meeting") for one in planned):
        found = of_authority(look, interviews[0])
        yield replace(found, evidence=(considered, *interviews))


def contingency_due(look: Look) -> Iterator[Missing]:
    """R-098: a meeting planned for the case of a charge, a charge followed, and nothing was done on it."""
    entries = look.material.entries
    for charged in given_of(entries, "criminal-outcome-recorded"):
        if text(charged, "outcome") not in CHARGED:
            continue
        planned = [
            one
            for one in held(entries)
            if one.data.get("contingency") and instant_of(one) <= instant_of(charged)
        ]
        later = since(entries, charged, "meeting-held", "action-assigned")
        if planned and not later:
            yield by_poster(look, charged, planned[-1])


def no_meeting_at_all(look: Look) -> Iterator[Missing]:
    """R-099: the referral's outcome was no strategy meeting, and the agencies have not met at all."""
    entries = look.material.entries
    outcome = latest(entries, "referral-outcome-decided")
    if outcome is None or text(outcome, "outcome") in (None, "strategy", "none"):
        return
    if not of_type(entries, *MET) and waited(look, outcome, "planning_meeting_working_days"):
        found = of_authority(look, outcome)
        yield replace(found, settings=setting(look, "planning_meeting_working_days"))


def action_without_person(look: Look) -> Iterator[Missing]:
    """R-101: an action is assigned to an organisation, without the person or what they contribute."""
    entries = look.material.entries
    done = {text(one, "action") for one in of_type(entries, "action-completed")}
    for one in given_of(entries, "action-assigned"):
        if text(one, "action") in done or (text(one, "person") and text(one, "contribution")):
            continue
        found = by_poster(look, one)
        yield replace(found, agency=text(one, "organisation") or found.agency)


RULES: Final[tuple[Expected, ...]] = (
    expect(
        "R-089",
        "S3 s.4",
        text="How the child goes on with education is not recorded.",
        why="Both children go on learning, with help for the setting's risk assessment.",
        role="social-worker",
        starts={**CHILD, **HELD},
        meets={"education-arrangement-recorded": ()},
        find=no_education,
    ),
    expect(
        "R-090",
        "S3 s.4",
        text="Whether the child needs health care is not considered.",
        why="The health needs of both children are considered after a strategy meeting.",
        role="social-worker",
        starts={**CHILD, **HELD},
        meets={"health-needs-considered": ()},
        find=health_not_considered,
    ),
    expect(
        "R-092",
        "S3 s.4",
        text="A request for records is not decided.",
        why="Records of another organisation were asked for, and help to understand what happened.",
        role=None,
        starts={"records-access-requested": ("holder", "scope")},
        meets={"records-access-decided": ("poster",)},
        find=records_not_given,
    ),
    expect(
        "R-093",
        "S3 s.4",
        text="An agency that was absent from the meeting has not been brought up to date.",
        why="Somebody is named to tell each absent agency what was decided.",
        role=None,
        starts={"meeting-held": ("kind", "absent")},
        meets={"absent-agency-updated": ("organisation",)},
        find=absent_not_updated,
    ),
    expect(
        "R-095",
        "S3 s.4",
        text="Consent to the specialist assessment is not recorded.",
        why="The child and a parent are asked before the assessment begins.",
        role=None,
        starts={"specialist-assessment-decided": ("decision", "consent_owner")},
        meets={"assessment-consent-recorded": ("from_whom",)},
        find=consent_not_asked,
    ),
    expect(
        "R-097",
        "S3 s.4; S5 s.9",
        text="The order of the interviews is not decided by a strategy meeting.",
        why="The child has harmed and may have been harmed, and is interviewed more than once.",
        role="enquiry-social-worker",
        starts={
            **CHILD,
            **INCIDENTS,
            "victimisation-considered": ("outcome",),
            "interview-held": ("kind",),
        },
        meets={"interview-planned": ("method", "order", "decided_at_meeting")},
        find=order_not_decided,
    ),
    expect(
        "R-098",
        "S5 s.9",
        text="What was planned for the case of a charge has to be taken up.",
        why="A meeting planned ahead for this, and a charge or prosecution is recorded.",
        role=None,
        starts={"meeting-held": ("contingency",), "criminal-outcome-recorded": ("outcome",)},
        meets={"meeting-held": ("kind",), "action-assigned": ()},
        find=contingency_due,
    ),
    expect(
        "R-099",
        "S5 s.9",
        text="The agencies have not met to plan together.",
        why="Where no strategy meeting is needed, a planning meeting of the agencies is recommended.",
        role="social-worker",
        starts={**CHILD, "referral-outcome-decided": ("outcome",)},
        meets=MET,
        find=no_meeting_at_all,
    ),
    expect(
        "R-101",
        "S1; S3 s.4",
        text="An action does not say which person does it and what they contribute.",
        why="Everybody is clear about their own part.",
        role=None,
        starts={},
        meets={
            "action-assigned": ("action", "organisation", "person", "contribution"),
            "action-completed": ("action",),
        },
        find=action_without_person,
    ),
)
