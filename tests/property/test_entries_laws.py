"""Entries that know their places give what a plain list gives, and what rules share is made once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.pathway.entries import Entries
from hub.pathway.expected import invitations, open_items
from hub.pathway.fields import as_given, first_of, of_type, organisation_kind
from hub.pathway.meetings import meetings_of
from tests.spec import scenario_a as a
from tests.spec.judging import fold
from tests.spec.posts import profile_of

WHOLE = fold(a.HAS_HARMED, "2025-11-19 10:00")
TYPES = sorted({one.type for one in WHOLE.entries})
QUICK = settings(max_examples=100, deadline=None)


@pytest.mark.req("R-147")
@QUICK
@given(
    chosen=st.lists(st.sampled_from(WHOLE.entries), max_size=40),
    types=st.lists(st.sampled_from([*TYPES, "no-such-type"]), max_size=4),
    awaiting=st.sets(st.integers(0, 39)),
)
def test_looking_by_type_gives_what_looking_at_each_gives(chosen, types, awaiting):
    entries = [
        replace(one, awaiting=("police",)) if place in awaiting else one for place, one in enumerate(chosen)
    ]
    known = Entries(entries)
    for _ in range(2):
        assert of_type(known, *types) == of_type(entries, *types)
    assert known == tuple(entries)
    assert as_given(of_type(known, *types)) == as_given(of_type(entries, *types))
    assert meetings_of(known) == meetings_of(entries) == meetings_of(known)


@QUICK
@given(
    chosen=st.lists(st.sampled_from(WHOLE.entries), max_size=40, unique_by=lambda one: one.key),
    withheld=st.sets(st.integers(0, 39)),
    left_out=st.sampled_from(WHOLE.entries),
    kind=st.sampled_from(["police", "social-care", "education", "no-such-kind"]),
)
def test_looking_by_poster_gives_what_looking_at_each_gives(chosen, withheld, left_out, kind):
    entries = [replace(one, organisation=None) if n in withheld else one for n, one in enumerate(chosen)]
    rest = [one for one in entries if one.key != left_out.key]
    for known, plain in ((Entries(entries), entries), (Entries(entries).without(left_out), rest)):
        expected = [one for one in plain if organisation_kind(one.organisation) == kind]
        found = list(known.posted_by(kind))
        assert sorted(found, key=plain.index) == expected
        assert first_of(found) == first_of(expected) if expected else not found


@pytest.mark.req("R-127", "R-128", "R-135", "R-136")
def test_a_convenors_list_is_made_once_for_all_the_rules_that_read_it(monkeypatch):
    made = []
    make = invitations.invitees_of
    monkeypatch.setattr(
        invitations, "invitees_of", lambda *given, **more: made.append(given[0]) or make(*given, **more)
    )
    whole = replace(WHOLE, complete=None)
    found = open_items(whole, now=a.END, profile_of=profile_of)
    held = {one.kind for one in meetings_of(whole.entries) if one.held}
    assert len(made) == len(held) > 0
    assert open_items(whole, now=a.END, profile_of=profile_of) == found
