"""R-067: linked children have different allocated social workers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from hub.pathway.calendar import london_day
from hub.pathway.child import WORKER, allocated_worker
from hub.pathway.entries import Entry
from hub.pathway.fields import of_type, text
from hub.pathway.gates.gate import Case, Gate, Refusal


def same_worker(case: Case) -> bool:
    """Whether the worker is allocated to a linked child now, where the profile asks for different ones.

    An enquiry worker is another basis and may work with both (D-29).
    """
    worker = text(case.posted, "worker")
    if text(case.posted, "kind") != "allocated" or worker is None or not _asked_for(case):
        return False
    today = london_day(case.now)
    return any(allocated_worker(entries, today) == worker for entries in case.fold.linked.values())


def _asked_for(case: Case) -> bool:
    profile = case.deciders_profile
    if profile is None or profile.different_social_worker.value == "always":
        return True
    if len(case.fold.linked) > 1:
        return True
    return _meets(case.fold.entries) and any(_meets(one) for one in case.fold.linked.values())


def _meets(entries: Iterable[Entry]) -> bool:
    meetings = of_type(entries, "meeting-convened", "meeting-held")
    return any(text(one, "kind") == "strategy" for one in meetings)


DIFFERENT_WORKER: Final = Gate(
    name="DIFFERENT-WORKER",
    refusal=Refusal(
        rule="R-067",
        force="SHOULD",
        source="S5 s.8; S3 s.4",
        text="This social worker is allocated to a linked child; each child has a different one.",
        fix="Allocate another social worker, or let a team manager override this with a reason.",
    ),
    types=frozenset({"social-worker-allocated"}),
    refuses=same_worker,
    reads=frozenset({*WORKER, "child-stream-opened", "meeting-convened", "meeting-held"}),
)
GATES: Final = (DIFFERENT_WORKER,)
