"""How far each label reaches: the D-33 table as theorems, with what other D rules add to it by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import z3

from hub.disclosure.decide import LABELS
from hub.disclosure.proving.allowed import granted
from hub.disclosure.proving.logic import OTHER
from hub.disclosure.proving.reviewed import NEVER_REVIEWED, opened_by_review
from hub.disclosure.proving.scenes import Case, Claim, Theorem, claim
from hub.disclosure.proving.world import World

_WORKERS: Final = ("own-worker", "enquiry", "team-manager")
_CORE: Final = (*_WORKERS, "police")
_CASE: Final = (*_CORE, "youth-justice", "iro", "safeguarding-unit", "smg")


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom content with a label reaches.

    Shape: `table` is the row of D-33; `by_rule` maps each further reader to the types of entry that a D rule
    opens to it, none for every type; `where` maps a reader to the fact that opens every type to it;
    `granted` are the readers to whom a granted request for records opens it in its holder's posts;
    `source` names those rules.
    """

    table: tuple[str, ...]
    by_rule: Mapping[str, tuple[str, ...]]
    source: str
    where: Mapping[str, str] = field(default_factory=dict)
    granted: tuple[str, ...] = ()


_KNOWN: Final = ("incident-recorded", "child-stream-opened")
_INVITED_TO: Final = "meeting-convened"
_CONFERENCE: Final = "conference-held"
_PLACED: Final = "child-circumstance-recorded"
_ALLOCATED: Final = "social-worker-allocated"
_ACTION: Final = "action-assigned"
_ASKED_FOR: Final = "records-access-requested"
_DECIDED_ON: Final = "specialist-assessment-decided"
_ASSESSED: Final = "justice-assessment-completed"
_POLICE_DECISIONS: Final = (
    "criminal-investigation-decided", "criminal-outcome-recorded", "mappa-decision-recorded",
)  # fmt: skip

REACH: Final[Mapping[str, Reach]] = {
    "CBH-ID": Reach(_CASE, {"emergency": _KNOWN}, "D-33, D-56, D-50"),
    "CWH-ID": Reach(_CASE, {"emergency": _KNOWN}, "D-33, D-56, D-50"),
    "3P": Reach((*_CORE, "safeguarding-unit", "smg"), {"iro": ("child-mentioned",)}, "D-33, D-42"),
    "SRC": Reach((*_CORE, "safeguarding-unit", "smg"), {"front-door": ("referral-made",)}, "D-33, G.00"),
    "WORDS": Reach(
        (*_CORE, "iro"),
        {
            "therapist": ("child-voice-recorded",),
            "spoc": ("child-voice-recorded",),
            "consulted": ("victimisation-considered",),
        },
        "D-33, D-38, D-24, D-43",
    ),
    "FAM": Reach(
        (*_CORE, "iro", "safeguarding-unit"),
        {
            "consulted": ("victimisation-considered", _CONFERENCE),
            "early-help": ("plan-started", _CONFERENCE, _PLACED),
            "group-member": ("plan-started", _CONFERENCE),
            "youth-justice": (_PLACED, "victimisation-considered", _CONFERENCE),
            "therapist": ("victimisation-considered", _PLACED),
            "school": (_CONFERENCE, _PLACED),
            "health": (_CONFERENCE, _PLACED),
            "carer": (_CONFERENCE, _PLACED),
            **dict.fromkeys(("attendee", "spoc", "mappa", "smg"), (_CONFERENCE,)),
            "family": ("conference-decided", "plan-started", "family-informed"),
        },
        "D-33, D-38, D-52, D-43, D-24, D-14, D-04",
        {"youth-justice": "joint"},
    ),
    "HLTH": Reach(("health",), {}, "D-33, D-07, R-120", granted=("early-help",)),
    "SEXH": Reach(("health",), {}, "D-33, D-07"),
    "THER": Reach(
        ("own-worker", "therapist"),
        {"carer": ("support-arranged",)},
        "D-33, D-06, D-39, R-112",
        granted=("police",),
    ),
    "CRIM": Reach(
        (*_CORE, "youth-justice", "smg"),
        {
            "mappa": (
                "conviction-recorded", "custody-release-notified", "mappa-notified",
                "mappa-decision-recorded", _ASSESSED,
            ),
            "school": (_ASSESSED,),
            "consulted": ("victimisation-considered", "interview-held"),
            "iro": _POLICE_DECISIONS,
            "own-front-door": ("criminal-outcome-recorded",),
            "safeguarding-unit": (*_POLICE_DECISIONS, _ASSESSED),
            "carer": ("support-arranged",),
        },
        "D-33, D-34, D-39, D-43, D-47, D-49, R-161",
    ),
    "INTEL": Reach(
        ("enquiry", "team-manager", "police", "smg"),
        {"consulted": ("adult-involvement-suspected", "exploitation-link-considered")},
        "D-33, D-35, D-43",
    ),
    "LOC": Reach(
        (*_CORE, "youth-justice", "iro"),
        {
            "mappa": ("custody-release-notified", "risk-management-plan-recorded"),
            "consulted": ("risk-management-plan-recorded",),
            "school": ("risk-management-plan-recorded",),
            "group-member": ("risk-management-plan-recorded",),
            "emergency": ("child-stream-opened",),
            "smg": ("place-declared",),
            "carer": ("place-declared", _PLACED),
        },
        "D-33, D-08, D-17, D-52, D-43, D-47, D-50",
        dict.fromkeys(("school", "health", "therapist", "early-help"), "careTeam"),
    ),
    "EDU": Reach(_CASE, {}, "D-33"),
    "OPIN": Reach(
        _CASE,
        {
            "school": (
                "behaviour-level-assessed", "risk-management-plan-recorded", _DECIDED_ON, _INVITED_TO,
                _ALLOCATED, _ACTION,
            ),
            "emergency": (
                "behaviour-level-assessed", "risk-management-plan-recorded", _INVITED_TO, _ALLOCATED,
            ),
            "health": (_INVITED_TO, _ALLOCATED, _ACTION),
            "therapist": (_INVITED_TO, _ALLOCATED, _ACTION),
            "carer": (_INVITED_TO, _ALLOCATED, _ACTION),
            "front-door": ("referral-made", "behaviour-screened", _INVITED_TO, _ALLOCATED),
            "own-front-door": (_INVITED_TO,),
            "attendee": (_INVITED_TO, _ACTION),
            "respondent": ("meeting-checklist-completed", _INVITED_TO, _ACTION),
            OTHER: (_INVITED_TO,),
            "addressed": (_INVITED_TO,),
            "early-help": (
                "case-transfer-decided", "plan-started", _ACTION, _INVITED_TO, _ALLOCATED,
            ),
            "group-member": (
                "plan-started", "plan-reviewed", "risk-management-plan-recorded", _INVITED_TO, _ALLOCATED,
                _ACTION,
            ),
            "spoc": (_INVITED_TO, _ALLOCATED, _ACTION),
            "consulted": (
                "exploitation-link-considered", "risk-management-plan-recorded", "plan-reviewed", _INVITED_TO,
                _ALLOCATED, _ACTION,
            ),
            "mappa": (
                "engagement-changed", "mappa-decision-recorded", "risk-management-plan-recorded", _DECIDED_ON,
                _INVITED_TO, _ALLOCATED, _ACTION,
            ),
            "family": ("plan-reviewed", "risk-management-plan-recorded", "closure-decided"),
        },
        "D-33, D-04, D-08, D-14, D-24, D-43, D-44, D-47, D-57, G.00, R-147",
    ),
    "SAFE": Reach(
        (*_CASE, "school", "health", "therapist", "carer", "consulted", "early-help", "spoc"),
        {"emergency": ("immediate-safety-measure-recorded",)},
        "D-33, D-11, D-50",
    ),
    "SEALED": Reach(("enquiry", "police", "smg"), {}, "D-33, D-51"),
    "OVS": Reach(
        (),
        {
            **{one: ("deadline-missed",) for one in (*_WORKERS, "safeguarding-unit")},
            "own-worker": ("deadline-missed", "emergency-access-used"),
            "team-manager": ("deadline-missed", "emergency-access-used", "sharing-declined"),
            "officer": ("deadline-missed", "emergency-access-used"),
        },
        "D-33, D-40, D-50, D-54, H-13",
    ),
    "LEGAL": Reach(
        (),
        dict.fromkeys(
            ("respondent", "school", "health", "therapist", "early-help", "spoc", "carer"), (_ASKED_FOR,)
        ),
        "D-33: named parties; D-25",
        dict.fromkeys((*_CORE, "youth-justice"), "namedParty"),
    ),
}  # fmt: skip


def reach(label: str) -> Theorem:
    """That content with a label, which the reader did not post, reaches whom the table names only."""
    found = REACH[label]
    to = ", ".join(found.table) or "nobody"
    rules = {**found.by_rule, **{one: () for one in found.where if one not in found.by_rule}}
    more = "; ".join(_named(reader, types, found) for reader, types in rules.items())
    return Theorem(
        f"P-33-{label}",
        "H-08",
        f"Content labelled {label} that the reader did not post reaches {to}"
        + (f"; where a rule of its own says so {more}" if more else "")
        + (f"; where its holder granted a request {', '.join(found.granted)}" if found.granted else "")
        + ("; where an approved review names the entry the officer who asked" if _reviewed(label) else "")
        + f" ({found.source}).",
        _stated(label, found),
    )


def _reviewed(label: str) -> bool:
    return label not in NEVER_REVIEWED


def _named(reader: str, types: tuple[str, ...], found: Reach) -> str:
    of = f"of {', '.join(types)}" if types else "of every type"
    who = "anybody who was invited" if reader == OTHER else reader
    if reader not in found.by_rule:
        return f"{who} of what is {found.where[reader]}"
    return f"{who} {of}" + (f", or that is {found.where[reader]}" if reader in found.where else "")


def _stated(label: str, found: Reach) -> Callable[[World], Claim]:
    def state(world: World) -> Claim:
        case = Case(world)
        open_by_rule = [
            z3.And(case.is_one({reader}), case.type_in(*types) if types else z3.BoolVal(True))
            for reader, types in found.by_rule.items()
        ]
        open_by_rule += [
            z3.And(case.is_one({reader}), case.holds(fact)) for reader, fact in found.where.items()
        ]
        open_by_rule += [z3.And(case.is_one({one}), granted(case, label)) for one in found.granted]
        if _reviewed(label):
            open_by_rule.append(z3.And(case.is_one({"officer"}), opened_by_review(case)))
        outside = z3.Not(z3.Or([case.is_one(found.table), *open_by_rule]))
        premises = z3.And(outside, z3.Not(case.holds("own")), case.filled(label))
        return claim(premises, z3.Not(case.reads(label)), case)

    return state


REACHES: Final = tuple(reach(label) for label in LABELS)
