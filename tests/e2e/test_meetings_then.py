"""A child as the record had it at a position: what a replay folds, whatever was posted or joined since."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agencies.scenarios import variant
from hub.cli.demo_world import REVIEWER
from hub.errors import HubError
from tests.support.scenario import SCENARIO
from tests.support.simulated import one_more, simulated

(CORRECTION,) = variant("scenario-a", "corrected")
(RETRACTION,) = variant("scenario-a", "retracted")
STRANGER = "local:education.oak-school:x-9"


@pytest.mark.req("R-133", "H-02", "H-06", "H-07")
def test_a_child_folds_as_it_stood_after_corrections_retractions_names_and_joins(tmp_path: Path) -> None:
    """1. Oak names a child that nobody knows. 2. Later posts about it, and a join, make it another child.

    3. Corrections and retractions change entries of then. 4. The fold of then is what it was.
    """
    with simulated(tmp_path / "hub") as hub:
        hub.play(SCENARIO.posts)
        named = one_more(
            "X-named", "A19", "incident-recorded", "2025-11-20T12:10:00+00:00",
            role="has-harmed", status="alleged", others=[{"ref": STRANGER, "role": "has-been-harmed"}],
        )  # fmt: skip
        hub.post(named.event)  # 1
        views = hub.hub.views
        before = {child: views.child(child) for child in hub.children.values()}
        position = hub.hub.store.record.head().position
        about_it = one_more(
            "X-about", "A19", "incident-recorded", "2025-11-20T12:20:00+00:00",
            role="has-been-harmed", status="alleged",
        )  # fmt: skip
        stranger = hub.post(replace(about_it.event, subject=STRANGER))  # 2
        assert stranger.status == 201
        reviewer = hub.hub.store.directory.principal_for_person(REVIEWER)
        [waiting] = [one for one in hub.hub.intake.queue(reviewer) if one.get("reference") == STRANGER]
        provisional = str(waiting["provisional"])
        between = hub.hub.store.record.head().position
        unjoined = {child: views.child(child) for child in hub.children.values()}
        hub.hub.intake.resolve(reviewer, provisional, hub.children["C-1001"])
        for one in (CORRECTION, RETRACTION):  # 3
            hub.post(one.event)
        now = {child: views.child(child) for child in hub.children.values()}
        assert all(now[child] != before[child] for child in before), "the comparison can fail"
        for child, view in before.items():  # 4
            assert views.then(position).child(child) == view
            assert views.then(between).child(child) == unjoined[child]
            assert views.then(hub.hub.store.record.head().position).child(child) == now[child]
        assert views.then(between).child(provisional).child == provisional
        with pytest.raises(HubError):
            views.then(position).child(provisional)
