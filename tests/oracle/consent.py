"""What others allow: recorded consent (D-19), and requests for records that were granted (D-06, R-120)."""

from __future__ import annotations

from tests.oracle.asked import Asked, hidden, part, whole
from tests.oracle.model import Expected, Happening, Reader, World
from tests.oracle.table import fields, filled

# D-49 speaks of a decision to assess and of AssetPlus, and of one consent that names who may have either.
OF_AN_ASSESSMENT = ("specialist-assessment-decided", "justice-assessment-completed")


def may_have(world: World, reader: Reader, event: Happening) -> bool:
    """Whether consent, as it is recorded now, may let a reader have the content of an assessment.

    1. Consent is to an assessment; it names with whom to share, as an organisation or as a kind.
    2. Each of those who are asked may take it back: the last word of each counts, and any no is a no.
    """
    if event.type not in OF_AN_ASSESSMENT or event["tool"] is None:
        return False
    last: dict[object, Happening] = {}
    for one in world.current(event.child):
        if one.type == "assessment-consent-recorded" and one["tool"] in (event["tool"], None):
            last[one["from_whom"]] = one  # 2
    named = {reader.organisation, reader.sector}
    return bool(last) and all(
        one["outcome"] == "given" and named & set(one["share_with"] or ()) for one in last.values()
    )  # 1


# D-06, R-112: police for therapy notes; R-120: early help for the early health record.
SCOPES = {"police": {"therapy-notes"}, "early-help": {"developmental", "neonatal"}}


def granted(world: World, asked: Asked) -> bool:
    """Whether the poster of an event last granted what this reader's organisation asked it for, and why."""
    event, reader = asked.event, asked.reader
    events = world.current(event.child)
    requests = {
        f"event-{one.number:012d}"
        for one in events
        if one.type == "records-access-requested" and one.organisation == reader.organisation
        and one["holder"] == event.organisation and one["purpose"]
        and one["scope"] in SCOPES.get(asked.column, ())
    }  # fmt: skip
    last: dict[str, object] = {}
    for one in events:
        if one.type == "records-access-decided" and one.organisation == event.organisation and one["about"]:
            last[one["about"]["id"]] = one["decision"]
    return any(last.get(one) == "granted" for one in requests)


def by_grant(asked: Asked) -> Expected:
    """What a granted request opens: therapy content to police, of health what is not sexual to early help."""
    members, type_ = fields(asked.event.type), asked.event.type
    there = filled(type_, dict(asked.event.data))
    if asked.column == "early-help":
        clinical = {one for one, labels in members.items() if labels == {"HLTH"}}
        opened = part("R-120", may=clinical | {"considered"}, must=clinical & there)
        return opened if clinical & there else hidden("D-33")
    if not any("THER" in members[one] for one in there):
        return hidden("D-33")
    # D-43: police who are consulted only did not come by a basis that D-06 speaks of.
    doubt = hidden("D-43") if asked.standing.young or asked.standing.consult_only else None
    health = {one for one, labels in members.items() if labels & {"HLTH", "SEXH"}}
    opened = part("D-06", "D-07", may=set(members) - health) if health else whole(asked, "D-06")
    return opened | doubt if doubt else opened
