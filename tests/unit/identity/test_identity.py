"""Joining provisional streams: what resolves where, and what a second process sees."""

from datetime import UTC, datetime

import pytest

from hub.errors import HubError
from hub.identity import Identity, ReferenceResolved
from tests.unit.intake.world import C1001_NHS, C2001_NHS, ELM, HUB_IG, N_CSC, OAK, S_CSC

TIME = "2025-09-12T15:00:00+01:00"
NOW = datetime(2025, 9, 12, 16, 0, tzinfo=UTC)
LOCAL, OTHER = "local:education.elm-school:t-1", "local:education.oak-school:p-9"


@pytest.fixture
def filled(world):
    for by, nhs in ((N_CSC, C1001_NHS), (S_CSC, C2001_NHS)):
        world.post(by, "child-stream-opened", nhs, TIME, identifiers=[nhs], responsible_authority=by)
    for by, reference in ((ELM, LOCAL), (OAK, OTHER)):
        world.post(by, "referral-made", reference, TIME, target="csc")
    return world


def join(world, provisional, child, name="identity-test-1"):
    decision = ReferenceResolved(provisional, child, "several-identifiers", f"{HUB_IG}/idr-1", NOW)
    world.identity.join(decision, name)


@pytest.mark.req("H-05")
def test_chain_of_joins_resolves_to_the_last_child_and_keeps_every_stream(filled):
    identity = filled.identity
    first, second, child = (identity.resolve(one) for one in (LOCAL, OTHER, C2001_NHS))
    join(filled, first, second)
    assert identity.resolve(LOCAL) == second and identity.streams_of(second) == (
        f"child/{second}",
        f"child/{first}",
    )
    join(filled, second, child, "identity-test-2")
    assert identity.resolve(LOCAL) == identity.resolve(OTHER) == child
    assert identity.streams_of(first) == (f"child/{child}", f"child/{second}", f"child/{first}")
    assert identity.queue() == () and not identity.provisional(first) and not identity.provisional(child)


@pytest.mark.req("H-05")
def test_another_process_sees_the_join_at_its_next_question(filled):
    other = Identity(filled.record)
    first, child = other.resolve(LOCAL), other.resolve(C1001_NHS)
    assert other.provisional(first)
    join(filled, first, child)
    assert other.resolve(LOCAL) == child and other.canonical(first) == child
    assert other.version() == filled.identity.version()


@pytest.mark.req("H-05")
def test_what_cannot_be_joined(filled):
    first, child = filled.identity.resolve(LOCAL), filled.identity.resolve(C1001_NHS)
    unknown = "00000000-0000-4000-8000-ffffffffffff"
    for provisional, target, slug in (
        (child, first, "not-found"),  # an opened child is never joined to another
        (first, unknown, "not-found"),
        (unknown, child, "not-found"),
        (first, first, "conflict"),
    ):
        with pytest.raises(HubError) as refusal:
            join(filled, provisional, target)
        assert refusal.value.slug == slug
    join(filled, first, child)
    with pytest.raises(HubError):
        join(filled, first, child, "identity-test-2")


@pytest.mark.req("H-05")
def test_the_hubs_own_id_is_a_reference_once_it_exists(filled):
    child = filled.identity.resolve(C1001_NHS)
    assert filled.identity.resolve(f"child:{child}") == child
    assert filled.identity.resolve("child:00000000-0000-4000-8000-ffffffffffff") is None


@pytest.mark.req("H-05")
def test_references_stand_nowhere_in_clear(filled, tmp_path):
    filled.runner.catch_up()
    filled.record.close()
    stored = b"".join(one.read_bytes() for one in tmp_path.iterdir())
    for reference in (C1001_NHS, C2001_NHS, LOCAL, OTHER):
        assert reference.encode() not in stored and reference.partition(":")[2].encode() not in stored
