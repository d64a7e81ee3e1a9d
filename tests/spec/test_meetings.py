"""Meetings about one child: which there are, who was there, checklists and what was decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest

from hub.pathway.meetings import (
    actions_of,
    attendance_of,
    checklists_of,
    decisions_of,
    lead_worker,
    meetings_of,
    named,
    profile_of_meeting,
    wrong_room,
)
from hub.pathway.profiles import PROFILES
from tests.spec.meeting_posts import (
    BORN,
    CHILD,
    ENQUIRY,
    LINKED,
    NOW,
    allocated_enquiry,
    convened,
    held,
    invitation,
    only,
    opened,
    seat,
    whole,
)
from tests.spec.posts import ELM, HEALTH, OAK, POLICE, YOS, N, S, ids, other, post, profile_of

# --- which meetings there are --------------------------------------------------------------------------


@pytest.mark.req("R-117", "D-04")
def test_what_was_held_belongs_to_what_its_convenor_convened():
    found = only([convened(), held(POLICE)])
    assert (found.name, found.organisation, found.kind) == ("M2", N, "strategy")
    assert ids(one.key for one in found.entries) == ["c", "h"]


@pytest.mark.req("D-04")
@pytest.mark.parametrize(
    ("chair", "recorded_by", "meetings"),
    [(None, N, 1), (None, S, 2), (S, S, 1), (S, N, 1), (S, "social-care.x-csc", 2)],
)
def test_a_name_alone_joins_no_record_to_a_meeting(chair, recorded_by, meetings):
    chairing = {"chair_authority": chair} if chair else {}
    assert len(meetings_of([convened(**chairing), held(by=recorded_by)])) == meetings


@pytest.mark.req("D-04")
def test_two_convenors_may_use_one_name():
    found = meetings_of([convened(), convened(by=S, id="c2", time="2025-09-16 10:00")])
    assert [one.organisation for one in found] == [N, S]
    assert named(found, "M2").organisation == N
    assert named(found, "M2", S).organisation == S
    assert named(found, "M2", YOS) is None and named(found, "M9") is None


@pytest.mark.req("R-117", "H-27")
def test_a_meeting_that_was_held_and_never_convened_is_one_and_what_takes_no_effect_is_none():
    assert only([held(POLICE)]).convened == ()
    waiting = replace(convened(), awaiting=("social-care",))
    assert meetings_of([waiting]) == ()


@pytest.mark.req("R-126")
def test_a_conference_that_was_held_is_the_conference_that_was_convened():
    conference = post("k", "2025-10-17 10:05", S, CHILD, "conference-held", {"kind": "icpc", "meeting": "P1"})
    found = only([convened("P1", by=S, kind="cpc"), conference])
    assert (found.kind, len(found.held)) == ("cpc", 1)


@pytest.mark.req("R-117", "H-06")
def test_any_order_of_arrival_gives_the_same_meetings():
    entries = [convened(), held(POLICE), convened("H1", by=S, kind="hsb", id="c3", time="2025-09-30 09:00")]
    first = meetings_of(entries)
    assert [one.name for one in first] == ["M2", "H1"]
    assert all(meetings_of(one) == first for one in permutations(entries))


@pytest.mark.req("R-086")
@pytest.mark.parametrize(
    ("convenor", "chair", "procedure"),
    [(N, None, "darlington-2025"), (S, None, "llr-2024"), (S, N, "darlington-2025")],
)
def test_the_convening_authority_s_procedure_drives_the_meeting(convenor, chair, procedure):
    entry = convened(by=convenor, **({"chair_authority": chair} if chair else {}))
    seen = whole(opened(), entry)
    assert profile_of_meeting(only(seen.entries), seen, profile_of).id == procedure


# --- who was there -------------------------------------------------------------------------------------


@pytest.mark.req("R-084")
@pytest.mark.parametrize(
    ("attendance", "represented"),
    [
        ([seat(f"{S}/tm-1", represents=True)], True),
        ([seat(f"{S}/sw-s1")], True),
        ([seat(ENQUIRY, represents=True)], False),
        ([{"organisation": S}], False),  # nobody by name
        ([], False),
    ],
)
def test_a_child_is_represented_by_somebody_of_its_own_authority_by_name(attendance, represented):
    seen = whole(opened(), held(*attendance))
    assert attendance_of(only(seen.entries), seen).representation.represented is represented


@pytest.mark.req("R-084", "H-20")
def test_without_the_authority_or_the_attendance_nothing_is_said_of_representation():
    seen = replace(whole(held(POLICE)), authority=None)
    assert attendance_of(only(seen.entries), seen).representation.represented is None
    unseen = replace(held(), data={"kind": "strategy", "meeting": "M2"})
    assert attendance_of(only([unseen]), whole(unseen)) is None


@pytest.mark.req("R-082")
@pytest.mark.parametrize("kind", ["strategy", "followup-strategy", "hsb"])
@pytest.mark.parametrize("police", [True, False])
@pytest.mark.parametrize("worker", [ENQUIRY, f"{N}/sw-n1", None])
def test_police_and_the_enquiry_worker_attend_the_strategy_meeting_of_each_child(kind, police, worker):
    there = ([POLICE] if police else []) + ([seat(worker)] if worker else [])
    seen = whole(opened(), allocated_enquiry(), held(*there, kind=kind))
    expected = attendance_of(only(seen.entries), seen).expected
    told = {one.who: one.present for one in expected}
    both = {"police": police, "enquiry-worker": worker == ENQUIRY}
    assert told == (both if kind != "hsb" else {})


@pytest.mark.req("R-082", "H-20")
def test_who_the_enquiry_worker_is_may_not_be_known_and_may_have_ended():
    seen = whole(opened(), held(seat(ENQUIRY)))
    assert attendance_of(only(seen.entries), seen).expected[1].present is None
    ended = post(
        "e", "2025-09-16 09:00", S, CHILD, "relationship-ended", {"kind": "enquiry", "organisation": N}
    )
    seen = whole(opened(), allocated_enquiry(), ended, held(seat(ENQUIRY)))
    assert attendance_of(only(seen.entries), seen).expected[1].present is None


@pytest.mark.req("R-082")
@pytest.mark.parametrize(("there", "wrong"), [((OAK, POLICE), ()), ((ELM, OAK), (ELM,)), ((YOS, HEALTH), ())])
def test_a_school_in_the_wrong_room_is_named(there, wrong):
    seen = whole(opened(), held(*there))
    assert wrong_room(only(seen.entries), seen, NOW) == wrong


@pytest.mark.req("R-082", "H-20")
def test_no_school_is_called_wrong_by_who_may_not_see_where_the_child_is_enrolled():
    seen = whole(held(ELM), complete=frozenset({"meeting-held"}))
    assert wrong_room(only(seen.entries), seen, NOW) == ()


@pytest.mark.req("R-093")
@pytest.mark.parametrize(
    ("update", "updated"),
    [
        ({"organisation": HEALTH, "meeting": "M2", "updated_on": "2025-09-16"}, True),
        ({"organisation": HEALTH, "meeting": "M1", "updated_on": "2025-09-16"}, False),
        ({"organisation": YOS, "meeting": "M2", "updated_on": "2025-09-16"}, False),
        (None, False),
    ],
)
def test_an_absent_agency_has_an_updater_and_was_updated_or_not(update, updated):
    entries = [opened(), held(POLICE, absent=[{"organisation": HEALTH, "updater": ENQUIRY}])]
    if update:
        entries.append(post("u", "2025-09-16 09:00", N, CHILD, "absent-agency-updated", update))
    seen = whole(*entries)
    [absent] = attendance_of(only(seen.entries), seen).absent
    assert (absent.organisation, absent.updater, absent.updated) == (HEALTH, ENQUIRY, updated)
    assert absent.updated_on == (date(2025, 9, 16) if updated else None)


@pytest.mark.req("R-093", "H-20")
def test_that_nobody_updated_an_absent_agency_is_not_said_to_who_could_not_see_it():
    entry = held(absent=[{"organisation": HEALTH}])
    seen = whole(entry, complete=frozenset({"meeting-held"}))
    assert attendance_of(only(seen.entries), seen).absent[0].updated is None


# --- checklists ----------------------------------------------------------------------------------------


def answers(checklist, items, meeting="M2", id="k", time="2025-09-15 16:00"):
    data = {"checklist": checklist, "meeting": meeting, "items": items}
    return post(id, time, N, CHILD, "meeting-checklist-completed", data)


def states(*entries, profile="darlington-2025", kind="strategy", born=BORN, **more):
    seen = whole(opened(born=born), convened(kind=kind), *entries, born=born, **more)
    meeting = meetings_of(seen.entries)[0]
    return {one.id: one for one in checklists_of(meeting, seen, PROFILES[profile], NOW)}


@pytest.mark.req("R-086", "R-087", "R-088", "R-134")
@pytest.mark.parametrize(
    ("profile", "kind", "checklists"),
    [
        ("darlington-2025", "strategy", {"CL-D-OBJ", "CL-D-S47"}),
        ("llr-2024", "strategy", {"CL-L-STRAT", "CL-L-OBJ", "CL-L-S47"}),
        ("llr-2024", "hsb", {"CL-L-HSB"}),
    ],
)
def test_a_meeting_has_the_checklists_of_its_convenor_s_procedure(profile, kind, checklists):
    found = states(profile=profile, kind=kind)
    assert checklists <= found.keys()
    assert all(not one.complete and len(one.unowned) == len(one.items) for one in found.values())


@pytest.mark.req("R-086")
@pytest.mark.parametrize(("born", "simplified"), [("2015-09-16", True), ("2015-09-15", False), (BORN, False)])
def test_under_ten_on_the_day_of_the_meeting_the_simplified_checklist_takes_the_place(born, simplified):
    """The meeting is on 15 September 2025."""
    found = states(profile="llr-2024", born=born)
    assert ("CL-U10" in found) is simplified
    assert ("CL-L-STRAT" in found) is not simplified


@pytest.mark.req("R-086", "R-087", "R-134")
@pytest.mark.parametrize(
    ("row", "unowned"),
    [
        ({"answer": "answered"}, False),
        ({"answer": "done"}, False),
        ({"answer": "not-applicable", "reason": "no sibling"}, False),
        ({"answer": "not-applicable"}, True),
        ({"answer": "not-known-yet"}, True),
        ({"answer": "not-known-yet", "owner": f"{N}/sw-n1"}, False),
        ({"answer": "not-done", "owner": N, "due": "2025-09-30"}, False),
        ({"answer": "not-done"}, True),
        ({"answer": "refused"}, True),
        (None, True),
    ],
)
def test_an_item_is_settled_or_has_an_owner_or_is_listed_as_unowned(row, unowned):
    items = [one.code for one in PROFILES["darlington-2025"].checklists["CL-D-OBJ"].items]
    rest = [{"item": one, "answer": "answered"} for one in items[1:]]
    first = [{"item": items[0], **row}] if row else []
    found = states(answers("CL-D-OBJ", first + rest))["CL-D-OBJ"]
    assert found.unowned == ((items[0],) if unowned else ())
    assert found.complete is not unowned


@pytest.mark.req("R-088")
def test_the_latest_answer_to_an_item_counts_and_another_meeting_s_does_not():
    code = PROFILES["darlington-2025"].checklists["CL-D-S47"].items[0].code
    first = answers("CL-D-S47", [{"item": code, "answer": "not-known-yet"}])
    later = answers(
        "CL-D-S47", [{"item": code, "answer": "answered", "text": "t"}], id="k2", time="2025-09-16 09:00"
    )
    elsewhere = answers(
        "CL-D-S47", [{"item": code, "answer": "refused"}], "M9", id="k3", time="2025-09-17 09:00"
    )
    item = states(first, later, elsewhere)["CL-D-S47"].items[0]
    assert (item.answer, item.words, item.unowned) == ("answered", "t", False)


@pytest.mark.req("R-086", "H-20")
def test_no_item_is_called_unanswered_to_who_may_not_see_the_answers():
    assert states(complete=frozenset({"meeting-convened", "meeting-held"})) == {}
    withheld = replace(answers("CL-D-OBJ", []), data={"meeting": "M2"})
    assert states(withheld) == {}


# --- what was decided ----------------------------------------------------------------------------------


def action(name, meeting="M2", **data):
    written = {"action": name, "organisation": S, "meeting": meeting, **data}
    return post(f"act-{name}", "2025-09-15 15:00", N, CHILD, "action-assigned", written)


def completed(name):
    data = {"action": name, "completed_on": "2025-09-20", "outcome": "told"}
    return post(f"done-{name}", "2025-09-20 09:00", S, CHILD, "action-completed", data)


@pytest.mark.req("R-101", "R-147")
def test_actions_of_a_meeting_have_an_owner_a_date_and_an_end():
    entries = [
        convened(),
        action("a1", due="2025-09-19", what="w", contribution="c", person=f"{S}/sw-s1"),
        action("a2", due="2025-09-30"),
        action("a3", due="2025-10-01"),
        action("a4", meeting="M9"),
        completed("a1"),
    ]
    seen = whole(*entries)
    found = {one.action: one for one in actions_of(only(entries), seen, date(2025, 10, 1))}
    assert found.keys() == {"a1", "a2", "a3"}
    first = found["a1"]
    assert (first.organisation, first.person, first.what, first.contribution) == (S, f"{S}/sw-s1", "w", "c")
    assert (first.done, first.done_on, first.outcome) == (True, date(2025, 9, 20), "told")
    assert {name: one.overdue for name, one in found.items()} == {"a1": False, "a2": True, "a3": False}


@pytest.mark.req("R-147", "H-20")
def test_no_action_is_called_overdue_to_who_may_not_see_its_completion():
    entries = [convened(), action("a2", due="2025-09-16")]
    seen = whole(*entries, complete=frozenset({"meeting-convened", "action-assigned"}))
    [found] = actions_of(only(entries), seen, date(2025, 10, 1))
    assert (found.done, found.overdue) == (None, False)


@pytest.mark.req("R-098", "R-101", "R-117")
def test_decisions_contingency_and_review_stand_with_the_meeting():
    data = {"contingency": ["if charged, meet again"], "next_review": "2026-01-06", "interval_days": 42}
    entries = [
        convened(),
        held(POLICE, **data),
        post("p", "2025-09-15 16:00", POLICE, CHILD, "interview-planned", {"decided_at_meeting": "M2"}),
        post("q", "2025-09-15 16:00", S, CHILD, "separate-meetings-decided", {}, about="h"),
        post("r", "2025-09-15 16:00", S, CHILD, "interview-planned", {"decided_at_meeting": "M9"}),
        invitation(POLICE),
    ]
    meeting = only(entries)
    assert ids(one.key for one in decisions_of(meeting, whole(*entries))) == ["p", "q"]
    assert (meeting.next_review, meeting.interval_days) == (date(2026, 1, 6), 42)


@pytest.mark.req("R-137")
@pytest.mark.parametrize(
    ("on", "worker"),
    [("2025-09-15", None), ("2025-09-16", f"{S}/sw-s1"), ("2025-10-06", f"{S}/sw-s2"), ("2025-11-01", None)],
)
def test_the_lead_social_worker_on_a_day(on, worker):
    def appointed(n, **data):
        written = {"role": "lead-sw", "person": f"{S}/sw-s{n}", **data}
        return post(f"n{n}", f"2025-09-1{n} 09:00", S, CHILD, "named-contact-appointed", written)

    spoc = post(
        "s", "2025-09-19 09:00", S, CHILD, "named-contact-appointed", {"role": "spoc", "person": f"{S}/x"}
    )
    entries = [
        appointed(1, **{"from": "2025-09-16", "until": "2025-10-31"}),
        appointed(2, **{"from": "2025-10-06", "until": "2025-10-31"}),
        spoc,
    ]
    assert lead_worker(whole(*entries), date.fromisoformat(on)) == worker


@pytest.mark.req("R-117", "D-04")
def test_an_entry_that_names_another_child_is_read_all_the_same():
    entry = replace(held(POLICE), others=(other(LINKED, "has-been-harmed"),))
    assert only([entry]).held == (entry,)
