"""The world of the demonstration: its organisations, people and keys, and the scenario played into it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from hub.cli.compose import Store
from hub.directory import Directory
from hub.errors import HubError

SCENARIO: Final = "scenario-a"
SCENARIOS: Final = (SCENARIO, "scenario-b", "scenario-c")
REVIEWER: Final = "partnership.hub-ig/idr-1"
ADMINISTRATOR: Final = "partnership.hub-ig/demo-1"
OFFICER: Final = "partnership.hub-ig/igo-1"
READING_TIME: Final = "2025-11-20T12:00:00+00:00"
# Keys of the demonstration are valid from a while before the machine's clock, which may be set back.
SLACK: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reader:
    """One reader of the demonstration: who it is, for which purpose it reads which children."""

    name: str
    person: str
    purpose: str
    children: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Posted:
    """One post of the scenario and what the hub answered.

    Shape: `rule` is that of a refusal; `refused_by` is the rule by which the scenario has it refused.
    """

    ref: str
    organisation: str
    child: str
    type: str
    status: int
    slug: str | None
    rule: str | None = None
    refused_by: str | None = None

    @property
    def good(self) -> bool:
        """Whether the hub answered as the scenario says: it took it, or refused it by the rule named."""
        if self.refused_by is not None:
            return self.slug is not None and self.rule == self.refused_by
        return self.status in (200, 201)


@dataclass(frozen=True, slots=True)
class Story:
    """What a scenario is about, how many posts it has, and its children, each with an identifier."""

    title: str
    about: str
    posts: int
    children: Mapping[str, str]


def readers(scenario: str = SCENARIO) -> tuple[Reader, ...]:
    """The readers of a scenario."""
    return _world(scenario).reader


def story(scenario: str = SCENARIO) -> Story:
    """What a scenario is about."""
    world = _world(scenario)
    return Story(world.title, world.about, world.posts, world.children)


def fill_directory(directory: Directory, scenario: str = SCENARIO) -> None:
    """Enter organisations with agreements and profiles, people and roles; what is there is left alone."""
    known = {one.id for one in directory.organisations()}
    agreement = _world(scenario).agreement
    for one in _world(scenario).organisation:
        if one.id not in known:
            directory.add_organisation(one.id, one.title, one.area)
        if one.profile is not None:
            directory.adopt_profile(one.id, one.profile)
        if one.people and directory.standing(one.id).until is None:
            lead = f"{one.id}/{one.people[0].id}"
            directory.agree_sharing(one.id, agreement.reference, agreement.until, lead)
        for person in one.people:
            name = f"{one.id}/{person.id}"
            if directory.person(name) is None:
                directory.add_person(name, person.roles)


def posters(scenario: str = SCENARIO) -> tuple[str, ...]:
    """The organisations whose systems post in a scenario."""
    return tuple(sorted(one.id for one in _world(scenario).organisation if one.posts))


def make_keys(directory: Directory, keys: Path, now: datetime, scenario: str = SCENARIO) -> None:
    """Let each agency make its own key pairs, and register the public halves.

    Raises: HubError store where the agencies' command fails.
    """
    missing = [one for one in posters(scenario) if not (keys / one).exists()]
    if missing:
        _agency("keygen", *missing, "--keys", str(keys))
    for organisation in posters(scenario):
        for use in ("events", "client"):
            jwk = (keys / organisation / f"{use}.jwk").read_text(encoding="utf-8")
            held = {one.kid for one in directory.keys(organisation)}
            if json.loads(jwk)["kid"] not in held:
                directory.register_key(
                    organisation, "events" if use == "events" else "client", jwk, not_before=now - SLACK
                )


def play(
    address: str, store: Store, keys: Path, reviewer_token: str, kafka: str | None = None,
    scenarios: Sequence[str] = (SCENARIO,),
) -> Iterator[Posted]:  # fmt: skip
    """Let the agencies convert, sign and post their records; yields each answer as it comes.

    Shape: several scenarios are played side by side, in the order in which things were said; over HTTP, or
    through the brokers that `kafka` names; the reviewer decides over HTTP.
    Raises: HubError store where the agencies' command could not run to its end.
    """
    through = ("--kafka", kafka) if kafka else ()
    command = _command(
        "play", *scenarios, "--hub", address, "--hub-id", store.settings.id, "--keys", str(keys), "--json",
        *through,
    )  # fmt: skip
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=_environment({"AGENCY_REVIEWER_TOKEN": reviewer_token}),
    )
    assert process.stdout is not None
    with process:
        for line in process.stdout:
            one = json.loads(line)
            yield Posted(
                one["ref"], one["organisation"], one["child"], one["type"], one["status"], one["slug"],
                one["rule"], one["refused_by"],
            )  # fmt: skip
    if process.returncode not in (0, 1):
        raise HubError("store", "The agencies could not play the scenario to its end.")


def move_to_reading_time(store: Store) -> datetime:
    """Let the simulation reach the instant at which the scenario is read."""
    at = datetime.fromisoformat(READING_TIME).astimezone(UTC)
    advance = getattr(store.clock, "advance", None)
    if advance is not None:
        advance(at)
    return at


class _Member(BaseModel):
    id: str
    roles: tuple[str, ...]


class _Organisation(BaseModel):
    id: str
    title: str
    area: str | None = None
    profile: str | None = None
    posts: bool = False
    people: tuple[_Member, ...]


class _Agreement(BaseModel):
    reference: str
    until: date


class _World(BaseModel):
    title: str
    about: str
    posts: int
    children: dict[str, str]
    agreement: _Agreement
    organisation: tuple[_Organisation, ...]
    reader: tuple[Reader, ...]


@cache
def _world(scenario: str) -> _World:
    name = "demo_directory" + scenario.removeprefix("scenario").removesuffix("-a").replace("-", "_")
    text = resources.files("hub.cli").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return _World.model_validate(tomllib.loads(text))


def _agency(*arguments: str) -> None:
    done = subprocess.run(_command(*arguments), capture_output=True, env=_environment({}), check=False)
    if done.returncode != 0:
        raise HubError("store", "The agencies' command could not make keys.")


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "from agencies.cli import main; main()", *arguments]


def _environment(more: dict[str, str]) -> dict[str, str]:
    # What an agency of this machine is set up with must not lead the invented ones to its hub or brokers.
    return {name: value for name, value in os.environ.items() if not name.startswith("AGENCY_")} | more
