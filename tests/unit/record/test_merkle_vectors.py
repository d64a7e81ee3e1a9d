"""The published test vectors for RFC 9162 verifiers, where they lie beside the checkout."""

from __future__ import annotations

import json
import os
from base64 import b64decode
from pathlib import Path

import pytest

from hub.record import verify_consistency, verify_inclusion

FOLDER = Path(os.environ.get("MERKLE_VECTORS") or Path(__file__).parents[4] / "shared" / "vectors" / "merkle")
CASES = sorted(FOLDER.rglob("*.json"))

pytestmark = [
    pytest.mark.req("H-14"),
    pytest.mark.skipif(not CASES, reason="no vectors; set MERKLE_VECTORS to the folder that holds them"),
]


def test_all_vectors_are_there() -> None:
    assert len(CASES) == 196


@pytest.mark.parametrize("path", CASES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_the_verifier_agrees_with_the_vector(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    proof = [b64decode(one) for one in case["proof"] or ()]
    if "leafIdx" in case:
        accepted = verify_inclusion(
            b64decode(case["leafHash"]), case["leafIdx"], case["treeSize"], proof, b64decode(case["root"])
        )
    else:
        accepted = verify_consistency(
            case["size1"], case["size2"], b64decode(case["root1"]), b64decode(case["root2"]), proof
        )
    assert accepted is not case["wantErr"]
