"""Every relationship of scenario A: who granted it, when it begins, when it ends (G.00, D-24 to D-29)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hub.views import in_force
from tests.unit.intake.world import C1001_NHS, C2001_NHS, ELM, HEALTH, N_CSC, OAK, POLICE, S_CSC, YOS
from tests.unit.views.played import CAIU, ENQ

END = datetime(2025, 11, 20, 12, 0, tzinfo=UTC)
POLICE_END = datetime(2025, 12, 13, 0, 0, tzinfo=UTC)
CHILD = {"C-1001": C1001_NHS, "C-2001": C2001_NHS}


def london(text):
    return datetime.fromisoformat(f"{text}+01:00").astimezone(UTC)


ROWS = [
    ("C-1001", "enrolled", ELM, None, "2025-09-12T15:00", None),
    ("C-2001", "enrolled", OAK, None, "2025-09-12T16:10", None),
    ("C-1001", "enquiry", N_CSC, ENQ, "2025-09-15T10:06", None),
    ("C-2001", "enquiry", N_CSC, ENQ, "2025-09-15T10:07", None),
    ("C-1001", "enquiry", POLICE, CAIU, "2025-09-15T10:08", POLICE_END),
    ("C-2001", "enquiry", POLICE, CAIU, "2025-09-15T10:08", POLICE_END),
    ("C-1001", "allocated", N_CSC, f"{N_CSC}/sw-n1", "2025-09-15T15:30", None),
    ("C-2001", "allocated", S_CSC, f"{S_CSC}/sw-s1", "2025-09-15T15:45", None),
    ("C-1001", "treated", HEALTH, f"{HEALTH}/nurse-1", "2025-09-15T16:20", None),
    ("C-2001", "supervised", YOS, f"{YOS}/yj-1", "2025-09-15T10:13", None),
    ("C-1001", "front-door", N_CSC, None, "2025-09-12T15:00", london("2025-09-15T09:30")),
    ("C-2001", "front-door", S_CSC, None, "2025-09-12T16:10", london("2025-09-15T10:05")),
]


@pytest.mark.req("H-16", "G.00", "D-27", "D-28", "D-29")
@pytest.mark.parametrize(("child", "kind", "organisation", "person", "begins", "ends"), ROWS)
def test_relationship_begins_and_ends(scenario, child, kind, organisation, person, begins, ends):
    grants = [
        one
        for one in scenario.child(CHILD[child]).grants
        if (one.kind, one.organisation, one.person) == (kind, organisation, person)
    ]
    assert (grants[0].from_, grants[0].until) == (london(begins), ends)
    assert grants[0].current(grants[0].from_)
    assert not grants[0].current(grants[0].from_ - timedelta(microseconds=1))
    if ends is not None:
        assert grants[0].current(ends - timedelta(microseconds=1)) and not grants[0].current(ends)


@pytest.mark.req("H-16", "D-30")
def test_nobody_else_holds_anything(scenario):
    holders = {
        child: {
            one.organisation
            for one in scenario.child(number).grants
            if one.kind not in ("invited", "attendee")
        }
        for child, number in CHILD.items()
    }
    assert holders == {"C-1001": {ELM, N_CSC, POLICE, HEALTH}, "C-2001": {OAK, N_CSC, S_CSC, POLICE, YOS}}


@pytest.mark.req("H-16", "D-25", "D-41")
@pytest.mark.parametrize(
    ("child", "meeting", "organisations"),
    [("C-1001", "M1", {ELM, POLICE, N_CSC}), ("C-2001", "M2", {OAK, POLICE, N_CSC, S_CSC, YOS})],
)
@pytest.mark.parametrize("kind", ["invited", "attendee"])
def test_meeting_gives_its_own_papers_for_28_days(scenario, child, meeting, organisations, kind):
    grants = [one for one in scenario.child(CHILD[child]).grants if one.kind == kind]
    assert {one.organisation for one in grants} == organisations
    assert {one.meeting for one in grants} == {meeting}
    # Held on 15 September: to the end of 13 October, London time.
    assert {one.until for one in grants} == {london("2025-10-14T00:00")}


@pytest.mark.req("D-28", "D-29")
def test_the_enquiry_worker_stays_while_one_childs_enquiry_is_open(scenario):
    later = POLICE_END + timedelta(days=30)
    for number in CHILD.values():
        kinds = {
            one.organisation
            for one in scenario.child(number).grants
            if one.kind == "enquiry" and one.current(later)
        }
        assert kinds == {N_CSC}


@pytest.mark.req("D-31", "D-51")
def test_link_is_in_force_once_police_stand_on_both_children_and_stays_where_authorities_name_both(scenario):
    here, there = scenario.child(C1001_NHS), scenario.child(C2001_NHS)
    assert here.linked == {there.child} and there.linked == {here.child}
    links = [one for one in here.link_entries if one.type == "incident-linked"]
    assert len(links) == 2
    basis = london("2025-09-15T10:08")
    police_only = [here, there]
    assert not any(in_force(one, *police_only, basis - timedelta(minutes=1)) for one in links)
    assert all(in_force(one, *police_only, basis) for one in links)
    assert all(in_force(one, *police_only, END) for one in links)
    assert all(in_force(one, *police_only, POLICE_END) for one in links)
    unnamed = replace(here, entries=tuple(replace(one, others=()) for one in here.entries))
    assert not any(in_force(one, unnamed, there, POLICE_END) for one in links)


@pytest.mark.req("H-05")
def test_chronology_is_ordered_by_when_it_happened(scenario):
    entries = scenario.child(C2001_NHS).entries
    assert entries[0].key.id == scenario.posted["A19"]["id"] and entries[0].recorded_late
    assert [one.occurred.sort_at for one in entries] == sorted(one.occurred.sort_at for one in entries)


@pytest.mark.req("H-05")
def test_joined_stream_reads_on_the_child_it_is_about(scenario):
    view = scenario.child(C2001_NHS)
    assert len(view.streams) == 2 and not view.provisional
    joined = next(one for one in view.entries if one.key.id == scenario.posted["A03b"]["id"])
    assert joined.child == view.child
    named = next(one for one in scenario.child(C1001_NHS).entries if one.type == "incident-recorded")
    assert named.others[0].child == view.child


@pytest.mark.req("H-07")
def test_as_at_knows_only_what_was_received(scenario):
    view = scenario.child(C1001_NHS)
    known = view.as_at(london("2025-09-12T15:25"))
    assert [one.type for one in known.entries] == ["incident-recorded", "child-stream-opened"]
    assert known.grants == view.grants and known.date_of_birth == view.date_of_birth
    before = view.as_at(london("2025-09-12T14:59"))
    assert before.entries == () and before.date_of_birth is None and before.linked == frozenset()


@pytest.mark.req("H-06")
def test_rebuilding_the_index_gives_equal_views(scenario):
    before = [scenario.child(number) for number in CHILD.values()]
    assert scenario.runner.position() == 0  # so far everything came from the record's tail
    scenario.runner.catch_up()
    projected = [scenario.child(number) for number in CHILD.values()]
    scenario.runner.rebuild()
    assert before == projected == [scenario.child(number) for number in CHILD.values()]


@pytest.mark.req("H-06")
def test_candidates_are_found_from_the_index_and_from_the_tail(scenario):
    ids = {child: scenario.child(number).child for child, number in CHILD.items()}
    expected = {
        ELM: {ids["C-1001"], ids["C-2001"]},  # the post on C-2001 is Elm's own: a candidate, never a holder
        OAK: {ids["C-2001"]},
        YOS: {ids["C-2001"]},
        HEALTH: {ids["C-1001"]},
        POLICE: {ids["C-1001"], ids["C-2001"]},
    }
    for _ in range(2):
        found = {one: set(scenario.views.children_of(one)) for one in expected}
        assert found[OAK] == expected[OAK] and found[YOS] == expected[YOS]
        assert found[HEALTH] == expected[HEALTH] and found[POLICE] == expected[POLICE]
        assert ids["C-1001"] in found[ELM]
        scenario.runner.catch_up()
