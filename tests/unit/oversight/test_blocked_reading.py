"""What is kept of a blocked decision, by whichever way it came, and what its team manager is told of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.directory.types import Principal
from hub.disclosure import load_purposes
from hub.disclosure.release import AccessRecord
from hub.errors import HubError
from hub.intake.arrival import Arrival
from hub.intake.refusals import Refusals
from hub.oversight.blocked import Blocked, BlockedDecision
from hub.pathway.gates import GATES, Refusal
from hub.record import Append, Draft, Mark
from tests.unit.intake.world import (
    C1001_NHS,
    CATALOGUE,
    ELM,
    N_CSC,
    OAK,
    POLICE,
    S_CSC,
    World,
    world_in,
)

TIME = "2025-09-12T15:00:00+01:00"
AT = datetime(2025, 9, 12, 14, 25, 31, tzinfo=UTC)
SEAT = {"meeting": "CANARY-M1", "organisation": OAK, "decision": "invited"}
MANAGER = f"{N_CSC}/tm-1"
REFUSALS = sorted({one.refusal for one in GATES}, key=lambda one: (one.rule, one.text))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with world_in(tmp_path) as found:
        yield found


def asked(world: World, principal: Principal | None = None) -> list[BlockedDecision]:
    blocked = Blocked(
        record=world.record, catalogue=CATALOGUE, purposes=load_purposes(),
        accesses=AccessRecord(world.record, world.clock, world.chance), policy_version="1",
    )  # fmt: skip
    return blocked.rows(principal or world.person(MANAGER))


def kept(world: World, **told: object) -> None:
    """A refusal as the record holds it."""
    body = json.dumps(
        {"slug": "gate", "rule": "R-082", "organisation": N_CSC, "at": AT.isoformat()} | told
    ).encode()
    name = f"refusal-{world.chance.uuid()}"
    draft = Draft("refusals", "record", "urn:safeguarding:hub", name, "post-refused", body, body)
    world.record.append(Append((draft,))).result()


@pytest.mark.req("D-55", "H-28")
def test_a_decision_refused_over_http_or_from_a_log_keeps_its_type_and_reads_the_same(world: World) -> None:
    over_http, from_log = (world.event(N_CSC, "invitation-sent", C1001_NHS, TIME, SEAT) for _ in range(2))
    with pytest.raises(HubError, match="gate"):
        world.send(over_http)
    arrival = Arrival("ab" * 16, "inbound/0", (Mark("inbound", 1),))
    with pytest.raises(HubError, match="gate"):
        world.intake.post_signed(world.signed(from_log), arrival)
    first, second = asked(world)
    assert replace(first, trace="") == replace(second, trace="") and second.trace == "ab" * 16
    assert (first.type, first.title, first.rule) == ("invitation-sent", "Invitation decided", "R-082")
    assert (first.force, first.can_be_overridden) == ("MUST", False) and first.reason
    assert not any(b"CANARY" in (one.body or b"") for one in world.record.stream("refusals"))
    (answer,) = [one for item in world.record.log(0, 10_000) if (one := world.intake.answer(item))]
    assert answer.document["problem"]["detail"] == first.reason, "what its sender is told"


@pytest.mark.req("D-55", "H-28")
def test_a_refused_correction_of_a_decision_is_listed_as_one(world: World) -> None:
    right = world.post(N_CSC, "invitation-sent", C1001_NHS, TIME, **(SEAT | {"organisation": POLICE}))
    data = {"about": {"source": right["source"], "id": right["id"]}, "reason": "other guest"}
    data["replacement"] = right["data"] | {"organisation": OAK}
    with pytest.raises(HubError, match="gate"):
        world.send(world.event(N_CSC, "event-corrected", C1001_NHS, TIME, data))
    (row,) = asked(world)
    assert (row.type, row.title, row.rule) == ("event-corrected", "Entry corrected", "R-082")


@pytest.mark.req("D-55")
def test_only_a_gates_refusal_keeps_a_type_and_only_one_of_the_catalogue(world: World) -> None:
    refusals = Refusals(world.record, world.chance, CATALOGUE.types)
    gate, schema = HubError("gate", "Why.", rule="R-082"), HubError("schema", "Why.")
    assert refusals.of_decision(gate, "invitation-sent") == {"detail": "Why.", "type": "invitation-sent"}
    for unknown in ("canary-type", None):
        assert refusals.of_decision(gate, unknown) == {"detail": "Why."}
    assert refusals.of_decision(schema, "invitation-sent") == {}


@pytest.mark.req("D-55")
def test_what_was_kept_before_types_were_is_read_with_what_it_has(world: World) -> None:
    kept(world)
    kept(world, rule="R-146", trace="cd" * 16)
    kept(world, rule="R-999", detail="A sentence of another version.", type="no-longer-a-type")
    oldest, several, gone = asked(world)
    (rule,) = {one.refusal for one in GATES if one.refusal.rule == "R-082"}
    assert oldest == BlockedDecision(
        AT.replace(second=0), None, None, "R-082", "MUST", rule.source, f"{rule.text} {rule.fix}", False, ""
    )
    # Some refusals of this rule can be overridden and some not, and which it was nobody can tell.
    assert {one.refusal.force for one in GATES if one.refusal.rule == "R-146"} == {"MUST", "SHOULD"}
    assert (several.force, several.can_be_overridden, several.reason) == (None, None, None)
    assert (several.source, several.trace) == ("S3 s.4", "cd" * 16)
    assert (gone.title, gone.force, gone.can_be_overridden) == (None, None, None)
    assert gone.reason == "A sentence of another version."


@pytest.mark.req("H-28", "D-55")
@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda one: one.rule)
def test_of_every_rule_it_is_told_whether_it_can_be_overridden(world: World, refusal: Refusal) -> None:
    """Also where one requirement has several refusals of which some can be and some cannot."""
    kept(world, rule=refusal.rule, detail=f"{refusal.text} {refusal.fix}")
    (row,) = asked(world)
    assert (row.force, row.source) == (refusal.force, refusal.source)
    assert row.can_be_overridden is (refusal.force != "MUST")


@pytest.mark.req("D-55", "H-16")
def test_of_other_organisations_and_of_other_refusals_nothing_is_told(world: World) -> None:
    kept(world, organisation=S_CSC)
    kept(world, organisation="")
    for slug in ("schema", "signature", "poster", "conflict", "imagery"):
        kept(world, slug=slug, rule=None)
    assert asked(world) == []
    assert len(asked(world, world.person(f"{S_CSC}/tm-1"))) == 1


@pytest.mark.req("D-55", "H-16", "H-14")
def test_nobody_but_a_team_manager_of_social_care_gets_anything_and_nothing_is_recorded_for_them(
    world: World,
) -> None:
    kept(world)
    manager = world.person(MANAGER)
    before = world.record.head().position
    for other in (
        world.person(f"{N_CSC}/sw-n1"),
        world.person(f"{ELM}/dsl-1"),
        world.system(N_CSC),
        replace(manager, organisation_kind="partnership"),
        replace(manager, person=None),
    ):
        with pytest.raises(HubError, match="not-found"):
            asked(world, other)
    assert world.record.head().position == before
    assert len(asked(world, manager)) == 1
    accesses = [json.loads(one.body)["data"] for one in world.record.stream("access/unknown") if one.body]
    assert (accesses[0]["what"], accesses[0]["reader"]) == ("blocked-decisions", MANAGER)
