"""H-16: a child whose only worker has left shows as such, to whom the sharing rules allow to see it."""

from __future__ import annotations

import pytest

from hub.pathway.entries import Entry
from hub.pathway.expected import open_items
from hub.views import whole_material
from tests.spec.posts import all_of
from tests.spec.relationship_folds import S_CSC, X_CSC, Story, at

WORKER = f"{S_CSC}/sw-1"


def told(*steps: str) -> list[tuple[str | None, list[str]]]:
    """Whom the item names, and on what it rests, after the steps were taken in turn."""
    story = Story()
    story.opened()
    for number, step in enumerate(steps):
        time = f"2025-10-{number + 1:02d} 09:00"
        match step:
            case "allocated" | "enquiry":
                story.post(time, S_CSC, "social-worker-allocated", kind=step, worker=WORKER)
            case "until":
                more = {"kind": "allocated", "worker": WORKER, "until": "2025-10-20"}
                story.post(time, S_CSC, "social-worker-allocated", **more)
            case "ended" | "ended-later":
                day = {"at": "2025-12-01"} if step == "ended-later" else {}
                end = {"kind": "allocated", "organisation": S_CSC, "person": WORKER, **day}
                story.post(time, S_CSC, "relationship-ended", **end)
            case "told":
                story.moves(time, S_CSC, "notified", S_CSC, X_CSC)
            case "taken":
                story.moves(time, X_CSC, "acknowledged", S_CSC, X_CSC)
            case "new":
                worker = {"kind": "allocated", "worker": f"{X_CSC}/sw-9"}
                story.post(time, X_CSC, "social-worker-allocated", **worker)
            case "closed":
                story.post(time, S_CSC, "closure-decided", closes="case")
    view = story.view
    found = open_items(whole_material(view, {}), now=at("2025-11-20 12:00"), profile_of=all_of("llr-2024"))
    types: dict[object, Entry] = {one.key: one for one in view.entries}
    return [
        (one.agency, [types[key].type for key in one.evidence])
        for one in found
        if one.rule == "H-16-no-worker"
    ]


ALLOCATION, END, MOVE = "social-worker-allocated", "relationship-ended", "child-moved-area"


@pytest.mark.req("H-16", "R-157")
@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((), []),
        (("enquiry",), []),
        (("allocated",), []),
        (("allocated", "ended"), [(S_CSC, [ALLOCATION, END])]),
        (("allocated", "ended-later"), []),
        (("allocated", "ended", "allocated"), []),
        (("allocated", "ended", "enquiry"), [(S_CSC, [ALLOCATION, END])]),
        (("until",), [(S_CSC, [ALLOCATION])]),
        (("until", "allocated"), []),
        (("allocated", "told"), []),
        (("allocated", "told", "taken"), [(X_CSC, [ALLOCATION, MOVE])]),
        (("allocated", "taken"), []),
        (("allocated", "told", "taken", "new"), []),
        (("allocated", "ended", "closed"), []),
    ],
    ids=lambda one: "-".join(one) if one and isinstance(one, tuple) else None,
)
def test_a_child_whose_worker_left_shows_as_without_one(
    steps: tuple[str, ...], expected: list[tuple[str | None, list[str]]]
) -> None:
    assert told(*steps) == expected
