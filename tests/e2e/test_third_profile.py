"""A third local procedure, added as a file and nothing else: scenario A under it, over HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from agencies.sdk.build import AgencyEvent
from hub.cli.compose import compose, open_store
from hub.cli.demo_world import READING_TIME
from hub.directory import Directory
from hub.errors import HubError
from hub.pathway import levels
from hub.settings import SettingsError
from tests.support.scenario import SCENARIO, World, empty_world, play_into

PROFILES = Path(__file__).parents[1] / "support" / "profiles"
N, S, ELM = "social-care.n-csc", "social-care.s-csc", "education.elm-school"
C2001 = "nhs:9990200106"


LEVELS = {"inappropriate": "worrying", "problematic": "worrying", "abusive": "harmful"}


def in_its_scale(event: AgencyEvent) -> AgencyEvent:
    """A post of the scenario with its level in the partnership's own scale."""
    if event.type != "behaviour-level-assessed":
        return event
    own = {"scale": "ashby-3", "level": LEVELS[str(event.data["level"])], "indicators": ["ashby-unequal"]}
    return replace(event, data={**event.data, **own})


def level(record: str, **data: str) -> AgencyEvent:
    """A level that the police give, otherwise as in the scenario."""
    given = next(one.event for one in SCENARIO.posts if one.ref == "A22")
    given = replace(given, record=record, recorded_at=given.recorded_at + timedelta(hours=1))
    return replace(in_its_scale(given), data={**in_its_scale(given).data, **data})


@pytest.fixture(scope="module")
def ashby(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with empty_world(tmp_path_factory.mktemp("ashby"), profiles=PROFILES) as world:
        for organisation in (N, S):
            world.hub.store.directory.adopt_profile(organisation, "ashby-2026")
        # Every post of the scenario is taken under it: nothing of the hub is written for two partnerships.
        play_into(world, [replace(one, event=in_its_scale(one.event)) for one in SCENARIO.posts])
        world.advance(READING_TIME)
        yield world


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/London"))


def clocks(world: World, reader: str, child: str, name: str) -> list[dict[str, str]]:
    return [one for one in world.overview(reader, child)["deadlines"] if one["clock"] == name]


@pytest.mark.req("R-197")
def test_readers_are_told_which_procedure_applies(ashby: World) -> None:
    for reader, child in (("ENQ", "C-1001"), ("SW-2001", "C-2001")):
        answer = ashby.get(reader, f"/v1/children/{ashby.children[child]}/chronology").json()
        assert answer["profile"] == "ashby-2026"


@pytest.mark.req("K-01", "R-077")
def test_the_meeting_is_due_by_its_hours(ashby: World) -> None:
    (found,) = clocks(ashby, "ENQ", "C-2001", "K-01")
    assert datetime.fromisoformat(found["starts_at"]) == london("2025-09-12T15:40")
    assert datetime.fromisoformat(found["warn_at"]) == london("2025-09-13T03:40")
    assert datetime.fromisoformat(found["due_at"]) == london("2025-09-13T15:40")
    assert found["state"] != "met"


@pytest.mark.req("K-10", "R-143")
def test_the_plan_is_reviewed_by_its_months(ashby: World) -> None:
    assert [one["due_on"] for one in clocks(ashby, "SW-2001", "C-2001", "K-10")] == [
        "2025-11-06",
        "2026-02-06",
    ]


@pytest.mark.req("R-020", "R-021", "R-197")
def test_levels_are_given_in_its_own_scale_and_read_there(ashby: World) -> None:
    shown = [
        (one["fields"]["scale"], one["fields"]["level"])
        for one in ashby.chronology("SW-2001", "C-2001")
        if one["type"] == "behaviour-level-assessed"
    ]
    assert set(shown) == {("ashby-3", "worrying"), ("ashby-3", "harmful")}
    (differ,) = [one for one in ashby.overview("SW-2001", "C-2001")["lines"] if one["rule"] == "P-07"]
    assert "(ashby-3)" in differ["text"] and "Span: 1." in differ["text"]
    assert clocks(ashby, "SW-2001", "C-2001", "K-05")


@pytest.mark.req("R-021", "Q-09")
def test_a_level_that_no_loaded_scale_has_is_refused_with_what_may_stand_there(ashby: World) -> None:
    for data, named in (
        ({"scale": "zeta-2"}, "/data/scale: not one of the level scales of this hub's procedures, which are "
         "ashby-3, darlington-4, hackett-5."),
        ({"level": "abusive"}, "/data/level: not one of the levels of that scale, which are expected, "
         "worrying, harmful."),
    ):  # fmt: skip
        answer = ashby.post(level("refused-1", **data))
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/schema")
        assert answer.json()["detail"] == f"At {named}"


def not_held(record: str, **more: str) -> AgencyEvent:
    decided = next(one.event for one in SCENARIO.posts if one.ref == "A30")
    data = {name: value for name, value in decided.data.items() if name != "manager"}
    return replace(
        decided, record=record, recorded_at=decided.recorded_at + timedelta(hours=1), data=data | more
    )


@pytest.mark.req("R-124", "H-28")
def test_a_gate_follows_the_procedure_and_so_does_its_end(ashby: World) -> None:
    refused = ashby.post(not_held("third-1"))
    assert (refused.status_code, refused.json()["rule"]) == (403, "R-124")
    directory = ashby.hub.store.directory
    directory.adopt_profile(S, "llr-2024")
    try:
        assert ashby.post(not_held("third-2")).status_code == 201
    finally:
        directory.adopt_profile(S, "ashby-2026")
    assert ashby.post(not_held("third-3")).status_code == 403


@pytest.mark.req("R-007")
def test_the_words_of_a_post_are_met_with_its_terms(ashby: World) -> None:
    incident = next(one.event for one in SCENARIO.posts if one.ref == "A07")
    told = [
        ashby.post(
            replace(incident, record=f"words-{number}", data={**incident.data, "narrative": text})
        ).json()["claims"]["warnings"]
        for number, text in enumerate(
            (
                "A naughty boy and a young sex offender.",
                "{{quote:childs-words}}I am a naughty boy{{/quote}}, he said.",
                "{{quote:hearsay}}nothing{{/quote}}",
            )
        )
    ]
    terms = [[(one["rule"], one["source"]) for one in row if one["rule"].startswith("TERM-")] for row in told]
    assert terms == [[("TERM-01", "R-007"), ("TERM-01", "R-007")], [], [("TERM-02", "R-007")]]
    said = " ".join(one["text"] for one in told[0])
    assert "child who has caused harm" in said and "the child's name" in said


def test_a_server_that_lacks_an_adopted_profile_says_so(ashby: World) -> None:
    store = ashby.hub.store
    other = Directory(store.record, store.clock, ("zeta-2030",))
    other.adopt_profile(ELM, "zeta-2030")
    try:
        for _ in range(200):
            answer = httpx.get(f"{ashby.address}/readyz", timeout=30)
            if answer.status_code == 503:
                break
            time.sleep(0.1)
        assert answer.status_code == 503
        assert "profiles" in answer.json()["failing"]
    finally:
        store.directory.adopt_profile(ELM, "ashby-2026")


def test_a_hub_does_not_start_where_an_adopted_profile_is_gone(tmp_path: Path) -> None:
    with empty_world(tmp_path / "hub", profiles=PROFILES) as world:
        world.hub.store.directory.adopt_profile(S, "ashby-2026")
        given = level("kept-1")
        assert world.post(given).status_code == 201
        settings = world.hub.store.settings
    store = open_store(settings.model_copy(update={"profiles": None}))
    try:
        with pytest.raises(SettingsError, match=r"HUB_PROFILES: .* adopted ashby-2026, which is not there"):
            compose(store)
        # The operator can still let it adopt another one.
        store.directory.adopt_profile(S, "llr-2024")
        with closing(compose(store)) as hub:
            # What a level says does not go with the file that brought its scale.
            child = hub.identity.resolve(given.subject)
            assert child is not None
            (kept,) = hub.views.folded(child).entries
            assert (levels.step(kept), levels.serious(kept), levels.lowest(kept)) == (2, True, False)
            with pytest.raises(HubError, match="schema"):
                hub.catalogue.validate_replacement(given.type, 1, given.data, recorded_at=given.recorded_at)
    finally:
        store.close()


@pytest.mark.parametrize("written", ["id = 1", ""])
def test_a_hub_does_not_start_with_a_profile_that_does_not_stand(tmp_path: Path, written: str) -> None:
    with empty_world(tmp_path / "hub") as world:
        settings = world.hub.store.settings
    folder = tmp_path / "profiles"
    folder.mkdir()
    (folder / "zeta-2030.toml").write_text(written)
    with pytest.raises(SettingsError, match=r"HUB_PROFILES: zeta-2030\.toml .* hub profile check"):
        open_store(settings.model_copy(update={"profiles": folder}))
