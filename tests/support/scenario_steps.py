"""Scenarios B and C played over HTTP, and what a reader was told at the instant of one of their posts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from agencies.scenarios.run import PreparedPost, load_scenario
from tests.support.scenario import Json, World, empty_world, play_into

READ_AT = {"scenario-b": "2025-11-07T12:00:00+00:00", "scenario-c": "2025-10-16T09:00:00+01:00"}


@contextmanager
def played(
    directory: Path, scenario: str, posts: Sequence[PreparedPost] | None = None, read_at: str = ""
) -> Iterator[World]:
    """A hub into which a scenario was posted in order, at the instant at which it is read."""
    with empty_world(directory, scenario=scenario) as world:
        play_into(world, load_scenario(scenario).posts if posts is None else posts)
        world.advance(read_at or READ_AT[scenario])
        yield world


def post_of(world: World, ref: str) -> PreparedPost:
    """A post of the world's scenario by its name."""
    return next(one for one in load_scenario(world.scenario).posts if one.ref == ref)


def just(world: World, ref: str, minutes: int = 0) -> str:
    """The instant of a post, or some minutes beside it."""
    return (post_of(world, ref).event.recorded_at + timedelta(minutes=minutes)).isoformat()


def open_items(world: World, reader: str, child: str, as_at: str = "") -> dict[str, Json]:
    """The open items that a reader has of a child, by id."""
    return {one["id"]: one for one in world.overview(reader, child, as_at)["open_items"]}


def line(world: World, reader: str, child: str, rule: str, as_at: str = "") -> Json | None:
    """The line of a rule in a reader's overview, if there is one."""
    lines = world.overview(reader, child, as_at)["lines"]
    return next((one for one in lines if one["rule"] == rule), None)


def types_of(world: World, reader: str, child: str) -> list[str]:
    """The types of the entries of a child that a reader has."""
    return [one["type"] for one in world.chronology(reader, child)]
