"""D-19: what leaves only inside recorded consent."""

from __future__ import annotations

from tests.oracle.model import Happening, Reader, World

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
