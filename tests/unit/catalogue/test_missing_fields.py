"""What the poster of a fact is told is missing: a row per field that is asked of the post itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

import schemas
from hub.catalogue import load_catalogue
from hub.catalogue.types import OpenItem
from hub.envelope import EventKey, JsonValue, VerifiedEvent

CATALOGUE = load_catalogue()
TIME = datetime(2025, 9, 12, 14, 25, tzinfo=UTC)
FACTS = [name for name, one in CATALOGUE.types.items() if one.kind == "fact"]
PERSON = "police.n-police/caiu-1"
EVENT: dict[str, JsonValue] = {
    "source": "urn:safeguarding:org:police.n-police",
    "id": "0123456789ABCDEF",
}
SUBJECTS = {"child": "nhs:9991001018", "organisation": "organisation:police.n-police"}
Data = Mapping[str, JsonValue]
SOURCES = frozenset(schemas.schema("initial-account-recorded")["properties"]["source_type"]["enum"])
# requirement, type, what makes it asked for beside the minimal example, what answers it.
ASKED: tuple[tuple[str, str, Data, Data], ...] = (
    ("R-017", "behaviour-level-assessed", {}, {"about": EVENT}),
    ("R-025", "behaviour-level-assessed", {"power": "no", "exploitation": "no"}, {"consent": "unknown"}),
    ("R-025", "behaviour-level-assessed", {"consent": "no", "exploitation": "no"}, {"power": "unknown"}),
    ("R-025", "behaviour-level-assessed", {"consent": "no", "power": "no"}, {"exploitation": "unknown"}),
    ("R-026", "behaviour-screened", {"tool": "brook"}, {"colour": "green"}),
    ("R-027", "behaviour-screened", {"tool": "brook"}, {"band": "9-13"}),
    ("R-028", "behaviour-screened", {"tool": "brook"}, {"tool_version": "2020"}),
    ("R-030", "behaviour-screened", {"tool": "hackett"}, {"trained": False}),
    ("R-031", "child-circumstance-recorded", {"kind": "disability"}, {"from": "2025-01-01"}),
    ("R-035", "assessment-completed", {}, {"online_networks": "nothing-found"}),
    ("R-044", "victimisation-considered", {}, {"opportunities_given": ["2025-09-10"]}),
    (
        "R-047",
        "initial-account-recorded",
        {"received_by": "a", "recorded_by": "b", "words": "w"},
        {"difference_reason": "She was ill."},
    ),
    ("R-051", "meeting-held", {"kind": "core-group"}, {"immediate_protection_confirmed": False}),
    (
        "R-052",
        "setting-risk-assessment-recorded",
        {"parts": [1], "part_1": "p"},
        {"part_3": "p"},
    ),
    (
        "R-052",
        "setting-risk-assessment-recorded",
        {"parts": [3], "part_3": "p"},
        {"part_1": "p"},
    ),
    ("R-052", "setting-risk-assessment-recorded", {"parts": [2]}, {"part_2": "p"}),
    ("R-057", "engagement-changed", {"engagement": "refused"}, {"reasons": ["denial-parent"]}),
    ("R-059", "assessment-completed", {}, {"reasons_explored": "r"}),
    ("R-070", "oversight-advice-given", {}, {"advice": "a"}),
    ("R-070", "oversight-notified", {"target": "safeguarding-unit"}, {"level": "problematic"}),
    (
        "R-072",
        "contact-children-risk-assessed",
        {"considered": True},
        {"children": [{"other": 1, "outcome": "assessed"}]},
    ),
    ("R-072", "child-circumstance-recorded", {"kind": "placement"}, {"organisation": "other.home-f1"}),
    ("R-086", "meeting-checklist-completed", {}, {"items": [{"item": "ages", "answer": "done"}]}),
    ("R-089", "education-arrangement-recorded", {"attendance": "full"}, {"risk_assessment_aid": False}),
    ("R-090", "health-needs-considered", {}, {"referral_made": False}),
    ("R-092", "records-access-requested", {}, {"purpose": "p"}),
    ("R-093", "absent-agency-updated", {"meeting": "M1"}, {"items": ["safety"]}),
    ("R-095", "assessment-consent-recorded", {"tool": "aim3"}, {"outcome": "refused"}),
    ("R-095", "assessment-consent-recorded", {"tool": "aim3", "outcome": "given"}, {"scope": "s"}),
    ("R-096", "assessment-consent-recorded", {"outcome": "given"}, {"share_with": ["court"]}),
    ("R-098", "meeting-held", {"kind": "strategy"}, {"contingency": ["If charged, meet again."]}),
    ("R-103", "assessment-completed", {}, {"contributing_agencies": ["education.elm-school"]}),
    ("R-105", "specialist-opinion-requested", {}, {"question": "q"}),
    ("R-105", "specialist-opinion-received", {"about": EVENT}, {"summary": "s"}),
    (
        "R-107",
        "interview-held",
        {"kind": "pace", "cautioned": True, "recorded": True},
        {"adult_present": "carer"},
    ),
    ("R-110", "admission-flagged", {"about": EVENT}, {"continued": "separate-interview-needed"}),
    (
        "R-110",
        "admission-flagged",
        {"about": EVENT, "continued": "continued-with-police-agreement"},
        {"police_agreed_by": PERSON},
    ),
    ("R-111", "support-arranged", {"start": "2025-10-06"}, {"provider": PERSON}),
    ("R-115", "nothing-known", {"from": "2020-01-01"}, {"about": EVENT}),
    ("R-115", "nothing-known", {"from": "2020-01-01"}, {"entry_id": "e1"}),
    (
        "R-116",
        "assessment-factor-recorded",
        {"kind": "unmet-need", "service_level": "universal"},
        {"owner": PERSON},
    ),
    (
        "R-126",
        "conference-held",
        {"stated_at_outset": True},
        {"addresses": ["has-harmed", "has-been-harmed"]},
    ),
    (
        "R-129",
        "conference-held",
        {"outcome": "plan", "addresses": ["has-been-harmed", "has-harmed"]},
        {"behaviour_response": "r"},
    ),
    (
        "R-129",
        "conference-held",
        {"outcome": "no-plan", "behaviour_response": "r", "next_step": "cin"},
        {"behaviour_services_considered": False},
    ),
    ("R-141", "child-circumstance-recorded", {"kind": "placement"}, {"place": "P1"}),
    ("R-147", "action-completed", {}, {"outcome": "done"}),
    ("R-148", "intervention-started", {}, {"provider": PERSON}),
    ("R-150", "intervention-offered", {}, {"wait_days": 0}),
    ("R-153", "engagement-changed", {"engagement": "unable"}, {"ongoing_risk": "unknown"}),
    ("R-155", "contact-children-risk-assessed", {}, {"considered": True}),
    ("R-155", "contact-children-risk-assessed", {"considered": False}, {"reason": "No such circle."}),
    ("R-157", "child-moved-area", {}, {"moved_on": "2025-09-10"}),
    ("R-166", "court-stage-recorded", {"stage": "bail", "on": "2025-09-10"}, {"conditions": ["no-contact"]}),
    ("R-166", "court-information-supplied", {"consent": True}, {"items": ["education"]}),
    ("R-168", "court-stage-recorded", {"stage": "adjourned"}, {"requested_adjournment_weeks": 6}),
    ("R-173", "custody-release-notified", {"establishment": "E1"}, {"to_authority": "social-care.n-csc"}),
    ("R-179", "professional-disagreement-raised", {"evidence": [EVENT]}, {"position": "p"}),
    ("R-179", "professional-disagreement-raised", {"position": "p"}, {"about": EVENT}),
    ("R-179", "professional-disagreement-resolved", {"about": EVENT}, {"how": "h"}),
    ("R-183", "assessment-completed", {}, {"risk_to_self": "considered"}),
    ("R-189", "framework-audit-scored", {}, {"statement": "in-1"}),
    ("R-189", "framework-audit-scored", {"statement": "in-1", "score": 1}, {"evidence": "e"}),
    ("R-191", "framework-audit-scored", {}, {"cycle": "2025"}),
    ("R-192", "framework-audit-action-agreed", {}, {"what": "w"}),
    ("R-192", "framework-audit-action-agreed", {}, {"owner": PERSON}),
    ("R-192", "framework-audit-action-agreed", {}, {"due": "2026-03-01"}),
    ("R-196", "training-attested", {}, {"role": "police-officer"}),
    ("R-196", "training-attested", {}, {"topic": "levels-of-behaviour"}),
    ("R-196", "training-attested", {}, {"attested_on": "2025-09-01"}),
    ("R-197", "profile-adopted", {}, {"version": "1"}),
    ("R-197", "profile-adopted", {}, {"owner": PERSON}),
    ("R-197", "profile-adopted", {}, {"from": "2025-09-01"}),
)
# type, what was posted: nothing of that requirement is asked for.
NOT_ASKED: tuple[tuple[str, str, Data], ...] = (
    ("R-027", "behaviour-screened", {"tool": "hackett"}),
    ("R-047", "initial-account-recorded", {"received_by": "a", "recorded_by": "a", "words": "w"}),
    ("R-057", "engagement-changed", {"engagement": "engaged"}),
    ("R-096", "assessment-consent-recorded", {"outcome": "refused"}),
    ("R-098", "meeting-held", {"kind": "hsb"}),
    ("R-104", "assessment-completed", {"kind": "health", "no_strengths_reason": "None was seen."}),
    ("R-107", "interview-held", {"kind": "abe"}),
    ("R-116", "assessment-factor-recorded", {"kind": "strength"}),
    ("R-129", "conference-held", {"outcome": "plan", "addresses": ["has-been-harmed"]}),
    ("R-141", "child-circumstance-recorded", {"kind": "lac"}),
    # A score of 0 needs no note, and a statement that was not answered has no score.
    ("R-189", "framework-audit-scored", {"statement": "in-1", "score": 0}),
    ("R-189", "framework-audit-scored", {"statement": "in-1"}),
)


def told(type_: str, data: Data) -> list[str]:
    """The rules of the warnings about a post of this type: its minimal example and this."""
    minimal = next(one for one in schemas.examples(type_) if one.name == "minimal").event["data"]
    assert isinstance(minimal, Mapping)
    return _warnings(type_, {**minimal, **data})


def _warnings(type_: str, data: Data) -> list[str]:
    verified = VerifiedEvent(
        compact=b"",
        payload=b"",
        kid="k",
        organisation="police.n-police",
        iat=TIME,
        key=EventKey("urn:safeguarding:org:police.n-police", "01JC8Z3V9E4T6R7K2M5N8P0Q1S"),
        type=type_,
        version=1,
        subject=SUBJECTS[CATALOGUE.types[type_].about],
        time=TIME,
        data=data,
    )
    return [one.rule for one in CATALOGUE.validate(verified).warnings]


@pytest.mark.parametrize(
    ("requirement", "type_", "asking", "answer"),
    [
        pytest.param(
            *row, id=f"{row[0]}-{row[1]}-{next(iter(row[3]))}", marks=pytest.mark.req("H-27", row[0])
        )
        for row in ASKED
    ],
)
def test_a_post_without_it_is_kept_and_told_so(
    requirement: str, type_: str, asking: Data, answer: Data
) -> None:
    without, answered = told(type_, asking), told(type_, {**asking, **answer})
    assert without.count(requirement) == answered.count(requirement) + 1


@pytest.mark.parametrize(
    ("requirement", "type_", "data"),
    [pytest.param(*row, id=f"{row[0]}-{row[1]}", marks=pytest.mark.req(row[0])) for row in NOT_ASKED],
)
def test_what_does_not_apply_is_not_asked_for(requirement: str, type_: str, data: Data) -> None:
    assert requirement not in told(type_, data)


@pytest.mark.req("R-104")
@pytest.mark.parametrize("kind", ["single", "child-and-family", "early-help"])
def test_r104_an_assessment_has_five_parts_and_strengths_or_why_there_are_none(kind: str) -> None:
    parts = ("development", "family", "education", "social", "own_experience_of_harm")
    assert told("assessment-completed", {"kind": kind}).count("R-104") == 6
    sections: Data = {part: "A neutral sample sentence." for part in parts}
    for left_out in parts:
        some = {part: text for part, text in sections.items() if part != left_out}
        assert told("assessment-completed", {"kind": kind, "sections": some}).count("R-104") == 2
    answered: Data = {"kind": kind, "sections": dict(sections)}
    assert told("assessment-completed", answered).count("R-104") == 1
    for strengths in ({"strengths": ["Settled at school."]}, {"no_strengths_reason": "None was seen."}):
        assert told("assessment-completed", {**answered, **strengths}).count("R-104") == 0
    assert told("assessment-completed", {**answered, "strengths": []}).count("R-104") == 1


@pytest.mark.req("R-042")
@pytest.mark.parametrize("source", sorted(SOURCES))
def test_r042_no_way_of_learning_of_it_is_refused(source: str) -> None:
    assert {"friend-report", "overheard", "behaviour-observed"} <= SOURCES
    told("initial-account-recorded", {"source_type": source})


@pytest.mark.req("R-039")
def test_r039_each_of_the_five_considerations_is_asked_for() -> None:
    names = ("age", "maturity", "development", "experience", "awareness_of_consequences")
    assert told("consent-competency-assessed", {}).count("R-039") == 5
    for count in range(6):
        answered: Data = {name: "Considered." for name in names[:count]}
        asked = told("consent-competency-assessed", {"considerations": dict(answered)})
        assert asked.count("R-039") == 5 - count


@pytest.mark.req("R-058")
def test_r058_words_and_wishes_are_asked_for_unless_the_record_says_them_otherwise() -> None:
    assert told("child-voice-recorded", {}).count("R-058") == 4
    assert told("child-voice-recorded", {"reassurance_given": True}).count("R-058") == 3
    wishes: Data = {"not_to_share_with": ["other.home-f1"]}
    assert told("child-voice-recorded", {"reassurance_given": True, **wishes}).count("R-058") == 2


@pytest.mark.req("H-27")
@pytest.mark.parametrize("name", FACTS)
def test_whatever_is_asked_for_a_post_with_everything_is_told_nothing_of_a_field_that_it_has(
    name: str,
) -> None:
    full = next(one for one in schemas.examples(name) if one.name == "full").event["data"]
    assert isinstance(full, Mapping)
    asked = _warnings(name, full)
    left = {item.requirement for item in CATALOGUE.types[name].open_items if not _has(full, item)}
    assert set(asked) - {"Q-05", "H-27"} <= left


def _has(data: Data, item: OpenItem) -> bool:
    value: JsonValue = data
    for step in item.field.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value not in (None, "", [])
