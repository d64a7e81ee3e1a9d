"""From the codes of an occurrence system to the codes of the schemas."""

from __future__ import annotations

from typing import Final

from agencies.sdk.native import Codes

ACCURACY: Final = Codes({"E": "exact", "D": "day", "AD": "about-day", "M": "month", "Y": "year"})
ROLES: Final = Codes({"HH": "has-harmed", "HB": "has-been-harmed", "MN": "mentioned"})
STATUSES: Final = Codes(
    {
        "ALG": "alleged",
        "ACK": "acknowledged",
        "EST": "established",
        "NES": "not-established",
        "WDN": "withdrawn",
    }
)
CATEGORIES: Final = Codes(
    {"PEER": "peer-on-peer", "TECH": "technology-assisted", "CONT": "contact", "NKN": "not-yet-known"}
)
PLACES: Final = Codes(
    {"DWEL": "home", "SCHL": "school", "TRAN": "transport", "PUBL": "public-place", "ONLN": "online"}
)
INVESTIGATION: Final = Codes({"INV": "investigate", "NIN": "not-investigate"})
SCALES: Final = Codes({"H5": "hackett-5", "D4": "darlington-4"})
LEVELS: Final = Codes(
    {
        "1N": "normal",
        "2I": "inappropriate",
        "3P": "problematic",
        "4A": "abusive",
        "5V": "violent",
    }
)
INDICATORS: Final = Codes(
    {
        "PWR": "hackett-abusive-power-misused",
        "CRC": "hackett-abusive-coercion-or-force",
        "CNS": "hackett-abusive-no-free-consent",
        "CCN": "hackett-problematic-concerning",
    }
)
YES_NO: Final = Codes({"Y": "yes", "N": "no", "U": "unknown"})
INTERVIEWS: Final = Codes({"PACE": "pace", "ABE": "abe", "JSW": "social-work", "U10": "under-10"})
ADULTS: Final = Codes(
    {
        "AA": "appropriate-adult",
        "PAR": "parent",
        "CAR": "carer",
        "SOL": "solicitor",
        "INT": "intermediary",
        "NIL": "none",
    }
)
INTERVIEW_OUTCOMES: Final = Codes(
    {"CMP": "completed", "END": "ended-early", "DCL": "declined", "CNT": "to-be-continued"}
)
CRIMINAL_OUTCOMES: Final = Codes(
    {
        "NFA1": "nfa-evidence",
        "NFA2": "nfa-public-interest",
        "NFA3": "nfa-with-concerns",
        "OOC1": "oocd-considered",
        "OOC2": "oocd",
        "CHG": "charge",
        "YC": "prosecution-youth-court",
        "CC": "prosecution-crown-court",
    }
)
INTELLIGENCE: Final = Codes(
    {
        "KA": "known-adult",
        "HA": "household-adult",
        "OA": "online-adult",
        "EX": "exploitation",
        "NK": "not-yet-known",
    }
)
INTELLIGENCE_STATUS: Final = Codes({"S": "suspected", "E": "established", "D": "discounted"})
ACCOUNTS: Final = Codes({"FH": "first-hand", "SH": "second-hand", "TP": "third-party", "DI": "discovery"})
TARGETS: Final = Codes({"CSC": "csc", "ASC": "adult-social-care", "EH": "early-help", "OTH": "other"})
WITHDRAWN_BECAUSE: Final = Codes({"WN": "wrong-child", "ER": "entered-in-error", "ND": "not-disclosable"})
