"""From the words of a social care case system to the codes of the schemas."""

from __future__ import annotations

from typing import Final

from agencies.sdk.native import Codes

ROLES: Final = Codes({"harmed": "has-harmed", "was harmed": "has-been-harmed", "mentioned": "mentioned"})
STATUSES: Final = Codes(
    {
        "alleged": "alleged",
        "acknowledged": "acknowledged",
        "substantiated": "established",
        "unsubstantiated": "not-established",
        "withdrawn": "withdrawn",
    }
)
CATEGORIES: Final = Codes(
    {
        "peer on peer": "peer-on-peer",
        "technology": "technology-assisted",
        "contact": "contact",
        "unclear": "not-yet-known",
    }
)
PLACES: Final = Codes(
    {
        "home address": "home",
        "school": "school",
        "transport": "transport",
        "club or activity": "club",
        "placement": "placement",
        "online group": "online-group",
        "training": "training",
    }
)
MEASURES: Final = Codes(
    {
        "supervised": "supervision",
        "travel apart": "separate-travel",
        "kept apart": "separate-spaces",
        "no contact": "no-contact",
        "start and end of day": "arrival-and-leaving",
        "online supervised": "online-supervised",
        "staff told": "staff-informed",
        "speak to worker": "ask-the-worker",
    }
)
MEASURES_FOR: Final = Codes({"child": "child", "travel": "transport", "bus": "transport", "all": "everyone"})
TARGETS: Final = Codes(
    {
        "other authority": "csc",
        "childrens services": "csc",
        "adults": "adult-social-care",
        "hsb service": "hsb-service",
        "panel": "decision-panel",
        "early help": "early-help",
        "police": "police",
    }
)
REFERRAL_OUTCOMES: Final = Codes(
    {
        "Strategy discussion": "strategy",
        "Assessment": "assessment",
        "Early help": "early-help",
        "Universal services": "universal",
        "No further action": "none",
    }
)
YES_NO: Final = Codes({"Yes": "yes", "No": "no", "Not known": "unknown"})
ALLOCATIONS: Final = Codes({"Case worker": "allocated", "Enquiry worker": "enquiry"})
INVOLVEMENTS: Final = Codes(
    {
        "School roll": "enrolled",
        "Health": "treated",
        "Youth justice": "supervised",
        "Placement": "placed",
        "Carer": "carer",
        "Enquiry": "enquiry",
        "Planning group": "group-member",
        "Cover": "cover",
        "Case worker": "allocated",
    }
)
MEETINGS: Final = Codes(
    {
        "Strategy": "strategy",
        "Follow-up strategy": "followup-strategy",
        "HSB meeting": "hsb",
        "HSB planning": "hsb-planning",
        "Core group": "core-group",
        "Professionals": "professionals",
        "Strategic group": "smg",
        "Child protection conference": "cpc",
    }
)
PURPOSES: Final = Codes(
    {"First": "initial", "Review": "review", "Investigation ended": "investigation-conclusion"}
)
INVITATIONS: Final = Codes({"Invited": "invited", "Left out": "not-invited"})
THRESHOLDS: Final = Codes(
    {"Suffering suspected": "significant-harm-suspected", "Likely": "significant-harm-likely"}
)
ENQUIRY_OUTCOMES: Final = Codes(
    {
        "Continuing risk": "continuing",
        "No continuing risk": "not-continuing",
    }
)
ASSESSMENTS: Final = Codes(
    {
        "Single": "single",
        "Child and family": "child-and-family",
        "Early help": "early-help",
    }
)
SCALES: Final = Codes({"Hackett": "hackett-5", "Four features": "darlington-4"})
INDICATORS: Final = Codes(
    {
        "concern": "hackett-problematic-concerning",
        "unusual for age": "hackett-problematic-unusual-for-age",
        "consent unclear": "hackett-problematic-consent-unclear",
        "unequal": "hackett-problematic-unequal",
        "no harm meant": "hackett-problematic-no-clear-harm-intended",
    }
)
TOPICS: Final = Codes(
    {
        "Incident": "incident",
        "Programme": "programme",
        "Legal advice": "legal-advice",
        "Criminal matters ended": "end-of-criminal-matters",
    }
)
INFORMED: Final = Codes({"Shared": "informed", "Not shared": "withheld"})
FAMILY: Final = Codes({"Mother": "mother", "Father": "father", "Parent": "parent", "Carer": "carer"})
OVERSIGHT: Final = Codes({"Safeguarding unit": "safeguarding-unit", "Reviewing officer": "iro"})
TOOLS: Final = Codes({"AIM2": "aim2", "AIM3": "aim3", "Psychology": "psychology", "Psychiatry": "psychiatry"})
CONFERENCES: Final = Codes({"To be held": "held", "Not to be held": "not-held"})
GOALS: Final = Codes({"Met": "met", "Partly": "partly-met", "Not met": "not-met", "Changed": "changed"})
INTERVIEWS: Final = Codes({"Social work": "social-work", "Under ten": "under-10"})
ACCOUNTS: Final = Codes({"Child": "first-hand", "Someone told": "second-hand", "Third party": "third-party"})
ADULT_CONCERNS: Final = Codes(
    {"Known adult": "known-adult", "Adult at home": "household-adult", "Adult online": "online-adult"}
)
CANCELLED_BECAUSE: Final = Codes(
    {"Wrong child": "wrong-child", "Error": "entered-in-error", "Not for sharing": "not-disclosable"}
)
