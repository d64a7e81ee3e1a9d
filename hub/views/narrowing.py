"""Which events may take something away from somebody: without them a restored record would show too much."""

from __future__ import annotations

from typing import Final

NARROWING: Final = frozenset(
    {
        # What was posted is no longer shown, or no longer as it was.
        "event-corrected",
        "event-retracted",
        # A relationship ends, or another takes its place.
        "child-moved-area",
        "child-stream-opened",
        "closure-decided",
        "named-contact-appointed",
        "case-transfer-decided",
        "custody-release-notified",
        "mappa-notified",
        "nothing-known",
        "records-access-decided",
        "referral-outcome-decided",
        "relationship-ended",
        "relationship-recorded",
        "responsible-authority-recorded",
        "social-worker-allocated",
        "strategic-management-group-appointed",
        # The time begins after which those who enquire read no more.
        "criminal-investigation-decided",
        "criminal-outcome-recorded",
        "section-47-enquiry-concluded",
        # A wish not to share, or a consent that is withdrawn.
        "assessment-consent-recorded",
        "child-voice-recorded",
        # Who attends for one side reads that side only; who attended reads for a time after the meeting.
        "conference-held",
        "meeting-held",
        "separate-meetings-decided",
    }
)
"""Types that are named in the journal kept apart before they stand; a test holds them to what ends grants."""
