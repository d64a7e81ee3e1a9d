"""What the text says of each type for one column of the table; where it says nothing, the labels decide."""

from __future__ import annotations

from collections.abc import Callable

from tests.oracle.asked import (
    BESIDE,
    BOTH_STREAMS,
    WORKERS,
    Asked,
    by_labels,
    hidden,
    part,
    perhaps,
    these,
    whole,
)
from tests.oracle.model import Expected
from tests.oracle.rules_justice import (
    THERAPY,
    decision_to_assess,
    intel,
    interview,
    interview_plan,
    investigation,
    justice_assessment,
    nothing_further,
    police_matter,
    therapy,
)
from tests.oracle.rules_meetings import checklist, conference, meeting
from tests.oracle.rules_places import care_team, circumstance, opening, place, plan
from tests.oracle.table import counted, fields, filled


def answer(asked: Asked) -> Expected:
    """What this column gets of this event: the rules of the column first, then of the type, then labels."""
    found = care_team(asked, _answer(asked))
    counts = counted(asked.event.type)
    there = filled(asked.event.type, dict(asked.event.data)) & frozenset(counts)
    if any(counts.values()) and not any(counts[one] for one in there):
        # D-32: nothing labelled is filled, so that nothing needs to be shown; a rule may still name it.
        return found | hidden("D-32")
    return found


def _answer(asked: Asked) -> Expected:
    if asked.event.type == "conference-held" and asked.column in BESIDE | {"mappa"}:
        return conference(asked)
    if asked.column == "mappa":
        return _mappa(asked)
    if asked.column in BESIDE:
        return _beside(asked)
    # B03: police see all of a harmed child of nine; D-43 is about the young child who has harmed, and C02
    # about a child on whom police are consulted only.
    if asked.column == "police" and (
        asked.standing.consult_only or (asked.standing.young and "has-harmed" in asked.standing.sides)
    ):
        return _consulted(asked)
    # D-21: the child who harmed only; that a supervised relationship stands is all that the other gives.
    if asked.column == "youth-justice" and "has-harmed" not in asked.standing.sides:
        return _beside(asked) | (perhaps("D-21") if not asked.standing.sides else _beside(asked))
    return _usual(asked)


def _usual(asked: Asked) -> Expected:
    rule = RULES.get(asked.event.type)
    return rule(asked) if rule else by_labels(asked)


def _incident(asked: Asked) -> Expected:
    if asked.column == "youth-justice":
        return whole(asked, "D-56") if asked.event["role"] == "has-harmed" else hidden("D-56", "D-21")
    if asked.column in BOTH_STREAMS | these("iro", "safeguarding-unit", "smg"):
        return whole(asked, "D-56")
    return part("D-56", must={"status"} & set(asked.event.data))


def _account(asked: Asked) -> Expected:
    if asked.column in BOTH_STREAMS:
        return whole(asked, "D-38")
    if asked.column in ("school", "youth-justice", "carer", "therapist"):
        return hidden("D-38")
    if asked.column == "health":
        return _recorded(asked)
    if asked.points and asked.column in ("safeguarding-unit", "smg"):
        # D-53: like everyone else they get "a school" in the place of whom the school names as its own.
        found, source = by_labels(asked), fields(asked.event.type)
        named = {one for one, labels in source.items() if "SRC" in labels}
        return Expected(found.outcomes | {"R"}, found.may, found.must - named, ("D-53",))
    return by_labels(asked)


def _recorded(asked: Asked) -> Expected:
    """That something was said, unless a wish names this reader's organisation or somebody of it (D-38)."""
    if asked.reader.organisation in asked.wishes:
        # Whoever heard the wish knows of it.
        own = asked.event.organisation == asked.reader.organisation
        return perhaps("D-38", "D-30") if own else hidden("D-38")
    return part("D-38")


def _voice(asked: Asked) -> Expected:
    if asked.column in WORKERS | these("iro", "therapist", "spoc"):
        # Wishes are followed, and overridden to protect (D-09): which of the two is a judgement.
        return whole(asked, "D-38") | (_recorded(asked) if asked.wishes else whole(asked, "D-38"))
    if asked.column in ("police", "health", "safeguarding-unit"):
        return _recorded(asked)
    return hidden("D-38")


def _own_harm(asked: Asked) -> Expected:
    both = {"outcome", "opportunities_given"}
    match asked.column:
        case "own-worker" | "enquiry" | "team-manager" | "police":
            return whole(asked, "D-38")
        case "iro":
            return part("D-05", may=both | {"words"})
        case "safeguarding-unit":
            return part("D-05", may=both)
        case "therapist":
            # CRIM: "own harm only".
            harmed = "has-been-harmed" in asked.standing.sides
            return part("D-05", may=both) if harmed else perhaps("D-05", may=both)
        case "youth-justice":
            # B08 is read by a service that attended; FAM is otherwise for what was assessed jointly.
            return perhaps("D-05", may={"outcome"})
        case "health":
            return perhaps("D-05", may={"outcome"})
        case "carer":
            return perhaps("D-05")
        case "smg":
            return by_labels(asked)
    return hidden("D-05")


def _oversight(asked: Asked) -> Expected:
    if asked.column in BOTH_STREAMS | these("iro", "safeguarding-unit"):
        return whole(asked, "D-40")
    return hidden("D-40")


def _own_worker_only(asked: Asked) -> Expected:
    return whole(asked, "D-57") if asked.column == "own-worker" else hidden("D-57")


def _allocation(asked: Asked) -> Expected:
    return whole(asked, "D-57") if asked.kind == "allocated" else _own_worker_only(asked)


def _everybody(asked: Asked) -> Expected:
    return whole(asked, "D-57")


def _level(asked: Asked) -> Expected:
    if asked.column == "school":
        # "Level V" (OPIN, school) is the level with its reasoning; the basis is police information.
        every = {"scale", "level", "indicators", "consent", "power", "exploitation", "based_on"}
        return part("D-05", may=every, must={"scale", "level"} & set(asked.event.data))
    return by_labels(asked)


def _mentioned(asked: Asked) -> Expected:
    if asked.column in BOTH_STREAMS | these("smg", "safeguarding-unit"):
        return whole(asked, "D-42")
    if asked.column == "iro":
        return part("D-42", may={"others"})
    if asked.column in ("school", "health"):
        return perhaps("D-42")
    return hidden("D-42")


def _health_needs(asked: Asked) -> Expected:
    if asked.column == "health":
        return whole(asked, "D-07")
    if asked.column in ("smg", "mappa"):
        return hidden("D-33")
    return part("D-07", may={"considered"}, must={"considered"} & set(asked.event.data))


def _link(asked: Asked) -> Expected:
    if asked.column in ("police", "enquiry", "smg"):
        return whole(asked, "D-51")
    # One line however many links: the entry itself may give way to the line.
    return perhaps("D-51") if asked.column in WORKERS | {"safeguarding-unit"} else hidden("D-51")


def _sealed(asked: Asked) -> Expected:
    # Of the authority's people the table gives the enquiry worker alone the whole of it.
    if asked.column in ("own-worker", "team-manager", "safeguarding-unit"):
        return perhaps("D-33")
    return by_labels(asked)


def _named_parties(asked: Asked) -> Expected:
    """LEGAL: named parties (the poster, and who is named in it)."""
    event = asked.event
    named = {event.organisation, event["holder"], *(event["share_with"] or [])}
    columns = BOTH_STREAMS | {"youth-justice"}
    parties = {asked.reader.organisation, asked.reader.organisation.partition(".")[0]}
    # Whom an answer names as having asked stands in another event: the request.
    if asked.column in columns and (event.type == "records-access-decided" or named & parties):
        # Who is a party is not said; the poster and who is named may be it.
        return whole(asked, "D-33") | perhaps("D-33") | by_labels(asked)
    if asked.column in BOTH_STREAMS:
        return perhaps("D-33") | by_labels(asked)
    return by_labels(asked) if asked.column == "youth-justice" else _asked_holder(asked)


def _asked_holder(asked: Asked) -> Expected:
    """Who was asked knows that it was asked, what for and why (D-25; B, "check request")."""
    if asked.event["holder"] != asked.reader.organisation:
        return hidden("D-33")
    told = {"holder", "scope", "purpose"}
    if asked.event["scope"] == "therapy-notes" and asked.column != "therapist":
        # That there may be therapy is nothing to schools, health and carers (D-39); SPOC knows it.
        return perhaps("D-25", "D-39", may=told if asked.column == "spoc" else ())
    if asked.column in ("school", "health", "therapist", "carer", "early-help", "spoc"):
        return part("D-25", must=told & set(asked.event.data))
    return perhaps("D-25", may=told)


def _action(asked: Asked) -> Expected:
    """B, R-147: whoever has something to do knows what; the rest is opinion (D-33)."""
    found, owned = by_labels(asked), {"action", "organisation", "person", "what", "contribution", "due"}
    if asked.column == "smg":
        return found
    if asked.event["organisation"] != asked.reader.organisation:
        # Given to another organisation, and to this person all the same: either.
        named = asked.event["person"] == asked.reader.person
        return found | perhaps("R-147", may=owned) if named else found
    if asked.column in ("school", "health", "therapist", "carer", "mappa"):
        return part("R-147", must=owned & set(asked.event.data))
    return found


def _considered_children(asked: Asked) -> Expected:
    if asked.column in BOTH_STREAMS | {"safeguarding-unit"}:
        return whole(asked, "D-48")
    if asked.column == "iro":
        # The catalogue gives it 3P, of which the reviewing officer has the token; its schema has FAM alone.
        return by_labels(asked) | part("D-42", may=fields(asked.event.type))
    if asked.column in ("carer", "youth-justice", "school", "health"):
        return perhaps("D-42", "D-14", "D-48")
    return by_labels(asked)


def _shared_only(asked: Asked) -> Expected:
    """SharingDeclined: the table gives OVS to the team manager by D-50, which speaks of emergencies."""
    return by_labels(asked) | part("D-50") if asked.column == "team-manager" else by_labels(asked)


def _assessment(asked: Asked) -> Expected:
    if asked.column == "youth-justice" and asked.standing.joint:
        return whole(asked, "D-33") | by_labels(asked) | perhaps("D-33")
    if asked.column == "police":
        # D-19 and the table speak differently of what was not consented to: either.
        return by_labels(asked) | perhaps("D-19")
    return by_labels(asked)


def _mappa(asked: Asked) -> Expected:
    type_ = asked.event.type
    if type_ in LISTED_BY_D47:
        return whole(asked, "D-47")
    if type_ in ("mappa-notified", "mappa-decision-recorded"):
        # "Nothing before MappaNotified unless listed" (D-47): its own notice and decision are from then on.
        return whole(asked, "D-47") | perhaps("D-47", may=fields(type_))
    if type_ in ("meeting-held", "meeting-convened", "conference-held"):
        return (conference if type_ == "conference-held" else meeting)(asked)
    if type_ == "named-contact-appointed" or (
        type_ == "social-worker-allocated" and asked.kind == "allocated"
    ):
        return whole(asked, "D-57")
    if type_ == "action-assigned":
        return _action(asked)
    if type_ == "court-stage-recorded" or ("assessment" in type_ and type_ != "assessment-consent-recorded"):
        return perhaps("D-47")
    return hidden("D-47")


def _beside(asked: Asked) -> Expected:
    """Bases for which the table has no column: denied, but for what a rule names (D-33)."""
    type_ = asked.event.type
    if type_ == "named-contact-appointed" or (
        type_ == "social-worker-allocated" and asked.kind == "allocated"
    ):
        return whole(asked, "D-57")
    if type_ in ("meeting-held", "meeting-convened"):
        return meeting(asked)
    if type_ == "immediate-safety-measure-recorded":
        # SAFE reaches widest (C.1), and whoever has a relationship may need it (D-11).
        return Expected(frozenset("VRH"), frozenset(fields(type_)), because=("D-11",))
    if asked.column in BESIDE and type_ == "incident-recorded":
        # D-25 gives as much to whoever was only asked for records; D-24 makes these a basis.
        return perhaps("D-24", "D-25", may={"status"})
    if asked.column == "early-help" and type_ == "case-transfer-decided":
        # B, must be told: the decision to transfer.
        return part("D-24", may={"target"})
    if asked.column == "early-help" and type_ == "plan-started" and asked.kind == "early-help":
        return perhaps("D-24", may={"kind", "coordinator", "parts"})
    if asked.column in BESIDE and type_ == "records-access-requested":
        return _asked_holder(asked)
    if asked.column in BESIDE and type_ == "action-assigned":
        # B, must be told: the actions that it owns; the rest is opinion (D-33).
        owned = {"action", "organisation", "person", "what", "contribution", "due"}
        mine = asked.event["organisation"] == asked.reader.organisation
        if asked.column == "spoc":
            # Of the authority's actions its workers have what names that very person.
            if asked.event["person"] != asked.reader.person:
                return hidden("D-33")
            # Given to another organisation, and to this person all the same: either.
            return part("R-147", must=owned & set(asked.event.data)) if mine else perhaps("R-147", may=owned)
        return part("R-147", must=owned & set(asked.event.data)) if mine else hidden("D-33")
    if asked.column == "early-help" and type_ == "health-needs-considered":
        # redacted until a request is granted.
        return perhaps("R-120", may={"considered"})
    if asked.column == "spoc" and type_ == "child-voice-recorded":
        return _voice(asked)
    if asked.column == "spoc" and type_ in THERAPY:
        return part("D-39")
    return hidden("D-33")


def _consulted(asked: Asked) -> Expected:
    """D-43: police and a child under ten."""
    type_ = asked.event.type
    if type_ in CHECKS:
        return hidden("D-43")
    if type_ == "incident-recorded":
        return part("D-43")
    if type_ in ("victimisation-considered", "adult-involvement-suspected", "exploitation-link-considered"):
        return whole(asked, "D-43")
    if type_ in ("risk-management-plan-recorded", "plan-place-covered", "plan-reviewed", "plan-started"):
        return _usual(asked) | perhaps("D-43")
    caution = type_ == "interview-held" and asked.kind == "pace"
    return _usual(asked) if caution else _usual(asked) | hidden("D-43")


LISTED_BY_D47 = (
    "conviction-recorded", "custody-release-notified", "risk-management-plan-recorded", "engagement-changed",
)  # fmt: skip
CHECKS = frozenset(
    {
        "behaviour-screened",
        "meeting-checklist-completed",
        "records-access-requested",
        "records-access-decided",
        "nothing-known",
        "child-mentioned",
    }
)
RULES: dict[str, Callable[[Asked], Expected]] = {
    "incident-recorded": _incident,
    "initial-account-recorded": _account,
    "child-voice-recorded": _voice,
    "victimisation-considered": _own_harm,
    "adult-involvement-suspected": intel,
    "exploitation-link-considered": intel,
    "oversight-notified": _oversight,
    "oversight-advice-given": _oversight,
    "meeting-held": meeting,
    "meeting-convened": meeting,
    "conference-held": conference,
    "relationship-recorded": _own_worker_only,
    "relationship-ended": _own_worker_only,
    "invitation-sent": _own_worker_only,
    "social-worker-allocated": _allocation,
    "named-contact-appointed": _everybody,
    "behaviour-level-assessed": _level,
    "child-mentioned": _mentioned,
    "action-assigned": _action,
    "specialist-assessment-decided": decision_to_assess,
    "criminal-investigation-decided": investigation,
    "criminal-outcome-recorded": investigation,
    "no-further-action-decided": nothing_further,
    "interview-held": interview,
    "interview-planned": interview_plan,
    "risk-management-plan-recorded": plan,
    "plan-place-covered": place,
    "place-declared": place,
    "child-moved-area": place,
    "responsible-authority-recorded": place,
    "child-circumstance-recorded": circumstance,
    "health-needs-considered": _health_needs,
    "incident-linked": _link,
    "strategic-management-group-appointed": _sealed,
    "assessment-consent-recorded": _named_parties,
    "records-access-requested": _named_parties,
    "records-access-decided": _named_parties,
    "meeting-checklist-completed": checklist,
    "contact-children-risk-assessed": _considered_children,
    "child-stream-opened": opening,
    "sharing-declined": _shared_only,
    "assessment-started": _assessment,
    "assessment-completed": _assessment,
    "justice-assessment-completed": justice_assessment,
    "court-stage-recorded": police_matter,
    "court-information-supplied": police_matter,
    "conviction-recorded": police_matter,
    "disposal-proposed": police_matter,
    "mappa-notified": police_matter,
    "mappa-decision-recorded": police_matter,
    "admission-flagged": police_matter,
    "custody-release-notified": police_matter,
    **dict.fromkeys(THERAPY, therapy),
}
