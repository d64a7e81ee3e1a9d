"""From the words of a school's safeguarding log to the codes of the schemas."""

from __future__ import annotations

from typing import Final

from agencies.sdk.native import Codes

HOW_SURE: Final = Codes(
    {
        "Exact time": "exact",
        "Exact day": "day",
        "About that day": "about-day",
        "Month only": "month",
        "Year only": "year",
        "Before": "before",
        "After": "after",
    }
)
ROLES: Final = Codes(
    {"Harmed someone": "has-harmed", "Was harmed": "has-been-harmed", "Mentioned": "mentioned"}
)
STATUSES: Final = Codes(
    {
        "Alleged": "alleged",
        "Pupil acknowledges": "acknowledged",
        "Established": "established",
        "Found not to have happened": "not-established",
        "Taken back": "withdrawn",
    }
)
TAGS: Final = Codes(
    {
        "Between pupils": "peer-on-peer",
        "Words or comments": "language",
        "Without contact": "non-contact",
        "With contact": "contact",
        "Online or phone": "technology-assisted",
        "Not known yet": "not-yet-known",
    }
)
WHERE: Final = Codes(
    {
        "School building": "school",
        "School bus": "transport",
        "At home": "home",
        "Club": "club",
        "Online": "online",
        "Out and about": "public-place",
    }
)
PERSONS_HARMED: Final = Codes(
    {"Child": "child", "Adult": "adult", "Adult needing care": "adult-in-need-of-safeguarding"}
)
CERTAINTY: Final = Codes(
    {"Yes": "established", "Said": "alleged", "No": "not-established", "Not known": "unknown"}
)
ACCOUNTS: Final = Codes(
    {
        "Pupil told us": "first-hand",
        "Told by someone the pupil told": "second-hand",
        "Told by someone else": "third-party",
        "Came upon it": "discovery",
        "A friend told us": "friend-report",
        "Overheard": "overheard",
        "Change in behaviour": "behaviour-observed",
    }
)
PARTS: Final[dict[str, int]] = {"Pupil harmed": 1, "Other pupil": 2, "School community": 3}
MEASURES_FOR: Final = Codes(
    {
        "This pupil": "child",
        "School": "school",
        "Home": "home",
        "Bus": "transport",
        "Club": "club",
        "Everyone": "everyone",
    }
)
MEASURES: Final = Codes(
    {
        "Adult supervision": "supervision",
        "Travels apart": "separate-travel",
        "Rooms apart": "separate-spaces",
        "No contact": "no-contact",
        "Arrival and leaving": "arrival-and-leaving",
        "Online supervised": "online-supervised",
        "Staff told": "staff-informed",
        "Ask the worker": "ask-the-worker",
    }
)
SENT_TO: Final = Codes(
    {
        "Children's services": "csc",
        "Adult services": "adult-social-care",
        "Specialist service": "hsb-service",
        "Panel": "decision-panel",
        "Early help": "early-help",
        "Police": "police",
        "Other": "other",
    }
)
SCALES: Final = Codes({"Five-step": "hackett-5", "Four-step": "darlington-4"})
RATINGS: Final = Codes(
    {
        "Expected": "normal",
        "Healthy": "healthy",
        "Inappropriate": "inappropriate",
        "Problematic": "problematic",
        "Abusive": "abusive",
        "Violent": "violent",
    }
)
SIGNS: Final = Codes(
    {
        "Once only": "hackett-inappropriate-single-instance",
        "Wrong place or moment": "hackett-inappropriate-wrong-context",
        "Worrying": "hackett-problematic-concerning",
        "Unusual for age": "hackett-problematic-unusual-for-age",
        "Consent unclear": "hackett-problematic-consent-unclear",
        "Unequal": "hackett-problematic-unequal",
    }
)
TOPICS: Final = Codes(
    {
        "The incident": "incident",
        "Programme of work": "programme",
        "Right to advice": "legal-advice",
        "Police matters ended": "end-of-criminal-matters",
    }
)
OUTCOMES: Final = Codes({"Told": "informed", "Not told yet": "withheld"})
TOLD: Final = Codes({"Parent": "parent", "Carer": "carer", "Mother": "mother", "Father": "father"})
WITHDRAWN_BECAUSE: Final = Codes(
    {
        "Wrong pupil": "wrong-child",
        "Logged in error": "entered-in-error",
        "May not be shared": "not-disclosable",
    }
)
