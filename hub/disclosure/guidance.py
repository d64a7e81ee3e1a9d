"""What a reader is shown to read about a child, and to whom somebody who worries speaks first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hub.disclosure.answers import ShownGuidance, ShownReference
from hub.disclosure.assemble import Disclosed
from hub.pathway.calendar import age_on, london_day
from hub.pathway.entries import Entry
from hub.pathway.fields import of_type, texts
from hub.pathway.profiles import Profile, designated_for, references_for


def shown_guidance(profile: Profile | None, kind: str, disclosed: Disclosed, now: datetime) -> ShownGuidance:
    """The references of a local procedure for a kind of organisation, and its designated person.

    Trust: which references depends on nothing but what this reader got: the categories of incidents as they
    stand in the reader's entries, and the age, which stands beside each entry. An officer gets all that
    speak of no child.
    Source: R-037, R-053, R-122, R-198; H-20
    """
    if profile is None:
        return ShownGuidance()
    entries = [] if disclosed.standing.classes == {"officer"} else [one.entry for one in disclosed.items]
    born = disclosed.view.date_of_birth if entries else None
    age = age_on(born, london_day(now)) if born is not None else None
    first = designated_for(profile, kind)
    return ShownGuidance(
        tuple(
            ShownReference(one.title, one.publisher, one.address, one.checked, one.source)
            for one in references_for(profile, kind, age, _categories(entries))
        ),
        first.title if first is not None else None,
    )


def _categories(entries: Sequence[Entry]) -> frozenset[str]:
    return frozenset(
        code for one in of_type(entries, "incident-recorded") for code in texts(one, "categories")
    )
