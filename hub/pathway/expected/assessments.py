"""Enquiries, interviews and assessments that are missing for a child."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hub.envelope import JsonObject
from hub.pathway.calendar import london_day
from hub.pathway.child import incidents
from hub.pathway.circumstances import harm_done
from hub.pathway.course import (
    contact,
    earliest,
    latest,
    of_no_concern,
    open_investigation,
    service,
    since,
    under_age,
)
from hub.pathway.entries import Entry
from hub.pathway.expected.missing import (
    Members,
    Missing,
    days_since,
    expect,
    of_authority,
)
from hub.pathway.expected.rule import Expected, Look
from hub.pathway.fields import as_given, given_of, instant_of, of_type, organisation_kind, part, text, texts
from hub.pathway.profiles import authority

CHILD: Final[Members] = {"child-stream-opened": ("responsible_authority", "date_of_birth")}
INCIDENTS: Final[Members] = {**CHILD, "incident-recorded": ("role", "status")}
LEVELS: Final[Members] = {"behaviour-level-assessed": ("scale", "level", "poster")}
ASSESSMENTS: Final[Members] = {"assessment-started": (), "assessment-completed": ()}
NFA: Final[Members] = {"no-further-action-decided": ("about_what",)}
FULL: Final = ("single", "child-and-family")
CRIMINAL_AGE: Final = 10
SECTIONS: Final = ("development", "family", "education", "social", "own_experience_of_harm")


def no_enquiry(look: Look) -> Iterator[Missing]:
    """R-102: significant harm was suspected, and no enquiry was begun for this child.

    1. The referral's outcome was a strategy discussion.
    2. This child's strategy meeting was held since, or an enquiry for a linked child was begun.
    3. No enquiry was begun since the outcome, nor was it decided with reasons to take none.
    """
    entries = look.material.entries
    outcome = latest(entries, "referral-outcome-decided")
    if outcome is None or text(outcome, "outcome") != "strategy":  # 1.
        return
    met = [one for one in since(entries, outcome, "meeting-held") if text(one, "kind") == "strategy"]
    for linked in look.material.linked.values():
        met += since(linked, outcome, "section-47-enquiry-initiated")
    start = earliest(met)
    if start is None:  # 2.
        return
    if not since(entries, outcome, "section-47-enquiry-initiated", *NFA):  # 3.
        yield Missing(instant_of(start), (outcome, start), authority(look.material))


def no_assessment(look: Look) -> Iterator[Missing]:
    """R-103: a child who is in an incident that counts, and was referred, has no assessment of its own."""
    entries = look.material.entries
    if not incidents(entries) or of_no_concern(entries):
        return
    referred = [
        one
        for one in of_type(
            entries, "referral-made", "referral-outcome-decided", "section-47-enquiry-initiated"
        )
        if text(one, "outcome") != "none" and text(one, "target") in (None, "csc")
    ]
    strategy = [one for one in of_type(entries, "meeting-held") if text(one, "kind") == "strategy"]
    start = earliest([*referred, *strategy])
    if start is not None and not of_type(entries, *ASSESSMENTS):
        yield of_authority(look, start, values={"state": "none"})


def no_contributions(look: Look) -> Iterator[Missing]:
    """R-103: the last assessment names no agency that contributed."""
    completed = _completed(look)
    if completed is not None and not set(texts(completed, "contributing_agencies")) - {
        completed.organisation
    }:
        yield _of_author(completed)


def no_sections(look: Look) -> Iterator[Missing]:
    """R-104: the last assessment leaves a part of the child's circumstances out."""
    completed = _completed(look)
    if completed is None:
        return
    given = part(completed, "sections") or {}
    left = [one for one in SECTIONS if text(given, one) is None]
    if left:
        yield _of_author(completed, {"sections": left})


def no_strengths(look: Look) -> Iterator[Missing]:
    """R-104: the last assessment names neither a strength nor why none was found."""
    completed = _completed(look)
    if (
        completed is not None
        and not texts(completed, "strengths")
        and text(completed, "no_strengths_reason") is None
    ):
        yield _of_author(completed)


def no_risk_to_self(look: Look) -> Iterator[Missing]:
    """R-183: the last assessment does not say whether risk to the child's own life was considered."""
    completed = _completed(look)
    if completed is not None and text(completed, "risk_to_self") in (None, "not-considered"):
        yield _of_author(completed)


def opinion_awaited(look: Look) -> Iterator[Missing]:
    """R-105: a specialist opinion was asked for and has not come."""
    entries = look.material.entries
    for asked in given_of(entries, "specialist-opinion-requested"):
        answers = since(entries, asked, "specialist-opinion-received")
        if any(one.about in (None, asked.key) for one in answers):
            continue
        named = text(asked, "service")
        yield Missing(
            instant_of(asked), (asked,), named if named and "." in named else None,
            values={"days": days_since(look, asked), "service": named},
        )  # fmt: skip


def not_with_youth_justice(look: Look) -> Iterator[Missing]:
    """R-106: police investigate a child of ten or over, and youth justice has no part in the assessment."""
    entries = look.material.entries
    begun = [one for one in given_of(entries, "assessment-started") if text(one, "kind") in FULL]
    investigation = open_investigation(entries)
    if not begun or investigation is None or under_age(look.material, CRIMINAL_AGE):
        return
    if not harm_done(look.material):
        return
    taking_part = {one.organisation for one in of_type(entries, *ASSESSMENTS, "justice-assessment-completed")}
    for one in of_type(entries, *ASSESSMENTS):
        taking_part |= {*texts(one, "joint_with"), *texts(one, "contributing_agencies")}
    if "youth-justice" not in {organisation_kind(one) for one in taking_part}:
        evidence = (investigation, begun[-1])
        yield Missing(
            max(instant_of(one) for one in evidence), evidence, begun[-1].organisation, begun[-1].author,
            values={"youth_justice": service(entries, "youth-justice")},
        )  # fmt: skip


def need_without_owner(look: Look) -> Iterator[Missing]:
    """R-116: a need was recorded and nobody acts on it."""
    entries = look.material.entries
    for need in given_of(entries, "assessment-factor-recorded"):
        if text(need, "kind") != "unmet-need" or text(need, "owner") is not None:
            continue
        later = [
            one
            for one in since(entries, need, "assessment-factor-recorded")
            if text(one, "code") == text(need, "code") and text(one, "owner") is not None
        ]
        acted = [one for one in of_type(entries, "action-assigned") if one.about == need.key]
        if not later and not acted:
            yield of_authority(look, need, values={"need": text(need, "code")})


def no_key_practitioner(look: Look) -> Iterator[Missing]:
    """R-119: early help takes the child on, and no key practitioner is named."""
    entries = look.material.entries
    handed = [
        *(one for one in of_type(entries, "referral-made") if text(one, "target") == "early-help"),
        *(
            one
            for one in of_type(entries, "referral-outcome-decided")
            if text(one, "outcome") == "early-help"
        ),
        *(one for one in of_type(entries, "case-transfer-decided") if text(one, "target") == "early-help"),
        *(one for one in of_type(entries, "plan-started") if text(one, "kind") == "early-help"),
    ]
    start = earliest(handed)
    if start is not None and contact(entries, "key-practitioner", london_day(look.now)) is None:
        yield Missing(instant_of(start), (start,), text(start, "to") or authority(look.material))


def _completed(look: Look) -> Entry | None:
    """The last assessment completed by children's social care."""
    kinds = [
        one for one in of_type(look.material.entries, "assessment-completed") if text(one, "kind") in FULL
    ]
    return as_given(kinds)[-1] if kinds else None


def _of_author(completed: Entry, values: JsonObject | None = None) -> Missing:
    return Missing(
        instant_of(completed), (completed,), completed.organisation, completed.author, values=values or {}
    )


COMPLETED: Final[Members] = {**CHILD, "assessment-completed": ("kind",)}
IN_ASSESSMENT: Final = "S2 case-review summary; S3 s.4"

RULES: Final[tuple[Expected, ...]] = (
    expect(
        "R-102-enquiry",
        "S5 s.10; S3 s.4; S5 s.8",
        text="No enquiry into significant harm has been started for this child.",
        why="Significant harm was suspected, and each child has an enquiry of its own.",
        role="team-manager",
        starts={
            **CHILD,
            "referral-outcome-decided": ("outcome",),
            "meeting-held": ("kind",),
            "section-47-enquiry-initiated": (),
        },
        meets={"section-47-enquiry-initiated": (), "referral-outcome-decided": ("outcome",), **NFA},
        find=no_enquiry,
    ),
    expect(
        "R-103-assessment",
        "S3 s.4; S5 s.8; S3 s.1",
        text="No assessment of this child has been started.",
        why="Every child who has harmed and every child who has been harmed has an assessment of its own.",
        role="social-worker",
        starts={
            **INCIDENTS,
            "referral-made": ("target",),
            "referral-outcome-decided": ("outcome",),
            "section-47-enquiry-initiated": (),
            "meeting-held": ("kind",),
        },
        meets={**ASSESSMENTS, **LEVELS},
        find=no_assessment,
    ),
    expect(
        "R-103-contributions",
        "S3 s.4; S5 s.8",
        text="The assessment does not name another agency that contributed.",
        why="An assessment brings together what several agencies know.",
        role="social-worker",
        starts=COMPLETED,
        meets={"assessment-completed": ("kind", "contributing_agencies", "poster")},
        find=no_contributions,
    ),
    expect(
        "R-104-sections",
        IN_ASSESSMENT,
        text="The assessment leaves out part of the child's circumstances.",
        why="Development, family, education, social life and own experience of harm are assessed.",
        role="social-worker",
        starts=COMPLETED,
        meets={"assessment-completed": ("kind", "sections")},
        find=no_sections,
    ),
    expect(
        "R-104-strengths",
        IN_ASSESSMENT,
        text="The assessment names no strength, and does not say why none was found.",
        why="Concerns are balanced with strengths.",
        role="social-worker",
        starts=COMPLETED,
        meets={"assessment-completed": ("kind", "strengths", "no_strengths_reason")},
        find=no_strengths,
    ),
    expect(
        "R-105",
        "S5 s.10",
        text="A specialist opinion was asked for and has not been received.",
        why="The opinion may inform the enquiry and the assessment.",
        role="therapist",
        starts={"specialist-opinion-requested": ("service",)},
        meets={"specialist-opinion-received": ()},
        find=opinion_awaited,
    ),
    expect(
        "R-106",
        "S5 s.8",
        text="Youth justice has no part in the assessment so far.",
        why="The police are investigating a child of ten or over: youth justice takes part where relevant.",
        role="social-worker",
        starts={
            **INCIDENTS,
            "assessment-started": ("kind",),
            "criminal-investigation-decided": ("decision",),
        },
        meets={
            "assessment-started": ("kind", "joint_with", "poster"),
            "assessment-completed": ("contributing_agencies", "poster"),
            "justice-assessment-completed": ("poster",),
            "criminal-outcome-recorded": (),
        },
        find=not_with_youth_justice,
    ),
    expect(
        "R-116",
        "S5 s.4; S5 s.14",
        text="A need of the child was recorded and no one is acting on it yet.",
        why="Needs are met, by universal services where that is possible.",
        role="social-worker",
        starts={**CHILD, "assessment-factor-recorded": ("kind", "code", "owner")},
        meets={"assessment-factor-recorded": ("kind", "code", "owner"), "action-assigned": ()},
        find=need_without_owner,
    ),
    expect(
        "R-119",
        "S5 s.14",
        text="No key practitioner is named for this child.",
        why="Early help works through one key practitioner, who is the single contact.",
        role="early-help-worker",
        starts={
            **CHILD,
            "referral-made": ("target", "to"),
            "referral-outcome-decided": ("outcome",),
            "case-transfer-decided": ("target",),
            "plan-started": ("kind",),
        },
        meets={"named-contact-appointed": ("role", "person", "from", "until")},
        find=no_key_practitioner,
    ),
    expect(
        "R-183",
        "S1 reasons and introduction; S2 case-review summary",
        text="The assessment does not say whether risk to the child's own life was considered.",
        why="Harmful behaviour may go with risk to the child's own life.",
        role="social-worker",
        starts=COMPLETED,
        meets={"assessment-completed": ("kind", "risk_to_self")},
        find=no_risk_to_self,
    ),
)
