"""How posts are judged on the record: overrides marked, signatures counted, notes kept, nothing told."""

import pytest

from hub.errors import HubError
from hub.pathway.agreements import ANOTHER
from hub.pathway.gates import overridden_rules, overrides
from tests.unit.intake.world import C1001_NHS, C1001_UPN, C2001_NHS, ELM, N_CSC, OAK, POLICE, S_CSC, about

TIME = "2025-09-12T15:25:00+01:00"
LATER = "2025-09-15T09:00:00+01:00"
REF = {"source": f"urn:safeguarding:org:{ELM}", "id": "some-referral-0001"}
NOTHING = {"about_what": "referral", "reasons": "r", "deciding_agencies": [N_CSC], "about": REF}
OVERRIDE = {"rule": "R-015", "manager": f"{N_CSC}/tm-1", "reason": "the family is abroad"}
CLOSED = {
    "closes": "plan",
    "rationale": "r",
    "factors": {"risk": "r", "outcomes": "o", "carers_capacity": "c", "ongoing_support": "s"},
    "monitoring_reason": "none is needed",
}


def opened(world, nhs=C1001_NHS, by=N_CSC, **changes):
    data = {"identifiers": [nhs], "responsible_authority": by, "schools": [ELM]} | changes
    return world.post(by, "child-stream-opened", nhs, "2025-09-12T15:00:00+01:00", **data)


def rule_of(world, by, type_, subject=C1001_NHS, **data):
    """The rule by which a decision is refused, None where it is kept."""
    try:
        world.send(world.event(by, type_, subject, LATER, data))
    except HubError as refusal:
        assert refusal.slug == "gate"
        return refusal.rule
    return None


def entry(world, event, nhs=C1001_NHS):
    return next(one for one in world.child(nhs).entries if one.key.id == event["id"])


@pytest.mark.req("H-28", "R-015")
def test_an_override_that_was_needed_is_marked_and_listed_and_one_that_was_not_is_neither(world):
    opened(world)
    assert rule_of(world, N_CSC, "plan-started", kind="cin") == "R-015"
    needed = world.post(N_CSC, "plan-started", C1001_NHS, LATER, kind="cin", override=OVERRIDE)
    spare = world.post(
        N_CSC, "plan-started", C1001_NHS, LATER, kind="cin", involvement="both parents", override=OVERRIDE
    )
    assert overridden_rules(entry(world, needed)) == ("R-015",)
    assert overridden_rules(entry(world, spare)) == ()
    [listed] = overrides(world.child(C1001_NHS).entries)
    assert (listed.decision.id, listed.rule, listed.manager, listed.reason, listed.organisation) == (
        needed["id"],
        "R-015",
        f"{N_CSC}/tm-1",
        "the family is abroad",
        N_CSC,
    )


@pytest.mark.req("H-28", "H-02")
def test_a_correction_that_mends_an_overridden_decision_takes_it_off_the_list(world):
    opened(world)
    given = world.post(N_CSC, "plan-started", C1001_NHS, LATER, kind="cin", override=OVERRIDE)
    mended = given["data"] | {"involvement": "the mother"}
    world.post(
        N_CSC, "event-corrected", C1001_NHS, LATER, about=about(given), reason="left out", replacement=mended
    )
    assert overrides(world.child(C1001_NHS).entries) == ()


@pytest.mark.req("R-151", "H-28")
def test_a_closure_takes_effect_once_two_organisations_have_signed_it(world):
    opened(world)
    first = world.post(N_CSC, "closure-decided", C1001_NHS, LATER, **CLOSED)
    assert entry(world, first).awaiting == (ANOTHER,)
    again = world.post(N_CSC, "closure-decided", C1001_NHS, LATER, **CLOSED, agrees_with=about(first))
    assert entry(world, first).awaiting == (ANOTHER,) and entry(world, again).awaiting == (ANOTHER,)
    school = world.post(ELM, "closure-decided", C1001_NHS, LATER, **CLOSED, agrees_with=about(first))
    assert entry(world, first).awaiting == () and entry(world, school).awaiting == ()


@pytest.mark.req("R-151", "H-28")
def test_a_signature_must_answer_the_factors_too(world):
    opened(world)
    first = world.post(N_CSC, "closure-decided", C1001_NHS, LATER, **CLOSED)
    blank = {**CLOSED, "factors": {"risk": "r"}, "agrees_with": about(first)}
    assert rule_of(world, ELM, "closure-decided", **blank) == "R-151"
    assert entry(world, first).awaiting == (ANOTHER,)


@pytest.mark.req("R-151", "G.00")
def test_a_closure_is_not_signed_by_who_has_no_part_in_the_care(world):
    """Neither first nor second: until then the plan stays in force; a child nobody knows is no different."""
    assert rule_of(world, OAK, "closure-decided", "nhs:9990300399", **CLOSED) == "R-151"
    opened(world)
    first = world.post(N_CSC, "closure-decided", C1001_NHS, LATER, **CLOSED)
    for by in (OAK, S_CSC):
        assert rule_of(world, by, "closure-decided", **CLOSED) == "R-151"
        assert rule_of(world, by, "closure-decided", **CLOSED, agrees_with=about(first)) == "R-151"
    assert entry(world, first).awaiting == (ANOTHER,)
    world.post(ELM, "closure-decided", C1001_NHS, LATER, **CLOSED, agrees_with=about(first))
    assert entry(world, first).awaiting == ()


@pytest.mark.req("R-038", "H-10", "H-28")
def test_a_refusal_on_the_record_is_told_to_the_childs_own_authority_only(world):
    opened(world, date_of_birth="2014-03-04")
    data = {"role": "has-been-harmed", "status": "alleged"}
    world.post(ELM, "incident-recorded", C1001_UPN, TIME, **data)
    world.post(N_CSC, "incident-recorded", C1001_NHS, TIME, **data)
    assert rule_of(world, N_CSC, "no-further-action-decided", **NOTHING) == "R-038"
    for by, known in ((S_CSC, C1001_NHS), (S_CSC, "nhs:9990300100"), (POLICE, C1001_NHS)):
        assert rule_of(world, by, "no-further-action-decided", known, **NOTHING) is None
    world.post(ELM, "referral-made", C1001_NHS, TIME, target="csc", to=N_CSC)
    assert rule_of(world, N_CSC, "no-further-action-decided", **NOTHING) is None


@pytest.mark.req("R-067", "H-10", "H-28")
def test_another_authority_cannot_find_out_a_childs_worker_by_allocating(world):
    opened(world)
    opened(world, C2001_NHS, S_CSC)
    others = [{"ref": C1001_NHS, "role": "has-been-harmed"}]
    world.post(
        S_CSC, "incident-recorded", C2001_NHS, TIME, role="has-harmed", status="alleged", others=others
    )
    guess = {"kind": "allocated", "worker": f"{N_CSC}/sw-n1"}
    world.post(S_CSC, "social-worker-allocated", C2001_NHS, TIME, **guess)
    for by, nhs in ((N_CSC, C1001_NHS), (S_CSC, C2001_NHS)):
        world.post(by, "meeting-convened", nhs, TIME, kind="strategy", meeting=f"M-{by[12]}")
    assert rule_of(world, N_CSC, "social-worker-allocated", **guess) == "R-067"
    assert rule_of(world, S_CSC, "social-worker-allocated", **guess) is None


@pytest.mark.req("R-092", "H-28", "H-10")
def test_records_are_decided_on_by_who_was_asked_and_nobody_learns_who_that_was(world):
    opened(world)
    decided = {"decision": "granted"}
    asked = world.post(POLICE, "records-access-requested", C1001_NHS, TIME, holder=ELM, scope="education")
    for by in (OAK, S_CSC, N_CSC):
        assert rule_of(world, by, "records-access-decided", **decided, about=about(asked)) == "R-092"
        assert rule_of(world, by, "records-access-decided", "nhs:9990300100", **decided) == "R-092"
    assert rule_of(world, ELM, "records-access-decided", **decided, about=about(asked)) is None


def warned(world, by, type_, **data):
    claims = world.send(world.event(by, type_, C1001_NHS, LATER, data)).claims
    return [one["rule"] for one in claims["warnings"]]


@pytest.mark.req("H-27", "R-133", "R-170")
def test_a_poster_is_told_each_rule_once_and_nothing_of_the_record(world):
    opened(world)
    told = warned(world, N_CSC, "meeting-held", kind="hsb", meeting="M1", interval_days=42)
    assert told.count("R-133") == 1 and "R-137" in told
    others = [{"ref": C2001_NHS, "role": "has-harmed"}]
    opened(world, C2001_NHS, S_CSC)
    incident = {"role": "has-been-harmed", "status": "alleged", "others": others}
    world.post(N_CSC, "incident-recorded", C1001_NHS, TIME, **incident)
    strategy = {"kind": "strategy", "meeting": "M2", "attendance": [{"organisation": POLICE}]}
    held = world.event(N_CSC, "meeting-held", C1001_NHS, LATER, strategy)
    claims = world.send(held).claims
    assert {"R-079", "R-084"} <= set(entry(world, held).flags)
    assert not {"R-079", "R-084"} & {one["rule"] for one in claims["warnings"]}


@pytest.mark.req("H-27", "H-02", "R-133")
def test_notes_follow_a_correction(world):
    opened(world)
    held = world.post(
        N_CSC, "meeting-held", C1001_NHS, LATER, kind="hsb", meeting="M1", next_review="2026-01-06"
    )
    assert "R-133" in entry(world, held).flags
    mended = held["data"] | {"chronology_snapshot": "s1"}
    world.post(
        N_CSC, "event-corrected", C1001_NHS, LATER, about=about(held), reason="left out", replacement=mended
    )
    assert "R-133" not in entry(world, held).flags


@pytest.mark.req("R-040", "R-038")
def test_a_gap_in_age_is_noted_although_the_other_child_is_named_for_the_first_time(world):
    opened(world, date_of_birth="2011-03-04")
    opened(world, C2001_NHS, S_CSC, date_of_birth="2014-03-04")
    others = [{"ref": C2001_NHS, "role": "has-been-harmed"}]
    mutual = {"role": "has-harmed", "status": "alleged", "claimed_mutual": True, "others": others}
    event = world.event(ELM, "incident-recorded", C1001_NHS, TIME, mutual)
    claims = world.send(event).claims
    assert {"R-040", "R-038"} <= set(entry(world, event).flags)
    assert not {"R-040", "R-038"} & {one["rule"] for one in claims["warnings"]}
