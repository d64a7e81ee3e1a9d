"""What remains in each R cell of the matrices G.A, G.B and G.C: their second tables, cell by cell.

Fields stand as they are posted; other children are tokens, and what an entry points at is left out. A reader
of the partnership's information governance (IGO) has the metadata of every one of them, and no field.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.support.scenario import Json

S_CSC, N_CSC = "social-care.s-csc", "social-care.n-csc"
SW_N1, SW_S1 = (f"allocated social worker ({one})" for one in (f"{N_CSC}/sw-n1", f"{S_CSC}/sw-s1"))
SW3, SW4, SW5, SW6 = (f"allocated social worker ({S_CSC}/sw-s{number})" for number in (3, 4, 5, 6))
ENQ_A, ENQ_B = (f"enquiry social worker ({one})" for one in (f"{N_CSC}/enq-1", f"{S_CSC}/enq-2"))
MANAGER, FRONT_DOOR = f"team manager ({S_CSC})", f"front door ({S_CSC})"
N_POLICE, S_POLICE, POLICE_OF_AREA = "police.n-police", "police.s-police", f"police of the area of {S_CSC}"
HEALTH_LEAD, REVIEW = "the health lead for the child", "request an approved review (H-15)"
CHAIR, CONFERENCE_CHAIR = f"chair of the meeting ({S_CSC})", f"conference chair ({S_CSC})"


@dataclass(frozen=True, slots=True)
class Rest:
    """What one reader has of one item.

    Shape: `rules` are the codes with whom to ask about each, `by` who posted it as it shows; `line` is the
    coded line that is all there is, else the entry itself shows.
    """

    title: str
    rules: tuple[tuple[str, str], ...]
    fields: Json = field(default_factory=dict)
    by: str | None = None
    line: str | None = None


Cells = dict[tuple[str, str], list[Rest]]


def _coded(title: str, rule: str, ask: str, line: str, **fields: str) -> Rest:
    return Rest(title, ((rule, ask),), fields or {"code": line}, None, line)


def _safety(code: str, for_: str, ask: str, line: str, title: str = "", rule: str = "D-11") -> Rest:
    return _coded(
        title or f"Safety: {code.replace('-', ' ')}", rule, ask, line, **{"code": code, "for": for_}
    )


def _each(item: str, readers: str, *rest: Rest) -> Iterator[tuple[tuple[str, str], list[Rest]]]:
    return (((item, reader), list(rest)) for reader in readers.split())


def _concern(ask: str) -> Rest:
    return Rest("Concern recorded", (("D-56", ask),), {"status": "alleged"})


_LEVEL = Rest(
    "Level of behaviour assessed", (("D-05", N_POLICE),),
    {"scale": "hackett-5", "level": "abusive",
     "indicators": ["hackett-abusive-power-misused", "hackett-abusive-no-free-consent"],
     "consent": "no", "power": "yes", "exploitation": "unknown"}, N_POLICE,
)  # fmt: skip
_PART_2 = Rest(
    "Setting risk assessment recorded", (("D-10", SW_S1),),
    {"parts": [2], "part_2": "CANARY-A03B-PART-2 Arrangements about the other pupil.",
     "measures": [{"for": "school", "code": "supervision"}, {"for": "transport", "code": "separate-travel"}]},
    "a school",
)  # fmt: skip
_A32_PARTS = {
    "accountability": "CANARY-A32-ACCOUNTABILITY Sessions with the social worker.",
    "needs": "CANARY-A32-NEEDS Support for this child's own needs.",
    "protection": "CANARY-A32-PROTECTION Adults know the arrangements.",
    "future_risk": "CANARY-A32-FUTURE Reviewed with the family.",
}
_C19_PARTS = {
    "accountability": "CANARY-C19 Sessions.", "needs": "Support.",
    "protection": "Adults know the arrangements.", "future_risk": "Reviewed with the family.",
}  # fmt: skip


def _plan(parts: Json, worker: str, review: str, places: list[Json], ask: str) -> Rest:
    known = {"responsible_organisation": S_CSC, "responsible_person": worker, "parts": parts}
    return Rest(
        "Risk management plan recorded", (("D-08", ask),),
        {**known, "next_review": review, "places": places}, S_CSC,
    )  # fmt: skip


A: Cells = dict([
    *_each("A01", "HL-1001", Rest("Account recorded", (("D-09", SW_N1),), {}, "education.elm-school")),
    *_each("A03 part 2", "Oak", _safety("supervision", "school", SW_S1, "safety-measure"),
           _safety("separate-travel", "transport", SW_S1, "safety-measure")),
    *_each("A03 part 2", "YJS SGU-S", _PART_2),
    *_each("A06", "SW-1001", _coded(
        "Other child referred to own authority; received; outcome decided 2025-09-15", "D-22", FRONT_DOOR,
        "referral-receipt", code="referral-receipt", received_on="2025-09-12",
        outcome_decided_on="2025-09-15")),
    *_each("A08", "SW-1001", _coded("Investigation opened for a linked child", "D-11", ENQ_A,
                                    "investigation-opened")),
    *_each("A08", "Oak", _coded("Police involved", "D-05", SW_S1, "police-involved")),
    *_each("A08", "SGU-S", Rest("Criminal investigation decided", (("D-05", N_POLICE),),
                                {"decision": "investigate"})),
    *_each("A22", "Oak SGU-S", _LEVEL),
    *_each("A23", "Elm HL-1001", Rest("Interview held", (("D-05", SW_N1),))),
    *_each("A25", "SGU-S", Rest("Interview held", (("D-05", N_POLICE),))),
    *_each("A27", "POL",
           Rest("Specialist assessment decided", (("D-19", SW_S1),), {"decision": "yes"}, S_CSC)),
    *_each("A27", "Oak", Rest("Assessment planned", (("D-19", SW_S1),))),
    *_each("A32", "SW-1001",
           _coded("Plan changed: review safety plan", "D-11", ENQ_A, "plan-changed"),
           _safety("no-contact", "child", ENQ_A, "safety-measure-for-linked-child"),
           _safety("separate-travel", "child", ENQ_A, "safety-measure-for-linked-child")),
    *_each("A32", "Oak", Rest("Risk management plan recorded", (("D-08", SW_S1),), {
        "responsible_organisation": S_CSC, "next_review": "2026-01-06",
        "places": [{"kind": "school", "place": "oak-school", "organisation": "education.oak-school",
                    "line": "CANARY-A32-PLACE-SCHOOL Arrangement at school."}]})),
    *_each("A32", "SGU-S", _plan(_A32_PARTS, f"{S_CSC}/sw-s1", "2026-01-06",
                                 [{"kind": "home"}, {"kind": "school"}, {"kind": "transport"}], SW_S1)),
    *_each("A33", "SW-1001", _coded("Criminal matters ended", "D-11", ENQ_A, "criminal-matters-ended")),
    *_each("A33", "Oak", _coded("Plan continues", "D-05", SW_S1, "plan-continues")),
    *_each("A33", "SGU-S",
           Rest("Criminal outcome recorded", (("D-05", N_POLICE),), {"outcome": "nfa-evidence"})),
    *_each("LK-A on C-1001", "SW-1001",
           _coded("Linked to another child's record", "D-03", ENQ_A, "linked-record")),
    *_each("LK-A on C-2001", "SW-2001 SGU-S",
           _coded("Linked to another child's record", "D-03", ENQ_A, "linked-record")),
])  # fmt: skip

_OWN_HARM, _ESTABLISHED = "Own experience of harm considered", {"outcome": "established"}
_ARRANGED = Rest("Support arranged", (("D-06", SW3),))
_POINTER = (
    "Police hold information: speak to the enquiry social worker, or to the team manager where there is none"
)
_CONFERENCE = {"meeting": "B-ICPC", "outcome": "plan"}
_CHAIRED = (("D-05", CONFERENCE_CHAIR), ("D-06", CONFERENCE_CHAIR))


def _there(organisation: str, person: str) -> Json:
    return {
        **_CONFERENCE,
        "attendance": [{"organisation": organisation, "person": f"{organisation}/{person}"}],
    }


B: Cells = dict([
    *_each("B02", "SW4", _coded("Linked incident recorded", "D-11", ENQ_B, "linked-incident-recorded")),
    *_each("B02", "FC1", _safety("ask-the-worker", "home", SW4, "safety-in-home")),
    *_each("B02", "FC2 School3001 Ther HL", _concern(SW3)),
    *_each("B03", "FC1", _concern(SW4)),
    *_each("B07", "SW4", _coded("Another child in the home is being considered", "D-11", ENQ_B,
                                "another-child-considered")),
    *_each("B07", "FC1", _coded("Your own child is included in the safety plan", "D-14", SW4,
                                "own-child-in-plan")),
    *_each("B07", "IRO", Rest("Another child mentioned", (("D-03", SW3),),
                              {"others": [{"index": 1, "token": "a token", "role": "mentioned"}]}, S_CSC)),
    *_each("B08", "FC2",
           _safety("ask-the-worker", "home", SW3, "care-needs", "Care needs: ask the worker", "D-05")),
    *_each("B08", "YOS", Rest(_OWN_HARM, (("D-09", SW3), ("D-05", SW3)), _ESTABLISHED, S_CSC)),
    *_each("B08", "Ther", Rest(_OWN_HARM, (("D-05", SW3),), _ESTABLISHED, S_CSC)),
    *_each("B08", "HL", Rest(_OWN_HARM, (("D-09", SW3), ("D-05", SW3)), {}, S_CSC)),
    *_each("B08", "IRO", Rest(_OWN_HARM, (("D-05", POLICE_OF_AREA),), _ESTABLISHED, S_CSC)),
    *_each("B08", "SGU", Rest(_OWN_HARM, (("D-05", SW3), ("D-09", SW3)), _ESTABLISHED, S_CSC)),
    *_each("B12", "YOS",
           Rest("Offence interview planned", (("D-05", S_POLICE),), {"method": "pace"}, S_POLICE)),
    *_each("B12", "IRO SGU", Rest("Interview order decided", (("D-05", S_POLICE),), {}, S_POLICE)),
    *_each("B13", "SW3", _coded(_POINTER, "D-05", ENQ_B, "police-hold-information")),
    *_each("B14", "ENQ POL IRO", _ARRANGED),
    *_each("B14", "FC2", Rest("Appointment", (("D-06", SW3),), {"start": "2025-10-13"})),
    *_each("B16", "SW4", _coded("Place of contact changed: review safety plan", "D-11", ENQ_B,
                                "contact-place-changed")),
    *_each("B16", "FC2", Rest("Placement changed", (("D-08", SW3),),
                              {"address": "2 Invented Lane", "from": "2025-10-10"}, S_CSC)),
    *_each("B16", "School3001", Rest("Contact details changed", (("D-08", SW3),), {}, S_CSC)),
    *_each("B16", "Ther HL", Rest("Placement changed", (("D-08", SW3),), {}, S_CSC)),
    *_each("B16", "SGU", Rest("Placement changed", (("D-08", SW3),),
                              {"kind": "placement", "from": "2025-10-10"}, S_CSC)),
    *_each("B19", "FC2", Rest("Conference held", (("D-04", SW3), ("D-14", SW3)),
                              {**_CONFERENCE, "attendance": []}, S_CSC)),
    *_each("B19", "School3001", Rest("Conference held", (("D-04", CONFERENCE_CHAIR), *_CHAIRED),
                                     _there("education.birch-school", "dsl-1"), S_CSC)),
    *_each("B19", "YOS", Rest("Conference held", _CHAIRED, {
        **_CONFERENCE, "attendance": [], "behaviour_response": "CANARY-B19 How the behaviour is met.",
        "behaviour_services_considered": True}, S_CSC)),
    *_each("B19", "HL", Rest("Conference held", _CHAIRED, _there("health.s-child-health", "nurse-2"), S_CSC)),
    *_each("B23", "POL HL SGU", Rest("Child's wishes recorded", (("D-09", SW3),), {}, S_CSC)),
    *_each("B24", "SW3 ENQ POL FC2 School3001 YOS Ther IRO SGU",
           Rest("Health needs considered", (("D-07", HEALTH_LEAD),), {"considered": True})),
])  # fmt: skip

_ANSWERED = {"answer": "answered", "answered_on": "2025-09-23"}


def _answers(*rows: Json) -> Rest:
    return Rest("Checklist completed", (("D-02", SW5),), {"items": list(rows)}, S_CSC)


def _papers(*people: str) -> Rest:
    there = [{"organisation": one.partition("/")[0], "person": one} for one in people]
    known = {"kind": "hsb", "meeting": "C-H1", "purpose": "initial", "next_review": "2026-01-13"}
    return Rest("Meeting held", (("D-04", CHAIR),), {**known, "attendance": there}, S_CSC)


C: Cells = dict([
    *_each("C02", "POL", Rest("Concern recorded", (("D-16", SW6),))),
    *_each("C03", "SW6", _coded("Linked incident recorded", "D-11", MANAGER, "linked-incident-recorded")),
    *_each("C03", "POL", Rest("Concern recorded", (("D-16", SW5),))),
    *_each("C03", "HV GP", _concern(SW5)),
    *_each("C09", "Ash", _answers({"item": "school", **_ANSWERED}, {"item": "nursery", **_ANSWERED})),
    *_each("C09", "HV", _answers({"item": "health-visitor", **_ANSWERED})),
    *_each("C09", "GP", _answers({"item": "general-practitioner", "answer": "not-answered"})),
    *_each("C10", "SGU", Rest(_OWN_HARM, (("D-05", SW5), ("D-09", SW5)), {
        "outcome": "suspected", "opportunities_given": ["2025-09-23", "2025-09-24"]}, S_CSC)),
    *_each("C11", "SW5", _coded(_POINTER, "D-05", MANAGER, "police-hold-information")),
    *_each("C14", "Ash HV", _coded("A child of yours is being considered", "D-03", SW5, "child-considered")),
    *_each("C18", "HV", _papers("health.s-health-visiting/hv-1")),
    *_each("C18", "GP", _papers()),
    *_each("C18", "EH", _papers("social-care.s-early-help/eh-1")),
    *_each("C19", "SW6", _coded("Plan changed: review safety plan", "D-11", MANAGER, "plan-changed")),
    *_each("C19", "Ash", Rest("Risk management plan recorded", (("D-08", SW5),), {
        "responsible_organisation": S_CSC, "next_review": "2026-01-13", "places": [
            {"kind": "school", "place": place, "organisation": "education.ash-primary",
             "line": "Arrangement."} for place in ("school-1", "nursery-pickup")]})),
    *_each("C19", "SGU", _plan(_C19_PARTS, f"{S_CSC}/sw-s5", "2026-01-13",
                               [{"kind": "home"}, {"kind": "school"}, {"kind": "school"}], SW5)),
])  # fmt: skip


def as_rest(entry: Json) -> Rest:
    """An entry or a line of an answer in the same form; who another child is, is any token."""
    fields = {name: value for name, value in entry["fields"].items() if name != "about"}
    if "others" in fields:
        fields["others"] = [{**one, "token": "a token"} for one in fields["others"] if one["token"]]
    rules = tuple((one["rule"], one["ask"]) for one in entry["redactions"])
    return Rest(entry["title"], rules, fields, entry["organisation"], entry.get("line"))


def told(rest: list[Rest]) -> list[tuple[object, ...]]:
    """What remains, in an order that is the same however it was told."""
    return sorted(
        ((one.title, sorted(one.rules), sorted(one.fields.items(), key=lambda two: two[0]), one.by, one.line)
         for one in rest),
        key=repr,
    )  # fmt: skip
