"""Provisional streams, openings, adoption, and contested identifiers (G.00, contract section 2)."""

import pytest

from hub.errors import HubError
from tests.unit.intake.world import C1001_NHS, C1001_UPN, C2001_NHS, ELM, HUB_IG, N_CSC, OAK, POLICE, S_CSC

TIME = "2025-09-12T15:00:00+01:00"
LOCAL = "local:education.elm-school:t-2001"


def opening(world, by, subject, *identifiers, at=TIME, **changes):
    data = {"identifiers": list(identifiers or [subject]), "responsible_authority": by} | changes
    event = world.event(by, "child-stream-opened", subject, at, data)
    return world.send(event)


def queue(world):
    return world.intake.queue(world.person(f"{HUB_IG}/idr-1"))


@pytest.mark.req("H-05")
def test_unknown_reference_opens_a_provisional_stream_with_the_first_posters_area(world):
    world.post(ELM, "referral-made", LOCAL, TIME, target="csc")
    view = world.child(LOCAL)
    assert view.provisional and view.authority is None and view.area == N_CSC
    assert [(one["reference"], one["area"]) for one in queue(world)] == [(LOCAL, N_CSC)]
    front_door = [(one.kind, one.organisation) for one in view.grants]
    assert front_door == [("front-door", N_CSC)]
    world.post(OAK, "referral-made", LOCAL, TIME, target="csc")
    assert world.child(LOCAL).child == view.child and world.child(LOCAL).area == N_CSC


@pytest.mark.req("H-05", "G.00")
def test_opening_adopts_a_provisional_stream_of_its_own_area(world):
    world.post(ELM, "referral-made", C1001_UPN, TIME, target="csc")
    child = world.identity.resolve(C1001_UPN)
    opening(world, N_CSC, C1001_UPN, C1001_UPN, C1001_NHS, schools=[ELM], date_of_birth="2012-03-04")
    view = world.child(C1001_NHS)
    assert view.child == child and view.authority == N_CSC and not view.provisional and queue(world) == []
    assert [one.kind for one in view.grants if one.organisation == ELM] == ["enrolled"]


@pytest.mark.req("G.00")
def test_opening_from_another_area_is_kept_flagged_and_changes_nothing(world):
    world.post(ELM, "referral-made", C1001_UPN, TIME, target="csc")
    posted = opening(world, S_CSC, C1001_UPN, C1001_UPN, C2001_NHS, schools=[OAK])
    view = world.child(C1001_UPN)
    assert posted.status == 201 and view.provisional and view.authority is None
    assert "G.00" in next(one for one in view.entries if one.type == "child-stream-opened").flags
    assert not any(one.organisation in (OAK, S_CSC) for one in view.grants)
    assert world.identity.resolve(C2001_NHS) is None  # a contested opening wins no identifier
    assert {one["kind"] for one in queue(world)} == {"provisional", "contested-opening"}


@pytest.mark.req("G.00")
def test_first_opening_sets_the_authority_and_a_later_claim_does_not(world):
    opening(world, N_CSC, C1001_NHS, schools=[ELM])
    assert opening(world, S_CSC, C1001_NHS, schools=[OAK]).status == 201
    view = world.child(C1001_NHS)
    assert view.authority == N_CSC and view.schools == (ELM,)
    assert not any(one.organisation in (OAK, S_CSC) for one in view.grants)
    assert [one["kind"] for one in queue(world)] == ["contested-opening"]


@pytest.mark.req("H-05", "H-10")
def test_identifier_of_another_stream_is_kept_where_it_is_and_told_to_reviewers_only(world):
    opening(world, N_CSC, C1001_NHS)
    first = world.identity.resolve(C1001_NHS)
    posted = opening(world, S_CSC, C2001_NHS, C2001_NHS, C1001_NHS)
    assert world.identity.resolve(C1001_NHS) == first != world.identity.resolve(C2001_NHS)
    assert world.child(C2001_NHS).authority == S_CSC
    (contested,) = queue(world)
    assert contested["kind"] == "contested-opening" and contested["others"] == [first]
    fresh = opening(world, S_CSC, "nhs:9990030014", "nhs:9990030014", "nhs:9990050015")
    assert posted.claims["warnings"] == fresh.claims["warnings"]  # nothing tells S that N knows the child


@pytest.mark.req("H-05", "H-27")
@pytest.mark.parametrize("opened_before", [False, True], ids=["not opened yet", "opened before"])
def test_an_opening_that_names_what_a_reviewer_joined_is_kept(world, opened_before):
    """The identifier stays with the stream that was joined, which is this child's too."""
    world.post(OAK, "referral-made", C2001_NHS, TIME, target="csc")
    world.post(OAK, "referral-made", LOCAL, TIME, target="csc")
    if opened_before:
        opening(world, S_CSC, C2001_NHS)
    reviewer = world.person(f"{HUB_IG}/idr-1")
    world.intake.resolve(reviewer, world.identity.resolve(LOCAL), C2001_NHS)
    assert opening(world, S_CSC, C2001_NHS, C2001_NHS, LOCAL, at="2025-09-12T16:00:00+01:00").status == 201
    view = world.child(LOCAL)
    assert view.authority == S_CSC and queue(world) == [] and len(view.streams) == 2


@pytest.mark.req("H-05")
def test_poster_of_both_streams_is_told_of_the_clash(world):
    opening(world, N_CSC, C1001_NHS)
    posted = opening(world, N_CSC, C2001_NHS, C2001_NHS, C1001_NHS)
    assert any(one["rule"] == "H-05" for one in posted.claims["warnings"])


@pytest.mark.req("H-05")
def test_resolved_reference_reads_on_the_child_and_later_posts_go_there(world):
    opening(world, S_CSC, C2001_NHS)
    world.post(ELM, "referral-made", LOCAL, TIME, target="csc", narrative="CANARY-EARLIER")
    reviewer = world.person(f"{HUB_IG}/idr-1")
    provisional = queue(world)[0]["provisional"]
    world.intake.resolve(reviewer, provisional, world.identity.resolve(C2001_NHS))
    assert queue(world) == [] and world.identity.resolve(LOCAL) == world.identity.resolve(C2001_NHS)
    world.post(ELM, "referral-made", LOCAL, TIME, target="csc", narrative="CANARY-LATER")
    view = world.child(C2001_NHS)
    assert len(view.entries) == 3 and view.authority == S_CSC
    own = f"child/{view.child}"
    assert [len(world.record.stream(one)) for one in view.streams] == [2, 1] and view.streams[0] == own
    with pytest.raises(HubError) as refusal:
        world.intake.resolve(reviewer, provisional, view.child)
    assert refusal.value.slug == "not-found"


@pytest.mark.req("H-05")
def test_only_identity_reviewers_see_the_queue_and_decide(world):
    world.post(ELM, "referral-made", LOCAL, TIME, target="csc")
    for principal in (world.system(N_CSC), world.person(f"{N_CSC}/fd-1")):
        with pytest.raises(HubError) as refusal:
            world.intake.queue(principal)
        assert refusal.value.slug == "not-found"
    world.directory.add_person(f"{S_CSC}/idr-2", ("identity-reviewer",))
    assert world.intake.queue(world.person(f"{S_CSC}/idr-2")) == []
    world.directory.add_person(f"{N_CSC}/idr-3", ("identity-reviewer",))
    assert len(world.intake.queue(world.person(f"{N_CSC}/idr-3"))) == 1


@pytest.mark.req("H-05")
def test_two_first_posts_at_once_open_one_stream(world, monkeypatch):
    place, met = world.intake._placing.place, []

    def interfere(post, *rest):
        placed = place(post, *rest)
        if not met:
            met.append(post)
            world.post(POLICE, "referral-made", LOCAL, TIME, target="csc")
        return placed

    event = world.event(ELM, "referral-made", LOCAL, TIME, {"target": "csc"})
    with monkeypatch.context() as patch:
        patch.setattr(world.intake._placing, "place", interfere)
        assert world.send(event).status == 201
    assert len(world.child(LOCAL).entries) == 2 and len(queue(world)) == 1
