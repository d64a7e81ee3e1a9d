"""What a linked child's record does to the missed deadlines of this one: nothing that its readers see."""

from __future__ import annotations

from itertools import combinations

import pytest

from hub.pathway.entries import Entry
from hub.ticker import falling_due
from hub.views import ChildView
from tests.spec.posts import ELM, POLICE, N, at, material, post, profile_of

OWN, LINKED = "own", "linked"
NOW = "2025-10-20 12:00"
HARMED, HAS_HARMED = "has-been-harmed", "has-harmed"


def p(name: str, time: str, type_: str, by: str = N, **data: object) -> Entry:
    return post(name, f"{time} 10:00", by, name.partition("-")[0], type_, data)


def incident(name: str, time: str, role: str) -> Entry:
    return p(name, time, "incident-recorded", ELM, role=role, status="alleged")


def referral(name: str, time: str) -> Entry:
    return p(name, time, "referral-made", POLICE, target="csc")


def arranged(name: str, time: str) -> Entry:
    return p(name, time, "meeting-convened", kind="strategy", chair_authority=N)


def held(name: str, time: str) -> Entry:
    return p(name, time, "meeting-held", kind="strategy")


def opened(child: str) -> Entry:
    return p(f"{child}-opened", "2025-08-01", "child-stream-opened", responsible_authority=N,
             date_of_birth="2012-01-01")  # fmt: skip


def view(child: str, *posts: Entry) -> ChildView:
    ordered = material(child, (opened(child), *posts)).entries
    return ChildView(
        child=child, provisional=False, streams=(child,), entries=ordered, grants=(), authority=N, area=N,
        schools=(), date_of_birth=None, openings=(), linked=frozenset({OWN, LINKED} - {child}),
        link_entries=(), head=len(ordered), known={},
    )  # fmt: skip


def missed(own: ChildView, linked: ChildView | None) -> dict[str, set[str]]:
    """The due day of each missed K-01, with the events it rests on."""
    others = {linked.child: linked} if linked is not None else {}
    found = falling_due(own, others, now=at(NOW), profile_of=profile_of).missed
    return {str(one.due.date()): {key.id for key in one.evidence} for one in found if one.clock == "K-01"}


# Each: this child's record; the record of the child it is linked to.
IN_TIME = (incident("own-i", "2025-09-01", HAS_HARMED), held("own-h", "2025-09-03"))
STORIES = {
    "the linked child is the one who has harmed": (
        (incident("own-i", "2025-09-01", HARMED), referral("own-r", "2025-09-01")),
        (incident("linked-i", "2025-09-01", HAS_HARMED), held("linked-h", "2025-09-02")),
    ),
    # Counted from the linked child's notice, the meeting of 4 September is that of the second course.
    "the linked child's notice moves a meeting to another course": (
        (
            *IN_TIME, arranged("own-c", "2025-09-04"), referral("own-r", "2025-09-05"),
            incident("own-i2", "2025-09-06", HAS_HARMED), referral("own-r2", "2025-09-06"),
            held("own-h2", "2025-10-01"),
        ),
        (incident("linked-i", "2025-09-01", HARMED), referral("linked-r", "2025-09-01")),
    ),
    # On its own record alone the meeting of 3 September is what the notice of 8 September led to.
    "the linked child's notice begins a second course": (
        (held("own-h", "2025-09-03"), incident("own-i", "2025-09-05", HAS_HARMED),
         referral("own-r", "2025-09-08")),
        (incident("linked-i", "2025-09-01", HARMED), referral("linked-r", "2025-09-01")),
    ),
    "the linked child's incident begins a second course": (
        (*IN_TIME, referral("own-r0", "2025-09-01"), referral("own-r", "2025-09-08")),
        (incident("linked-i", "2025-09-05", HARMED),),
    ),
    "the linked child's notice was the first": (
        (incident("own-i", "2025-09-01", HAS_HARMED), referral("own-r", "2025-09-05")),
        (incident("linked-i", "2025-08-30", HARMED), referral("linked-r", "2025-08-30")),
    ),
}  # fmt: skip


@pytest.mark.req("H-10", "H-20", "R-077")
@pytest.mark.parametrize("story", STORIES)
def test_whoever_reads_this_record_alone_finds_what_it_alone_gives(story: str) -> None:
    """Whatever stands on the linked record, and on no part of it; what else there is names some of it."""
    posts, others = STORIES[story]
    own = view(OWN, *posts)
    alone = missed(own, None)
    for count in range(len(others) + 1):
        for some in combinations(others, count):
            found = missed(own, view(LINKED, *some))
            told = {due: rests for due, rests in found.items() if not any("linked" in one for one in rests)}
            assert told == alone


@pytest.mark.req("H-20", "R-077")
@pytest.mark.parametrize(
    ("story", "alone", "more"),
    [
        ("the linked child is the one who has harmed", ["2025-09-04"], {}),
        ("the linked child's notice moves a meeting to another course", ["2025-09-09"], {}),
        ("the linked child's notice begins a second course", [], {"2025-09-11": {"linked-r"}}),
        ("the linked child's incident begins a second course", [], {"2025-09-11": {"linked-i"}}),
        ("the linked child's notice was the first", ["2025-09-08"], {"2025-09-02": {"linked-r"}}),
    ],
)
def test_the_stories_are_about_something(story: str, alone: list[str], more: dict[str, set[str]]) -> None:
    posts, others = STORIES[story]
    own = view(OWN, *posts)
    assert sorted(missed(own, None)) == alone
    found = missed(own, view(LINKED, *others))
    assert sorted(found) == sorted([*alone, *more])
    for due, needed in more.items():
        assert needed <= found[due]
