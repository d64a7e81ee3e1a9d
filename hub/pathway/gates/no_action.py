"""R-005, R-038 and R-064: what a decision that nothing further follows must carry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from hub.envelope import JsonObject
from hub.pathway.clocks.under_age_referral import under_age_referral
from hub.pathway.entries import Entry
from hub.pathway.fields import of_type, text, texts
from hub.pathway.gates.gate import Case, Gate, Refusal, second_person

ABOVE_GREEN: Final = frozenset({"amber", "orange", "red"})
POWER_OR_COERCION: Final = frozenset(
    {
        "hackett-problematic-unequal",
        "hackett-abusive-power-misused",
        "hackett-abusive-coercion-or-force",
        "hackett-abusive-no-free-consent",
        "darlington-problematic-peer-pressure",
        "darlington-abusive-planned-or-forced",
        "darlington-abusive-unequal-power",
    }
)
"""The codes of the list `indicators` that speak of unequal power, pressure or force."""
CONCERNS: Final = frozenset({"behaviour-screened", "behaviour-level-assessed", "incident-recorded"})
"""The types in which a screening above green, or power or coercion, is recorded."""
_SIGNS: Final = frozenset({"colour", "coercion", "power", "exploitation", "consent", "indicators"})


def is_concern(one: Entry | JsonObject) -> bool:
    """Whether one of these types records a screening above green, or unequal power or coercion."""
    if _SIGNS.isdisjoint(one.data if isinstance(one, Entry) else one):
        return False
    return (
        text(one, "colour") in ABOVE_GREEN
        or text(one, "coercion") in ("established", "alleged")
        or text(one, "power") == "yes"
        or text(one, "exploitation") == "yes"
        or text(one, "consent") == "no"
        or not POWER_OR_COERCION.isdisjoint(texts(one, "indicators"))
    )


def has_concern(entries: Iterable[Entry]) -> bool:
    """Whether any entry in effect records one."""
    return any(is_concern(one) for one in of_type(entries, *CONCERNS))


def one_person_only(case: Case) -> bool:
    """Whether nobody beside the author approves that nothing follows, although there was a concern."""
    return has_concern(case.fold.entries) and not second_person(case, text(case.posted, "approver"))


def not_referred(case: Case) -> bool:
    """Whether this child was under age in an incident after which nobody referred it.

    A linked child's age and referrals are another record's: they are asked for on that one.
    """
    own = replace(case.fold, linked={})
    found = under_age_referral(own, now=case.now, profile_of=case.profile_of)
    return any(one.state == "warning" for one in found)


def _no_reasons(case: Case) -> bool:
    return text(case.posted, "reasons") is None


def _about_nothing(case: Case) -> bool:
    # Whether an entry id given to the poster still names something is nobody's to learn here.
    return case.posted.about is None and text(case.posted, "entry_id") is None


def _nobody_decides(case: Case) -> bool:
    return not texts(case.posted, "deciding_agencies")


_TYPES: Final = frozenset({"no-further-action-decided"})

NO_ACTION_REASONS: Final = Gate(
    name="NO-ACTION-REASONS",
    refusal=Refusal(
        rule="R-064",
        force="MUST",
        source="S3 s.4; S5 s.13",
        text="A decision that nothing further follows gives its reasons.",
        fix="Record the reasons for the decision.",
    ),
    types=_TYPES,
    refuses=_no_reasons,
)
NO_ACTION_ABOUT: Final = Gate(
    name="NO-ACTION-ABOUT",
    refusal=Refusal(
        rule="R-064",
        force="MUST",
        source="S3 s.4",
        text="A decision that nothing further follows names what it answers.",
        fix="Name the referral, enquiry or investigation in `about` or `entry_id`.",
    ),
    types=_TYPES,
    refuses=_about_nothing,
)
NO_ACTION_AGENCIES: Final = Gate(
    name="NO-ACTION-AGENCIES",
    refusal=Refusal(
        rule="R-064",
        force="MUST",
        source="S3 s.4; S5 s.13",
        text="A decision that nothing further follows names the agencies that reached it.",
        fix="Name the deciding agencies.",
    ),
    types=_TYPES,
    refuses=_nobody_decides,
)
NO_ACTION_UNDER_AGE: Final = Gate(
    name="NO-ACTION-UNDER-AGE",
    refusal=Refusal(
        rule="R-038",
        force="MUST",
        source="S5 s.3",
        text="A child who was under thirteen is referred to children's social care before it is decided "
        "that nothing follows.",
        fix="Record the referral first.",
    ),
    types=_TYPES,
    refuses=not_referred,
    reads=frozenset({"incident-recorded", "referral-made", "child-stream-opened"}),
)
NO_ACTION_APPROVER: Final = Gate(
    name="NO-ACTION-APPROVER",
    refusal=Refusal(
        rule="R-005",
        force="SHOULD",
        source="S5 s.1; S1 s.Professional attitudes; S1 s.HSB not always recognised",
        text="After a screening above green, or a sign of unequal power or coercion, a second person "
        "approves that nothing further follows.",
        fix="Name a second approver of your organisation, other than the author.",
    ),
    types=_TYPES,
    refuses=one_person_only,
    reads=CONCERNS,
)
GATES: Final = (
    NO_ACTION_REASONS,
    NO_ACTION_ABOUT,
    NO_ACTION_AGENCIES,
    NO_ACTION_UNDER_AGE,
    NO_ACTION_APPROVER,
)
