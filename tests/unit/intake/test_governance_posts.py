"""What organisations say of themselves: kept on their own streams, on no child's, and who may say what."""

import json

import pytest

from hub.errors import HubError
from hub.intake.arrival import Arrival
from tests.unit.intake.world import C1001_NHS, ELM, HUB_IG, N_CSC, OAK, POLICE, S_CSC, World

TIME = "2025-09-12T15:25:00+01:00"
TRAINED = {"person": f"{ELM}/dsl-1", "role": "designated-safeguarding-lead", "topic": "levels-of-behaviour"}
LEAD = f"{ELM}/dsl-1"


@pytest.fixture
def world(world: World) -> World:
    world.register_key(HUB_IG, 40)
    world.directory.grant_role(LEAD, "governance-lead")
    return world


def refused(act) -> HubError:
    with pytest.raises(HubError) as refusal:
        act()
    return refusal.value


def adoption(world: World, about: str, adopts: str, by: str = HUB_IG, **data):
    given = {"adopts": adopts, "author": f"{by}/idr-1"} | data
    return world.event(by, "profile-adopted", f"organisation:{about}", TIME, given)


def training(world: World, by: str = ELM, about: str | None = None, **data):
    return world.event(by, "training-attested", f"organisation:{about or by}", TIME, TRAINED | data)


def told(posted) -> set[str]:
    return {one["text"] for one in posted.claims["warnings"]}


def streams(world: World) -> set[str]:
    return {one.stream for one in world.record.log(0, 10_000)}


@pytest.mark.req("R-197")
def test_an_adoption_rules_in_the_directory_from_the_append_that_keeps_it(world):
    assert world.directory.organisation(ELM).profile is None
    event = adoption(world, ELM, "llr-2024", owner=LEAD, version="1", **{"from": "2025-09-12"})
    posted = world.send(event)
    assert posted.status == 201 and posted.claims["warnings"] == []
    found = world.directory.organisation(ELM)
    assert (found.profile, found.profile_owner) == ("llr-2024", LEAD)
    kept, change = world.record.log(0, 10_000)[-2:]
    assert (kept.stream, kept.kind, kept.id) == (f"organisation/{ELM}", "event", event["id"])
    assert (change.stream, change.type, change.leaf_index) == (
        "directory",
        "profile-adopted",
        kept.leaf_index + 1,
    )
    later = world.post(ELM, "incident-recorded", C1001_NHS, TIME, role="has-been-harmed", status="alleged")
    stored = world.record.find(later["source"], later["id"])
    assert stored is not None and json.loads(stored.body)["profile"] == "llr-2024/1"
    assert world.views.profile_of(ELM).id == "llr-2024"


@pytest.mark.req("R-197")
def test_the_clocks_and_gates_of_an_authority_follow_the_adoption(world):
    assert world.views.profile_of(N_CSC).id == "darlington-2025"
    world.send(adoption(world, N_CSC, "llr-2024"))
    assert world.views.profile_of(N_CSC).id == "llr-2024"


@pytest.mark.req("R-197")
def test_an_adoption_of_what_this_hub_has_not_loaded_changes_nothing(world):
    before = world.directory.refresh().version
    refusal = refused(lambda: world.send(adoption(world, ELM, "nowhere-2030")))
    assert refusal.slug == "schema" and "nowhere" not in refusal.detail
    assert refused(lambda: world.send(adoption(world, "education.unknown", "llr-2024"))).slug == "schema"
    assert world.directory.refresh().version == before
    assert not [one for one in streams(world) if one.startswith("organisation/")]


@pytest.mark.req("R-197", "H-04")
def test_only_a_partnership_says_what_was_adopted_and_only_in_its_area(world):
    assert refused(lambda: world.send(adoption(world, ELM, "llr-2024", ELM, author=LEAD))).slug == "poster"
    world.directory.add_organisation(HUB_IG, "Partnership of N", N_CSC)
    assert refused(lambda: world.send(adoption(world, OAK, "llr-2024"))).slug == "poster"
    assert world.send(adoption(world, POLICE, "llr-2024")).status == 201


@pytest.mark.req("R-197")
@pytest.mark.parametrize(
    ("data", "word"),
    [
        ({"version": "2031"}, "another version"),
        ({"owner": f"{ELM}/nobody"}, "answers for it"),
        ({"owner": f"{OAK}/dsl-1"}, "answers for it"),
        ({"from": "2025-09-13"}, "from the receipt"),
    ],
)
def test_what_the_partnership_should_know_of_its_adoption_is_told_and_refuses_nothing(world, data, word):
    fine = {"version": "1", "owner": LEAD, "from": "2025-09-12"}
    assert told(world.send(adoption(world, ELM, "llr-2024", **fine))) == set()
    (text,) = told(world.send(adoption(world, ELM, "llr-2024", **(fine | data))))
    assert word in text
    assert world.directory.organisation(ELM).profile == "llr-2024"


@pytest.mark.req("R-197", "H-03")
def test_a_repeat_adopts_nothing_again(world):
    first = adoption(world, ELM, "llr-2024")
    receipt = world.send(first)
    world.send(adoption(world, ELM, "darlington-2025"))
    version = world.directory.refresh().version
    assert world.send(first).receipt == receipt.receipt
    assert world.directory.refresh().version == version
    assert world.directory.organisation(ELM).profile == "darlington-2025"


@pytest.mark.req("R-197")
def test_an_adoption_is_judged_again_where_the_directory_moved_before_its_append(world, monkeypatch):
    bind, moved, journalled = world.record.bind, [], []

    def bind_after_another(append, acts):
        if not moved:
            moved.append(True)
            world.directory.end_role(LEAD, "governance-lead")
        journalled.append([one.kind for one in acts])
        return bind(append, acts)

    monkeypatch.setattr(world.record, "bind", bind_after_another)
    assert world.send(adoption(world, ELM, "llr-2024")).status == 201
    assert moved and world.directory.organisation(ELM).profile == "llr-2024"
    assert journalled[-2:] == [["directory"], ["directory"]], "it binds after a restore too"
    assert "governance-lead" not in world.directory.roles(LEAD)


def test_an_organisation_speaks_of_itself_and_of_its_own_people(world):
    assert world.send(training(world)).status == 201
    assert refused(lambda: world.send(training(world, ELM, OAK))).slug == "wrong-organisation"
    others = training(world, person=f"{OAK}/dsl-1")
    assert refused(lambda: world.send(others)).slug == "wrong-organisation"
    score = {"domain": "interventions", "score": 0, "statement": "in-1", "cycle": "2025"}
    own = world.event(ELM, "framework-audit-scored", f"organisation:{ELM}", TIME, score)
    assert world.send(own).claims["warnings"] == []
    elsewhere = world.event(ELM, "framework-audit-scored", f"organisation:{S_CSC}", TIME, score)
    assert refused(lambda: world.send(elsewhere)).slug == "wrong-organisation"
    without = world.event(OAK, "framework-audit-scored", f"organisation:{OAK}", TIME, score)
    assert refused(lambda: world.send(without)).slug == "poster"


@pytest.mark.parametrize(
    ("type_", "subject", "data"),
    [
        ("training-attested", C1001_NHS, TRAINED),
        ("training-attested", "child:0b6f4a52-7d0e-4a3c-9d15-5f0c2f6a8e11", TRAINED),
        ("incident-recorded", f"organisation:{ELM}", {"role": "has-been-harmed", "status": "alleged"}),
        ("child-stream-opened", f"organisation:{ELM}", {"identifiers": [C1001_NHS]}),
        (
            "event-retracted",
            f"organisation:{ELM}",
            {"about": {"source": "x", "id": "y"}, "reason": "other"},
        ),
    ],
)
def test_no_event_about_an_organisation_stands_on_a_childs_stream_and_none_about_a_child_on_its(
    world, type_, subject, data
):
    before = streams(world)
    refusal = refused(lambda: world.send(world.event(ELM, type_, subject, TIME, data)))
    assert refusal.slug == "schema" and "subject" in refusal.detail
    assert streams(world) - before <= {"refusals"}


@pytest.mark.req("H-03", "H-26", "D-30")
def test_a_batch_and_a_log_take_them_and_their_poster_finds_them_again(world):
    lines = [training(world), training(world, ELM, OAK), training(world, topic="recording")]
    answers = world.intake.post_batch(b"\n".join(map(world.signed, lines)), world.system(ELM))
    assert [getattr(one, "status", None) for one in answers] == [201, 403, 201]
    again = world.intake.post_signed(world.signed(lines[0]), Arrival(answer_to="log/1"))
    assert again.status == 200
    fresh = world.intake.post_signed(world.signed(training(world, topic="f")), Arrival(answer_to="log/2"))
    kept = world.record.find(f"urn:safeguarding:org:{ELM}", fresh.claims["event"]["id"])
    told = world.intake.answer(kept)
    assert told is not None and (told.organisation, told.document["claims"]) == (ELM, fresh.claims)
    page = world.intake.mine(world.system(ELM), None, 50)
    assert [one["event"]["id"] for one in page.posts] == [lines[0]["id"], lines[2]["id"], kept.id]
    assert world.intake.receipt(world.system(ELM), ELM, lines[0]["id"]).claims["subject"] == (
        f"organisation:{ELM}"
    )
    assert world.noted[-1] == (ELM, {}), "the reading is recorded, under no child"
    assert world.intake.mine(world.system(OAK), None, 50).posts == ()
    item = world.record.find(lines[0]["source"], lines[0]["id"])
    assert world.intake.restore(item) == world.signed(lines[0]), "byte for byte as it was signed"


def test_nothing_of_them_reaches_the_identities_or_the_index_of_children(world):
    world.send(training(world))
    world.send(adoption(world, ELM, "llr-2024"))
    assert world.identity.children() == {}
    assert world.views.children_of(ELM) == frozenset()
    assert {one.split("/")[0] for one in streams(world)} == {"directory", "organisation"}
