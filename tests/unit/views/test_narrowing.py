"""Which events may take something away: without any other, nobody has a relationship for longer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from hub.catalogue import load_catalogue
from hub.views import NARROWING, Folded, Post, Views
from hub.views.fold import fold
from hub.views.relationships import grants_of
from tests.support.scenario import SCENARIO
from tests.support.simulated import Simulated, one_more, simulated

LATER = "2025-11-20T12:30:00+00:00"
ENDS = (
    one_more("X-1", "A10", "relationship-ended", LATER, kind="treated", organisation="health.n-child-health"),
    one_more(
        "X-2", "A10", "social-worker-allocated", LATER, kind="allocated", worker="social-care.n-csc/tm-1"
    ),
    one_more(
        "X-3", "A10", "relationship-recorded", LATER, kind="enrolled", organisation="education.oak-school"
    ),
)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulated]:
    with simulated(tmp_path_factory.mktemp("narrowing") / "hub") as found:
        found.play(SCENARIO.posts)
        for one in ENDS:
            found.post(one.event)
        yield found


def spans(views: Views, folds: dict[str, Folded]) -> set[tuple[str, str, str | None, datetime]]:
    """Who has which relationship on which day, over all children."""
    found = set()
    for child, folded in folds.items():
        others = {one: other for one, other in folds.items() if one != child}
        for grant in grants_of(folded, others, views.area_of):
            day = datetime.fromisoformat("2025-09-12T12:00:00+00:00")
            while day < datetime.fromisoformat("2026-03-01T12:00:00+00:00"):
                if grant.current(day):
                    found.add((child + grant.kind, grant.organisation, grant.person, day))
                day += timedelta(days=1)
    return found


def without(views: Views, folds: dict[str, Folded], left_out: Post) -> dict[str, Folded]:
    return {
        child: fold(
            child, one.streams, [post for post in one.posts if post.key != left_out.key], views.around
        )
        for child, one in folds.items()
    }


@pytest.mark.req("H-16", "D-20", "H-06")
def test_only_events_that_are_kept_apart_end_a_relationship(hub: Simulated) -> None:
    views = hub.hub.views
    folds = {child: views.folded(child) for child in hub.children.values()}
    whole = spans(views, folds)
    ending = set()
    for post in [post for one in folds.values() for post in one.posts]:
        if spans(views, without(views, folds, post)) - whole:
            ending.add(post.type)
    assert ending <= NARROWING
    assert {"relationship-ended", "social-worker-allocated", "relationship-recorded"} <= ending, ending


def test_every_type_that_is_kept_apart_is_in_the_catalogue() -> None:
    assert NARROWING <= set(load_catalogue().types)
