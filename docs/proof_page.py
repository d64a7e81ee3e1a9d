"""docs/proofs.md: what is proved of the sharing rules, what it rests on, and what cannot be said yet.

Proving takes some seconds, so a page that was made of the same rules, lists and proofs is kept as it stands;
its stamp says of what it was made, and that nobody has changed it since.
"""

from __future__ import annotations

import hashlib
import re
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from docs.schema_pages import NOTE
from hub.catalogue import load_catalogue
from hub.disclosure.proving.world import World, shipped_world

if TYPE_CHECKING:
    from hub.disclosure.proving.proofs import Proof

PAGE: Final = Path(__file__).resolve().parent / "proofs.md"
PROVING: Final = PAGE.parent.parent / "hub" / "disclosure" / "proving"
STAMP: Final = re.compile(r"<!-- made of ([0-9a-f]{16}), as ([0-9a-f]{16}) -->\n\Z")

ASSUMED: Final = (
    "Cedar answers as the encoding does. Both are asked the same thousands of generated requests in the "
    "tests, and every witness below is one that Cedar answers as the encoding says.",
    "An entry is of a type of the catalogue, carries the labels that the catalogue gives its fields, and "
    "a filled label is one that the type carries. What counts for a narrative is that of its fields; "
    "other children in it are tokens (D-03).",
    "Entries of meetings, and they only, have somebody who is entitled to them. A coded line comes from "
    "the types that give such a line.",
    "Nothing else is assumed of a reader: every combination of what one can be to a child is considered, "
    "and with it something that no rule names, as a rule to come might.",
    "The facts are true. That a reader is what it is said to be, is entitled to a meeting or posted an "
    "entry is settled before the rules are asked (`hub/disclosure/standing.py`, "
    "`hub/disclosure/assemble.py`) and has tests of its own.",
)
NOT_YET: Final = (
    "**Granted requests.** That a request was granted by the holder of what is read is a fact that is "
    "settled before the rules are asked (`hub/disclosure/permissions.py`). P-07, P-08, P-D07 and P-33-THER "
    "say what holds without it.",
    "**Therapy in a part of an entry.** Reading by the label of therapy, and showing a whole entry that "
    "holds it, are each forbidden by a rule of its own, for rules to come as well (P-08, P-D06-WHOLE). That "
    "no rule names a member with therapy among what remains of an entry, but for the start of appointments "
    "for the current carer, is proved of the rules as they are (P-07, P-33-THER), not of rules to come.",
    "**Emergency access.** P-D50 and P-D50-CORE are about a reader who is nothing else to the child. "
    "Somebody who is gets what the other basis opens, and no more by the emergency than these say. That it "
    "opens no second side of a case is settled when it is used (`hub/disclosure/emergency.py`).",
    "**Approved review.** That a review was approved by somebody of the child's authority, names the entry "
    "and has not ended is settled before the rules are asked (`hub/disclosure/content_reviews.py`). What it "
    "then opens and never opens is what P-D13-REVIEW-OPENS and P-D13-REVIEW-NEVER are about; without it "
    "P-13 and P-14 hold. By the rules alone somebody who is an officer and something else to the same child "
    "would get the fields that other rules' remainders keep; that an officer is nothing else is settled "
    "before too (`hub/disclosure/standing.py`).",
    "**Two children of a separated case.** The rules judge one child at a time. P-04 therefore rests on "
    "the gates that refuse one worker for both children (R-067); the rules add that without a "
    "relationship there is nothing (P-01) and that coded lines run one way (P-05).",
    "**Whose reader.** The rules know what a reader is to the child, not the kind of its organisation. "
    '"Education", "health", "police" and "carers" are what the directory\'s roles of these agencies can be'
    " to a child. One person with roles of two agencies is not covered by a theorem about one of them.",
    "**A school that is not the child's.** An invitation opens nothing to it, also where the child has left "
    "it since; what it may find of a meeting (P-03) is its own part of one that it was at while the child "
    "was its pupil, for 28 days. Both are settled before the rules are asked (`hub/views/meetings.py`) and "
    "have tests of their own.",
    "**Families.** Parents and children are no readers of the hub: papers are made for them, which is what "
    "P-D14-FAMILY and P-H23 are about (P-11 is about carers). What a recipient was to a child, of whose "
    "account an access is part, is settled before the rules are asked.",
    "**Consent.** Whether consent is in force, for which tool and whom it names, is a fact that is settled "
    "before the rules are asked; P-D49 is about the decision to assess without it.",
)

PROVED: Final = (
    '"Proved" means that a solver looked for a request that contradicts the sentence, and that there is '
    "none among all requests that the hub can make. The rules and the procedure that applies them are "
    "written down for it as formulas over a reader and an item of which nothing is known. Beside each "
    "sentence stands a request that it does speak of, so that none is true for want of a case. `hub "
    "policy prove` proves them again; where one does not hold it ends with status 1 and prints the "
    "request that contradicts it, as Cedar answers it. `make proofs` also changes every rule in every "
    "small way, and names the changes that neither a theorem nor the table of decisions notices."
)
LASTING: Final = (
    "Adding a role or a relationship adds to what a reader is to the child. Of every rule that forbids it"
    " is proved that no addition lifts it, but of what the rule itself exempts: what it forbids a reader "
    "it forbids the same reader with anything more, an invitation too."
)
KEYED: Final = (
    "A rule that forbids something to a certain reader only does not meet one who is not that. These do; "
    "what others get is for the rules that permit:"
)
IDLE: Final = (
    "Without these every request would be answered the same. They hold against rules that are still to come:"
)


def page(kept: str, *, prove: bool = True) -> str:
    """The page; `kept`, the one that stands, where it was made of the same and is as it was made.

    Shape: without `prove` a page that does not stand is not made again, and empty.
    """
    world = shipped_world(load_catalogue())
    made_of = _made_of(world)
    if _stands(kept, made_of):
        return kept
    if not prove:
        return ""
    body = _body(world)
    return f"{body}<!-- made of {made_of}, as {_digest(body)} -->\n"


def _stands(text: str, made_of: str) -> bool:
    stamp = STAMP.search(text)
    return stamp is not None and stamp[1] == made_of and stamp[2] == _digest(text[: stamp.start()])


def _made_of(world: World) -> str:
    lists = sorted(
        f"{type} {field} {' '.join(sorted(labels))}"
        for type, fields in world.fields.items()
        for field, labels in fields.items()
    )
    lists += sorted(f"{code} {' '.join(sorted(types))}" for code, types in world.line_types.items())
    lists += sorted(f"{fact.name} {' '.join(texts)}" for fact, texts in world.known.items())
    sources = [Path(__file__), *sorted(PROVING.glob("*.py"))]
    parts = [world.rules.version, *lists, *(file.read_text(encoding="utf-8") for file in sources)]
    return _digest("\0".join(parts))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _body(world: World) -> str:
    from hub.disclosure.proving.everything import theorems
    from hub.disclosure.proving.guards import forbids, needs_a_class
    from hub.disclosure.proving.mutation import Judge, deletions, never_met
    from hub.disclosure.proving.proofs import prove

    proofs = list(prove(world, theorems(world)))
    judge = Judge(world)
    never = ", ".join(f"`{id}`" for id in never_met(world)) or "none"
    idle = [one.mutant.original.id for one in deletions(judge) if one.fate == "the same"]
    by_class = {one.id: needs_a_class(one) for one in forbids(world)}
    lines = [
        "# What is proved of the sharing rules",
        "",
        NOTE,
        f"This is about the {len(world.policies)} rules in [rules.md](rules.md).",
        *_paragraph(PROVED),
        "",
        "## Theorems",
        "",
        *_table([one for one in proofs if not one.theorem.id.startswith("P-LASTS")]),
        "",
        "## What is forbidden stays forbidden",
        "",
        *_paragraph(LASTING),
        "",
        *_table([one for one in proofs if one.theorem.id.startswith("P-LASTS")]),
        "",
        "## Rules that rest on what the reader is",
        "",
        *_paragraph(KEYED),
        "",
        *[f"- `{id}` speaks of: {', '.join(sorted(classes))}" for id, classes in by_class.items() if classes],
        "",
        "## Rules that decide nothing today",
        "",
        f"No request can meet the condition of: {never}.",
        "",
        *_paragraph(IDLE),
        (", ".join(f"`{id}`" for id in idle) or "none") + ".",
        "",
        "## What the proofs assume",
        "",
        *[f"- {one}" for one in ASSUMED],
        "",
        "## What cannot be said yet",
        "",
        *[f"- {one}" for one in NOT_YET],
        "",
        "",
    ]
    return "\n".join(lines)


def _paragraph(text: str) -> list[str]:
    return textwrap.wrap(text, 108)


def _table(proofs: Sequence[Proof]) -> list[str]:
    rows = ["| id | requirement | what holds | result | for example |", "|---|---|---|---|---|"]
    for one in proofs:
        example = " / ".join(
            "; ".join(f"{name}: {told}" for name, told in shown.request.told().items()) or "nothing"
            for shown in one.shown
        )
        sentence = one.theorem.sentence.replace("|", "\\|")
        rows.append(
            f"| {one.theorem.id} | {one.theorem.requirement} | {sentence} | {one.result} | {example} |"
        )
    return rows
