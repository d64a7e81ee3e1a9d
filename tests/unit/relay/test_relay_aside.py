"""Faults between a post, its marks and its answer: nobody waits for ever, nobody is told two things."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from hub.errors import HubError
from hub.relay import KafkaSettings, Relay
from hub.relay.outbound import Follower
from hub.relay.reading import PartitionReader
from hub.relay.relay import END_SECONDS
from hub.relay.sending import Positions
from hub.relay.topics import Topics
from tests.support.relayed import await_that
from tests.unit.intake.world import ELM, world_in
from tests.unit.relay.test_relay_reading import LOG, Record, answers, arrival, incident


@pytest.fixture
def world(tmp_path):
    with world_in(tmp_path) as world:
        yield world


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.req("H-03", "H-26")
def test_killed_after_another_door_kept_the_same_event_first_the_second_copy_is_still_answered(
    world, monkeypatch
):
    event = incident(world)
    compact = world.signed(event)
    held, answered = world.intake._held, world.intake._answers.repeated

    def not_yet(verified):
        """The same event comes in over HTTP after this looked, and before it appends."""
        monkeypatch.setattr(world.intake, "_held", held)
        world.send(event)

    def killed(*arguments):
        raise Killed

    monkeypatch.setattr(world.intake, "_held", not_yet)
    monkeypatch.setattr(world.intake._answers, "repeated", killed)
    with pytest.raises(Killed):
        world.intake.post_signed(compact, arrival(0))
    assert answers(world) == [] and world.record.mark(LOG) == 0, "it is read again"
    monkeypatch.setattr(world.intake._answers, "repeated", answered)
    assert world.intake.post_signed(compact, arrival(0)).status == 200
    (answer,) = answers(world)
    assert (answer.status, answer.organisation, world.record.mark(LOG)) == (200, ELM, 1)


@pytest.mark.req("H-03", "H-26")
def test_what_cannot_be_judged_is_told_to_whom_the_signature_names(world, monkeypatch):
    event = incident(world)

    def broken(*arguments):
        raise ValueError("nothing of this is told")

    monkeypatch.setattr(world.intake._admission, "admit", broken)
    with pytest.raises(ValueError):
        world.intake.post_signed(world.signed(event), arrival(0))
    world.intake.set_aside(world.signed(event), arrival(0))
    world.intake.set_aside(b"garbage", arrival(1))
    told = [(one.status, one.organisation) for one in answers(world)]
    assert told == [(500, ELM), (500, "")] and world.record.mark(LOG) == 2


@pytest.mark.req("H-03", "H-26")
def test_a_fault_after_an_event_was_kept_tells_nobody_that_it_was_not(world, monkeypatch):
    event = incident(world)
    receipts_of = world.intake._receipts.of

    def broken(*arguments):
        raise ValueError("after the commit")

    monkeypatch.setattr(world.intake._receipts, "of", broken)
    reader = PartitionReader(LOG, 0, world.intake, world.chance)
    try:
        assert reader.give([Record(0, world.signed(event))])
        await_that(lambda: reader.next == 1)
    finally:
        reader.stop()
        reader.join(5)
    monkeypatch.setattr(world.intake._receipts, "of", receipts_of)
    assert [(one.status, one.organisation) for one in answers(world)] == [(201, ELM)]


@pytest.mark.req("H-26")
def test_nothing_is_set_aside_while_the_store_is_gone(world, monkeypatch):
    def gone(*arguments):
        raise HubError("store")

    monkeypatch.setattr(world.record, "find", gone)
    with pytest.raises(HubError) as refusal:
        world.intake.set_aside(world.signed(incident(world)), arrival(0))
    assert refusal.value.slug == "store" and world.record.mark(LOG) == 0


@pytest.mark.req("H-14")
def test_a_relay_that_no_longer_leads_has_no_fault_in_what_it_no_longer_does(world, monkeypatch):
    leads, settings = [True], KafkaSettings("127.0.0.1:1")
    topics = Topics(settings, tuple)
    follower = Follower("recorded", world.record, Positions(), settings, topics, print, lambda: leads[0])

    def gone(*arguments):
        raise HubError("store")

    monkeypatch.setattr(world.record, "log", gone)
    follower.start()
    try:
        await_that(lambda: follower.fault == "store")
        leads[0] = False
        await_that(lambda: follower.fault is None)
    finally:
        follower.stop()
        follower.join(5)


@pytest.mark.req("H-26")
def test_a_relay_whose_parts_hang_ends_in_the_time_that_all_of_them_have(world, monkeypatch):
    """By a clock that goes on only while somebody is waited for, as long as that one may take."""
    relay = Relay(
        world.record, world.intake, lambda: lambda item: (), KafkaSettings("127.0.0.1:1"),
        organisations=tuple, chance=world.chance,
    )  # fmt: skip
    now, parts = [0.0], (relay._inbound, *relay._followers)

    class Hangs:
        def join(self, seconds):
            now[0] += seconds

    monkeypatch.setattr("hub.relay.relay.time", SimpleNamespace(monotonic=lambda: now[0]))
    for one in parts:
        one._thread = Hangs()
    relay.stop()
    assert now[0] == END_SECONDS and all(one._stopping.is_set() for one in parts)
