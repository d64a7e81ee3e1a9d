"""What is posted into one hub and not into the other, and from whom all of it is hidden whole.

The lists are worked out from the rules named beside them, not from what the hub does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from agencies.scenarios import PreparedPost, load_scenario
from agencies.sdk.build import AgencyEvent, about

POLICE_A, POLICE_B = "police.n-police", "police.s-police"
THIRD_CHILD = "nhs:9990300402"


def more(
    scenario: str, ref: str, like: str, type_: str, at: str, *, subject: str = "", **data: Any
) -> PreparedPost:
    """One more post of a scenario, by the poster and author of another and about the same child."""
    (model,) = (one for one in load_scenario(scenario).posts if one.ref == like)
    members = {"occurred_at": at, "precision": "exact", "author": model.event.data["author"], **data}
    event = AgencyEvent(
        model.organisation, ref, type_, subject or model.event.subject, datetime.fromisoformat(at), members
    )
    return replace(model, ref=ref, event=event, refused="")


def on_post(post: PreparedPost, type_: str, at: str, **data: Any) -> PreparedPost:
    """A correction or retraction of a post by its poster."""
    event = post.event
    named = about(event.organisation, event.record, event.type)
    members = {
        "occurred_at": at,
        "precision": "exact",
        "author": event.data["author"],
        "about": named,
        **data,
    }
    later = replace(
        event, record=f"{post.ref}-{type_}", type=type_, recorded_at=datetime.fromisoformat(at), data=members
    )
    return replace(post, ref=f"{post.ref}-{type_}", event=later)


@dataclass(frozen=True)
class Hidden:
    """Posts that are hidden whole from these callers; `seen_by` see something of them where named."""

    scenario: str
    posts: tuple[PreparedPost, ...]
    hidden_from: tuple[str, ...]
    seen_by: Mapping[str, str]


A, B, C = "scenario-a", "scenario-b", "scenario-c"
# D-05, D-18, D-35: of intelligence nobody here but the child's own worker has a pointer.
INTEL_2001 = more(
    A, "X-intel-2001", "A25", "adult-involvement-suspected", "2025-11-20T09:10:00+00:00",
    category="household-adult", status="suspected", narrative="CANARY-X An adult is looked into.",
)  # fmt: skip
CORRECTED = on_post(
    INTEL_2001, "event-corrected", "2025-11-20T09:12:00+00:00", reason="error",
    replacement={**INTEL_2001.event.data, "status": "established"},
)  # fmt: skip
# D-06, D-39: therapy, and that there is any, is its child's worker's and therapist's; enquiry worker and
# police are told that support was arranged.
THERAPY_2001 = more(
    A, "X-therapy-2001", "A27", "support-arranged", "2025-11-20T09:15:00+00:00",
    kind="therapy", provider="health.n-camhs", narrative="CANARY-X", start="2025-12-01",
    **{"for": "child"},
)  # fmt: skip
# H-02: posted in error and taken back before anybody read it.
IN_ERROR = more(
    A, "X-error", "A07", "incident-recorded", "2025-11-20T09:20:00+00:00", role="has-harmed",
    status="alleged", categories=["not-yet-known"], narrative="CANARY-X Of another child.",
)  # fmt: skip
# D-57: an entry for the child's own worker.
TREATED_2001 = more(
    A, "X-treated-2001", "A11c-2", "relationship-recorded", "2025-11-20T09:25:00+00:00",
    kind="treated", organisation="health.n-camhs", person="health.n-camhs/nurse-1",
)  # fmt: skip
# D-26: a child whom none of them has, who is said to have been with C-2001.
THIRD = more(
    A, "X-third", "A25", "initial-account-recorded", "2025-11-20T09:28:00+00:00", subject=THIRD_CHILD,
    source_type="first-hand", others=[{"ref": "nhs:9990200106", "role": "has-harmed"}],
    narrative="CANARY-X {{other:1}} was there.",
)  # fmt: skip
INTEL_1001 = more(
    A, "X-intel-1001", "A23", "adult-involvement-suspected", "2025-11-20T09:10:00+00:00",
    category="something nobody has heard of", narrative="CANARY-X",
)  # fmt: skip
THERAPY_1001 = more(
    A, "X-therapy-1001", "A05", "support-arranged", "2025-11-20T09:15:00+00:00",
    kind="counselling", provider="health.n-camhs", narrative="CANARY-X", start="2025-12-01",
    **{"for": "child"},
)  # fmt: skip
# D-04, D-41: a meeting to which neither school nor health came.
MEETING_1001 = more(
    A, "X-meeting-1001", "A13", "meeting-held", "2025-11-20T09:35:00+00:00", meeting="M8",
    kind="professionals", summary="CANARY-X",
    attendance=[{"organisation": one, "represents": False} for one in (POLICE_A, "social-care.n-csc")],
)  # fmt: skip
# D-40: oversight is told, and nobody else that oversight was told.
OVERSIGHT_1001 = more(
    A, "X-oversight-1001", "A05", "oversight-notified", "2025-11-20T09:40:00+00:00",
    target="safeguarding-unit",
)  # fmt: skip
TREATED_1001 = more(
    A, "X-treated-1001", "A11c-1", "relationship-recorded", "2025-11-20T09:25:00+00:00",
    kind="treated", organisation="health.n-camhs", person="health.n-camhs/nurse-1",
)  # fmt: skip
# D-55: a refused decision is in no chronology.
WRONG_ROOM = replace(load_scenario(A).variants["wrong-room"][0], refused="RIGHT-ROOM")
# D-35: however much police hold, the worker has one line, and has had it since the first.
INTEL_3001 = more(
    B, "X-intel-3001", "B13", "adult-involvement-suspected", "2025-11-07T10:10:00+00:00",
    category="household-adult", status="suspected", narrative="CANARY-X",
)  # fmt: skip
THERAPY_3001 = more(
    B, "X-therapy-3001", "B14", "support-arranged", "2025-11-07T10:15:00+00:00",
    kind="therapy", provider="health.n-camhs", narrative="CANARY-X", start="2025-12-01",
    **{"for": "child"},
)  # fmt: skip
INTEL_4001 = more(
    C, "X-intel-4001", "C11", "adult-involvement-suspected", "2025-10-15T10:10:00+01:00",
    category="household-adult", status="suspected", narrative="CANARY-X",
)  # fmt: skip

HIDDEN: dict[str, Hidden] = {
    "on C-2001": Hidden(
        A,
        (
            INTEL_2001, CORRECTED, THERAPY_2001, IN_ERROR,
            on_post(IN_ERROR, "event-retracted", "2025-11-20T09:21:00+00:00", reason="wrong-child"),
            TREATED_2001, THIRD,
        ),
        (
            "SW-1001", "Oak", "YJS", "SGU-S", "officer of Oak", "stranger", "system education.oak-school",
            "system education.far-school", "nobody",
        ),
        {"SW-2001": "C-2001", "POL": "C-2001"},
    ),
    "on C-1001": Hidden(
        A,
        (INTEL_1001, THERAPY_1001, MEETING_1001, OVERSIGHT_1001, TREATED_1001, WRONG_ROOM),
        (
            "SW-2001", "Elm", "HL-1001", "demo administrator", "identity reviewer",
            "system education.elm-school", "system social-care.s-csc",
        ),
        {"SW-1001": "C-1001", "ENQ": "C-1001"},
    ),
    "therapy on C-3001": Hidden(
        B, (INTEL_3001, THERAPY_3001), ("School3001", "SGU", "SW4", "FC1", "YOS", "HL"), {"SW3": "C-3001"}
    ),
    "more intelligence on C-3001": Hidden(
        B, (INTEL_3001,), ("SW3", "IRO", "FC2", "Ther"), {"ENQ": "C-3001"}
    ),
    "intelligence on C-4001": Hidden(
        C, (INTEL_4001,), ("SW5", "SW6", "Ash", "HV", "GP", "SGU", "EH"), {"TM": "C-4001"}
    ),
}  # fmt: skip
