"""The table of decisions is the one that was reviewed, and reaches as far as D-33 says, cell by cell."""

from __future__ import annotations

from functools import cache

import pytest

from hub.disclosure.decide import LABELS
from tests.proofs.decision_table import FILE, Reviewed

READERS = (
    "own-worker", "enquiry", "team-manager", "police", "youth-justice", "iro", "safeguarding-unit", "school",
    "health", "therapist", "carer", "mappa", "smg",
)  # fmt: skip
# What each reader gets where a field with this label, and no other, is filled, in any type that carries it:
# V the label is read in all of them, v in some; R some are shown without it; a shown if one attended a
# meeting; - nothing. In the order of D-33's columns. The notes say where a letter is not the table's own.
D_33 = {
    "CBH-ID": "V V V V vR V V R R R R - V",  # YJS: not the child's own harm (D-21)
    "CWH-ID": "V V V V vR V V R R R R - V",
    "3P": "V V V V - R V - - - - - V",  # neither D-42's line for schools nor D-14's paper is there
    "SRC": "V V V V - - V - R - - - V",  # health: that an account was recorded (D-38)
    "WORDS": "V V V vR R V R - R vR - - -",  # YJS: own harm established (matrix G.B, B08)
    "FAM": "V V V V R V V R R R R R -",  # YJS, school, health, carer: codes of places and own harm too
    "HLTH": "R R R R R R R R vR R R - -",  # health: not a therapist's opinion (D-39)
    "SEXH": "R R R R R R R R V R R - -",
    "THER": "V R - R - R - - - V R - -",
    # v: interviews planned and under ten; police, school: an assessment by youth justice; carer: appointments
    "CRIM": "vR V vR vR vR R R R R R R R vR",
    "INTEL": "- V V V - - - - - - - - V",  # own worker: the pointer, a line (D-35)
    "LEGAL": "- - - - - R R - - - - - -",  # parties unnamed; iro, unit: court information (D-34)
    "LOC": "V V V V V V R R R R R R R",  # SMG: the name of an online group (D-17)
    "EDU": "V V V V V V V - - - - - V",  # school: what it posted itself
    "OPIN": "V vR vR vR vR vR vR vR R R R R vR",  # R: D-04, D-24, D-47, D-49, D-57 name remainders and wholes
    "SAFE": "V V V V V V V V V V V - V",
    "SEALED": "- V - V - - - - - - - - V",  # own worker, manager, unit: the line of D-51
    "OVS": "R R R R R R R - - - - - R",  # missed deadlines, whole (D-40); that something is held back (D-33)
}


@cache
def reviewed() -> Reviewed:
    return Reviewed()


@pytest.mark.req("H-08", "H-12", "D-02", "D-32")
def test_the_table_of_decisions_is_the_one_that_was_reviewed() -> None:
    """Any change to what anybody gets shows here; it is reviewed line by line and written again."""
    assert FILE.read_text(encoding="utf-8").splitlines() == list(reviewed().lines())


@pytest.mark.req("D-33", "D-02")
@pytest.mark.parametrize("label", LABELS, ids=lambda label: f"D-33 {label}")
def test_each_label_reaches_as_far_as_the_table_says(label: str) -> None:
    found = {reader: cell(label, reader) for reader in READERS}
    assert found == dict(zip(READERS, D_33[label].split(), strict=True))


def cell(label: str, reader: str) -> str:
    of = reviewed()
    place = of.table.readers.index(frozenset({reader}))
    filled = of.world.fact("resource", "filled")

    def rows(*variants: str) -> list[int]:
        return [
            row
            for row, one in enumerate(of.table.rows)
            if one.facts[filled] == {label} and one.variant in variants
        ]

    plain = rows("", f"only {label}")
    assert plain, f"no type carries {label}"
    reads = [bool(of.permitted[label][row] >> place & 1) for row in plain]
    if all(reads):
        return "V"
    some = "v" if any(reads) else ""
    if any(of.shown[row] >> place & 1 for row in plain):
        return f"{some}R"
    attended = rows("attended", f"only {label}, attended")
    return some + ("a" if any(of.shown[row] >> place & 1 for row in attended) else "-")
