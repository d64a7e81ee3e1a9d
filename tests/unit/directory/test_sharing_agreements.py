"""Who may take people on: a table of what an organisation has, a day at a time, and what stays as it is."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.directory import Directory
from hub.directory.events import (
    OrganisationAdded,
    PersonAdded,
    PersonDisabled,
    ProfileAdopted,
    SharingAgreed,
    decode,
    encode,
    name_of,
)
from hub.directory.sharing import lapsing_bases, refuse_new_people, standing
from hub.directory.state import DirectoryState, fold
from hub.errors import HubError
from tests.unit.directory.conftest import NOW

CSC, SCHOOL, LEAD = "social-care.n-csc", "education.elm-school", "education.elm-school/dsl-1"
TODAY = date(2026, 3, 2)
PLACES = (OrganisationAdded(CSC, "social-care", "N", CSC), OrganisationAdded(SCHOOL, "education", "Elm", CSC))
OWN, AREAS = ProfileAdopted(SCHOOL, "llr-2024"), ProfileAdopted(CSC, "llr-2024")
DISABLED = (PersonAdded(LEAD), PersonDisabled(LEAD))


def signed(since: int, until: int, reference: str = "A-1") -> SharingAgreed:
    """An agreement from so many days after today until so many."""
    first, last = TODAY + timedelta(days=since), TODAY + timedelta(days=until)
    return SharingAgreed(SCHOOL, reference, first.isoformat(), last.isoformat(), LEAD)


def found(*events):
    return standing(fold(DirectoryState(), (*PLACES, *events)), SCHOOL, TODAY)


@pytest.mark.req("R-197")
@pytest.mark.parametrize(
    ("events", "lacks", "covered"),
    [
        ((), ("agreement", "procedure"), None),
        ((OWN,), ("agreement",), None),
        ((signed(0, 0),), ("procedure",), 0),
        ((signed(0, 0), OWN), (), 0),
        ((signed(0, 0), AREAS), (), 0),
        ((signed(-400, -1), OWN), ("lapsed",), None),
        ((signed(1, 400), OWN), ("begins-later",), None),
        ((signed(-400, -1), signed(1, 400, "A-2"), OWN), ("begins-later",), None),
        ((signed(-400, 10), signed(11, 400, "A-2"), OWN), (), 400),
        ((signed(-400, 10), signed(12, 400, "A-2"), OWN), (), 10),
        ((signed(-400, 10), signed(-3, 5, "A-2"), OWN), (), 10),
        ((signed(-400, 10), signed(-400, -1), OWN), ("lapsed",), None),
        ((signed(-1, 1), OWN, *DISABLED), ("lead",), 1),
        ((signed(-1, 1), OWN, PersonAdded(LEAD)), (), 1),
        ((signed(-400, -1), *DISABLED), ("lapsed", "lead", "procedure"), None),
    ],
    ids=str,
)
def test_r197_what_an_organisation_lacks_to_take_people_on(events, lacks, covered):
    here = found(*events)
    assert here.lacks == lacks
    assert here.until == (None if covered is None else TODAY + timedelta(days=covered))
    state = fold(DirectoryState(), (*PLACES, *events))
    if not lacks:
        refuse_new_people(state, SCHOOL, TODAY)
        return
    with pytest.raises(HubError) as refused:
        refuse_new_people(state, SCHOOL, TODAY)
    assert (refused.value.slug, refused.value.rule) == ("gate", "H-12")
    assert len(here.words) == len(lacks) and all(one in refused.value.detail for one in here.words)
    assert all(one in refused.value.detail for one in here.mended_by)
    assert "hub organisation" in refused.value.detail and SCHOOL not in refused.value.detail


@pytest.mark.parametrize(
    ("left", "days", "shown"), [(30, 30, False), (29, 30, True), (0, 30, True), (0, 0, False)]
)
def test_a_lapse_is_shown_so_many_days_before_it_bites(left, days, shown):
    assert found(signed(-1, left), OWN).lapses_within(TODAY, days) is shown
    assert not found(OWN).lapses_within(TODAY, days), "what is not in force does not lapse any more"


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(0, 9)), max_size=5))
def test_the_days_covered_are_those_that_some_agreement_covers_without_a_gap(spans):
    events = [signed(since, since + length, f"A-{n}") for n, (since, length) in enumerate(spans)]
    days = {since + day for since, length in spans for day in range(length + 1)}
    last = next((day - 1 for day in range(30) if day not in days), None)
    covered = found(*events).until
    assert covered == (None if 0 not in days else TODAY + timedelta(days=last))


@pytest.mark.req("H-06")
def test_records_of_before_agreements_fold_as_they_did():
    old = b'{"organisation":"education.elm-school","profile":"llr-2024","recorded_at":"2025-01-01T00:00:00Z"}'
    assert decode("profile-adopted", old) == OWN
    basis = (
        b'{"organisation":"education.elm-school","purpose":"education-safety","lawful_basis":"b",'
        b'"reference":"r","recorded_at":"2025-01-01T00:00:00Z"}'
    )
    state = fold(DirectoryState(), (*PLACES, PersonAdded(LEAD), decode("agreement-recorded", basis)))
    assert state.people[LEAD].active and state.sharing == {}
    (agreement,) = state.agreements.values()
    assert agreement.covers(TODAY) and agreement.covers(date(1999, 1, 1))
    again = signed(0, 1)
    assert decode(name_of(again), encode(again, NOW)) == again
    with pytest.raises(KeyError):
        decode("sharing-agreed", b'{"organisation":"education.elm-school","reference":"r"}')


@pytest.fixture
def directory(record, clock):
    made = Directory(record, clock)
    made.add_organisation(CSC, "N")
    made.add_organisation(SCHOOL, "Elm", CSC)
    return made


def refused(act):
    with pytest.raises(HubError) as refusal:
        act()
    return refusal.value


@pytest.mark.req("R-197")
def test_nobody_is_taken_on_and_no_role_given_outside_an_agreement_and_everything_else_goes_on(
    directory,
    clock,
):
    assert refused(lambda: directory.add_person(LEAD, ("designated-safeguarding-lead",))).slug == "gate"
    assert directory.person(LEAD) is None
    directory.grant_role(SCHOOL, "witness")
    directory.adopt_profile(CSC, "llr-2024")
    directory.agree_sharing(SCHOOL, "A-1", TODAY + timedelta(days=9), LEAD)
    directory.add_person(LEAD, ("designated-safeguarding-lead",))
    clock.now = NOW + timedelta(days=10)
    assert refused(lambda: directory.add_person(f"{SCHOOL}/new-1")).slug == "gate"
    assert refused(lambda: directory.grant_role(LEAD, "meeting-chair")).slug == "gate"
    assert directory.roles(LEAD) == {"designated-safeguarding-lead"}, "who is there goes on"
    assert directory.principal_for_person(LEAD).person == LEAD
    directory.end_role(LEAD, "designated-safeguarding-lead")
    directory.agree_sharing(SCHOOL, "A-2", TODAY + timedelta(days=400), LEAD)
    # It is ended: the same reference again, which began when it began.
    clock.now = NOW + timedelta(days=20)
    directory.agree_sharing(SCHOOL, "A-2", TODAY + timedelta(days=15), LEAD)
    assert directory.standing(SCHOOL).lacks == ("lapsed",)
    directory.agree_sharing(SCHOOL, "A-2", TODAY + timedelta(days=400), LEAD)
    assert directory.standing(SCHOOL).agreement.since == TODAY + timedelta(days=10)
    directory.grant_role(LEAD, "meeting-chair")
    assert directory.roles(LEAD) == {"meeting-chair"}


@pytest.mark.req("R-197")
def test_an_agreement_names_one_of_the_organisations_own_people_and_ends_after_it_begins(directory):
    later = TODAY + timedelta(days=9)
    for act, slug in (
        (lambda: directory.agree_sharing(SCHOOL, "A-1", later, f"{CSC}/tm-1"), "schema"),
        (lambda: directory.agree_sharing(SCHOOL, "A-1", TODAY - timedelta(days=1), LEAD), "schema"),
        (lambda: directory.agree_sharing(SCHOOL, " ", later, LEAD), "schema"),
        (lambda: directory.agree_sharing("police.nowhere", "A-1", later, "police.nowhere/p-1"), "not-found"),
        (lambda: directory.standing("police.nowhere"), "not-found"),
    ):
        assert refused(act).slug == slug
    assert directory.refresh().sharing == {}


@pytest.mark.req("H-12")
def test_a_basis_counts_from_its_first_day_to_its_last_and_its_lapse_is_shown(directory, clock):
    directory.record_agreement(
        SCHOOL, "education-safety", "picked", "A-1", TODAY + timedelta(days=1), TODAY + timedelta(days=40)
    )

    def basis(day: int):
        clock.now = NOW + timedelta(days=day)
        return directory.lawful_basis(SCHOOL, "education-safety")

    assert [basis(day) for day in (0, 1, 40, 41)] == [None, "picked", "picked", None]
    state = directory.refresh()
    shown = [len(lapsing_bases(state, SCHOOL, TODAY + timedelta(days=day), 30)) for day in (0, 10, 11, 41)]
    assert shown == [0, 0, 1, 1]
    assert lapsing_bases(state, CSC, TODAY + timedelta(days=41), 30) == ()
