"""Entries that know their places say the same as a plain tuple, with one of them left out too."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.pathway.child import enrolled, excluded_incidents, in_role, incidents
from hub.pathway.course import standing_levels
from hub.pathway.entries import Entries, Entry, Material, by_key, said
from hub.pathway.fields import given_of, of_type
from tests.spec.posts import OAK, S, post

TYPES = ("incident-recorded", "behaviour-level-assessed", "relationship-recorded", "child-stream-opened")
ROLES = ("has-harmed", "has-been-harmed")

ROWS = st.lists(
    st.tuples(
        st.sampled_from(TYPES), st.sampled_from(ROLES), st.sampled_from(("alleged", "withdrawn")),
        st.sampled_from(("2025-09-01 09:00", "2025-09-02 09:00")), st.booleans(),
    ),
    max_size=7,
)  # fmt: skip


def made(rows: list[tuple[str, str, str, str, bool]]) -> list[Entry]:
    found = []
    for place, (type_, role, status, time, awaiting) in enumerate(rows):
        data = {"role": role, "status": status, "kind": "enrolled", "organisation": OAK, "schools": [OAK]}
        one = post(f"e{place}", time, S, "c", type_, data)
        found.append(replace(one, position=-place, awaiting=("police",) if awaiting else ()))
    return found


def told(entries: tuple[Entry, ...]) -> list[object]:
    """What is asked of entries, plain or not."""
    day = post("d", "2025-09-09 09:00", S, "c", "x").recorded_at.date()
    return [
        *(of_type(entries, one) for one in TYPES), of_type(entries, *TYPES),
        *(given_of(entries, one) for one in TYPES),
        *(said(entries, one) for one in TYPES), said(entries, *TYPES), dict(by_key(entries)),
        incidents(entries), *(in_role(entries, one) for one in ROLES), excluded_incidents(entries),
        standing_levels(entries), enrolled(entries, day), list(entries),
    ]  # fmt: skip


@pytest.mark.req("H-20")
@settings(max_examples=40, deadline=None)
@given(rows=ROWS, order=st.booleans())
def test_entries_with_one_left_out_are_as_if_it_had_never_been_there(rows, order):
    plain = made(rows)
    kept = Entries(plain)
    if order:
        told(kept)  # What was asked of all of them before is no answer about those that are left.
    assert told(kept) == told(tuple(plain))
    for one in plain:
        rest = tuple(each for each in plain if each is not one)
        assert told(kept.without(one)) == told(rest)
        assert told(kept.without(replace(one, data={}))) == told(rest)
        again = kept.without(one).without(plain[0])
        assert told(again) == told(tuple(each for each in rest if each is not plain[0]))
    stranger = post("another", "2025-09-01 09:00", S, "c", TYPES[0])
    assert told(kept.without(stranger)) == told(tuple(plain))
    material = Material("c", tuple(plain), complete=frozenset(TYPES), says_neither=True, authority=S)
    for one in plain[:1]:
        assert material.without(one) == replace(material, entries=tuple(plain[1:]))


def test_entries_that_know_their_places_are_not_made_anew():
    kept = Entries(made([(TYPES[0], ROLES[0], "alleged", "2025-09-01 09:00", False)]))
    assert Entries.over(kept) is kept and Entries.over(tuple(kept)) == kept
