"""Where the hub is known to differ from the text: a list that may only shrink.

Each entry names the rule, what the text says and what the hub does, and a case in which it is seen. A
difference that matches none of them fails the agreement; an entry whose case agrees fails as well.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.oracle.agreement import Difference

ANY = frozenset({"*"})


@dataclass(frozen=True, slots=True)
class Known:
    """One known difference, as narrow as it can be told: kind, types, readers, and what is seen.

    Shape: `readers` are labels of readers as the comparison prints them, or one of what they are; `what`
    is how the detail begins; `seen` is the number of a world in which it occurs.
    """

    name: str
    kinds: tuple[str, ...]
    types: frozenset[str]
    readers: frozenset[str]
    what: str
    text: str
    hub: str
    seen: int

    def covers(self, one: Difference) -> bool:
        """Whether a difference is this one."""
        return (
            one.kind in self.kinds
            and (self.types == ANY or one.type in self.types)
            and bool(self.readers & {one.reader, *one.reader.split("+")})
            and one.what.startswith(self.what)
        )


def _of(*names: str) -> frozenset[str]:
    return frozenset(names)


def unknown(found: list[Difference]) -> list[Difference]:
    """The differences that are on no list."""
    return [one for one in found if not any(known.covers(one) for known in KNOWN)]


OVER, UNDER, MISSING = ("over",), ("under",), ("line missing",)
EVERYBODY = _of(
    "own-worker",
    "enquiry",
    "team-manager",
    "police",
    "consulted",
    "youth-justice",
    "iro",
    "safeguarding-unit",
    "school",
    "health",
    "therapist",
    "carer",
    "mappa",
    "smg",
    "spoc",
    "early-help",
    "youth-justice of a child only harmed",
    "police of a child under ten",
    "consulted of a child under ten",
    "none",
)
POLICE_MATTERS = _of(
    "admission-flagged",
    "conviction-recorded",
    "court-information-supplied",
    "court-stage-recorded",
    "custody-release-notified",
    "disposal-proposed",
    "justice-assessment-completed",
    "mappa-decision-recorded",
)
CHECKS = _of(
    "incident-recorded",
    "child-mentioned",
    "behaviour-screened",
    "nothing-known",
    "meeting-checklist-completed",
    "records-access-requested",
    "records-access-decided",
)
KNOWN: tuple[Known, ...] = (
    Known(
        "D-21-child-only-harmed",
        OVER,
        ANY,
        _of("youth-justice of a child only harmed"),
        "",
        "Youth justice: the child who harmed only.",
        "A service recorded as supervising a child who has only been harmed reads the stream by labels.",
        4,
    ),
    Known(
        "D-33-single-contact",
        OVER,
        ANY,
        _of("spoc"),
        "",
        "A role absent from the table is denied; D-38, D-39 and D-57 name a single point of contact.",
        "Follows roles B: incidents, EDU, OPIN and SAFE of the child's stream.",
        2,
    ),
    Known(
        "D-33-early-help",
        OVER,
        _of("incident-recorded", "plan-started", "case-transfer-decided"),
        _of("early-help"),
        "",
        "A role absent from the table is denied; D-56 does not list early help.",
        "Incidents in part; the transfer and the early help plan whole.",
        19,
    ),
    Known(
        "D-43-order-of-events",
        OVER,
        CHECKS,
        _of("police of a child under ten"),
        "",
        "For a child under ten police are consulted only.",
        "Only for an enquiry recorded after the incident: police of before, and group members, read all.",
        9,
    ),
    Known(
        "D-39-existence-to-manager-and-unit",
        OVER,
        _of("intervention-offered", "intervention-started", "support-arranged"),
        _of("team-manager", "safeguarding-unit", "smg"),
        "R for H",
        "That there is therapy is hidden from everybody not named, the Safeguarding Unit too.",
        "An entry without content where the member's other label, OPIN or CRIM, is permitted.",
        143,
    ),
    Known(
        "D-39-existence-to-health",
        OVER,
        _of("specialist-opinion-received"),
        _of("health"),
        "R for H",
        "That there is therapy is hidden from health.",
        "An entry without content, by HLTH.",
        28,
    ),
    Known(
        "D-38-account-categories",
        OVER,
        _of("initial-account-recorded"),
        _of("youth-justice"),
        "",
        "Of an account youth justice gets nothing; CBH-ID is not its label (V for CWH).",
        "The entry with the categories.",
        69,
    ),
    Known(
        "D-16-oversight",
        OVER,
        _of("interview-held"),
        _of("iro", "safeguarding-unit"),
        "R for H",
        "An interview under caution of a child under ten: police, team manager, enquiry worker only.",
        "Reviewing officer and Safeguarding Unit see that it was held.",
        86,
    ),
    Known(
        "D-34-oversight",
        UNDER,
        POLICE_MATTERS,
        _of("iro", "safeguarding-unit"),
        "H for ",
        "Reviewing officer and Safeguarding Unit get type, date and outcome code of police matters.",
        "Investigation, outcome and interview are shown so; the other police matters are hidden.",
        6,
    ),
    Known(
        "D-49-asset-plus",
        UNDER,
        _of("justice-assessment-completed"),
        _of("safeguarding-unit", "school"),
        "H for ",
        "AssetPlus is whole for the Safeguarding Unit, and type and date for the school.",
        "Hidden from both.",
        73,
    ),
    Known(
        "D-39-existence",
        UNDER,
        _of(
            "specialist-opinion-requested",
            "specialist-opinion-received",
            "intervention-offered",
            "intervention-started",
        ),
        _of("iro", "enquiry", "police", "consulted", "spoc"),
        "H for ",
        "That there is therapy: police, enquiry worker, reviewing officer, single point of contact.",
        "Only SupportArranged does.",
        9,
    ),
    Known(
        "D-53-account",
        UNDER,
        _of("initial-account-recorded"),
        _of("safeguarding-unit"),
        "",
        "SRC reaches the Safeguarding Unit; the words alone are withheld.",
        "Nothing of an account but that there is one.",
        8,
    ),
    Known(
        "D-33-circumstance",
        UNDER,
        _of("child-circumstance-recorded"),
        _of("health", "youth-justice"),
        "lacks",
        "HLTH is V for health, LOC for youth justice, whatever the kind of circumstance.",
        "With a withheld label beside it, the health detail and the address go too.",
        245,
    ),
    Known(
        "D-16-consulted",
        UNDER,
        _of("interview-held"),
        _of("consulted of a child under ten"),
        "H for ",
        "An interview under caution of a child under ten goes to police, those who are consulted too.",
        "Hidden from police who are consulted only.",
        213,
    ),
    Known(
        "D-22-attendee",
        OVER,
        _of("referral-made"),
        _of("attendee"),
        "V for H",
        "Of a referral routed to another authority its sender gets receipt and decision only.",
        "Whoever wrote it and was invited to a meeting reads it whole.",
        100143,
    ),
    Known(
        "D-05-therapist",
        UNDER,
        _of("victimisation-considered"),
        _of("therapist"),
        "H for R",
        "The therapist gets outcome and opportunities of the child's own harm (B08, CRIM: own harm only).",
        "Shown only for a child who has harmed as well.",
        100001,
    ),
)
