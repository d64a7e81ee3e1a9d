"""What the text says of police matters, interviews, therapy, intelligence and specialist assessments."""

from __future__ import annotations

from tests.oracle.asked import WORKERS, Asked, by_labels, hidden, part, perhaps, these, whole
from tests.oracle.model import Expected
from tests.oracle.table import fields

KINDS_OF_THERAPY = ("therapy", "pre-trial-therapy", "counselling")
THERAPY = frozenset(
    {
        "specialist-opinion-requested",
        "specialist-opinion-received",
        "intervention-offered",
        "intervention-started",
        "support-arranged",
    }
)


def intel(asked: Asked) -> Expected:
    if asked.column in these("enquiry", "team-manager", "police", "smg"):
        return whole(asked, "D-35")
    # The pointer is a line of its own, all intelligence merged into it, or one entry without content.
    return perhaps("D-35") if asked.column == "own-worker" else hidden("D-35")


def therapy(asked: Asked) -> Expected:
    if not asked.event.type.startswith("specialist-") and asked.kind not in (*KINDS_OF_THERAPY, None):
        # "The type and its kind" (D-32): mentoring is no therapy, and that there is some may be known.
        return _content_of_therapy(asked) | perhaps("D-32")
    return _content_of_therapy(asked)


def _content_of_therapy(asked: Asked) -> Expected:
    if asked.column in ("own-worker", "therapist"):
        needed = fields(asked.event.type)
        if asked.column == "own-worker" and any("HLTH" in one for one in needed.values()):
            return part("D-07", may=[one for one, labels in needed.items() if not labels & {"HLTH", "SEXH"}])
        if asked.column == "therapist" and any(labels - {"THER", "3P"} for labels in needed.values()):
            # Therapy is the therapist's (D-06); the other label of the same member is not in its column.
            return whole(asked, "D-06") | part("D-32")
        return whole(asked, "D-06")
    if asked.column in ("enquiry", "police", "iro"):
        return part("D-39")
    if asked.column == "carer":
        return perhaps("D-39", may={"start"})
    return hidden("D-39")


def investigation(asked: Asked) -> Expected:
    if asked.column == "school":
        sides, ended = asked.standing.sides, asked.event.type != "criminal-investigation-decided"
        told = ended or asked.event["decision"] == "investigate"
        return perhaps("D-36") if "has-harmed" in sides and told else hidden("D-36")
    return police_matter(asked)


def nothing_further(asked: Asked) -> Expected:
    return perhaps("D-36") if asked.column == "school" else by_labels(asked)


def police_matter(asked: Asked) -> Expected:
    """D-34: type, date and outcome code for oversight; D-36, D-37 for schools and health."""
    code = {"outcome", "decision"}
    match asked.column:
        case "iro" | "safeguarding-unit":
            return part("D-34", may=code)
        case "school" | "health":
            return hidden("D-36", "D-37")
        case "therapist" | "carer":
            return perhaps("D-33")
    return by_labels(asked)


def interview(asked: Asked) -> Expected:
    kind = asked.kind
    if kind == "pace" and asked.standing.young:
        # Young now or young then: only the second is meant, so both are allowed for own people.
        keeps = asked.column in ("police", "team-manager", "enquiry")
        return whole(asked, "D-16") if keeps else hidden("D-16")
    if asked.column in ("iro", "safeguarding-unit"):
        return part("D-34", may={"outcome"})
    if asked.column == "youth-justice" and kind == "abe":
        return perhaps("D-21")
    if asked.column in ("school", "health") and kind == "abe":
        return part("D-37") if "has-been-harmed" in asked.standing.sides else perhaps("D-37")
    return police_matter(asked)


def interview_plan(asked: Asked) -> Expected:
    if asked.column == "iro" or asked.column == "safeguarding-unit":
        return part("D-34")
    if asked.column == "youth-justice":
        # B12: the method of the interview about the offence; that about its own harm is not for it (D-21).
        if asked.event["method"] == "abe":
            return perhaps("D-21")
        remains = part("D-05", "D-21", may={"method"}, must={"method"})
        return remains if "has-been-harmed" in asked.standing.sides else remains | by_labels(asked)
    if asked.column == "smg":
        # D-34 gives CRIM to its members, and D-05 the hold of police to workers and police.
        return by_labels(asked) | hidden("D-05")
    return police_matter(asked)


def justice_assessment(asked: Asked) -> Expected:
    if asked.column in WORKERS | these("youth-justice", "safeguarding-unit"):
        return whole(asked, "D-49")
    if asked.column in ("police", "school"):
        found = part("D-49")
        return found | whole(asked, "D-19") if asked.consented else found
    return police_matter(asked)


def decision_to_assess(asked: Asked) -> Expected:
    if asked.column in WORKERS | these("youth-justice", "safeguarding-unit"):
        return whole(asked, "D-49")
    if asked.column in ("police", "school"):
        found = part("D-49", may={"decision"} if asked.column == "police" else ())
        return found | whole(asked, "D-19") if asked.consented else found
    if asked.column in ("iro", "smg"):
        return by_labels(asked) | part("D-49")
    return hidden("D-49")
