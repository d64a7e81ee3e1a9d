"""What the demonstration says of its scenarios fits them, and every finding it prints has a source."""

from __future__ import annotations

import re

import pytest

from agencies.scenarios.run import AgencyError, load_scenario, together
from hub.cli.demo_readings import rules_of
from hub.cli.demo_world import SCENARIOS, Posted, readers, story
from hub.pathway.patterns import RULES
from hub.pathway.patterns.sources import SOURCES


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_story_names_the_children_and_the_posts_of_its_scenario(scenario: str) -> None:
    told, played = story(scenario), load_scenario(scenario)
    assert told.posts == len(played.posts)
    assert all(identifier == played.children[name][0] for name, identifier in told.children.items())
    assert {child for one in readers(scenario) for child in one.children} == told.children.keys()


@pytest.mark.req("R-175")
def test_every_pattern_rule_has_a_source_among_the_documents() -> None:
    assert {one.id for one in RULES} == SOURCES.keys()
    assert all(re.fullmatch(r"S[1-5]( s\.\d+)?(; S[1-5]( s\.\d+)?)*", one) for one in SOURCES.values())


@pytest.mark.parametrize(
    ("status", "rule", "refused_by", "good"),
    [
        (201, None, None, True),
        (200, None, None, True),
        (403, "R-113", "R-113", True),
        (403, "R-097", "R-113", False),
        (403, "R-113", None, False),
        (201, None, "R-113", False),
        (503, None, None, False),
    ],
)
def test_a_post_is_good_where_it_is_answered_as_the_scenario_says(
    status: int, rule: str | None, refused_by: str | None, good: bool
) -> None:
    slug = None if status < 300 else "gate" if rule else "store"
    assert Posted("X", "police.n-police", "C", "type", status, slug, rule, refused_by).good is good


def test_scenarios_are_played_side_by_side_in_the_order_in_which_things_were_said() -> None:
    played = together(SCENARIOS)
    said = [one.event.recorded_at for one in played.posts]
    assert said == sorted(said) and len(said) == sum(story(one).posts for one in SCENARIOS)
    assert {one.after for one in played.resolutions} == {"A00b"}
    assert together(["scenario-a"]) == load_scenario("scenario-a")
    with pytest.raises(AgencyError):
        together(["scenario-a", "scenario-a"])


def test_a_rule_is_named_once_in_the_order_of_the_overview() -> None:
    overview = {"lines": [{"rule": "P-27"}, {"rule": "D-11"}, {"rule": "P-01"}, {"rule": "D-11"}]}
    assert rules_of(overview, "lines", "rule") == ["P-27", "D-11", "P-01"]
