"""Corrections and retractions: whose they are, what they do, what stays (H-02)."""

import pytest

from hub.errors import HubError
from tests.unit.intake.world import C1001_NHS, C1001_UPN, C2001_NHS, ELM, N_CSC, OAK, POLICE, S_CSC, about

TIME, LATER = "2025-09-12T15:25:00+01:00", "2025-09-15T09:00:00+01:00"


@pytest.fixture
def event(world):
    other = [{"ref": "local:education.elm-school:t-1", "role": "has-harmed"}]
    data = {
        "role": "has-been-harmed",
        "status": "alleged",
        "others": other,
        "narrative": "CANARY-OLD {{other:1}}",
    }
    return world.post(ELM, "incident-recorded", C1001_UPN, TIME, **data)


def correction(world, event, by=ELM, subject=C1001_UPN, at=LATER, **changes):
    data = {"about": about(event), "reason": "said again", "replacement": event["data"] | changes}
    return world.event(by, "event-corrected", subject, at, data)


def refused(world, event):
    with pytest.raises(HubError) as refusal:
        world.send(event)
    return refusal.value


@pytest.mark.req("H-02")
def test_correction_replaces_the_text_and_keeps_the_entry(world, event):
    before = world.child(C1001_UPN).entries[0]
    other = [{"ref": "local:education.elm-school:t-2"}, {"ref": "local:education.elm-school:t-1"}]
    changes = {"occurred_at": "2025-09-10", "narrative": "CANARY-NEW {{other:2}}", "others": other}
    assert world.send(correction(world, event, **changes)).status == 201
    (entry,) = world.child(C1001_UPN).entries
    assert (entry.key, entry.position, entry.recorded_at) == (before.key, before.position, before.recorded_at)
    assert entry.occurred.written == "2025-09-10" and entry.data["narrative"] == "CANARY-NEW {{other:2}}"
    assert entry.others[1].reference == before.others[0].reference != entry.others[0].reference
    (told,) = entry.corrections
    assert (told.organisation, told.author, told.reason) == (ELM, f"{ELM}/dsl-1", "said again")


@pytest.mark.req("H-02", "H-07")
def test_original_text_stays_in_the_record_and_in_what_was_known_then(world, event):
    world.send(correction(world, event, narrative="CANARY-NEW"))
    world.send(correction(world, event, at="2025-09-16T09:00:00+01:00", narrative="CANARY-NEWEST"))
    view = world.child(C1001_UPN)
    recorded = world.record.find(event["source"], event["id"])
    assert world.intake.restore(recorded) == world.signed(event)
    times = [one.received_at for one in view.entries[0].corrections]
    texts = [view.as_at(at).entries[0].data["narrative"] for at in (view.entries[0].received_at, *times)]
    assert texts == ["CANARY-OLD {{other:1}}", "CANARY-NEW", "CANARY-NEWEST"]
    assert view.entries[0].data["narrative"] == "CANARY-NEWEST" and len(view.entries[0].corrections) == 2


@pytest.mark.req("H-02")
def test_retraction_takes_the_entry_away_now_whatever_as_at_says(world, event):
    received = world.child(C1001_UPN).entries[0].received_at
    retraction = {"about": about(event), "reason": "wrong-child"}
    world.post(ELM, "event-retracted", C1001_UPN, LATER, **retraction)
    view = world.child(C1001_UPN)
    assert view.entries == () and view.as_at(received).entries == ()
    assert world.record.find(event["source"], event["id"]) is not None


@pytest.mark.req("H-02")
def test_retracting_a_correction_brings_the_text_back(world, event):
    changed = correction(world, event, status="withdrawn")
    world.send(changed)
    world.post(ELM, "event-retracted", C1001_UPN, LATER, about=about(changed), reason="entered-in-error")
    (entry,) = world.child(C1001_UPN).entries
    assert entry.data["status"] == "alleged" and entry.corrections == ()


@pytest.mark.req("H-02")
def test_only_its_own_poster_corrects_and_only_on_the_same_child(world, event):
    answers = {
        "another organisation": refused(world, correction(world, event, by=POLICE)),
        "another child": refused(world, correction(world, event, subject=C2001_NHS)),
        "no such event": refused(world, correction(world, event | {"id": "no-such-event-0001"})),
    }
    assert {(one.slug, one.rule, one.detail) for one in answers.values()} == {
        ("poster", "H-02", answers["no such event"].detail)
    }
    assert world.child(C1001_UPN).entries[0].corrections == ()


@pytest.mark.req("H-02", "H-04")
def test_replacement_fits_the_type_that_it_replaces(world, event):
    assert refused(world, correction(world, event, status="nonsense")).slug == "schema"
    changed = correction(world, event, status="withdrawn")
    world.send(changed)
    again = correction(world, changed)
    assert refused(world, again).slug == "schema"


@pytest.mark.req("H-02")
def test_corrected_references_are_apart_from_the_child_too(world, event):
    world.send(
        correction(world, event, others=[{"ref": C2001_NHS}], narrative=f"{C2001_NHS} and {{{{other:1}}}}")
    )
    stream = f"child/{world.identity.resolve(C1001_UPN)}"
    bodies = b"".join(one.body for one in world.record.stream(stream))
    assert C2001_NHS.encode() not in bodies and b"t-1" not in bodies
    assert world.child(C1001_UPN).entries[0].data["narrative"] == "{{other:1}} and {{other:1}}"


@pytest.mark.req("H-02", "G.00")
def test_correcting_an_opening_wins_identifiers_and_schools(world):
    opening = {"identifiers": [C1001_NHS], "responsible_authority": N_CSC, "schools": [OAK]}
    event = world.post(N_CSC, "child-stream-opened", C1001_NHS, TIME, **opening)
    changed = correction(
        world, event, by=N_CSC, subject=C1001_NHS, identifiers=[C1001_NHS, C1001_UPN], schools=[ELM]
    )
    world.send(changed)
    assert world.identity.resolve(C1001_UPN) == world.identity.resolve(C1001_NHS)
    assert {one.organisation for one in world.child(C1001_UPN).grants if one.kind == "enrolled"} == {ELM}


@pytest.mark.req("G.00")
def test_a_correction_cannot_make_an_organisation_its_own_beneficiary(world):
    opening = {"identifiers": [C1001_NHS], "responsible_authority": N_CSC}
    world.post(N_CSC, "child-stream-opened", C1001_NHS, TIME, **opening)
    worker = {"kind": "enquiry", "worker": f"{N_CSC}/enq-1"}
    event = world.post(S_CSC, "social-worker-allocated", C1001_NHS, TIME, **worker)
    changed = correction(world, event, by=S_CSC, subject=C1001_NHS, worker=f"{S_CSC}/sw-s1")
    assert (refused(world, changed).slug, refused(world, changed).rule) == ("poster", "G.00")
