"""What keeps a matter open: agreements awaited, disagreements, sharing declined, closure's last answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import schemas
from hub.pathway.calendar import end_of_day
from hub.pathway.course import since
from hub.pathway.entries import said
from hub.pathway.expected.missing import Find, Members, Missing, expect, of_authority
from hub.pathway.expected.rule import Expected, Look
from hub.pathway.fields import as_given, day, given_of, instant_of, part, text
from hub.pathway.profiles import authority

RESOLVING: Final = frozenset({"agreed", "changed", "remains"})
KNOWN: Final = {
    "no-further-action-decided": ("R-064-agreement", "S5 s.13"),
    "interview-planned": ("R-109-agreement", "S5 s.9"),
    "closure-decided": ("R-151-agreement", "S5 s.13"),
}
AGREED: Final[Mapping[str, tuple[str, str]]] = {
    name: KNOWN.get(name, (f"H-28-{name}", "H-28; S5 s.13"))
    for name, version in schemas.types()
    if schemas.schema(name, version)["x-kind"] == "decision"
}
"""Each type of decision with its row and source: a local procedure may ask agreement to any of them."""


def agreement_awaited(type: str) -> Find:
    """R-064, R-109, R-151, H-28: a decision has no effect until the kinds of organisation named agree."""

    def find(look: Look) -> Iterator[Missing]:
        waiting = [one for one in said(look.material.entries, type) if one.awaiting]
        for decided in as_given(waiting):
            yield Missing(
                instant_of(decided), (decided,),
                authority(look.material) if decided.awaiting == ("social-care",) else None,
                values={"awaiting": list(decided.awaiting)},
            )  # fmt: skip

    return find


def disagreement_open(look: Look) -> Iterator[Missing]:
    """H-18: somebody sees something otherwise, and how that ended is not recorded.

    1. What is disputed is the entry it names; whoever posted that is asked, else the child's authority.
    2. An answer that names the disagreement, or names nothing and came later, resolves it; one that takes
       it further up does not.
    """
    entries = look.material.entries
    for raised in given_of(entries, "professional-disagreement-raised"):
        answers = [
            one
            for one in since(entries, raised, "professional-disagreement-resolved")
            if one.about in (None, raised.key) and text(one, "outcome") in (None, *RESOLVING)
        ]
        if answers:  # 2.
            continue
        disputed = next((one for one in entries if one.key == raised.about), None)  # 1.
        agency = disputed.organisation if disputed else None
        yield Missing(
            instant_of(raised), (raised, disputed) if disputed else (raised,),
            agency or authority(look.material),
            values={"concerning": text(raised, "concerning"), "raised_by": raised.organisation},
        )  # fmt: skip


def sharing_to_review(look: Look) -> Iterator[Missing]:
    """H-13: something was not shared, and the day on which that is looked at again has passed.

    Only who declined looks at it again, and nobody else is told (own).
    """
    entries = look.material.entries
    for declined in given_of(entries, "sharing-declined"):
        review = day(declined, "review_date")
        if review is None or look.now < end_of_day(review):
            continue
        again = [
            one
            for one in since(entries, declined, "sharing-declined")
            if one.organisation == declined.organisation
            and (
                one.about == declined.key
                or (
                    text(one, "recipient") == text(declined, "recipient")
                    and (day(one, "review_date") or review) > review
                )
            )
        ]
        if not again:
            yield Missing(
                end_of_day(review), (declined,), declined.organisation,
                text(declined, "approver") or declined.author, values={"review_date": review.isoformat()},
            )  # fmt: skip


def monitoring_not_asked(look: Look) -> Iterator[Missing]:
    """R-152: monitoring was decided at the closure, and nobody asked whether the family agrees to it."""
    for closed in given_of(look.material.entries, "closure-decided")[-1:]:
        monitoring = part(closed, "monitoring")
        if monitoring is not None and text(monitoring, "consent") in (None, "not-asked"):
            yield of_authority(look, closed)


RAISED: Final[Members] = {"professional-disagreement-raised": ("concerning",)}

RULES: Final[tuple[Expected, ...]] = (
    *(
        expect(
            id,
            source,
            text="Another organisation has yet to agree to this decision.",
            why="It takes effect only when each kind of organisation that the procedure names has agreed.",
            role=None,
            starts={type: ()},
            meets={type: ()},
            find=agreement_awaited(type),
            outlives_closure=type == "closure-decided",
        )
        for type, (id, source) in AGREED.items()
    ),
    expect(
        "R-152",
        "S5 s.13",
        text="Whether the family agrees to monitoring has not been asked.",
        why="Monitoring by universal services after the end rests on consent.",
        role="social-worker",
        starts={"child-stream-opened": ("responsible_authority",), "closure-decided": ("monitoring",)},
        meets={"closure-decided": ("monitoring",)},
        find=monitoring_not_asked,
        outlives_closure=True,
    ),
    expect(
        "H-13",
        "H-13",
        text="A decision not to share is due to be looked at again.",
        why="Its review date has passed.",
        role=None,
        starts={"sharing-declined": ("recipient", "review_date", "approver")},
        meets={"sharing-declined": ("recipient", "review_date", "poster")},
        find=sharing_to_review,
        outlives_closure=True,
        own=True,
    ),
    expect(
        "H-18",
        "S3 s.4; H-18",
        text="A professional disagreement is open.",
        why="Both positions stand until it is recorded how the disagreement ended.",
        role=None,
        starts={**RAISED, "*": ("poster",)},
        meets={"professional-disagreement-resolved": ("outcome",)},
        find=disagreement_open,
    ),
)
