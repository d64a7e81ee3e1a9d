"""Who may grant, who may end, and that nobody lets itself in (G.00)."""

from datetime import UTC, datetime

import pytest

from hub.envelope import EventKey
from hub.errors import HubError
from hub.views import having_a_part
from hub.views.types import Grant
from tests.unit.intake.world import C1001_NHS, C2001_NHS, ELM, HEALTH, N_CSC, OAK, POLICE, S_CSC, YOS, about

TIME, NEXT, LATER = "2025-09-15T09:00:00+01:00", "2025-09-16T09:00:00+01:00", "2025-09-17T09:00:00+01:00"
NOW = datetime(2025, 9, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def opened(world):
    data = {"identifiers": [C1001_NHS], "responsible_authority": N_CSC, "schools": [ELM]}
    world.post(N_CSC, "child-stream-opened", C1001_NHS, "2025-09-12T15:00:00+01:00", **data)
    return world


def post(world, by, type_, at=TIME, subject=C1001_NHS, **data):
    return world.post(by, type_, subject, at, **data)


def refused(world, by, type_, **data):
    with pytest.raises(HubError) as refusal:
        post(world, by, type_, **data)
    return refusal.value.slug, refusal.value.rule


def current(world, kind, subject=C1001_NHS, now=NOW):
    return [
        (one.organisation, one.person)
        for one in world.child(subject).grants
        if one.kind == kind and one.current(now)
    ]


@pytest.mark.req("H-16", "D-30")
def test_posting_gives_nothing(opened):
    for by in (OAK, POLICE, HEALTH, YOS, S_CSC):
        post(opened, by, "referral-made", target="csc", to=N_CSC)
    assert {one.organisation for one in opened.child(C1001_NHS).grants} == {ELM, N_CSC}


@pytest.mark.req("H-16", "G.00")
def test_self_granting_decisions_are_refused(opened):
    worker = {"kind": "allocated", "worker": f"{S_CSC}/sw-s1"}
    assert refused(opened, S_CSC, "social-worker-allocated", **worker) == ("poster", "G.00")
    own = {"kind": "group-member", "organisation": S_CSC}
    assert refused(opened, S_CSC, "relationship-recorded", **own) == ("poster", "G.00")
    seat = {"meeting": "M1", "decision": "invited", "organisation": POLICE, "person": f"{POLICE}/caiu-1"}
    assert refused(opened, POLICE, "invitation-sent", **seat) == ("poster", "G.00")


@pytest.mark.req("H-16", "H-27", "G.00")
def test_a_fact_that_would_let_its_poster_in_is_kept_and_grants_nothing(opened):
    present = [{"organisation": OAK, "person": f"{OAK}/dsl-1"}, {"organisation": POLICE}]
    held = post(opened, OAK, "meeting-held", kind="strategy", meeting="M1", attendance=present)
    assert [one for one in opened.child(C1001_NHS).entries if one.key.id == held["id"]]
    assert current(opened, "attendee") == []
    present = [{"organisation": OAK, "person": f"{OAK}/dsl-1"}, {"organisation": POLICE}]
    post(opened, N_CSC, "meeting-held", kind="strategy", meeting="M2", attendance=present)
    assert current(opened, "attendee") == [(POLICE, None)]  # the school in the wrong room gets no papers


@pytest.mark.req("G.00")
def test_grants_by_another_authority_count_for_nothing(opened):
    post(opened, S_CSC, "relationship-recorded", kind="treated", organisation=HEALTH)
    post(opened, S_CSC, "social-worker-allocated", kind="enquiry", worker=f"{N_CSC}/enq-1")
    seat = {"meeting": "M1", "decision": "invited", "organisation": POLICE}
    post(opened, S_CSC, "invitation-sent", **seat)
    assert {one.organisation for one in opened.child(C1001_NHS).grants} == {ELM, N_CSC}


@pytest.mark.req("G.00")
def test_health_records_whom_it_treats_and_it_stands_once_social_care_agrees(opened):
    treated = {"kind": "treated", "organisation": HEALTH, "person": f"{HEALTH}/nurse-1"}
    event = post(opened, HEALTH, "relationship-recorded", **treated)
    assert current(opened, "treated") == []
    post(opened, N_CSC, "relationship-recorded", at=NEXT, agrees_with=about(event), **treated)
    assert current(opened, "treated") == [(HEALTH, f"{HEALTH}/nurse-1")]


@pytest.mark.req("H-16", "D-20")
def test_relationship_ended_by_the_authority_or_by_whom_it_concerns(opened):
    for organisation, person in ((HEALTH, f"{HEALTH}/nurse-1"), (YOS, f"{YOS}/yj-1")):
        kind = "treated" if organisation == HEALTH else "supervised"
        post(opened, N_CSC, "relationship-recorded", kind=kind, organisation=organisation, person=person)
    assert refused(opened, POLICE, "relationship-ended", kind="treated", organisation=HEALTH) == (
        "poster",
        "H-16",
    )
    post(opened, S_CSC, "relationship-ended", kind="treated", organisation=HEALTH)
    assert current(opened, "treated") == [(HEALTH, f"{HEALTH}/nurse-1")]
    post(opened, HEALTH, "relationship-ended", at=NEXT, kind="treated", organisation=HEALTH)
    post(opened, N_CSC, "relationship-ended", at=NEXT, kind="enrolled", organisation=ELM)
    post(
        opened,
        N_CSC,
        "relationship-ended",
        at=NEXT,
        kind="supervised",
        organisation=YOS,
        person=f"{YOS}/other",
    )
    assert current(opened, "treated") == [] and current(opened, "enrolled") == []
    assert current(opened, "supervised") == [(YOS, f"{YOS}/yj-1")]
    post(opened, N_CSC, "relationship-recorded", at=LATER, kind="treated", organisation=HEALTH)
    assert current(opened, "treated") == [(HEALTH, None)]


@pytest.mark.req("H-16", "D-20")
def test_a_later_end_takes_effect_at_the_end_of_its_london_day(opened):
    end = {"kind": "enrolled", "organisation": ELM, "at": "2025-09-18"}
    event = opened.event(N_CSC, "relationship-ended", C1001_NHS, TIME, end)
    opened.send(event)
    grant = next(one for one in opened.child(C1001_NHS).grants if one.kind == "enrolled")
    assert grant.until == datetime(2025, 9, 18, 23, 0, tzinfo=UTC)


@pytest.mark.req("H-16")
def test_next_enrolment_placement_and_allocation_end_the_former(opened):
    for number, at in ((1, TIME), (2, NEXT)):
        worker, home = f"{N_CSC}/sw-n{number}", f"other.home-{number}"
        post(opened, N_CSC, "social-worker-allocated", at=at, kind="allocated", worker=worker)
        post(opened, N_CSC, "relationship-recorded", at=at, kind="placed", organisation=home)
    post(opened, N_CSC, "relationship-recorded", at=NEXT, kind="enrolled", organisation=OAK)
    assert current(opened, "allocated") == [(N_CSC, f"{N_CSC}/sw-n2")]
    assert current(opened, "placed") == [("other.home-2", None)]
    assert current(opened, "enrolled") == [(OAK, None)]


@pytest.mark.req("H-16", "D-24")
def test_cover_by_a_manager_of_an_organisation_that_holds_something(opened):
    own = {
        "kind": "cover",
        "organisation": ELM,
        "person": f"{ELM}/cover-1",
        "author": f"{ELM}/tm-1",
        "until": "2025-09-18",
    }
    opened.directory.add_person(f"{ELM}/tm-1", ("team-manager",))
    opened.directory.add_person(f"{OAK}/tm-1", ("team-manager",))
    post(opened, ELM, "relationship-recorded", **own)
    at = datetime(2025, 9, 18, 22, 59, tzinfo=UTC)
    assert current(opened, "cover", now=at) == [(ELM, f"{ELM}/cover-1")] and current(opened, "cover") == []
    other = {"kind": "cover", "organisation": OAK, "person": f"{OAK}/cover-1", "author": f"{OAK}/tm-1"}
    post(opened, OAK, "relationship-recorded", **other)
    assert current(opened, "cover") == []
    assert refused(opened, ELM, "relationship-recorded", **(own | {"author": f"{ELM}/dsl-1"})) == (
        "poster",
        "H-04",
    )


@pytest.mark.req("D-28", "G.00")
def test_an_enquiry_that_names_the_investigation_confirms_the_police(opened):
    decided = post(opened, POLICE, "criminal-investigation-decided", decision="investigate")
    assert current(opened, "enquiry") == []
    enquiry = {"threshold": "significant-harm-suspected", "investigation": about(decided)}
    post(opened, N_CSC, "section-47-enquiry-initiated", at=NEXT, **enquiry)
    assert current(opened, "enquiry") == [(POLICE, None)]


@pytest.mark.req("D-27")
def test_youth_justice_is_supervised_only_of_its_own_area_and_for_a_child_who_has_harmed(world):
    data = {"identifiers": [C2001_NHS], "responsible_authority": S_CSC}
    world.post(S_CSC, "child-stream-opened", C2001_NHS, TIME, **data)
    world.directory.add_organisation("youth-justice.n-yjs", "N YJS", N_CSC)
    for organisation in (YOS, "youth-justice.n-yjs"):
        seat = {"meeting": "M2", "organisation": organisation, "decision": "invited"}
        post(world, S_CSC, "invitation-sent", subject=C2001_NHS, **seat)
    assert current(world, "supervised", C2001_NHS) == []
    post(world, S_CSC, "incident-recorded", subject=C2001_NHS, at=NEXT, role="has-harmed", status="alleged")
    assert current(world, "supervised", C2001_NHS) == [(YOS, None)]
    assert len(current(world, "invited", C2001_NHS)) == 2


@pytest.mark.req("H-16")
def test_an_invitation_taken_back_ends(opened):
    seat = {"meeting": "M1", "organisation": POLICE, "person": f"{POLICE}/caiu-1"}
    post(opened, N_CSC, "invitation-sent", decision="invited", **seat)
    assert len(current(opened, "invited")) == 1
    post(opened, N_CSC, "invitation-sent", at=NEXT, decision="not-invited", reason="another comes", **seat)
    assert current(opened, "invited") == []


@pytest.mark.req("H-02", "H-16")
def test_retracted_grant_is_gone_at_once(opened):
    event = post(opened, N_CSC, "relationship-recorded", kind="treated", organisation=HEALTH)
    post(opened, N_CSC, "event-retracted", at=NEXT, about=about(event), reason="wrong-child")
    assert current(opened, "treated") == []


@pytest.mark.req("G.00", "R-083")
def test_authority_of_an_unlinked_child_cannot_invite_itself(opened):
    data = {"identifiers": [C2001_NHS], "responsible_authority": S_CSC}
    opened.post(S_CSC, "child-stream-opened", C2001_NHS, TIME, **data)
    other = [{"ref": C1001_NHS, "role": "has-been-harmed"}]
    post(
        opened,
        S_CSC,
        "incident-recorded",
        subject=C2001_NHS,
        role="has-harmed",
        status="alleged",
        others=other,
    )
    assert opened.child(C1001_NHS).linked == {opened.child(C2001_NHS).child}
    seat = {"meeting": "M1", "decision": "invited", "organisation": S_CSC}
    # S alone says that the children are linked: that opens nothing of the other authority's child.
    assert refused(opened, S_CSC, "invitation-sent", **seat) == ("poster", "G.00")


@pytest.mark.req("H-17", "R-151")
@pytest.mark.parametrize("kind", ["emergency", "invited", "attendee", "front-door", "respondent"])
def test_what_passes_gives_no_part_in_the_care_of_a_child(kind):
    basis = EventKey("urn:safeguarding:org:health.n-gp", "one")
    school, other = (
        Grant(one, organisation, None, NOW, None, basis)
        for one, organisation in (("enrolled", ELM), (kind, HEALTH))
    )
    assert having_a_part([school, other]) == {ELM}
