"""D-17: the group appointed on one child's record sits for the children its link joins, and until when."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.pathway.entries import Other
from hub.views import Folded, Grant
from hub.views.relationships import grants_of
from tests.spec.relationship_folds import N_CSC, S_CSC, Story, area_of, at

POLICE = "police.s-police"
LEAD = f"{POLICE}/lead-1"
HERE, THERE = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"


def appoints(story: Story, by: str = S_CSC, link: str = "LK-1", day: int = 4, *members: str) -> None:
    seats = [{"organisation": one.partition("/")[0], "person": one} for one in members]
    story.post(
        f"2025-09-{day:02d} 09:00", by, "strategic-management-group-appointed", members=seats, link=link
    )


def naming(story: Story, other: str) -> Folded:
    """The fold of a story whose links name another child."""
    folded = story.folded
    named = (Other(1, None, "digest", other),)
    entries = tuple(
        replace(one, others=named) if one.type == "incident-linked" else one for one in folded.entries
    )
    return replace(folded, entries=entries)


def seats(here: Story, there: Story, time: str = "2025-09-10 12:00") -> set[str | None]:
    grants: tuple[Grant, ...] = grants_of(naming(here, THERE), {THERE: naming(there, HERE)}, area_of)
    return {one.person for one in grants if one.kind == "smg" and one.current(at(time))}


def pair(authority: str = S_CSC, linked_by: str = S_CSC, link: str = "LK-1") -> tuple[Story, Story]:
    """This child, of an authority, and a linked child of S children's social care."""
    here, there = Story(HERE, first=1000), Story(THERE)
    here.opened(authority)
    there.opened(S_CSC)
    here.post("2025-09-02 09:00", linked_by, "incident-linked", link=link)
    return here, there


@pytest.mark.req("D-17", "D-51", "G.00", "R-100")
@pytest.mark.parametrize(
    ("authority", "linked_by", "link", "by", "sits"),
    [
        pytest.param(S_CSC, S_CSC, "LK-1", S_CSC, True, id="D-17-the-set-of-one-authority"),
        pytest.param(N_CSC, N_CSC, "LK-1", S_CSC, False, id="D-51-another-authoritys-child"),
        pytest.param(S_CSC, S_CSC, "LK-2", S_CSC, False, id="D-17-another-link"),
        pytest.param(S_CSC, POLICE, "LK-1", S_CSC, False, id="G.00-linked-by-police-without-a-basis"),
        pytest.param(S_CSC, S_CSC, "LK-1", POLICE, False, id="G.00-appointed-by-police"),
        pytest.param(S_CSC, S_CSC, "LK-1", N_CSC, False, id="G.00-appointed-by-another-authority"),
    ],
)
def test_a_seat_for_the_linked_set(authority: str, linked_by: str, link: str, by: str, sits: bool) -> None:
    here, there = pair(authority, linked_by, link)
    appoints(there, by, "LK-1", 4, LEAD)
    assert seats(here, there) == ({LEAD} if sits else set())
    assert seats(here, there, "2025-09-04 08:59") == set()


@pytest.mark.req("D-17", "D-20", "D-24", "H-16")
@pytest.mark.parametrize("end", ["next", "recorded-here", "moved-here", "moved-there"])
def test_a_seat_in_the_set_ends(end: str) -> None:
    here, there = pair()
    appoints(there, S_CSC, "LK-1", 4, LEAD)
    match end:
        case "next":
            appoints(there, S_CSC, "LK-1", 6)
        case "recorded-here":
            ended = {"kind": "smg", "organisation": POLICE}
            here.post("2025-09-06 09:00", S_CSC, "relationship-ended", **ended)
        case moved:
            story = here if moved == "moved-here" else there
            story.moves("2025-09-05 09:00", S_CSC, "notified", S_CSC, N_CSC)
            story.moves("2025-09-06 09:00", N_CSC, "acknowledged", S_CSC, N_CSC)
    assert seats(here, there, "2025-09-06 08:59") == {LEAD}
    assert seats(here, there) == set()
