"""A decision on a child about whom others post all the time is taken all the same."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.unit.intake.world import C1001_NHS, ELM, N_CSC, World

TIME = "2025-09-12T15:25:00+01:00"


def opened(world: World) -> None:
    data = {"identifiers": [C1001_NHS], "responsible_authority": N_CSC}
    world.post(N_CSC, "child-stream-opened", C1001_NHS, "2025-09-12T15:00:00+01:00", **data)


@pytest.mark.req("R-067", "H-03")
@pytest.mark.parametrize("subject", [C1001_NHS, f"local:{ELM}:never-heard-of"])
def test_a_decision_is_not_put_off_for_ever_by_other_posts(
    world: World, monkeypatch: pytest.MonkeyPatch, subject: str
) -> None:
    """Each time that the decision has been judged, somebody posts: about the child, or of an unknown one."""
    opened(world)
    judge = world.intake._judging.judge
    others: list[threading.Thread] = []
    landed: list[bool] = []
    number = iter(range(1000))

    def interfere(post: Any, *rest: Any) -> Any:
        result = judge(post, *rest)
        if post.valid.type.name == "social-worker-allocated":
            about = subject if subject == C1001_NHS else f"{subject}-{next(number)}"
            event = world.event(ELM, "referral-made", about, TIME, {"target": "csc"})
            other = threading.Thread(target=world.send, args=(event,))
            other.start()
            other.join(0.5)
            others.append(other)
            landed.append(not other.is_alive())
        return result

    decision = {"kind": "allocated", "worker": f"{N_CSC}/sw-n1"}
    event = world.event(N_CSC, "social-worker-allocated", C1001_NHS, TIME, decision)
    monkeypatch.setattr(world.intake._judging, "judge", interfere)
    assert world.send(event).status == 201
    # In its turn the others waited; they lost nothing by it.
    assert landed[:3] == [True, True, True] and landed[-1] is False and len(landed) <= 5
    for other in others:
        other.join(10)
        assert not other.is_alive()
    kept = [one for one in world.record.log(0, 1000) if "referral-made" in one.type]
    assert len(kept) == len(landed)
