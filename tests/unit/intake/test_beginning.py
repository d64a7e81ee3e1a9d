"""Posts begun together are answered as each would be by itself, with the look-ups of one."""

import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from hub.errors import HubError
from hub.intake import Arrival, Arriving
from hub.views import read_post
from tests.unit.intake.world import (
    C1001_NHS,
    C1001_UPN,
    C2001_UPN,
    ELM,
    N_CSC,
    OAK,
    POLICE,
    World,
    about,
    world_in,
)

TIME = "2025-09-12T15:25:00+01:00"
INCIDENT = {"role": "has-been-harmed", "status": "alleged"}
READS = ("stream", "glance", "find", "claimed", "head", "at", "versions", "log")


def incident(world: World, by=ELM, subject=C1001_UPN, **changes):
    return world.event(by, "incident-recorded", subject, TIME, INCIDENT | changes)


def arriving(world: World, event, **changes):
    organisation = event["source"].removeprefix("urn:safeguarding:org:")
    return Arriving(world.signed(event), world.system(organisation), **changes)


def answered(begun):
    """Status, or slug and rule; and what the poster is told."""
    try:
        posted = begun.answer()
    except HubError as refusal:
        return refusal.slug, refusal.rule
    return posted.status, [one["rule"] for one in posted.claims["warnings"]]


def begun_together(world: World, posts):
    return [answered(one) for one in world.intake.begin(posts, world.directory.refresh())]


def one_by_one(world: World, posts):
    answers = []
    for post in posts:
        try:
            posted = world.intake.post(post.compact, post.principal, post.arrival)
        except HubError as refusal:
            answers.append((refusal.slug, refusal.rule))
        else:
            answers.append((posted.status, [one["rule"] for one in posted.claims["warnings"]]))
    return answers


def of_every_kind(world: World):
    """What stands before, and posts that end in every way; none rests on another of them."""
    world.post(
        N_CSC, "child-stream-opened", C1001_NHS, TIME, identifiers=[C1001_NHS], responsible_authority=N_CSC
    )
    stands = world.post(ELM, "incident-recorded", C1001_NHS, TIME, **INCIDENT)
    fact = incident(world)
    elsewhere = arriving(world, incident(world, OAK))
    forged = arriving(world, incident(world))
    return [
        arriving(world, fact),
        arriving(
            world, incident(world, subject=C1001_NHS, others=[{"ref": C2001_UPN, "role": "has-harmed"}])
        ),
        arriving(world, incident(world, subject="upn:A801200001001", author=f"{ELM}/nobody")),
        arriving(world, stands),
        arriving(world, stands | {"subject": C2001_UPN}),
        arriving(world, incident(world, nothing_of_the_kind="x")),
        arriving(world, incident(world, author=f"{ELM}/dsl-1", picture="x")),
        arriving(
            world, world.event(POLICE, "child-stream-opened", C2001_UPN, TIME, {"identifiers": [C2001_UPN]})
        ),
        arriving(
            world,
            world.event(ELM, "event-retracted", C1001_NHS, TIME, {"about": about(stands), "reason": "x"}),
        ),
        arriving(
            world,
            world.event(
                N_CSC,
                "social-worker-allocated",
                C1001_NHS,
                TIME,
                {"kind": "allocated", "worker": f"{N_CSC}/sw-n1", "author": f"{N_CSC}/nobody"},
            ),
        ),
        arriving(world, world.event(ELM, "section-47-enquiry-initiated", C1001_NHS, TIME, {})),
        arriving(
            world,
            world.event(
                ELM,
                "social-worker-allocated",
                C1001_NHS,
                TIME,
                {"kind": "allocated", "worker": f"{N_CSC}/sw-n1"},
            ),
        ),
        Arriving(elsewhere.compact, world.system(ELM)),
        Arriving(forged.compact[:-4] + b"AAAA", forged.principal),
        Arriving(b"nothing", world.system(ELM)),
    ]


@pytest.mark.req("H-03", "H-26", "H-27", "H-28")
@pytest.mark.parametrize("together", [1, 4, 100])
def test_each_is_answered_as_it_would_be_alone(tmp_path, together):
    (tmp_path / "one").mkdir()
    (tmp_path / "group").mkdir()
    with world_in(tmp_path / "one") as world:
        alone = one_by_one(world, of_every_kind(world))
        kept = [(one.stream, one.type) for one in world.record.log(0, 1000) if one.kind == "event"]
    with world_in(tmp_path / "group") as world:
        posts = of_every_kind(world)
        groups = [posts[at : at + together] for at in range(0, len(posts), together)]
        assert [one for group in groups for one in begun_together(world, group)] == alone
        found = [(one.stream, one.type) for one in world.record.log(0, 1000) if one.kind == "event"]
        assert Counter(type_ for _, type_ in found) == Counter(type_ for _, type_ in kept)
    assert {first for first, _ in alone} >= {
        201,
        200,
        "conflict",
        "schema",
        "imagery",
        "gate",
        "poster",
        "wrong-organisation",
        "signature",
    }


@pytest.mark.req("H-26")
def test_a_group_asks_the_store_twice_however_many_there_are(world, monkeypatch):
    world.post(ELM, "incident-recorded", C1001_UPN, TIME, **INCIDENT)

    def group():
        return [arriving(world, incident(world, subject=f"local:{ELM}:child-{one % 7}")) for one in range(40)]

    first, second, third = group(), group(), group()
    monkeypatch.setattr(world.intake._preparing, "_advance", None)  # a simulation also looks each name up
    asked = Counter()
    for name in READS:
        real = getattr(world.record, name)
        monkeypatch.setattr(
            world.record,
            name,
            lambda *given, _real=real, _name=name, **named: (asked.update([_name]), _real(*given, **named))[
                1
            ],
        )
    begun = world.intake.begin(first, world.directory.refresh())
    assert asked == {"versions": 1, "glance": 1}
    assert {one.answer().status for one in begun} == {201}
    # What the first opened is read once; after that a version says that nothing is new.
    begun = world.intake.begin(second, world.directory.refresh())
    assert {one.answer().status for one in begun} == {201}
    asked.clear()
    begun = world.intake.begin(third, world.directory.refresh())
    assert asked == {"versions": 2}
    assert {one.answer().status for one in begun} == {201}


@pytest.mark.req("H-05")
def test_first_posts_about_one_child_at_once_open_one_stream(world):
    posts = [arriving(world, incident(world, subject=f"local:{ELM}:new-1")) for _ in range(12)]
    assert [status for status, _ in begun_together(world, posts)] == [201] * 12
    streams = {one.stream for one in world.record.log(0, 1000) if one.kind == "event"}
    assert len(streams) == 1
    assert [one.type for one in world.record.stream("identity")] == ["provisional-opened"]


@pytest.mark.req("H-21")
def test_a_revoked_key_binds_the_next_group(world):
    [first] = world.intake.begin([arriving(world, incident(world))], world.directory.refresh())
    assert first.answer().status == 201
    late = arriving(world, incident(world))
    world.directory.revoke_key(world.keys[ELM].thumbprint())
    assert begun_together(world, [late]) == [("key-revoked", None)]


@pytest.mark.req("H-03")
def test_a_repeat_is_answered_although_its_author_was_disabled(world):
    event = incident(world)
    first = world.send(event)
    world.directory.disable_person(event["data"]["author"])
    [again] = world.intake.begin([arriving(world, event)], world.directory.refresh())
    posted = again.answer()
    assert (posted.status, posted.receipt) == (200, first.receipt)


@pytest.mark.req("H-03")
def test_only_what_is_new_and_durable_is_answered_without_waiting(world, monkeypatch):
    monkeypatch.setattr(world.intake._preparing, "_advance", None)
    event = incident(world)
    [new] = world.intake.begin([arriving(world, event)], world.directory.refresh())
    new.durable.result(10)
    assert new.stands
    asked = []
    monkeypatch.setattr(world.record.ledger, "checkpoint", lambda: asked.append(1))
    first = new.answer()
    assert asked == []
    [again] = world.intake.begin([arriving(world, event)], world.directory.refresh())
    again.durable.result(10)
    assert not again.stands, "its proof is read from the store"
    assert (again.answer().receipt, asked) == (first.receipt, [1])
    [refused] = world.intake.begin([Arriving(b"nothing", world.system(ELM))], world.directory.refresh())
    assert not refused.stands and refused.durable is None


@pytest.mark.req("H-03", "H-13")
def test_what_was_erased_is_a_conflict_and_no_receipt(world, monkeypatch):
    event = incident(world)
    world.send(event)
    monkeypatch.setattr(world.intake._preparing, "_advance", None)
    [item] = [one for one in world.record.log(0, 1000) if one.kind == "event"]
    world.record.destroy_key(item.stream)
    assert begun_together(world, [arriving(world, event)]) == [("conflict", None)]


@pytest.mark.req("H-26")
def test_a_fault_in_one_is_its_own(world, monkeypatch):
    posts = [arriving(world, incident(world)) for _ in range(3)]
    real = world.intake._admission.verified

    def verified(compact, *given):
        if compact == posts[1].compact:
            raise ZeroDivisionError
        return real(compact, *given)

    monkeypatch.setattr(world.intake._admission, "verified", verified)
    first, second, third = world.intake.begin(posts, world.directory.refresh())
    assert (first.answer().status, third.answer().status) == (201, 201)
    with pytest.raises(ZeroDivisionError):
        second.answer()


@pytest.mark.req("H-26")
def test_a_store_that_is_gone_refuses_all_that_it_was_asked_about(world, monkeypatch):
    posts = [arriving(world, incident(world)) for _ in range(2)] + [Arriving(b"nothing", world.system(ELM))]
    standing = world.directory.refresh()

    def gone(*_):
        raise HubError("store")

    monkeypatch.setattr(world.record, "glance", gone)
    answers = [answered(one) for one in world.intake.begin(posts, standing)]
    assert answers == [("store", None), ("store", None), ("signature", None)]


@pytest.mark.req("H-28")
def test_posts_wait_for_the_turn_of_a_decision(world):
    post = arriving(world, incident(world))
    standing, begun = world.directory.refresh(), threading.Event()
    with world.intake._turns.taken(), ThreadPoolExecutor(1) as pool:
        late = pool.submit(lambda: (world.intake.begin([post], standing), begun.set())[0])
        assert not begun.wait(0.2)
        world.intake._turns._nobody.set()
        assert late.result(5)[0].answer().status == 201


@pytest.mark.req("H-14")
def test_the_trace_of_the_request_is_kept_with_the_post(world):
    post = arriving(world, incident(world), arrival=Arrival(trace="ab" * 16))
    world.intake.begin([post], world.directory.refresh())[0].answer()
    [item] = [one for one in world.record.log(0, 1000) if one.kind == "event"]
    assert read_post(item.body).trace == "ab" * 16
    refused = Arriving(b"nothing", world.system(ELM), Arrival(trace="cd" * 16))
    assert begun_together(world, [refused]) == [("signature", None)]
    world.post(ELM, "incident-recorded", C1001_UPN, TIME, **INCIDENT)  # what was queued before is durable
    [noted] = world.record.stream("refusals")
    assert json.loads(noted.body)["trace"] == "cd" * 16


@pytest.mark.req("H-13", "H-28")
def test_what_takes_away_is_left_to_be_bound(world, monkeypatch):
    """Such a post is in the journal kept apart before it stands: it must not go the short way."""
    bound, real = [], world.record.bind
    monkeypatch.setattr(
        world.record, "bind", lambda append, acts: (bound.append(acts), real(append, acts))[1]
    )
    world.post(ELM, "incident-recorded", C1001_UPN, TIME, **INCIDENT)
    ended = {"kind": "enrolled", "organisation": ELM}
    event = world.event(ELM, "relationship-ended", C1001_UPN, TIME, ended)
    bound.clear()
    posted = begun_together(world, [arriving(world, event), arriving(world, incident(world))])
    assert [status for status, _ in posted] == [201, 201]
    assert [[act.id for act in acts] for acts in bound] == [[event["id"]]]
