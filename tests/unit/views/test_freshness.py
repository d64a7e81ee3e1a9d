"""Views are never older than the record, survive what cannot be projected, and forget what was erased."""

import pytest

from hub.errors import HubError
from hub.views import Views
from tests.unit.intake.world import C1001_NHS, C2001_NHS, CATALOGUE, ELM, N_CSC, OAK, S_CSC

TIME = "2025-09-12T15:00:00+01:00"


@pytest.fixture
def linked(world):
    for by, nhs in ((N_CSC, C1001_NHS), (S_CSC, C2001_NHS)):
        world.post(by, "child-stream-opened", nhs, TIME, identifiers=[nhs], responsible_authority=by)
    other = [{"ref": C1001_NHS, "role": "has-been-harmed"}]
    incident = {"role": "has-harmed", "status": "alleged", "others": other}
    world.incident = world.post(S_CSC, "incident-recorded", C2001_NHS, TIME, **incident)
    return world


@pytest.mark.req("H-16")
def test_a_link_made_by_another_stream_is_known_at_once_without_any_projection(linked):
    linked.runner.pause()
    here, there = linked.child(C1001_NHS), linked.child(C2001_NHS)
    assert here.linked == {there.child} and there.linked == {here.child}
    assert here.head == linked.record.head().position > linked.runner.position() == 0


@pytest.mark.req("H-12")
def test_one_look_is_as_of_one_position_whatever_is_posted_meanwhile(linked):
    find = linked.views.one_look()
    here, harmed = linked.identity.resolve(C2001_NHS), linked.identity.resolve(C1001_NHS)
    before = find(here)
    linked.post(N_CSC, "relationship-recorded", C1001_NHS, TIME, kind="enrolled", organisation=ELM)
    assert len(find(harmed).entries) + 1 == len(linked.child(C1001_NHS).entries)
    assert find(harmed).head == before.head < linked.child(C1001_NHS).head
    assert find(here) is before


@pytest.mark.req("H-06")
def test_following_thread_and_tail_give_the_same(linked):
    linked.runner.start()
    waiting = Views(
        record=linked.record,
        identity=linked.identity,
        directory=linked.directory,
        catalogue=CATALOGUE,
        projected=linked.projected,
        wait_seconds=5.0,
    )
    child = linked.identity.resolve(C1001_NHS)
    assert waiting.child(child) == linked.views.child(child)
    assert linked.runner.position() == linked.record.head().position


@pytest.mark.req("H-06")
def test_too_long_a_tail_is_refused_rather_than_answered_from_old_state(linked, monkeypatch):
    monkeypatch.setattr("hub.views.index._MOST_TAIL", 3)
    monkeypatch.setattr("hub.views.index._TAIL_BATCH", 2)
    with pytest.raises(HubError) as refusal:
        linked.child(C1001_NHS)
    assert refusal.value.slug == "views-behind"
    linked.runner.catch_up()
    assert linked.child(C1001_NHS).linked


@pytest.mark.req("H-06")
def test_an_item_that_was_set_aside_is_read_from_the_record(linked, monkeypatch):
    index = linked.index
    rows_of = index.rows_of
    with monkeypatch.context() as patch:

        def poison(item, streams=None):
            if item.type == "link-sealed":
                raise ValueError("poison")
            return rows_of(item, streams)

        patch.setattr(index, "rows_of", poison)
        linked.runner.catch_up()
    assert len(linked.runner.parked()) == 1
    assert linked.child(C1001_NHS).linked == {linked.identity.resolve(C2001_NHS)}


@pytest.mark.req("H-05")
def test_erasing_a_link_leaves_the_entry_without_the_other_child(linked):
    linked.runner.catch_up()
    links = [one.stream for one in linked.record.log(0, 10_000) if one.type == "link-sealed"]
    linked.record.destroy_key(links[0])
    view = linked.child(C2001_NHS)
    entry = next(one for one in view.entries if one.type == "incident-recorded")
    assert entry.others[0].child is None and entry.others[0].reference == ""
    assert view.linked == linked.child(C1001_NHS).linked == frozenset()


@pytest.mark.req("H-05")
def test_erasing_a_child_leaves_its_name_and_nothing_else(linked):
    linked.post(ELM, "referral-made", C1001_NHS, TIME, target="csc", narrative="CANARY-ERASED")
    child = linked.identity.resolve(C1001_NHS)
    linked.runner.catch_up()
    linked.record.destroy_key(f"child/{child}")
    view = linked.views.child(child)
    assert view.entries == () and view.authority is None and view.grants == ()
    shown = linked.intake.mine(linked.system(ELM), None, 10).posts
    assert [one["event"] for one in shown] == [None]
    with pytest.raises(HubError):
        linked.intake.receipt(linked.system(ELM), ELM, str(shown[0]["id"]))


@pytest.mark.req("D-01", "H-10")
def test_no_such_child(linked):
    unknown = "00000000-0000-4000-8000-ffffffffffff"
    assert not linked.views.exists(unknown)
    with pytest.raises(HubError) as refusal:
        linked.views.child(unknown)
    assert refusal.value.slug == "not-found"
    assert linked.views.children_of(OAK) == frozenset()


@pytest.mark.req("D-03", "H-05")
def test_index_names_no_child_and_no_organisation_in_clear(linked, tmp_path):
    linked.runner.catch_up()
    stored = b"".join(one.read_bytes() for one in tmp_path.glob("views.db*"))
    for text in (C1001_NHS, C2001_NHS, ELM):
        assert text.encode() not in stored
    claims = linked.record.digest("reference", C1001_NHS.encode())
    assert claims not in stored  # the views' file cannot be joined with the record's claims
