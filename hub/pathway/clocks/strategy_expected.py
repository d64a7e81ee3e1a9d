"""K-04: a strategy meeting is expected where the local procedure sets no hours for it.

Source: R-078, S5 s.6, S5 s.9, Q-05
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from hub.pathway.child import incidents
from hub.pathway.circumstances import happened_from, held
from hub.pathway.clocks.clock import Clock, Run, looking, owed, reads, stated
from hub.pathway.course import earliest
from hub.pathway.entries import Deadline, Entry, Material
from hub.pathway.fields import given_of, instant_of, of_type, text
from hub.pathway.profiles import ProfileOf, convening_authority

CLOCK: Final = Clock(
    id="K-04",
    requirement="R-078",
    source="S5 s.6; S5 s.9",
    open="Significant harm is suspected or police investigate: a strategy meeting follows.",
    met="The strategy meeting was held.",
)


def strategy_expected(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[Deadline, ...]:
    """K-04: from the suspicion of significant harm, or the police decision, to the meeting that was held.

    1. Only under the procedure of the convening authority, and where that sets no hours: where it does,
       K-01 counts them.
    2. A meeting on the same matter counts though the suspicion was written down after it.
    3. No document gives a figure: it asks for attention at once and stays.
    """
    if not reads(material, meeting_convened=("kind",), meeting_held=("kind",)):
        return ()
    look = looking(material, now, profile_of)
    entries = look.material.entries
    convened = [one for one in given_of(entries, "meeting-convened") if text(one, "kind") == "strategy"]
    met = held(entries, "strategy")
    convenor = convening_authority(material, material.child, convened, met)
    profile = profile_of(convenor) if convenor else None
    if profile is None or profile.strategy_clock is not None:  # 1.
        return ()
    start = earliest(
        one
        for one in of_type(
            entries,
            "section-47-enquiry-initiated", "referral-outcome-decided", "criminal-investigation-decided",
        )
        if _expects(one)
    )  # fmt: skip
    if start is None:
        return ()
    first = min((happened_from(one) for one in incidents(entries)), default=instant_of(start))
    since = min(first, instant_of(start))  # 2.
    arranged = next((one for one in convened if instant_of(one) >= since), None)
    times = {}
    if arranged is not None:
        times = {"arranged_at": instant_of(arranged), "arranged_as_received_at": arranged.received_at}
    run = Run(
        (start,), instant_of(start), met=next((one for one in met if instant_of(one) >= since), None),
        responsible=owed(look), warn_at=instant_of(start), times=times,  # 3.
        more=(arranged,) if arranged is not None else (),
    )  # fmt: skip
    return (stated(look, CLOCK, run),)


def _expects(entry: Entry) -> bool:
    if entry.type == "referral-outcome-decided":
        return text(entry, "outcome") == "strategy"
    return entry.type == "section-47-enquiry-initiated" or text(entry, "decision") == "investigate"
