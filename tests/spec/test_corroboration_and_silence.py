"""Accounts of one incident side by side with their differences as questions; who was asked and is silent."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.pathway.corroboration import ASKS, _joined, corroborated
from hub.pathway.entries import Other, Sight, Told
from hub.pathway.fields import days_of
from hub.pathway.silence import ANSWERED_BY, ASKING, silence
from tests.spec.expecting import p
from tests.spec.posts import ELM, HEALTH, OAK, POLICE, YOS, N, S, at, ids, material, other, post, profile_of

CHILD, OTHER = "C-1", "C-2"
NOW = at("2025-11-20 12:00")


def incident(id, by=OAK, when="2025-10-02 10:00", happened="2025-10-01", child=CHILD, **data):
    others = data.pop("others", ())
    about = data.pop("about", None)
    given = {"role": "has-harmed", "status": "alleged", "place_kind": "school", **data}
    return post(
        id, when, by, child, "incident-recorded", {k: v for k, v in given.items() if v is not None},
        happened=happened, precision="day", others=others, about=about,
    )  # fmt: skip


def level(id, about, given, by, scale="hackett-5"):
    return p(
        "behaviour-level-assessed", "2025-10-05 10:00", by, _id=id, scale=scale, level=given, about=about
    )


def shared(*posts, **more):
    return corroborated(material(CHILD, posts, authority=S, **more), profile_of=profile_of)


def questions(*posts, **more):
    return {one.about: dict(one.values) for found in shared(*posts, **more) for one in found.questions}


def basis(first, second, within):
    """Why two accounts are of one incident, as it is written: every two of them are looked at."""
    if first.about == second.key or second.about == first.key:
        return "reference"
    (a, b), (c, d) = days_of(first), days_of(second)
    near = (a - d).days <= within and (c - b).days <= within
    if not near or {first.type, second.type} != {"incident-recorded"}:
        return None
    roles = {first.data.get("role"), second.data.get("role")}
    if first.child != second.child:
        both = (first, second), (second, first)
        named = any(one.child == other.child for this, other in both for one in this.others)
        own = CHILD in (first.child, second.child)
        return "link" if own and named and roles == {"has-harmed", "has-been-harmed"} else None
    place = first.data.get("place_kind")
    told = first.child == CHILD and None not in (first.organisation, second.organisation, place, *roles)
    alike = told and len(roles) == 1 and place == second.data.get("place_kind")
    return "date-and-place" if alike and first.organisation != second.organisation else None


@pytest.mark.req("R-180")
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_looking_only_where_something_can_join_finds_what_looking_at_every_two_finds(data):
    names = [f"i{number}" for number in range(data.draw(st.integers(2, 7)))]
    told = []
    for name in names:
        child = data.draw(st.sampled_from([CHILD, CHILD, OTHER]))
        named = (OTHER if child == CHILD else CHILD,) if data.draw(st.booleans()) else ()
        entry = incident(
            name, data.draw(st.sampled_from([OAK, POLICE, ELM])), child=child,
            happened=f"2025-10-0{data.draw(st.integers(1, 9))}",
            role=data.draw(st.sampled_from(["has-harmed", "has-been-harmed", None])),
            place_kind=data.draw(st.sampled_from(["school", "online", None])),
            about=data.draw(st.sampled_from([None, None, None, *names])),
        )  # fmt: skip
        others = tuple(Other(1, "has-harmed", "ab", one) for one in named)
        told.append(replace(entry, others=others))
    found = {(*sorted(pair), why) for *pair, why in _joined(CHILD, told, 2)}
    every = ((a, b, basis(told[a], told[b], 2)) for a, b in combinations(range(len(told)), 2))
    assert found == {one for one in every if one[2] is not None}


@pytest.mark.req("R-179", "R-180")
@pytest.mark.parametrize(
    ("second", "joined"),
    [
        (incident("j", POLICE), "date-and-place"),
        (incident("j", POLICE, happened="2025-10-03"), "date-and-place"),
        (incident("j", POLICE, happened="2025-10-04"), None),
        (incident("j", POLICE, place_kind="home"), None),
        (incident("j", POLICE, place_kind=None), None),
        (incident("j", POLICE, role="has-been-harmed"), None),
        (incident("j", OAK), None),
        (incident("j", None), None),
        (incident("j", POLICE, happened="2025-08-01", place_kind="home", about="i"), "reference"),
        (incident("j", OAK, about="i"), None),
    ],
    ids=[
        "same day and place", "within the days", "too far apart", "another place", "place not known",
        "another role", "the same agency", "agency withheld", "by reference", "its own reference",
    ],
)  # fmt: skip
def test_which_accounts_are_of_one_incident(second, joined):
    found = shared(incident("i"), second)
    assert [one.joined_by for one in found] == ([(joined,)] if joined else [])
    if joined:
        assert found[0].organisations == (OAK, POLICE)
        assert dict(found[0].settings) == {"same_incident_days": 2}
        assert sorted(ids(found[0].evidence)) == ["i", "j"]


@pytest.mark.req("R-179")
def test_two_incidents_of_one_agency_stay_two():
    first, second = incident("i"), incident("j", happened="2025-10-03")
    (found,) = shared(first, second, incident("k", POLICE, happened="2025-10-05"))
    assert [one.entry.id for one in found.accounts] == ["j", "k"]


@pytest.mark.req("R-179", "R-011")
def test_incidents_on_two_records_are_one_where_they_name_each_other():
    own = incident("i", others=[other(OTHER, "has-been-harmed")])
    theirs = incident("j", ELM, child=OTHER, role="has-been-harmed")
    (found,) = shared(own, linked={OTHER: (theirs,)})
    assert (found.joined_by, found.organisations) == (("link",), (ELM, OAK))
    same_role = incident("j", ELM, child=OTHER, role="has-harmed")
    assert shared(own, linked={OTHER: (same_role,)}) == ()
    assert shared(incident("i"), linked={OTHER: (theirs,)}) == ()
    far = incident("j", ELM, child=OTHER, role="has-been-harmed", happened="2025-08-01")
    assert shared(own, linked={OTHER: (far,)}) == ()


@pytest.mark.req("H-20", "D-03")
def test_a_linked_record_counts_only_for_readers_who_may_know_whose_it_is():
    own = incident("i", others=[other(OTHER, "has-been-harmed")])
    theirs = incident("j", ELM, child=OTHER, role="has-been-harmed")
    sight = Sight(frozenset({"incident-recorded"}), {"incident-recorded": frozenset({"role", "others"})})
    assert shared(own, linked={OTHER: (theirs,)}, complete=sight.types, sight={CHILD: sight}) == ()


@pytest.mark.req("R-047", "R-180")
def test_an_account_joins_the_incident_that_it_is_about():
    account = p("initial-account-recorded", "2025-10-01 12:00", ELM, _id="a", about="i")
    (found,) = shared(incident("i"), account)
    assert [(one.type, one.organisation) for one in found.accounts] == [
        ("incident-recorded", OAK),
        ("initial-account-recorded", ELM),
    ]


@pytest.mark.req("R-179")
@pytest.mark.parametrize(
    ("second", "asked"),
    [
        ({}, {}),
        ({"happened": "2025-10-02"}, {"date": {"said": ["2025-10-01", "2025-10-02"]}}),
        ({"place_kind": "home"}, {"place": {"said": ["school", "home"]}}),
        ({"place_kind": None}, {}),
        ({"status": "established"}, {"status": {"said": ["alleged", "established"]}}),
        ({"status": "withdrawn", "place_kind": "home"}, {"status": {"said": ["alleged", "withdrawn"]}}),
    ],
    ids=["none", "date", "place", "place not known", "status", "withdrawn asks of status alone"],
)
def test_differences_are_questions_for_the_meeting(second, asked):
    found = questions(incident("i"), incident("j", POLICE, about="i", when="2025-10-02 11:00", **second))
    assert found == asked


@pytest.mark.req("R-179", "R-021")
def test_levels_that_differ_are_a_question_in_each_agencys_own_scale():
    both = (incident("i"), incident("j", POLICE))
    views = (level("l", "i", "problematic", OAK), level("m", "j", "violent", POLICE))
    assert questions(*both, *views) == {
        "level": {"levels": [f"{OAK}: problematic (hackett-5)", f"{POLICE}: violent (hackett-5)"], "span": 2}
    }
    unlike = level("m", "j", "violent", POLICE, "darlington-4")
    assert questions(*both, views[0], unlike)["level"]["span"] == "not comparable"
    assert questions(*both, views[0], level("m", "j", "problematic", POLICE)) == {}
    assert [one.level for one in shared(*both, *views)[0].views] == ["problematic", "violent"]


@pytest.mark.req("R-179")
def test_inexact_dates_that_can_be_the_same_day_are_no_difference():
    month = replace(incident("j", POLICE, about="i"), occurred=post(
        "x", "2025-10-02 10:00", POLICE, CHILD, "incident-recorded", happened="2025-10", precision="month"
    ).occurred)  # fmt: skip
    assert questions(incident("i"), month) == {}


@pytest.mark.req("R-179", "R-185")
def test_questions_have_constant_words_that_blame_nobody():
    assert all(one.endswith("?") for one in ASKS.values())
    assert not re.search(r"\b(wrong|error|lie|false|fail)", " ".join(ASKS.values()))


@pytest.mark.req("H-25", "R-180")
def test_the_order_in_which_accounts_arrived_makes_no_difference():
    posts = [
        incident("i"),
        incident("j", POLICE),
        incident("k", ELM, about="j"),
        level("l", "i", "normal", OAK),
    ]
    late = [replace(one, position=9 - number) for number, one in enumerate(posts)]
    assert shared(*posts) == shared(*reversed(late))
    assert shared(*posts)[0].joined_by == ("date-and-place", "reference")


CHECK = p("records-access-requested", "2025-10-01 10:00", S, _id="q", holder=HEALTH, scope="background-check")
REFERRAL = p("referral-made", "2025-10-01 10:00", OAK, _id="q", target="hsb-service", to=HEALTH)
OPINION = p("specialist-opinion-requested", "2025-10-01 10:00", S, _id="q", service="health.s-therapy")
NOT_ANSWERED = {"items": [{"item": "general-practitioner", "answer": "not-answered"}], "checklist": "CL-U10"}
LISTED = p("meeting-checklist-completed", "2025-10-01 10:00", S, _id="q", **NOT_ANSWERED)


def silent(*posts, **more):
    return silence(material(CHILD, posts, **more), now=NOW)


@pytest.mark.req("R-115", "R-075", "R-105")
@pytest.mark.parametrize(
    ("asked", "to", "kind"),
    [
        (CHECK, HEALTH, "check"),
        (REFERRAL, HEALTH, "referral"),
        (OPINION, "health.s-therapy", "opinion"),
        (LISTED, "general-practitioner", "checklist"),
    ],
    ids=["check", "referral", "opinion", "checklist"],
)
def test_a_request_without_an_answer_waits(asked, to, kind):
    (found,) = silent(asked).unanswered
    assert (found.kind, found.to, found.answer, found.days) == (kind, to, "none", 50)
    assert (found.asked_on, ids(found.evidence)) == (date(2025, 10, 1), ["q"])


ANSWERS = [
    (CHECK, p("records-access-decided", "2025-10-03 10:00", HEALTH, _id="z", decision="granted"), "answered"),
    (CHECK, p("records-access-decided", "2025-10-03 10:00", HEALTH, _id="z", decision="refused"), "refused"),
    (CHECK, p("nothing-known", "2025-10-03 10:00", HEALTH, _id="z", about="q"), "nothing-known"),
    (CHECK, p("nothing-known", "2025-10-03 10:00", OAK, _id="z", about="q"), "none"),
    (CHECK, p("nothing-known", "2025-10-03 10:00", HEALTH, _id="z", about="other"), "none"),
    (CHECK, p("nothing-known", "2025-09-30 10:00", HEALTH, _id="z"), "none"),
    (REFERRAL, p("intervention-offered", "2025-10-03 10:00", S, _id="z", provider=HEALTH), "answered"),
    (REFERRAL, p("referral-outcome-decided", "2025-10-03 10:00", S, _id="z", about="q"), "answered"),
    (REFERRAL, p("referral-outcome-decided", "2025-10-03 10:00", S, _id="z"), "none"),
    (OPINION, p("specialist-opinion-received", "2025-10-03 10:00", HEALTH, _id="z"), "answered"),
]


@pytest.mark.req("R-115", "R-075", "R-105")
@pytest.mark.parametrize(
    ("asked", "answer", "said"), ANSWERS, ids=[f"{one.type} {two.type} {said}" for one, two, said in ANSWERS]
)
def test_what_answers_a_request(asked, answer, said):
    (found,) = silent(asked, answer).requests
    assert found.answer == said
    assert found.days == (50 if said == "none" else 2)


@pytest.mark.req("R-115")
def test_a_refusal_gives_way_to_an_answer_and_an_answer_stays():
    refused = p("records-access-decided", "2025-10-03 10:00", HEALTH, _id="y", decision="refused")
    granted = p("records-access-decided", "2025-10-06 10:00", HEALTH, _id="z", decision="granted")
    (found,) = silent(CHECK, refused, granted).requests
    assert (found.answer, found.answered_on) == ("answered", date(2025, 10, 6))


@pytest.mark.req("R-115")
@pytest.mark.parametrize(("answer", "said"), [("answered", "answered"), ("refused", "refused")])
def test_an_item_of_a_checklist_is_as_it_was_filled_in_last(answer, said):
    items = [{"item": "general-practitioner", "answer": answer}]
    later = p("meeting-checklist-completed", "2025-10-03 10:00", S, _id="z", checklist="CL-U10", items=items)
    (found,) = silent(LISTED, later).requests
    assert (found.answer, found.days) == (said, 2)


@pytest.mark.req("R-115")
def test_nothing_known_is_an_answer_of_its_own_asked_for_or_not():
    said = p(
        "nothing-known", "2025-10-03 10:00", HEALTH, _id="z", **{"from": "2020-01-01", "until": "2025-10-01"}
    )
    (found,) = silent(said).nothing_known
    assert (found.organisation, found.answered_on) == (HEALTH, date(2025, 10, 3))
    assert (found.since, found.until) == (date(2020, 1, 1), date(2025, 10, 1))
    assert "health" not in (silent(said).never_asked or ())


@pytest.mark.req("H-20", "R-115")
@pytest.mark.parametrize("asked", [CHECK, REFERRAL, OPINION], ids=["check", "referral", "opinion"])
def test_that_nobody_answered_is_for_readers_who_see_every_answer(asked):
    kind = silent(asked).requests[0].kind
    for unseen in ANSWERED_BY[kind]:
        fields = {one: frozenset(members) for one, members in ANSWERED_BY[kind].items() if one != unseen}
        sight = Sight(frozenset(fields), fields)
        found = silent(asked, complete=sight.types, sight={CHILD: sight})
        assert (found.requests[0].answer, found.unanswered) == (None, ())


@pytest.mark.req("R-069")
def test_police_are_consulted_and_owe_no_answer_to_a_referral():
    asked = p("referral-made", "2025-10-01 10:00", S, _id="q", target="police", to=POLICE)
    assert silent(asked).requests == ()


@pytest.mark.req("R-199", "R-074")
def test_who_was_never_asked_of_the_five_kinds():
    assert silent().never_asked == ("education", "health", "police", "social-care", "youth-justice")
    asked = (
        CHECK,
        p("invitation-sent", "2025-10-01 10:00", N, _id="v", organisation=YOS, decision="invited"),
        p("invitation-sent", "2025-10-01 10:00", N, _id="w", organisation=POLICE, decision="not-invited"),
    )
    assert silent(*asked).never_asked == ("education", "police")
    told = (Told(OAK, at("2025-10-02 10:00"), None), Told(POLICE, at("2025-12-02 10:00"), None))
    assert silent(*asked, told=told).never_asked == ("police",)


@pytest.mark.req("H-20", "R-199")
def test_who_was_never_asked_is_for_readers_who_may_be_told_of_neither_and_see_every_request():
    fields = {one: frozenset(members) for one, members in ASKING.items()}
    all_seen = Sight(frozenset(fields), fields)
    seen = {"complete": all_seen.types, "sight": {CHILD: all_seen}}
    assert silent(CHECK, says_neither=True, **seen).never_asked is not None
    assert silent(CHECK, **seen).never_asked is None
    assert silent(replace(CHECK, organisation=None), says_neither=True, **seen).never_asked is None
    for unseen in ASKING:
        less = Sight(frozenset(fields), {one: kept for one, kept in fields.items() if one != unseen})
        less = replace(less, types=less.types - {unseen})
        found = silent(CHECK, says_neither=True, complete=less.types, sight={CHILD: less})
        assert found.never_asked is None
