"""The variants of scenarios A, B and C, one change each, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from agencies.scenarios.run import PreparedPost, load_scenario, variant
from agencies.sdk.json import JsonObject
from hub.pathway.gates import overrides
from hub.pathway.profiles import PROFILES, contact_at
from tests.support.scenario import Json, World, empty_world, play_into, played_world
from tests.support.scenario_steps import open_items, played

A, B, C = (load_scenario(f"scenario-{one}") for one in "abc")
S_CSC = "social-care.s-csc"


@pytest.fixture(scope="module")
def a(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with played_world(tmp_path_factory.mktemp("variants-a")) as world:
        yield world


@pytest.fixture(scope="module")
def b(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with played(tmp_path_factory.mktemp("variants-b"), "scenario-b") as world:
        yield world


def changed(post: PreparedPost, record: str, **change: object) -> PreparedPost:
    """A post with another record number and other data; a member set to ... is left out."""
    data: JsonObject = {
        name: value for name, value in {**post.event.data, **change}.items() if value is not ...
    }
    return replace(post, event=replace(post.event, record=record, data=data))


def named(ref: str) -> PreparedPost:
    """A post of any of the scenarios by its name."""
    return next(one for scenario in (A, B, C) for one in scenario.posts if one.ref == ref)


def refusal(world: World, post: PreparedPost) -> tuple[int, str]:
    answer = world.post(post.event)
    return answer.status_code, answer.json().get("rule", "")


# --- A ----------------------------------------------------------------------------------------------


@pytest.mark.req("R-082")
def test_a_room(a: World) -> None:
    oak_to_m1, elm_to_m2 = variant("scenario-a", "wrong-room")
    for one in (oak_to_m1, elm_to_m2):
        assert refusal(a, one) == (403, "R-082")
        asked = one.event.data["organisation"]
        right = next(
            other for other in A.posts
            if other.event.type == "invitation-sent" and other.event.data["organisation"] == asked
        )  # fmt: skip
        assert right.event.subject != one.event.subject
        assert a.post(replace(right.event, record=f"again-{one.ref}")).status_code == 201


@pytest.mark.req("R-067", "H-28")
def test_a_one_social_worker(tmp_path_factory: pytest.TempPathFactory) -> None:
    with played_world(tmp_path_factory.mktemp("one-sw")) as world:
        (one,) = variant("scenario-a", "one-social-worker")
        assert refusal(world, one) == (403, "R-067")
        given = {"rule": "R-067", "manager": f"{S_CSC}/tm-1", "reason": "Nobody else is there."}
        # Its author is the manager itself; then somebody else is, and the manager signs.
        assert refusal(world, changed(one, "by-itself", override=given)) == (403, "R-067")
        overridden = changed(one, "overridden", override=given, author=f"{S_CSC}/fd-1")
        assert refusal(world, overridden) == (201, "")
        (kept,) = overrides(world.hub.views.child(world.children["C-2001"]).entries)
        assert (kept.rule, kept.manager, kept.reason) == tuple(given.values())
        assert (kept.type, kept.author) == ("social-worker-allocated", f"{S_CSC}/fd-1")


@pytest.mark.req("R-038")
@pytest.mark.parametrize(
    ("born", "expected"), [("2012-09-11", True), ("2012-09-10", False)], ids=["12y364d", "13y0d"]
)
def test_a_age_at_the_incident(tmp_path_factory: pytest.TempPathFactory, born: str, expected: bool) -> None:
    opening = named("A00a")
    day = {"occurred_at": "2025-09-10", "precision": "day"}
    posts = [
        changed(opening, opening.event.record, date_of_birth=born),
        changed(named("A02"), "A02", **day),
        named("A15"),
    ]
    with empty_world(tmp_path_factory.mktemp("age")) as world:
        play_into(world, posts)
        assert ("R-038" in open_items(world, "SW-1001", "C-1001")) is expected


@pytest.mark.req("R-049")
@pytest.mark.parametrize(
    ("at", "kind"), [("2025-09-12T16:15", "office"), ("2025-09-12T16:45", "out-of-hours")]
)
def test_a_friday(at: str, kind: str) -> None:
    instant = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo("Europe/London"))
    contact = contact_at(PROFILES["darlington-2025"], instant)
    assert contact is not None and contact.kind == kind


# --- B ----------------------------------------------------------------------------------------------


@pytest.mark.req("R-067", "H-28")
def test_b_same_home(b: World) -> None:
    (one,) = variant("scenario-b", "same-home")
    assert refusal(b, one) == (403, one.refused) == (403, "R-067")
    other = changed(one, "same-home-other", worker=f"{S_CSC}/sw-s4")
    assert refusal(b, other) == (201, "")
    override = {"rule": "R-067", "manager": f"{S_CSC}/tm-1", "reason": "For one day."}
    own = changed(one, "same-home-self", override=override)
    assert refusal(b, own) == (403, "R-067"), "its author cannot be the manager that overrides"


@pytest.mark.req("R-124")
def test_b_rationale_under_darlington(b: World) -> None:
    (one,) = variant("scenario-b", "rationale")
    directory = b.hub.store.directory
    directory.adopt_profile(S_CSC, "darlington-2025")
    try:
        assert refusal(b, one) == (403, one.refused) == (403, "R-124")
        signed = {"manager": f"{S_CSC}/tm-1"}
        assert refusal(b, changed(one, "no-rationale", **signed, rationale=...)) == (403, "R-124")
        assert refusal(b, changed(one, "with-manager", **signed)) == (201, "")
    finally:
        directory.adopt_profile(S_CSC, "llr-2024")
    assert refusal(b, changed(one, "under-llr")) == (201, "")


# --- C ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["2015-09-22", "2015-09-23"], ids=["10y0d", "9y364d"])
def c_10(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[World, bool]]:
    """Scenario C up to the police's decision, the child born on another day: ten at the incident or not."""
    upto = [one.ref for one in C.posts].index("C07")
    opening, *rest = C.posts[:upto]
    born = changed(opening, opening.ref, date_of_birth=request.param)
    with played(tmp_path_factory.mktemp("c-10"), "scenario-c", [born, *rest]) as world:
        yield world, request.param == "2015-09-22"


def police(type_: str, record: str, **data: object) -> PreparedPost:
    """A post of the police on the child who has harmed."""
    asked = named("C07")
    own = {name: asked.event.data[name] for name in ("occurred_at", "precision", "author")}
    event = replace(asked.event, record=record, type=type_, data={**own, **data})
    return replace(asked, event=event)


@pytest.mark.req("R-113")
def test_c_10_investigation_and_plan(c_10: tuple[World, bool]) -> None:
    world, ten = c_10
    wanted = (201, "") if ten else (403, "R-113")
    assert refusal(world, police("criminal-investigation-decided", "c10-i", decision="investigate")) == wanted
    assert refusal(world, police("interview-planned", "c10-p", method="pace", order=["pace"])) == wanted
    other = police("interview-planned", "c10-s", method="abe", order=["under-10"])
    assert refusal(world, other) == (201, "")


@pytest.mark.req("R-113", "R-107")
def test_c_10_an_interview_that_was_held_is_kept_and_flagged(c_10: tuple[World, bool]) -> None:
    world, ten = c_10
    held = police(
        "interview-held",
        "c10-h",
        kind="pace",
        cautioned=True,
        recorded=True,
        adult_present="appropriate-adult",
    )
    assert refusal(world, held) == (201, "")
    assert "interview-held" in [one["type"] for one in world.chronology("POL", "C-4001")]
    flags = [
        one.flags
        for one in world.hub.views.child(world.children["C-4001"]).entries
        if one.type == "interview-held"
    ]
    assert [("R-113" in one) for one in flags] == [not ten]


@pytest.mark.req("R-027")
def test_c_10_the_band_of_the_screening(c_10: tuple[World, bool]) -> None:
    """At nine two bands apply and the practitioner says why this one; at exactly ten one of them does."""
    world, ten = c_10
    for band in ("5-9", "9-13"):
        assert refusal(world, changed(named("C04"), f"band-{band}", band=band, band_reason="Chosen.")) == (
            201,
            "",
        )
    flagged = [
        (entry.data["band"], "band_reason" in entry.data, "R-027-AGE" in entry.flags)
        for entry in world.hub.views.child(world.children["C-4001"]).entries
        if entry.type == "behaviour-screened"
    ]
    assert flagged == [("5-9", False, True), ("5-9", True, ten), ("9-13", True, False)]


# --- any --------------------------------------------------------------------------------------------


def told(world: World, as_at: str) -> dict[str, Json]:
    """Everything that everybody is told of every child, as it was known at an instant."""
    found: dict[str, Json] = {}
    for name, reader in world.readers.items():
        for child in reader.children:
            overview = world.overview(name, child, as_at)
            found[f"{name} {child}"] = {
                "entries": world.chronology(name, child, as_at),
                **{part: overview[part] for part in ("lines", "deadlines", "open_items")},
            }
    return found


@pytest.mark.req("H-06", "H-07")
@pytest.mark.parametrize(
    ("scenario", "as_at"),
    [("scenario-b", "2025-10-20T09:00:00+01:00"), ("scenario-c", "2025-10-07T09:00:00+01:00")],
)
def test_any_replay(tmp_path_factory: pytest.TempPathFactory, scenario: str, as_at: str) -> None:
    with played(tmp_path_factory.mktemp("replay"), scenario) as world:
        before = told(world, as_at)
        world.hub.projector.rebuild()
        world._read.clear()
        assert told(world, as_at) == before
        assert sum(len(one["entries"]) for one in before.values()) > 50
        assert any(one["open_items"] for one in before.values())
        child = next(iter(world.children))
        lines = [world.overview("SGU", child, at)["lines"] for at in ("", as_at)]
        assert lines[0] != lines[1], "then is not now"
