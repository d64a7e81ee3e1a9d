"""A partnership's own level scale: what may be posted, and what its levels mean to every rule."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import schemas
from hub.catalogue import load_catalogue
from hub.catalogue.scales import SHIPPED
from hub.errors import HubError
from hub.pathway import levels
from hub.pathway.clocks import deadlines
from hub.pathway.gates import flags
from hub.pathway.patterns import overview
from hub.pathway.profiles import PROFILES, catalogue_of, read, scales_of
from hub.views.stored import StoredPost, read_post
from hub.web.words import Vocabulary
from tests.spec.posts import OAK, POLICE, S, at, material, post

ASHBY = read((Path(__file__).parents[1] / "support" / "profiles" / "ashby-2026.toml").read_text()).profile
OWN = ASHBY.scales[0]
WITH = catalogue_of([ASHBY])
WITHOUT = load_catalogue()
TYPE = "behaviour-level-assessed"
MINIMAL = next(one for one in schemas.examples(TYPE) if one.name == "minimal").event["data"]
NOW = datetime(2025, 12, 1, tzinfo=UTC)


def adopted_by(organisation):
    return ASHBY


def checked(catalogue, **data):
    return catalogue.validate_replacement(TYPE, 1, {**MINIMAL, **data}, recorded_at=NOW)


def refused(catalogue, **data):
    with pytest.raises(HubError) as found:
        checked(catalogue, **data)
    return found.value


@pytest.mark.req("R-020", "R-197")
@pytest.mark.parametrize("level", OWN.codes)
def test_a_level_of_a_profiles_scale_is_taken_and_none_is_without_the_profile(level):
    assert checked(WITH, scale="ashby-3", level=level).scale is OWN
    error = refused(WITHOUT, scale="ashby-3", level=level)
    assert error.slug == "schema"
    assert error.detail == (
        "At /data/scale: not one of the level scales of this hub's procedures, which are "
        "darlington-4, hackett-5."
    )


@pytest.mark.req("R-021", "Q-09")
@pytest.mark.parametrize(
    ("scale", "level", "allowed"),
    [
        ("ashby-3", "problematic", "expected, worrying, harmful"),
        ("darlington-4", "inappropriate", "healthy, problematic, abusive, violent"),
        ("hackett-5", "harmful", "normal, inappropriate, problematic, abusive, violent"),
    ],
)
def test_a_level_of_another_scale_is_refused_with_those_of_its_own(scale, level, allowed):
    error = refused(WITH, scale=scale, level=level)
    assert error.detail == f"At /data/level: not one of the levels of that scale, which are {allowed}."
    assert level not in error.detail.replace(allowed, "")


@pytest.mark.req("R-020")
@pytest.mark.parametrize(("level", "told"), [("expected", False), ("worrying", True), ("harmful", True)])
def test_an_indicator_is_missed_above_the_lowest_level_of_the_scale(level, told):
    asked = {one.rule for one in checked(WITH, scale="ashby-3", level=level, indicators=[]).warnings}
    assert ("R-020" in asked) is told
    named = checked(WITH, scale="ashby-3", level=level, indicators=["ashby-force"])
    assert not {"R-020", "H-27"} & {one.rule for one in named.warnings}
    assert "H-27" in {one.rule for one in checked(WITHOUT, indicators=["ashby-force"]).warnings}


@pytest.mark.req("H-04")
@pytest.mark.parametrize(
    ("scale", "level", "kind", "may"),
    [
        ("ashby-3", "harmful", "education", True),
        ("ashby-3", "harmful", "health", False),
        ("hackett-5", "abusive", "health", True),
    ],
)
def test_a_scale_says_which_kinds_of_organisation_give_its_levels(scale, level, kind, may):
    assert WITH.may_post(TYPE, kind, frozenset(), {**MINIMAL, "scale": scale, "level": level}) is may


def given(number, level, scale=OWN, who=OAK, about="i1", **more):
    data = {"scale": scale.id, "level": level, **more}
    found = post(f"l{number}", f"2025-09-1{number} 09:00", who, "c", TYPE, data, about=about)
    return replace(found, scale=scale if scale.id not in SHIPPED else None)


def incident(number, **more):
    data = {"role": "has-harmed", "status": "alleged"}
    day = f"2025-08-0{number}"
    return post(
        f"i{number}", "2025-09-01 09:00", S, "c", "incident-recorded", data, happened=day, precision="day"
    )


def child(*entries, **more):
    return material("c", [incident(1), incident(2), *entries], authority=S, **more)


def lines(stuff, rule):
    return [one for one in overview(stuff, now=NOW, profile_of=adopted_by) if one.rule == rule]


@pytest.mark.req("Q-14", "K-01", "R-004")
@pytest.mark.parametrize(("level", "runs"), [("expected", False), ("worrying", True), ("harmful", True)])
@pytest.mark.parametrize("normal", [True, False])
def test_only_the_level_without_concern_starts_no_clock(level, runs, normal):
    scale = OWN if normal else replace(OWN, normal=None)
    referral = post("r1", "2025-09-02 09:00", OAK, "c", "referral-made", {"target": "csc", "to": S})
    stuff = child(
        referral,
        given(1, level, scale),
        given(2, level, scale, about="i2"),
        date_of_birth=at("2012-01-01").date(),
    )
    found = [one for one in deadlines(stuff, now=NOW, profile_of=adopted_by) if one.clock == "K-01"]
    assert bool(found) is (runs or not normal)


@pytest.mark.req("R-176", "R-021", "Q-09")
def test_a_rise_is_told_inside_the_scale_and_never_between_scales():
    hackett = SHIPPED["hackett-5"]
    (rise,) = lines(child(given(1, "expected"), given(2, "harmful", about="i2")), "P-03")
    assert (rise.values["scale"], rise.values["earlier_level"]) == ("ashby-3", "expected")
    assert lines(child(given(1, "normal", hackett), given(2, "harmful", about="i2")), "P-03") == []
    other = replace(OWN, levels=OWN.levels[::-1])
    assert lines(child(given(1, "expected", other), given(2, "harmful", about="i2")), "P-03") == []
    (differ,) = lines(child(given(1, "expected"), given(2, "harmful", who=POLICE)), "P-07")
    assert differ.values["span"] == 2
    (differ,) = lines(child(given(1, "expected"), given(2, "abusive", hackett, who=POLICE)), "P-07")
    assert differ.values["span"] == "not comparable"


@pytest.mark.req("R-045")
@pytest.mark.parametrize(("level", "told"), [("expected", 0), ("worrying", 0), ("harmful", 1)])
def test_the_scale_says_what_is_serious_of_a_young_child(level, told):
    stuff = child(given(1, level), date_of_birth=at("2018-01-01").date())
    assert len(lines(stuff, "P-28")) == told


@pytest.mark.req("R-070", "K-05")
@pytest.mark.parametrize(("level", "told"), [("expected", 0), ("worrying", 1), ("harmful", 1)])
def test_a_bound_of_the_procedure_is_a_level_of_its_scale(level, told):
    found = deadlines(child(given(1, level)), now=NOW, profile_of=adopted_by)
    assert len([one for one in found if one.clock == "K-05"]) == told


@pytest.mark.req("R-005", "R-020", "R-024", "H-27")
@pytest.mark.parametrize(
    ("level", "noted"),
    [("expected", {"R-005", "R-024"}), ("worrying", {"R-020"}), ("harmful", {"R-020"})],
)
def test_what_is_noted_beside_a_level_follows_its_scale(level, noted):
    screened = post("s1", "2025-09-01 08:00", OAK, "c", "behaviour-screened", {"colour": "red"})
    beside = flags(given(1, level), child(screened), now=NOW, profile_of=adopted_by)
    assert set(beside) & {"R-005", "R-020", "R-024"} == noted


@pytest.mark.req("H-20")
def test_a_reader_without_the_scale_gets_nothing_of_what_the_entry_carries():
    hidden = replace(given(1, "harmful"), data={"level": "harmful"})
    assert levels.scale_of(hidden) is None and levels.step(hidden) is None
    assert (levels.of_concern(hidden), levels.serious(hidden), levels.lowest(hidden)) == (False, False, False)
    assert levels.order_of(replace(given(1, "harmful"), data={"scale": "ashby-3"})) is None


STORED = StoredPost(
    "h",
    "s",
    ("{}",),
    (),
    (),
    None,
    "upn:A123456789012",
    OAK,
    S,
    None,
    (),
    NOW - timedelta(1),
    (),
    (),
    (),
    "p",
)


@pytest.mark.req("H-02", "Q-09")
def test_a_post_keeps_its_scale_whatever_becomes_of_the_profile():
    assert read_post(replace(STORED, scale=OWN).body()).scale == OWN
    assert read_post(replace(STORED, scale=replace(OWN, normal=None)).body()).scale.normal is None
    before = {name: one for name, one in json.loads(STORED.body()).items() if name != "scale"}
    assert read_post(json.dumps(before).encode()) == STORED


@pytest.mark.req("R-020", "R-021")
def test_every_shipped_scale_is_one_that_a_profile_could_bring():
    assert PROFILES["llr-2024"].scale is SHIPPED["hackett-5"]
    assert PROFILES["darlington-2025"].scale is SHIPPED["darlington-4"]
    for one in SHIPPED.values():
        assert one.normal == one.codes[0] and one.step(one.normal) == 0
        assert one.reaches(one.serious_from, one.concern_from) and not one.reaches(
            one.normal, one.concern_from
        )


def test_the_pages_say_a_level_in_the_words_of_its_scale():
    words = Vocabulary(WITH.types, scales=scales_of([ASHBY]))
    assert words.general("ashby-3") == "Ashby signs, three levels"
    assert words.general("worrying") == "Worrying" and words.general("abusive") == "Abusive"
