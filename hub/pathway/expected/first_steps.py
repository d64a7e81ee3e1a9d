"""First account, safety now, telling the child and the family: what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from hub.pathway.child import in_role
from hub.pathway.circumstances import HARMED, HAS_HARMED, happened_from, harm_done, harm_suffered
from hub.pathway.course import earliest, investigation_ended, since
from hub.pathway.entries import Entries, Entry
from hub.pathway.expected.missing import (
    Members,
    Missing,
    by_poster,
    expect,
    noticed,
    of_authority,
    passed,
    passed_hours,
    setting,
)
from hub.pathway.expected.rule import Expected, Look
from hub.pathway.fields import (
    given_of,
    in_order,
    instant_of,
    of_type,
    organisation_kind,
    part,
    text,
    truth,
)

CHILD: Final[Members] = {"child-stream-opened": ("responsible_authority",)}
ROLES: Final[Members] = {**CHILD, "incident-recorded": ("role", "status", "others")}
TOLD_FAMILY: Final[Members] = {"family-informed": ("topic",)}
SETTING_PARTS: Final = ("part_1", "part_3")

ACCOUNT: Final = "initial-account-recorded"


def no_safety_statement(look: Look) -> Iterator[Missing]:
    """R-010: nobody has said since the last incident that the child who was harmed is safe."""
    harm = in_order(harm_suffered(look.material))
    if not harm or not passed_hours(look, harm[-1].recorded_at, "safety_statement_hours"):
        return
    said = of_type(look.material.entries, "immediate-safety-measure-recorded", "plan-reviewed")
    if not any(instant_of(one) >= happened_from(harm[-1]) for one in said):
        yield replace(noticed(look, harm[-1]), settings=setting(look, "safety_statement_hours"))


def no_difference_reason(look: Look) -> Iterator[Missing]:
    """R-047: another person wrote the first account down than received it, and nobody says why."""
    for one in given_of(look.material.entries, "initial-account-recorded"):
        received, recorded = text(one, "received_by"), text(one, "recorded_by")
        if received and recorded and received != recorded and text(one, "difference_reason") is None:
            yield by_poster(look, one)


def no_reassurance(look: Look) -> Iterator[Missing]:
    """R-048: the organisation that received the first account has not recorded reassuring the child."""
    for account, own in _accounts(look.material.entries):
        voices = since(own, account, "child-voice-recorded")
        if any(truth(one, "reassurance_given") for one in voices):
            continue
        if passed(look, account.recorded_at, "reassurance_working_days"):
            found = noticed(look, account, agency=account.organisation)
            yield replace(found, settings=setting(look, "reassurance_working_days"))


def _accounts(entries: Iterable[Entry]) -> Iterator[tuple[Entry, Sequence[Entry]]]:
    """The first account of a child who was harmed that each organisation received, with all its posts."""
    entries = Entries.over(entries)
    received = of_type(entries, ACCOUNT)
    for organisation in sorted({one.organisation for one in received if one.organisation is not None}):
        own = entries.once(f"posts of {organisation}", partial(Entries, entries.posted[organisation]))
        account = earliest(of_type(own, ACCOUNT))
        if account is not None and (in_role(own, HARMED) or not in_role(own, HAS_HARMED)):
            yield account, own


def not_confirmed(look: Look) -> Iterator[Missing]:
    """R-051: at the last meeting about the child nobody confirmed that its protection stands."""
    meetings = given_of(look.material.entries, "meeting-held")
    if not meetings or truth(meetings[-1], "immediate_protection_confirmed") is True:
        return
    if not since(look.material.entries, meetings[-1], "immediate-safety-measure-recorded"):
        yield by_poster(look, meetings[-1])


def no_setting_assessment(look: Look) -> Iterator[Missing]:
    """R-052: a school received the first account, and has recorded no risk assessment of its setting."""
    for account, own in _accounts(look.material.entries):
        if organisation_kind(account.organisation) == "education" and not of_type(
            own, "setting-risk-assessment-recorded"
        ):
            yield noticed(look, account, agency=account.organisation)


def setting_part_missing(look: Look) -> Iterator[Missing]:
    """R-052: a setting's risk assessment on the harmed child's record leaves one of its parts out.

    An event with part 2 alone is about the other child, and has no open part.
    """
    entries = look.material.entries
    recorded = given_of(entries, "setting-risk-assessment-recorded")
    for organisation in sorted({one.organisation for one in recorded if one.organisation}):
        own = [one for one in recorded if one.organisation == organisation]
        left = [name for name in SETTING_PARTS if not any(text(one, name) for one in own)]
        about_harmed = [one for one in own if any(text(one, name) for name in SETTING_PARTS)]
        if left and about_harmed:
            yield by_poster(look, about_harmed[-1], values={"parts": left})


def family_not_told(look: Look) -> Iterator[Missing]:
    """R-054: it is not recorded that the parents were told of an incident, or why they were not."""
    told = [
        one for one in of_type(look.material.entries, "family-informed") if text(one, "topic") == "incident"
    ]
    open_ = [
        one
        for one in [*in_role(look.material.entries, HARMED), *in_role(look.material.entries, HAS_HARMED)]
        if passed(look, one.recorded_at, "family_informed_working_days")
        and not any(instant_of(informed) >= happened_from(one) for informed in told)
    ]
    if open_:
        found = noticed(look, *in_order(open_))
        yield replace(found, settings=setting(look, "family_informed_working_days"))


def programme_not_explained(look: Look) -> Iterator[Missing]:
    """R-055: work with a child who has harmed began, and the parents were not told what it involves."""
    started = _programme(look)
    if started is not None and not _told(look, "programme"):
        yield of_authority(look, started)


def parents_not_supported(look: Look) -> Iterator[Missing]:
    """R-055: work with a child who has harmed began, and no support for the parents is recorded."""
    started = _programme(look)
    if started is None:
        return
    support = of_type(
        look.material.entries, "support-arranged", "intervention-offered", "intervention-started"
    )
    if not any(text(one, "for") in ("parents", "carer") for one in support):
        yield of_authority(look, started)


def _programme(look: Look) -> Entry | None:
    started = [
        one
        for one in of_type(look.material.entries, "intervention-started")
        if text(one, "for") in (None, "child")
    ]
    return earliest(started) if harm_done(look.material) else None


def _told(look: Look, topic: str) -> bool:
    return any(text(one, "topic") == topic for one in of_type(look.material.entries, "family-informed"))


def no_legal_advice(look: Look) -> Iterator[Missing]:
    """R-056: an interview or a specialist assessment was planned without advice on legal advice.

    1. It is about a child who has harmed: a police or social work interview, or an assessment decided on.
    2. Nobody recorded since that child and family were told of their right, nor that advice was given.
    """
    entries = look.material.entries
    steps = [
        one
        for one in of_type(entries, "interview-planned", "interview-held", "specialist-assessment-decided")
        if text(one, "kind") in ("pace", "social-work")
        or text(one, "method") in ("pace", "social-worker")
        or text(one, "decision") == "yes"
    ]
    start = earliest(steps)
    if start is None or not harm_done(look.material):  # 1.
        return
    planned = of_type(entries, "interview-planned")
    if not _told(look, "legal-advice") and not any(truth(one, "legal_advice_given") for one in planned):  # 2.
        yield by_poster(look, start)


def no_voice(look: Look) -> Iterator[Missing]:
    """R-058: the plan was reviewed, and the child's voice is not recorded since the review before."""
    entries = look.material.entries
    reviews = given_of(entries, "plan-reviewed")
    if not reviews or part(reviews[-1], "voice") is not None:
        return
    earlier = [*reviews[:-1], *of_type(entries, "risk-management-plan-recorded", "plan-started")]
    before = [instant_of(one) for one in earlier if instant_of(one) < instant_of(reviews[-1])]
    voices = of_type(entries, "child-voice-recorded")
    if not any(not before or instant_of(one) > max(before) for one in voices):
        yield by_poster(look, reviews[-1])


def end_not_told(look: Look) -> Iterator[Missing]:
    """R-060: criminal matters have ended, and how the child and the family are told is not recorded."""
    ended = investigation_ended(look.material.entries)
    if ended is not None and not _told(look, "end-of-criminal-matters"):
        yield of_authority(look, ended)


RULES: Final[tuple[Expected, ...]] = (
    expect(
        "R-010",
        "S5 s.1",
        text="Nobody has recorded whether the child who was harmed is safe now.",
        why="The child who was harmed is protected first, and the harm must not happen again.",
        role="social-worker",
        starts=ROLES,
        meets={"immediate-safety-measure-recorded": (), "plan-reviewed": ()},
        find=no_safety_statement,
    ),
    expect(
        "R-047",
        "S3 s.4; S5 s.6",
        text="It is not said why another person wrote the first account down than the one who heard it.",
        why="Whoever receives the first account writes it down.",
        role=None,
        starts={},
        meets={"initial-account-recorded": ("received_by", "recorded_by", "difference_reason")},
        find=no_difference_reason,
        told="owner",
    ),
    expect(
        "R-048",
        "S3 s.4; S5 s.6",
        text="The organisation that received the first account has not recorded reassuring the child.",
        why="Every child who was harmed is told that they are taken seriously and will be kept safe.",
        role=None,
        starts={"initial-account-recorded": (), "incident-recorded": ("role", "status")},
        meets={"child-voice-recorded": ("reassurance_given",)},
        find=no_reassurance,
        own=True,
    ),
    expect(
        "R-051",
        "S3 s.4",
        text="The last meeting did not confirm that the child is protected now.",
        why="Protection is confirmed again at every meeting and review.",
        role=None,
        starts={"meeting-held": ("kind",)},
        meets={"meeting-held": ("immediate_protection_confirmed",), "immediate-safety-measure-recorded": ()},
        find=not_confirmed,
    ),
    expect(
        "R-052",
        "S5 s.6",
        text="The setting has not recorded its risk assessment.",
        why="After a first account the safeguarding lead assesses the risk to each child and to others.",
        role="designated-safeguarding-lead",
        starts={"initial-account-recorded": (), "incident-recorded": ("role", "status")},
        meets={"setting-risk-assessment-recorded": ()},
        find=no_setting_assessment,
        own=True,
    ),
    expect(
        "R-052-parts",
        "S5 s.6",
        text="A part of the setting's risk assessment is empty.",
        why="The assessment looks at the child who was harmed, at the other child, and at everybody else.",
        role="designated-safeguarding-lead",
        starts={},
        meets={"setting-risk-assessment-recorded": ("part_1", "part_3")},
        find=setting_part_missing,
        own=True,
    ),
    expect(
        "R-054",
        "S1",
        text="It is not recorded that the parents or carers were told, or why they were not.",
        why="Parents are told of incidents their child was involved in, unless telling them brings risk.",
        role="social-worker",
        starts=ROLES,
        meets=TOLD_FAMILY,
        find=family_not_told,
    ),
    expect(
        "R-055-programme",
        "S5 s.8",
        text="It is not recorded that the parents were told what the work with the child involves.",
        why="Parents are told beforehand that the work will speak openly about behaviour.",
        role="social-worker",
        starts={**ROLES, "intervention-started": ("for",)},
        meets=TOLD_FAMILY,
        find=programme_not_explained,
    ),
    expect(
        "R-055-support",
        "S3 s.3; S5 s.8",
        text="No support for the parents is recorded.",
        why="Early support helps parents with shock and denial, and helps the child to take part.",
        role="social-worker",
        starts={**ROLES, "intervention-started": ("for",)},
        meets={
            "support-arranged": ("for",),
            "intervention-offered": ("for",),
            "intervention-started": ("for",),
        },
        find=parents_not_supported,
    ),
    expect(
        "R-056",
        "S5 s.8",
        text="It is not recorded that the child and the family were told of their right to legal advice.",
        why="They are told before an interview, and before they are asked to agree to an assessment.",
        role=None,
        starts={
            **ROLES,
            "interview-planned": ("method",),
            "interview-held": ("kind",),
            "specialist-assessment-decided": ("decision",),
        },
        meets={**TOLD_FAMILY, "interview-planned": ("legal_advice_given",)},
        find=no_legal_advice,
    ),
    expect(
        "R-058",
        "S3 s.4; S1; S2",
        text="The child's voice is not recorded since the review before.",
        why="Every plan and review rests on what the child says and how the child lives.",
        role=None,
        starts={"risk-management-plan-recorded": (), "plan-started": ()},
        meets={"child-voice-recorded": (), "plan-reviewed": ("voice",)},
        find=no_voice,
    ),
    expect(
        "R-060",
        "S3 s.4",
        text="How the child and the family are told that criminal matters have ended is not recorded.",
        why="The message is planned, so that the work on risk goes on.",
        role="social-worker",
        starts={**CHILD, "criminal-outcome-recorded": ("outcome",)},
        meets=TOLD_FAMILY,
        find=end_not_told,
    ),
)
