"""The shipped local procedures, row by row: what D.1, the checklists of H and the tensions of I ask."""

from __future__ import annotations

import json
import re
from dataclasses import fields, is_dataclass
from datetime import date

import pytest

import schemas
from hub.pathway.profiles import PROFILES, SETTINGS, TERMS_AVOIDED, designated_for, references_for
from hub.pathway.profiles.lists import KINDS, MEETINGS, decisions
from hub.pathway.profiles.single import BANDS, COLOURS, FACTORS, TARGETS, TOPICS

DARLINGTON, LLR = PROFILES["darlington-2025"], PROFILES["llr-2024"]
BOTH = pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda one: one.id)


def ids(profile):
    return {one.invitee: one for one in profile.invitations}


def rules(profile, meeting):
    return {one.invitee: one.force for one in profile.invitations if meeting in one.meetings}


D1 = [
    ("terms", "R-006", lambda p: p.terms.has_harmed, "Child who has Sexually Harmed",
     "child or young person who displays harmful sexual behaviour"),
    ("levelScale", "R-021", lambda p: p.level_scale.value, "darlington-4", "hackett-5"),
    ("screening", "R-026", lambda p: p.screening.expected_at_triage, False, True),
    ("strategyClock", "R-077", lambda p: p.strategy_clock and p.strategy_clock.hours, 72, None),
    ("strategyTrigger", "R-078", lambda p: p.strategy_trigger.value, "notice-of-harm",
     "significant-harm-or-police"),
    ("separateMeetings", "Q-01", lambda p: p.separate_meetings.value, "consider", "consider"),
    ("yjsStrategyInvite", "R-080", lambda p: rules(p, "strategy")["youth-justice"], "always", "consider"),
    ("yjsConferenceInvite", "R-127", lambda p: rules(p, "cpc")["youth-justice"], "consider", "invited"),
    ("differentSocialWorker", "R-068", lambda p: p.different_social_worker.value,
     "both-meetings-or-more-than-two", "always"),
    ("chairMultiAuthority", "R-084", lambda p: p.chair_multi_authority.value,
     "authority-of-child-who-has-been-harmed", "authority-of-each-child"),
    ("smg", "R-100", lambda p: p.strategic_management_group.value, "not-stated", "complex-cases"),
    ("cpcNotHeld", "R-124", lambda p: p.conference_not_held.requires, {"rationale", "manager"},
     {"rationale"}),
    ("hsbMeeting", "R-132", lambda p: p.hsb_meeting.value, "after-any-assessment",
     "after-conference-and-assessment"),
    ("reviews", "R-143", lambda p: (p.review.pattern, p.review.first_months, p.review.later_months),
     ("chair-interval", (), None), ("calendar", (3, 6), 6)),
    ("stepDown", "R-146", lambda p: (p.step_down.requires, p.step_down.targets),
     ({"rationale", "manager", "meeting"}, ("building-stronger-families",)), (set(), ("early-help",))),
    ("under10", "R-106", lambda p: p.simplified_under_ten, False, True),
    ("interviews10plus", "R-107", lambda p: p.interviews.value, "police-first", "method-agreed"),
    ("mappa", "R-171", lambda p: p.mappa.value, "coordinator-told-on-release", "referral-on-conviction"),
    ("oversight", "R-070", lambda p: p.oversight.safeguarding_unit_from, None, "inappropriate"),
    ("aim", "R-094", lambda p: (p.specialist_assessment.from_age, p.specialist_assessment.to_age),
     (None, None), (12, 18)),
    ("consent", "R-039", lambda p: (p.consent.referral_under, p.consent.competency_to), (13, 15), (13, 15)),
    ("imageScope", "R-036", lambda p: p.image_scope.value, "prosecution-guidance", "scope-decided"),
    ("disabledAdults", "R-003", lambda p: p.disabled_adult_age, 25, None),
    ("nonEngagement", "R-153", lambda p: p.non_engagement.value, "notify-group", "not-stated"),
    ("courtPath", "R-166", lambda p: p.court_path.value, "not-stated", "court-path"),
    ("frontDoor", "R-049", lambda p: [one.kind for one in p.contacts], ["office", "out-of-hours"],
     ["any-time"]),
]  # fmt: skip


@pytest.mark.req("R-197")
@pytest.mark.parametrize(
    ("read", "darlington", "llr"), [row[2:] for row in D1], ids=[f"{row[1]}-{row[0]}" for row in D1]
)
def test_every_row_of_the_local_procedures_has_its_value(read, darlington, llr):
    assert read(DARLINGTON) == darlington
    assert read(LLR) == llr


def _sourced(value, path):
    if is_dataclass(value):
        names = {one.name for one in fields(value)}
        if "source" in names:
            yield path, value
        for name in names:
            yield from _sourced(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _sourced(one, f"{path}.{name}")
    elif isinstance(value, tuple):
        for number, one in enumerate(value):
            yield from _sourced(one, f"{path}[{number}]")


@pytest.mark.req("R-014")
@BOTH
def test_every_row_names_its_source_and_every_number_of_nobodys_says_that_it_is_a_setting(profile):
    rows = list(_sourced(profile, profile.id))
    assert len(rows) > 100
    for path, row in rows:
        assert re.match(r"(?:S[1-5] |[A-Z]X?[-.][0-9]+)", row.source), path
        elsewhere = not row.source.startswith(profile.document)
        if elsewhere and type(row).__name__ in ("Closure", "Consent", "Setting", "ScreeningTool"):
            note = row.note or ""
            assert "setting" in note.lower() or row.source.startswith("S5 "), path


COUNTS = {
    "darlington-2025": {"CL-D-OBJ": 6, "CL-D-S47": 25, "CL-CLOSE": 5, "CL-NFA-EXIT": 3},
    "llr-2024": {
        "CL-L-STRAT": 5, "CL-L-OBJ": 5, "CL-L-S47": 8, "CL-L-HSB": 7, "CL-L-INV": 7, "CL-CLOSE": 5,
        "CL-EHKEY": 5, "CL-U10": 4, "CL-VOL": 5, "CL-DSL": 3, "CL-CIRC": 6, "CL-NFA-EXIT": 4,
    },
}  # fmt: skip


@pytest.mark.req("R-086", "R-087", "R-088", "R-134")
@BOTH
def test_the_checklists_have_all_their_items(profile):
    assert {name: len(one.items) for name, one in profile.checklists.items()} == COUNTS[profile.id]
    for one in profile.checklists.values():
        assert len({item.code for item in one.items}) == len(one.items)
        assert all(item.text and item.source for item in one.items)


@pytest.mark.req("R-086", "R-134", "R-106")
@pytest.mark.parametrize(
    ("profile", "checklist", "first", "last"),
    [
        (DARLINGTON, "CL-D-OBJ", "assessment-has-been-harmed", "information-has-harmed"),
        (DARLINGTON, "CL-D-S47", "immediate-protection", "avoid-prosecution"),
        (LLR, "CL-L-STRAT", "protection", "own-harm"),
        (LLR, "CL-L-OBJ", "information-has-been-harmed", "background"),
        (LLR, "CL-L-S47", "seriousness", "risks-to-self-and-others"),
        (LLR, "CL-L-HSB", "chronology", "interim-services"),
        (LLR, "CL-U10", "discussion", "conference"),
        (LLR, "CL-CLOSE", "risk", "monitoring"),
    ],
)
def test_the_items_stand_in_the_order_of_the_document(profile, checklist, first, last):
    items = profile.checklists[checklist].items
    assert (items[0].code, items[-1].code) == (first, last)


@pytest.mark.req("R-106")
def test_the_checklists_of_a_strategy_meeting_follow_the_age():
    older = {one.id for one in LLR.checklists.values() if "strategy" in one.meetings and not one.under_ten}
    young = {one.id for one in LLR.checklists.values() if "strategy" in one.meetings and one.under_ten}
    assert older == {"CL-L-STRAT", "CL-L-OBJ", "CL-L-S47"}
    assert young == {"CL-U10"}
    assert all(one.under_ten is None for one in DARLINGTON.checklists.values())


INDICATORS = {
    "darlington-2025": {"healthy": 8, "problematic": 8, "abusive": 10, "violent": 4},
    "llr-2024": {"normal": 4, "inappropriate": 4, "problematic": 6, "abusive": 6, "violent": 4},
}


@pytest.mark.req("R-020", "R-021", "R-022", "R-024")
@BOTH
def test_the_indicators_are_those_of_the_profiles_scale(profile):
    levels = profile.scale.codes
    counted = {name: sum(one.level == name for one in profile.indicators) for name in levels}
    assert counted == INDICATORS[profile.id]
    listed = {
        one.code: one.attributes
        for one in schemas.codes("indicators").codes
        if one.attributes["scale"] == profile.level_scale.value
    }
    assert {one.code for one in profile.indicators} == set(listed)
    said = {"positive": "healthy", "balancing": "balancing", "aggravating": "aggravating"}
    for one in profile.indicators:
        assert (one.level, one.direction) == (
            listed[one.code]["level"],
            said[str(listed[one.code]["direction"])],
        )
    assert all(one.direction == "healthy" for one in profile.indicators if one.level == levels[0])


@pytest.mark.req("R-022")
def test_balancing_factors_are_told_apart_from_aggravating_ones():
    problematic = [one for one in DARLINGTON.indicators if one.level == "problematic"]
    assert sum(one.direction == "balancing" for one in problematic) == 5
    assert sum(one.direction == "aggravating" for one in problematic) == 3


@pytest.mark.req("R-028", "Q-08")
@BOTH
def test_the_screening_tool_has_versions_bands_and_colours(profile):
    tool = profile.screening.tools["brook"]
    assert set(tool.bands) == BANDS
    assert {"green", "amber", "red"} <= set(tool.colours) <= COLOURS
    assert tool.versions == ("2020",)


@pytest.mark.req("Q-12", "R-094")
@BOTH
def test_the_specialist_tools_are_codes_and_both_editions(profile):
    known = {one.code for one in schemas.codes("specialist-tools").codes}
    assert profile.specialist_assessment.tools == {"aim2", "aim3"} <= known


INVITED = [
    ("R-080", DARLINGTON, "strategy", "youth-justice", "always", "has-harmed", None),
    ("R-081", LLR, "strategy", "school", "consider", "any", None),
    ("R-081", LLR, "strategy", "youth-justice", "consider", "any", None),
    ("R-081", LLR, "strategy", "camhs", "consider", "any", None),
    ("R-081", LLR, "strategy", "specialist-service", "consider", "any", None),
    ("R-082", DARLINGTON, "strategy", "police", "invited", "any", None),
    ("R-082", DARLINGTON, "strategy", "enquiry-worker", "invited", "any", None),
    ("R-082", LLR, "strategy", "police", "invited", "any", None),
    ("R-082", LLR, "strategy", "enquiry-worker", "invited", "any", None),
    ("R-127", DARLINGTON, "cpc", "youth-justice", "consider", "has-harmed", 8),
    ("R-128", LLR, "cpc", "youth-justice", "invited", "has-harmed", None),
    ("R-128", LLR, "cpc", "specialist-service", "invited", "has-harmed", None),
    ("R-135", LLR, "hsb", "strategy-participants", "invited", "has-harmed", None),
    ("R-135", LLR, "hsb", "police", "consider", "has-harmed", None),
    ("R-135", LLR, "hsb", "parents", "invited", "has-harmed", None),
    ("R-135", LLR, "hsb", "health", "invited", "has-harmed", None),
    ("R-135", LLR, "hsb", "school", "invited", "has-harmed", None),
    ("R-135", LLR, "hsb", "specialist-service", "invited", "has-harmed", None),
    ("R-135", LLR, "hsb", "youth-justice", "consider", "has-harmed", None),
    ("R-136", DARLINGTON, "hsb", "strategy-participants", "invited", "any", None),
    ("R-136", DARLINGTON, "hsb", "health", "invited", "any", None),
    ("R-136", DARLINGTON, "hsb", "camhs", "invited", "any", None),
    ("R-136", DARLINGTON, "hsb", "school", "invited", "any", None),
    ("R-154", DARLINGTON, "professionals", "police", "invited", "has-harmed", None),
    ("R-154", DARLINGTON, "professionals", "front-door", "invited", "has-harmed", None),
    ("R-154", DARLINGTON, "professionals", "youth-justice", "invited", "has-harmed", None),
]


@pytest.mark.req("R-080", "R-081", "R-127", "R-128", "R-135", "R-136")
@pytest.mark.parametrize(
    ("requirement", "profile", "meeting", "invitee", "force", "side", "from_age"),
    INVITED,
    ids=[f"{row[0]}-{row[1].id}-{row[2]}-{row[3]}" for row in INVITED],
)
def test_who_is_invited_to_which_meeting(requirement, profile, meeting, invitee, force, side, from_age):
    found = [one for one in profile.invitations if meeting in one.meetings and one.invitee == invitee]
    assert [(one.requirement, one.force, one.side, one.from_age) for one in found] == [
        (requirement, force, side, from_age)
    ]


@pytest.mark.req("R-106")
def test_the_simplified_procedure_under_ten_leaves_the_considered_invitations_out():
    assert all(
        one.not_under_ten == (one.force == "consider")
        for one in LLR.invitations
        if "strategy" in one.meetings
    )
    assert not any(one.not_under_ten for one in DARLINGTON.invitations)


@pytest.mark.req("R-151", "Q-17")
@BOTH
def test_a_plan_ends_by_two_organisations_and_four_factors(profile):
    assert profile.closure.signatures == 2
    assert profile.closure.factors == ("risk", "outcomes", "carers_capacity", "ongoing_support")
    assert "setting" in profile.closure.note


@pytest.mark.req("Q-18", "R-071")
def test_the_reviewing_officer_of_a_harmed_child_is_a_setting():
    assert LLR.oversight.reviewing_officer_for == {"has-harmed", "has-been-harmed"}
    assert "setting" in LLR.oversight.note
    assert DARLINGTON.oversight.reviewing_officer_for == frozenset()


STATUTORY = [
    ("KX-01", "working-days", {"statutory_referral_decision_working_days": 1}),
    ("KX-02", "working-days", {"statutory_assessment_working_days": 45}),
    ("KX-03", "working-days", {"statutory_initial_conference_working_days": 15}),
    ("KX-04", "working-days", {"statutory_core_group_working_days": 10}),
    ("KX-05", "months", {"statutory_first_review_conference_months": 3,
                         "statutory_later_review_conference_months": 6}),
    ("KX-06", "working-days", {"statutory_transfer_conference_working_days": 15}),
    ("KX-07", None, {}),
]  # fmt: skip


@pytest.mark.req("R-014")
@pytest.mark.parametrize(("clock", "unit", "numbers"), STATUTORY, ids=[row[0] for row in STATUTORY])
@BOTH
def test_time_limits_from_outside_are_on_and_say_that_they_are_not_local(profile, clock, unit, numbers):
    row = next(one for one in profile.statutory if one.id == clock)
    assert row.unit == unit
    assert {name: profile.settings[name].value for name in row.settings} == numbers
    assert "not in the local documents" in row.note.lower()
    assert all("not in the local documents" in profile.settings[name].note.lower() for name in row.settings)


def _schema(type_):
    return schemas.schema(type_, 1)["properties"]


@pytest.mark.req("R-197")
def test_the_closed_lists_of_a_profile_are_those_of_the_schemas():
    assert set(MEETINGS) == set(_schema("meeting-convened")["kind"]["enum"])
    assert set(FACTORS) == set(_schema("closure-decided")["factors"]["properties"])
    assert TARGETS < set(_schema("case-transfer-decided")["target"]["enum"])
    assert set(_schema("behaviour-screened")["band"]["enum"]) == BANDS
    assert set(_schema("behaviour-screened")["colour"]["enum"]) == COLOURS
    plan = _schema("risk-management-plan-recorded")
    parts = {f"parts.{name}" for name in plan["parts"]["properties"]}
    assert parts | (set(plan) - {"parts"}) >= TOPICS >= parts
    assert all("agrees_with" in _schema(one) for one in decisions())
    assert "no-further-action-decided" in decisions() and "incident-recorded" not in decisions()
    kinds = _schema("invitation-sent")["organisation"]["pattern"]
    assert all(re.fullmatch(kinds, f"{one}.x") for one in KINDS)


@pytest.mark.req("R-200", "R-053")
@BOTH
def test_every_reference_has_the_day_it_was_checked(profile):
    assert len(profile.references) >= 16
    assert all(date(2023, 1, 1) < one.checked < date(2026, 1, 1) for one in profile.references)
    assert all(one.address is None or one.address.startswith("https://") for one in profile.references)


@pytest.mark.req("R-053")
@BOTH
def test_a_school_is_shown_what_schools_follow_and_police_are_not(profile):
    named = {one.title for one in references_for(profile, "education")}
    assert "Keeping children safe in education" in named
    assert "Keeping children safe in education" not in {
        one.title for one in references_for(profile, "police")
    }


@pytest.mark.req("R-122")
@pytest.mark.parametrize(("age", "shown"), [(None, False), (4, True), (5, False)])
def test_the_early_years_guideline_is_shown_under_five(age, shown):
    named = {one.title for one in references_for(LLR, "social-care", age)}
    assert ("Social and emotional wellbeing: early years" in named) is shown


@pytest.mark.req("R-037")
@pytest.mark.parametrize(
    ("kind", "categories", "shown"),
    [
        ("police", {"image-sharing"}, True),
        ("social-care", {"image-sharing", "other"}, True),
        ("police", {"other"}, False),
        ("police", set(), False),
        ("education", {"image-sharing"}, False),
    ],
)
def test_the_guidance_on_prosecuting_is_shown_where_images_were_shared(kind, categories, shown):
    named = {one.title for one in references_for(DARLINGTON, kind, 14, categories)}
    assert ("Guidance on prosecuting image sharing among children" in named) is shown


@pytest.mark.req("R-118")
def test_the_level_at_which_early_help_comes_first():
    assert LLR.early_help is not None and LLR.early_help.consider_at == {"inappropriate"}
    assert LLR.early_help.consider_at <= set(LLR.scale.codes)
    assert DARLINGTON.early_help is None


@pytest.mark.req("R-198")
@BOTH
def test_a_worried_person_is_told_whom_to_speak_to(profile):
    school = designated_for(profile, "education")
    assert school is not None and school.role == "designated-safeguarding-lead"
    assert designated_for(profile, "partnership") is None
    known = {one.code for one in schemas.codes("roles").codes}
    assert {one.role for one in profile.designated} <= known


@pytest.mark.req("R-006", "R-007")
@BOTH
def test_the_terms_avoided_are_those_of_all_procedures_with_the_profiles_own_words(profile):
    assert [one.term for one in profile.terms_avoided] == [one.term for one in TERMS_AVOIDED]
    assert {one.use_instead for one in profile.terms_avoided} == {profile.terms.has_harmed}
    assert {one.term for one in TERMS_AVOIDED} == {
        "young sex offender", "young abuser", "sex offender", "perpetrator", "abuser", "predator",
    }  # fmt: skip


@pytest.mark.req("R-006")
@BOTH
def test_no_text_of_a_profile_has_an_avoided_term(profile):
    said = json.dumps([row for row in _texts_of(profile)]).lower()
    assert not [one.term for one in TERMS_AVOIDED if one.term in said]
    assert "victim" not in said


def _texts_of(profile):
    for path, row in _sourced(profile, ""):
        if "terms_avoided" not in path:
            yield from (
                getattr(row, one.name) for one in fields(row) if isinstance(getattr(row, one.name), str)
            )


@pytest.mark.req("R-176")
def test_the_settings_without_a_profile_are_those_of_every_profile():
    assert set(SETTINGS) == set(LLR.settings) == set(DARLINGTON.settings)
