"""The lines over the whole record of each scenario: for any order and delay, and from their evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.pathway import overview
from hub.pathway.corroboration import corroborated
from hub.pathway.entries import Entry, Line, Material
from hub.pathway.silence import silence
from hub.views import whole_material
from tests.spec.posts import profile_of
from tests.support.scenario import World, played_world
from tests.support.scenario_steps import READ_AT, played

FIFTY = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NOW = {"scenario-a": "2025-11-20T12:00:00+00:00", **READ_AT}


@pytest.fixture(scope="module", params=sorted(NOW))
def scenario(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp(request.param)
    playing = played_world(folder) if request.param == "scenario-a" else played(folder, request.param)
    with playing as world:
        yield world


def materials(world: World) -> dict[str, Material]:
    views = world.hub.views
    found = {name: views.child(child) for name, child in world.children.items()}
    return {
        name: whole_material(view, {other: views.child(other) for other in view.linked})
        for name, view in found.items()
    }


def lines(world: World, stuff: Material) -> tuple[Line, ...]:
    return overview(stuff, now=datetime.fromisoformat(NOW[world.scenario]), profile_of=profile_of)


def shuffled(entries: tuple[Entry, ...], order: Any) -> tuple[Entry, ...]:
    places = list(range(len(entries)))
    order.shuffle(places)
    told = [
        replace(one, position=place, received_at=one.received_at + timedelta(minutes=order.randrange(90_000)))
        for one, place in zip(entries, places, strict=True)
    ]
    return tuple(sorted(told, key=lambda one: (one.occurred.sort_at, one.position)))


@pytest.mark.req("H-25", "H-06")
@FIFTY
@given(order=st.randoms(use_true_random=False))
def test_fifty_shuffles_and_delays_end_in_equal_lines(scenario: World, order: Any) -> None:
    now = datetime.fromisoformat(NOW[scenario.scenario])
    said = 0
    for stuff in materials(scenario).values():
        linked = {child: shuffled(posts, order) for child, posts in stuff.linked.items()}
        again = replace(stuff, entries=shuffled(stuff.entries, order), linked=linked)
        assert lines(scenario, again) == lines(scenario, stuff)
        assert corroborated(again, profile_of=profile_of) == corroborated(stuff, profile_of=profile_of)
        assert silence(again, now=now) == silence(stuff, now=now)
        said += len(lines(scenario, stuff))
    assert said > 10


@pytest.mark.req("H-20")
def test_the_evidence_of_every_line_is_enough_to_recompute_it(scenario: World) -> None:
    for stuff in materials(scenario).values():
        for line in lines(scenario, stuff):
            less = replace(
                stuff,
                entries=tuple(one for one in stuff.entries if one.key in line.evidence),
                linked={
                    child: tuple(one for one in posts if one.key in line.evidence)
                    for child, posts in stuff.linked.items()
                },
            )
            assert line in lines(scenario, less)
