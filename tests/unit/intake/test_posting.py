"""What becomes of a post: receipts, repeats, refusals, batches, and an unknown child."""

import json
from base64 import b64decode, urlsafe_b64decode
from datetime import UTC, datetime, timedelta

import pytest

from hub.errors import HubError
from hub.record import parse_checkpoint, verify_inclusion
from hub.record.leaf import leaf_data, leaf_hash
from tests.unit.intake.world import C1001_NHS, C1001_UPN, C2001_NHS, ELM, HEALTH, N_CSC, POLICE, S_CSC, World

TIME = "2025-09-12T15:25:00+01:00"
INCIDENT = {"role": "has-been-harmed", "status": "alleged"}


def incident(world: World, by=ELM, subject=C1001_UPN, **changes):
    return world.event(by, "incident-recorded", subject, TIME, INCIDENT | changes)


def refused(act) -> HubError:
    with pytest.raises(HubError) as refusal:
        act()
    return refusal.value


def opened(world: World, nhs=C1001_NHS, by=N_CSC, **changes):
    data = {"identifiers": [nhs], "responsible_authority": by} | changes
    return world.post(by, "child-stream-opened", nhs, "2025-09-12T15:00:00+01:00", **data)


@pytest.mark.req("H-03")
def test_same_content_again_gives_the_identical_receipt_even_when_signed_anew(world):
    event = incident(world)
    payload = json.dumps(event).encode()
    first = world.intake.post(world.sign(ELM, payload), world.system(ELM))
    again = world.intake.post(world.sign(ELM, payload, iat=1_700_000_000), world.system(ELM))
    key = world.register_key(ELM, 99)
    rotated = world.intake.post(world.sign(ELM, payload, key=key), world.system(ELM))
    assert (first.status, again.status, rotated.status) == (201, 200, 200)
    assert first.receipt == again.receipt == rotated.receipt and first.claims == rotated.claims
    assert len([one for one in world.record.log(0, 10_000) if one.kind == "event"]) == 1


@pytest.mark.req("H-03")
def test_a_repeat_is_answered_although_the_world_moved(world):
    opened(world)
    decision = {"kind": "allocated", "worker": f"{N_CSC}/sw-n1"}
    event = world.event(N_CSC, "social-worker-allocated", C1001_NHS, TIME, decision)
    first = world.send(event)
    world.directory.disable_person(event["data"]["author"])
    assert world.send(event).receipt == first.receipt
    another = world.event(N_CSC, "social-worker-allocated", C1001_NHS, TIME, decision)
    assert (refused(lambda: world.send(another)).slug, refused(lambda: world.send(another)).rule) == (
        "gate",
        "H-28",
    )


@pytest.mark.req("H-03")
def test_other_content_under_the_same_id_is_a_conflict(world):
    event = incident(world)
    world.send(event)
    event["data"]["status"] = "acknowledged"
    assert refused(lambda: world.send(event)).slug == "conflict"


@pytest.mark.req("H-01")
def test_receipt_binds_the_payload_and_is_proved_by_the_next_checkpoint(world):
    event = incident(world)
    payload = json.dumps(event, ensure_ascii=False).encode()
    posted = world.send(event)
    assert posted.proof is None
    world.record.ledger.integrate(world.clock.wall())
    proved = world.intake.receipt(world.system(ELM), ELM, event["id"])
    assert (proved.receipt, proved.claims) == (posted.receipt, posted.claims)
    salt = urlsafe_b64decode(posted.claims["salt"] + "==")
    leaf = leaf_data("event", event["source"], event["id"], salt, payload)
    assert posted.claims["leaf_data"].encode() == leaf
    checkpoint = parse_checkpoint(proved.proof["checkpoint"])
    path = [b64decode(one) for one in proved.proof["inclusion"]]
    index = posted.claims["leaf_index"]
    assert verify_inclusion(leaf_hash(leaf), index, checkpoint.size, path, checkpoint.root)
    assert refused(lambda: world.intake.receipt(world.system(POLICE), ELM, event["id"])).slug == "not-found"


@pytest.mark.req("H-01", "H-21")
def test_key_unknown_revoked_and_of_another_organisation(world):
    compact = world.signed(incident(world))
    assert refused(lambda: world.intake.post(compact, world.system(POLICE))).slug == "wrong-organisation"
    foreign = world.sign(POLICE, json.dumps(incident(world)).encode())
    assert refused(lambda: world.intake.post(foreign, world.system(POLICE))).slug == "wrong-organisation"
    key = world.keys[ELM]
    world.directory.revoke_key(key.thumbprint())
    assert refused(lambda: world.intake.post(compact, world.system(ELM))).slug == "key-revoked"
    stranger = world.register_key(HEALTH, 77)
    world.keys[ELM] = type(stranger).generate_key("Ed25519")
    assert refused(lambda: world.send(incident(world))).slug == "key-unknown"


@pytest.mark.req("H-04")
def test_poster_by_kind_and_by_the_authors_role(world):
    outcome = world.event(ELM, "criminal-outcome-recorded", C1001_UPN, TIME, {"outcome": "nfa-evidence"})
    assert (refused(lambda: world.send(outcome)).slug, refused(lambda: world.send(outcome)).rule) == (
        "poster",
        "H-04",
    )
    parts = {"parts": [1], "part_1": "CANARY-PART"}
    mine = world.event(ELM, "setting-risk-assessment-recorded", C1001_UPN, TIME, parts)
    assert world.send(mine).status == 201
    without = parts | {"author": f"{ELM}/nobody"}
    event = world.event(ELM, "setting-risk-assessment-recorded", C1001_UPN, TIME, without)
    assert refused(lambda: world.send(event)).slug == "poster"
    world.directory.end_role(f"{ELM}/dsl-1", "designated-safeguarding-lead")
    event = world.event(ELM, "setting-risk-assessment-recorded", C1001_UPN, TIME, parts)
    assert refused(lambda: world.send(event)).slug == "poster"


@pytest.mark.req("H-27", "H-28")
def test_unknown_author_warns_on_a_fact_and_refuses_a_decision(world):
    fact = world.send(incident(world, author=f"{ELM}/nobody"))
    assert "H-28" in {one["rule"] for one in fact.claims["warnings"]}
    foreign = world.send(incident(world, author=f"{POLICE}/caiu-1"))
    assert "H-28" in {one["rule"] for one in foreign.claims["warnings"]}
    known = world.send(incident(world))
    assert "H-28" not in {one["rule"] for one in known.claims["warnings"]}
    decision = {"decision": "investigate", "author": f"{POLICE}/nobody"}
    event = world.event(POLICE, "criminal-investigation-decided", C1001_NHS, TIME, decision)
    assert (refused(lambda: world.send(event)).slug, refused(lambda: world.send(event)).rule) == (
        "gate",
        "H-28",
    )


@pytest.mark.req("H-05")
def test_wrong_check_digit_is_told_and_never_refused(world):
    wrong = world.send(incident(world, subject="nhs:9990010014"))
    right = world.send(incident(world, subject=C1001_NHS))
    digit = {"rule": "H-05", "text": "The check digit of an identifier is wrong.", "source": "contract 2"}
    assert digit in wrong.claims["warnings"] and digit not in right.claims["warnings"]


@pytest.mark.req("H-05", "H-10")
def test_answer_is_the_same_whether_or_not_the_child_was_known(world):
    opened(world)
    known = world.send(incident(world, subject=C1001_NHS))
    unknown = world.send(incident(world, subject=C2001_NHS))
    varies = {"event", "subject", "leaf_index", "leaf_data", "salt"}
    same = known.claims.keys() - varies
    assert known.status == unknown.status == 201 and known.claims.keys() == unknown.claims.keys()
    assert {one: known.claims[one] for one in same} == {one: unknown.claims[one] for one in same}
    child = world.identity.resolve(C1001_NHS)
    assert child not in json.dumps(dict(known.claims)) + known.receipt


@pytest.mark.req("H-02")
def test_refused_post_leaves_only_that_it_was_refused_and_reserves_no_id(world):
    world.post(ELM, "referral-made", C1001_UPN, TIME, target="csc")
    before = len(world.record.log(0, 10_000))
    event = incident(world, status="CANARY-not-a-status")
    assert refused(lambda: world.send(event)).slug == "schema"
    event["data"]["status"] = "alleged"
    assert world.send(event).status == 201
    added = world.record.log(0, 10_000)[before:]
    assert [one.type for one in added] == ["post-refused", "incident-recorded"]
    note = json.loads(added[0].body)
    assert note.keys() == {"slug", "rule", "organisation", "at"} and b"CANARY" not in added[0].body


@pytest.mark.req("H-26")
def test_batch_keeps_the_valid_ones_in_order_each_seeing_the_earlier(world):
    first = incident(world)
    correction = {"about": {"source": first["source"], "id": first["id"]}, "reason": "wrong status"}
    correction["replacement"] = first["data"] | {"status": "acknowledged"}
    second = world.event(ELM, "event-corrected", C1001_UPN, TIME, correction)
    bad = incident(world, status="nonsense")
    lines = [world.signed(one) for one in (first, bad, second, first)]
    answers = world.intake.post_batch(b"\r\n".join(lines) + b"\r\n", world.system(ELM))
    told = [one.slug if isinstance(one, HubError) else one.status for one in answers]
    assert told == [201, "schema", 201, 200]
    entry = world.child(C1001_UPN).entries[0]
    assert entry.data["status"] == "acknowledged" and len(entry.corrections) == 1
    too_many = b"\n".join([b"x"] * 1001)
    assert refused(lambda: world.intake.post_batch(too_many, world.system(ELM))).slug == "too-large"


@pytest.mark.req("H-25")
def test_simulated_clock_steps_with_the_event_and_never_back(world):
    late = world.send(incident(world))
    earlier = world.event(ELM, "incident-recorded", C1001_UPN, "2025-09-10T09:00:00+01:00", INCIDENT)
    posted = world.send(earlier)
    assert late.claims["received_at"] == "2025-09-12T14:25:00Z"
    assert posted.claims["received_at"] == late.claims["received_at"]
    world.clock.real = datetime(2025, 9, 12, tzinfo=UTC) - timedelta(days=2)
    assert refused(lambda: world.send(incident(world))).slug in ("clock", "key-revoked")


@pytest.mark.req("R-067", "H-28")
def test_gate_refuses_a_decision_and_a_correction_is_no_way_round_it(world):
    opened(world, date_of_birth="2012-03-04")
    seat = {"meeting": "M1", "organisation": "education.oak-school", "decision": "invited"}
    wrong = world.event(N_CSC, "invitation-sent", C1001_NHS, TIME, seat)
    refusal = refused(lambda: world.send(wrong))
    assert (refusal.slug, refusal.rule) == ("gate", "R-082")
    right = world.post(N_CSC, "invitation-sent", C1001_NHS, TIME, **(seat | {"organisation": POLICE}))
    data = {"about": {"source": right["source"], "id": right["id"]}, "reason": "other guest"}
    data["replacement"] = right["data"] | {"organisation": "education.oak-school"}
    detour = world.event(N_CSC, "event-corrected", C1001_NHS, TIME, data)
    assert (refused(lambda: world.send(detour)).slug, refused(lambda: world.send(detour)).rule) == (
        "gate",
        "R-082",
    )


@pytest.mark.req("R-067")
def test_decision_is_judged_again_when_the_record_moves(world, monkeypatch):
    opened(world)
    judged, judge = [], world.intake._judging.judge

    def interfere(post, *rest):
        result = judge(post, *rest)
        judged.append(dict(result.heads))
        if len(judged) == 1:  # somebody else's post lands between judging and appending
            world.post(ELM, "referral-made", C1001_NHS, TIME, target="csc")
        return result

    event = world.event(
        N_CSC, "social-worker-allocated", C1001_NHS, TIME, {"kind": "allocated", "worker": f"{N_CSC}/sw-n1"}
    )
    compact = world.signed(event)
    with monkeypatch.context() as patch:
        patch.setattr(world.intake._judging, "judge", interfere)
        assert world.intake.post(compact, world.system(N_CSC)).status == 201
    stream = f"child/{world.identity.resolve(C1001_NHS)}"
    decisions = [one for one in judged if stream in one]
    assert [one[stream] for one in decisions] == [1, 2]


@pytest.mark.req("R-067")
def test_a_worker_given_to_both_linked_children_at_the_same_moment_is_refused_once(world, monkeypatch):
    opened(world)
    opened(world, C2001_NHS, S_CSC)
    other = [{"ref": C1001_NHS, "role": "has-been-harmed"}]
    data = {"role": "has-harmed", "status": "alleged", "others": other}
    world.post(S_CSC, "incident-recorded", C2001_NHS, TIME, **data)
    for by, nhs in ((N_CSC, C1001_NHS), (S_CSC, C2001_NHS)):
        world.post(by, "meeting-convened", nhs, TIME, kind="strategy", meeting=f"M-{by[12]}")
    worker = {"kind": "allocated", "worker": f"{N_CSC}/sw-n1"}
    judged, judge = [], world.intake._judging.judge

    def interfere(post, *rest):
        result = judge(post, *rest)
        judged.append(post.organisation)
        if len(judged) == 1:  # the linked child gets the same worker while this one is being judged
            world.post(S_CSC, "social-worker-allocated", C2001_NHS, TIME, **worker)
        return result

    event = world.event(N_CSC, "social-worker-allocated", C1001_NHS, TIME, worker)
    with monkeypatch.context() as patch:
        patch.setattr(world.intake._judging, "judge", interfere)
        refusal = refused(lambda: world.send(event))
    assert (refusal.slug, refusal.rule) == ("gate", "R-067") and judged == [N_CSC, S_CSC]
    signed = {"rule": "R-067", "manager": f"{N_CSC}/tm-1", "reason": "the only worker on duty"}
    event = world.event(N_CSC, "social-worker-allocated", C1001_NHS, TIME, worker | {"override": signed})
    assert world.send(event).status == 201


@pytest.mark.req("H-03")
def test_the_same_post_twice_at_the_same_moment_is_held_once(world, monkeypatch):
    event = incident(world)
    place, first = world.intake._placing.place, []

    def interfere(post, *rest):
        placed = place(post, *rest)
        if not first:
            first.append(None)
            first[0] = world.send(event)
        return placed

    with monkeypatch.context() as patch:
        patch.setattr(world.intake._placing, "place", interfere)
        second = world.send(event)
    assert (first[0].status, second.status) == (201, 200) and first[0].receipt == second.receipt
    assert len(world.child(C1001_UPN).entries) == 1


@pytest.mark.req("D-30", "D-22")
def test_own_posts_as_posted_and_nobody_elses(world):
    opened(world)
    reference = "local:education.elm-school:t-9"
    events = [
        incident(world, others=[{"ref": reference, "role": "has-harmed"}], narrative="CANARY-NARRATIVE"),
        incident(world, subject=C2001_NHS),
        incident(world),
    ]
    for event in events:
        world.send(event)
    for catch_up in (False, True):
        if catch_up:
            world.runner.catch_up()
        page = world.intake.mine(world.system(ELM), None, 2)
        rest = world.intake.mine(world.system(ELM), page.cursor, 2)
        assert [one["event"] for one in (*page.posts, *rest.posts)] == events
        assert rest.cursor is None
        assert [one["id"] for one in world.intake.mine(world.system(POLICE), None, 50).posts] == []
    assert page.posts[0]["claims"] == world.send(events[0]).claims
    assert refused(lambda: world.intake.mine(world.system(POLICE), page.cursor, 2)).slug == "schema"


@pytest.mark.req("D-22")
def test_sender_of_a_referral_to_another_authority_keeps_receipt_and_decision_only(world):
    opened(world, C2001_NHS, S_CSC)
    world.post(N_CSC, "referral-made", C2001_NHS, TIME, target="csc", to=S_CSC, narrative="CANARY-REFERRAL")
    shown = world.intake.mine(world.system(N_CSC), None, 50).posts[-1]
    assert (
        shown["event"] is None and shown["decision"] == {"decided_at": None} and shown["claims"] is not None
    )
    assert "CANARY" not in json.dumps(shown)
    decided = "2025-09-15T10:05:00+01:00"
    world.post(S_CSC, "referral-outcome-decided", C2001_NHS, decided, outcome="strategy")
    shown = world.intake.mine(world.system(N_CSC), None, 50).posts[-1]
    assert shown["decision"] == {"decided_at": "2025-09-15T09:05:00Z"}
    world.post(ELM, "referral-made", C1001_UPN, TIME, target="csc", to=N_CSC)
    assert world.intake.mine(world.system(ELM), None, 50).posts[-1]["event"] is not None
