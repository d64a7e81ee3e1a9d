"""The shipped local procedures, which one applies, and the levels and agreements they name."""

from __future__ import annotations

import re

import pytest

from hub.catalogue.scales import SHIPPED
from hub.pathway import levels
from hub.pathway.agreements import agreement_needed
from hub.pathway.patterns import RULES
from hub.pathway.profiles import PROFILES, SETTINGS, adopted, convening_authority, own_profile
from tests.spec.posts import N, S, material, post, profile_of

DARLINGTON, LLR = PROFILES["darlington-2025"], PROFILES["llr-2024"]


@pytest.mark.req("R-077", "R-143", "R-144", "R-014")
def test_the_rows_of_the_two_profiles():
    assert DARLINGTON.strategy_clock is not None
    assert (DARLINGTON.strategy_clock.hours, DARLINGTON.strategy_clock.warn_hours) == (72, 48)
    assert LLR.strategy_clock is None
    assert (DARLINGTON.level_scale.value, LLR.level_scale.value) == ("darlington-4", "hackett-5")
    assert (LLR.review.first_months, LLR.review.later_months, LLR.review.warn_days) == ((3, 6), 6, 14)
    assert (DARLINGTON.review.pattern, DARLINGTON.review.warn_days) == ("chair-interval", 7)
    assert DARLINGTON.youth_justice_strategy_invitation.value == "always"
    assert LLR.youth_justice_strategy_invitation.value == "consider"
    assert (DARLINGTON.document, DARLINGTON.document_date) == ("S3", "2025-02")
    assert (LLR.document, LLR.document_date) == ("S5", "2024-04")


@pytest.mark.req("R-014")
@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda one: one.id)
def test_every_row_has_its_source_and_every_setting_says_that_it_is_one(profile):
    rows = [
        profile.terms,
        profile.level_scale,
        profile.review,
        profile.separate_meetings,
        profile.different_social_worker,
        profile.youth_justice_strategy_invitation,
        profile.youth_justice_conference_invitation,
        profile.chair_multi_authority,
        profile.conference_not_held,
        *profile.agreements,
        *profile.settings.values(),
    ]
    if profile.strategy_clock:
        rows.append(profile.strategy_clock)
        assert "settings" in profile.strategy_clock.note
    assert all(re.match(r"S[1-5] |R-[0-9]{3}|KX-[0-9]{2}|D\.3", row.source) for row in rows)
    assert all(setting.note for setting in profile.settings.values())
    assert "setting" in profile.review.note


@pytest.mark.req("R-006")
@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda one: one.id)
def test_the_terms_name_children_by_what_happened(profile):
    said = f"{profile.terms.has_harmed} {profile.terms.has_been_harmed}".lower()
    assert "child" in said
    assert not any(word in said for word in ("victim", "perpetrator", "offender", "abuser"))


@pytest.mark.req("R-176")
def test_settings_have_defaults_where_no_profile_is_adopted():
    assert (SETTINGS["frequency_window_days"].value, SETTINGS["frequency_minimum"].value) == (180, 2)
    assert set(SETTINGS) <= set(DARLINGTON.settings)


@pytest.mark.req("Q-05")
def test_an_organisation_has_the_profile_that_the_directory_names():
    of = adopted({N: "darlington-2025", S: "llr-2024", "x": "gone-1999"}.get)
    assert (of(N), of(S), of("x"), of("y")) == (DARLINGTON, LLR, None, None)


@pytest.mark.req("Q-05")
def test_the_convenors_profile_for_the_meeting_and_the_childs_own_for_the_rest():
    chaired = post("m", "2025-09-15 10:10", S, "c", "meeting-convened", {"chair_authority": N})
    by_s = post("m", "2025-09-15 10:10", S, "c", "meeting-convened", {})
    harmed = (
        post("o", "2025-09-12 09:00", N, "d", "child-stream-opened", {"responsible_authority": N}),
        post("i", "2025-09-12 09:00", N, "d", "incident-recorded", {"role": "has-been-harmed"}),
    )
    own = material("c", [], authority=S)
    both = material("c", [], authority=S, linked={"d": harmed})
    assert own_profile(both, profile_of) is LLR
    assert convening_authority(own, "c", [chaired], []) == N
    assert convening_authority(own, "c", [by_s], []) == S
    assert convening_authority(own, "c", [], [by_s]) == S
    assert convening_authority(both, "c", [], []) == N
    assert convening_authority(own, "c", [], []) == S


@pytest.mark.req("R-020", "R-021", "Q-09")
def test_levels_are_ordered_inside_their_scale_only():
    def given(scale, level):
        return post(
            level, "2025-09-01 09:00", S, "c", "behaviour-level-assessed", {"scale": scale, "level": level}
        )

    def above(one, other):
        return levels.above(given(*one), given(*other))

    assert SHIPPED["hackett-5"].codes == ("normal", "inappropriate", "problematic", "abusive", "violent")
    assert SHIPPED["darlington-4"].codes == ("healthy", "problematic", "abusive", "violent")
    assert above(("hackett-5", "abusive"), ("hackett-5", "problematic")) is True
    assert above(("hackett-5", "problematic"), ("hackett-5", "problematic")) is False
    assert above(("hackett-5", "violent"), ("darlington-4", "healthy")) is None
    assert above(("hackett-5", "healthy"), ("hackett-5", "normal")) is None
    assert levels.span([given("hackett-5", "inappropriate"), given("hackett-5", "abusive")]) == 2
    assert levels.span([given("hackett-5", "abusive"), given("darlington-4", "abusive")]) is None
    assert levels.span([]) is None


NFA = {"reasons": "no further concern"}


@pytest.mark.req("R-064", "R-109")
@pytest.mark.parametrize(
    ("type", "data", "profile", "kinds"),
    [
        ("no-further-action-decided", NFA, LLR, {"police", "social-care"}),
        ("no-further-action-decided", NFA, DARLINGTON, set()),
        ("no-further-action-decided", NFA, None, set()),
        ("interview-planned", {"method": "pace"}, LLR, {"police", "social-care"}),
        ("interview-planned", {"method": "abe"}, LLR, set()),
        ("interview-planned", {"method": "pace"}, DARLINGTON, set()),
        ("referral-outcome-decided", {"outcome": "strategy"}, LLR, set()),
        ("conference-decided", {"decision": "not-held"}, LLR, set()),
    ],
)
def test_which_decisions_need_a_second_signature(type, data, profile, kinds):
    assert agreement_needed(type, data, profile) == kinds


@pytest.mark.req("R-043")
def test_no_pattern_rule_reads_ethnicity_faith_or_gender():
    assert sorted(one.id for one in RULES) == [f"P-{number:02}" for number in range(1, 29)]
    assert RULES[0].id == "P-27"
    read = {field for one in RULES for fields in one.inputs.values() for field in fields}
    assert read
    banned = ("ethnic", "faith", "religio", "gender", "sex", "race")
    assert not [field for field in read if any(word in field for word in banned)]
    assert all(one.requirement.startswith("R-") and one.inputs for one in RULES)
