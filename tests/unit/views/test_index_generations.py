"""The index while its generations change: never older than the head, never with a gap before the tail."""

from __future__ import annotations

from contextlib import closing

import pytest

from hub.errors import HubError
from hub.record.projections import PartFeed, Projected, open_views
from hub.views import ChildIndex, Views
from hub.views.index import at_head
from tests.unit.intake.world import C1001_NHS, C2001_NHS, CATALOGUE, N_CSC, S_CSC

TIME = "2025-09-12T15:00:00+01:00"


def opened(world, nhs, by=S_CSC):
    world.post(by, "child-stream-opened", nhs, TIME, identifiers=[nhs], responsible_authority=by)


@pytest.fixture
def linked(world):
    opened(world, C1001_NHS, N_CSC)
    opened(world, C2001_NHS)
    other = [{"ref": C1001_NHS, "role": "has-been-harmed"}]
    world.post(S_CSC, "incident-recorded", C2001_NHS, TIME, role="has-harmed", status="alleged", others=other)
    return world


def look(world, projected=None):
    return at_head(world.record, world.index, projected or world.projected, 0.0)


def found(world, index):
    """Everything that the index answers about the two children and their authorities."""
    positions = index.posted(f"urn:safeguarding:org:{S_CSC}", 0, 100)
    return index.naming([C1001_NHS, C2001_NHS]), index.concerned(N_CSC), index.concerned(S_CSC), positions


@pytest.mark.req("H-06")
def test_tail_projected_rebuilt_and_fed_in_parts_answer_the_same(linked):
    before = found(linked, look(linked))
    assert before[0] and len(before[1] | before[2]) == 2 and len(before[3]) == 2
    linked.runner.catch_up()
    assert found(linked, look(linked)) == before
    linked.runner.rebuild()
    assert found(linked, look(linked)) == before
    feed = PartFeed(linked.record, linked.view_store, [linked.index])
    feed.prepare(4)
    assert found(linked, look(linked)) == before
    # With parts that lag, what the least of them lacks is read from the record.
    opened(linked, "nhs:9990030024")
    assert len(found(linked, look(linked))[2]) == len(before[2]) + 1


@pytest.mark.req("H-06")
def test_a_switch_between_the_look_and_the_reading_changes_no_answer(linked):
    linked.runner.catch_up()
    opened(linked, "nhs:9990030024")
    index = look(linked)
    before = found(linked, index)
    linked.runner.rebuild()
    assert found(linked, index) == before == found(linked, look(linked))


@pytest.mark.req("H-06")
def test_rows_that_are_not_as_far_as_the_tail_begins_are_not_read(linked):
    linked.runner.catch_up()
    index = look(linked)
    with linked.view_store.writing() as write:
        write.change("UPDATE views.parts SET position = 1")
    with pytest.raises(HubError) as refusal:
        index.concerned(N_CSC)
    assert refusal.value.slug == "views-behind"


@pytest.mark.req("H-06")
def test_rows_of_a_generation_that_set_more_aside_are_not_read(linked):
    linked.runner.catch_up()
    index = look(linked)
    with linked.view_store.writing() as write:
        write.change("INSERT INTO views.parked VALUES (1, 3, 'ValueError')")
    with pytest.raises(HubError) as refusal:
        index.concerned(N_CSC)
    assert refusal.value.slug == "views-behind"
    # The next look reads that item from the record.
    assert found(linked, look(linked))


@pytest.mark.req("H-02", "H-06")
def test_views_past_the_record_are_those_of_another_one(linked):
    linked.runner.catch_up()
    with linked.view_store.writing() as write:
        write.change("UPDATE views.parts SET position = position + 1")
    with pytest.raises(HubError) as refusal:
        look(linked)
    assert refusal.value.slug == "views-behind"
    linked.runner._checked = False  # as after a start
    linked.runner.catch_up()
    assert found(linked, look(linked))[0]


@pytest.mark.req("H-06")
def test_code_of_another_version_reads_the_record_and_not_this_versions_rows(linked):
    linked.runner.catch_up()
    newer = Projected(linked.view_store, ChildIndex.name, ChildIndex.version + 1)
    assert newer.position() == 0
    assert found(linked, look(linked, newer)) == found(linked, look(linked))
    views = Views(
        record=linked.record,
        identity=linked.identity,
        directory=linked.directory,
        catalogue=CATALOGUE,
        projected=newer,
        wait_seconds=0.0,
    )
    child = linked.identity.resolve(C1001_NHS)
    assert views.child(child) == linked.views.child(child) and views.child(child).linked


@pytest.mark.req("H-06")
def test_views_that_cannot_be_read_are_no_answer(linked, tmp_path):
    with closing(open_views(tmp_path / "closed.db")) as store:
        projected = Projected(store, ChildIndex.name, ChildIndex.version)
    with pytest.raises(HubError) as refusal:
        look(linked, projected)
    assert refusal.value.slug == "store"
