"""The tree against its definition, written down a second time without any cleverness."""

from __future__ import annotations

import hashlib

import pytest

from hub.record.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    nodes_of,
    root,
    verify_consistency,
    verify_inclusion,
)  # fmt: skip

pytestmark = pytest.mark.req("H-14")

LEAVES = [hashlib.sha256(b"\x00" + bytes([n])).digest() for n in range(40)]


def by_definition(leaves: list[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = by_definition(leaves[:split]), by_definition(leaves[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def test_the_root_is_the_root_of_the_definition() -> None:
    frontier = Frontier()
    assert root(0, nodes_of([])) == frontier.root() == EMPTY_ROOT
    for size, leaf in enumerate(LEAVES, 1):
        frontier.extend([leaf])
        assert root(size, nodes_of(LEAVES)) == frontier.root() == by_definition(LEAVES[:size])


def test_a_tree_that_was_worked_out_by_hand() -> None:
    # Three leaves of one byte each: the third is promoted without being hashed again.
    a, b, c = LEAVES[:3]
    ab = hashlib.sha256(b"\x01" + a + b).digest()
    whole = hashlib.sha256(b"\x01" + ab + c).digest()
    assert root(3, nodes_of(LEAVES)) == whole
    assert whole.hex() == "3b6cccd7e3e023ff393006f030315ee7ad9eb111b022b41fba7e5b7a3973f688"
    assert inclusion_proof(0, 3, nodes_of(LEAVES)) == [b, c]
    assert inclusion_proof(2, 3, nodes_of(LEAVES)) == [ab]
    assert consistency_proof(2, 3, nodes_of(LEAVES)) == [c]
    assert consistency_proof(3, 3, nodes_of(LEAVES)) == []


def test_every_inclusion_proof_verifies_and_no_other_place_does() -> None:
    for size in range(1, 20):
        tree = root(size, nodes_of(LEAVES))
        for index in range(size):
            proof = inclusion_proof(index, size, nodes_of(LEAVES))
            for claimed in range(size):
                assert verify_inclusion(LEAVES[index], claimed, size, proof, tree) is (claimed == index)


def test_every_consistency_proof_verifies_and_for_no_other_root() -> None:
    for new in range(1, 20):
        for old in range(1, new + 1):
            proof = consistency_proof(old, new, nodes_of(LEAVES))
            roots = root(old, nodes_of(LEAVES)), root(new, nodes_of(LEAVES))
            assert verify_consistency(old, new, *roots, proof)
            assert not verify_consistency(old, new, LEAVES[39], roots[1], proof)
            assert not verify_consistency(old, new, roots[0], LEAVES[39], proof)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 3), (3, 3)])
def test_no_proof_of_a_leaf_outside_the_tree(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="not in the tree"):
        inclusion_proof(index, size, nodes_of(LEAVES))
    assert not verify_inclusion(LEAVES[0], index, size, [], LEAVES[0])


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 3), (4, 3)])
def test_no_proof_from_nothing_or_from_larger_to_smaller(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="consistency proof"):
        consistency_proof(old, new, nodes_of(LEAVES))
    assert not verify_consistency(old, new, EMPTY_ROOT, EMPTY_ROOT, [])


def test_hashes_of_another_length_are_refused() -> None:
    assert not verify_inclusion(LEAVES[0][:31], 0, 1, [], LEAVES[0][:31])
    proof = consistency_proof(1, 2, nodes_of(LEAVES))
    assert not verify_consistency(1, 2, LEAVES[0], root(2, nodes_of(LEAVES)), [proof[0] + b"x"])
