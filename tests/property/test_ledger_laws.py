"""Laws of the ledger that hold for any tree: tiles, proofs, frontier and notes agree with the definition."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import HubError
from hub.record import (
    HubSigner,
    leaf_data,
    parse_checkpoint,
    read_leaf,
    verify_checkpoint,
    verify_consistency,
    verify_inclusion,
)
from hub.record.leaf import commitment
from hub.record.merkle import Frontier, consistency_proof, inclusion_proof, nodes_of, root
from hub.record.tiles import grow, node_of

LEAVES = [hashlib.sha256(b"\x00" + n.to_bytes(4, "big")).digest() for n in range(1200)]
SIGNER = HubSigner(Ed25519PrivateKey.from_private_bytes(bytes(32)), "hub.example/laws")
SIZES = st.integers(1, len(LEAVES))

pytestmark = pytest.mark.req("H-14")


def tiles_of(steps: list[int]) -> dict[tuple[int, int], bytes]:
    tiles: dict[tuple[int, int], bytes] = {}
    size = 0
    for step in steps:
        tiles.update(grow(size, LEAVES[size : size + step], lambda *place: tiles.get(place, b"")))
        size += step
    return tiles


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=6), st.data())
def test_tiles_grown_in_any_steps_are_the_same_and_prove_every_size(
    steps: list[int], data: st.DataObject
) -> None:
    steps = [step for n, step in enumerate(steps) if sum(steps[: n + 1]) <= len(LEAVES)]
    size = sum(steps)
    tiles = tiles_of(steps)
    assert tiles == tiles_of([size])
    if not size:
        return
    node = node_of(lambda *place: tiles.get(place, b""))
    old = data.draw(st.integers(1, size))
    index = data.draw(st.integers(0, old - 1))
    assert root(old, node) == root(old, nodes_of(LEAVES))
    assert inclusion_proof(index, old, node) == inclusion_proof(index, old, nodes_of(LEAVES))
    assert consistency_proof(old, size, node) == consistency_proof(old, size, nodes_of(LEAVES))


def test_a_tree_over_two_levels_of_full_tiles() -> None:
    leaves = [n.to_bytes(32, "big") for n in range(256 * 256 + 3)]
    tiles: dict[tuple[int, int], bytes] = dict(grow(0, leaves, lambda *_: b""))
    frontier = Frontier()
    frontier.extend(leaves)
    assert {level for level, _ in tiles} == {0, 1, 2}
    node = node_of(lambda *place: tiles.get(place, b""))
    assert root(len(leaves), node) == frontier.root()
    proof = inclusion_proof(70, len(leaves), node)
    assert verify_inclusion(leaves[70], 70, len(leaves), proof, frontier.root())


@settings(max_examples=80, deadline=None)
@given(SIZES, st.data())
def test_a_proof_proves_its_leaf_and_no_changed_proof_does(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    tree = root(size, nodes_of(LEAVES))
    proof = inclusion_proof(index, size, nodes_of(LEAVES))
    assert verify_inclusion(LEAVES[index], index, size, proof, tree)
    assert not verify_inclusion(LEAVES[index], index, size, [*proof, LEAVES[0]], tree)
    if proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        bit = data.draw(st.integers(0, 255))
        changed = (int.from_bytes(proof[place], "big") ^ (1 << bit)).to_bytes(32, "big")
        forged = [*proof[:place], changed, *proof[place + 1 :]]
        assert not verify_inclusion(LEAVES[index], index, size, forged, tree)
        assert not verify_inclusion(LEAVES[index], index, size, proof[:-1], tree)


@settings(max_examples=80, deadline=None)
@given(SIZES, SIZES, st.integers(0, 1199))
def test_no_history_can_be_rewritten_below_a_proved_size(one: int, two: int, where: int) -> None:
    old, new = sorted((one, two))
    forged = [*LEAVES[: where % old], b"\x00" * 32, *LEAVES[where % old + 1 :]]
    proof = consistency_proof(old, new, nodes_of(LEAVES))
    roots = root(old, nodes_of(LEAVES)), root(new, nodes_of(LEAVES))
    assert verify_consistency(old, new, *roots, proof)
    rewritten = root(new, nodes_of(forged))
    for candidate in (proof, consistency_proof(old, new, nodes_of(forged))):
        assert not verify_consistency(old, new, roots[0], rewritten, candidate)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 40), max_size=8))
def test_the_frontier_is_the_root_at_every_step(steps: list[int]) -> None:
    frontier = Frontier()
    for step in steps:
        frontier.extend(LEAVES[frontier.size : frontier.size + step])
        assert frontier.root() == root(frontier.size, nodes_of(LEAVES))


NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=64)


@given(NAMES, NAMES, st.binary(min_size=32, max_size=32), st.binary(max_size=200))
def test_leaf_data_reads_back(source: str, id: str, salt: bytes, payload: bytes) -> None:
    leaf = read_leaf(leaf_data("record", source, id, salt, payload))
    assert (leaf.kind, leaf.source, leaf.id) == ("record", source, id)
    assert leaf.commitment == commitment(salt, payload)


@given(st.integers(0, 2**62), st.binary(min_size=32, max_size=32))
def test_a_signed_checkpoint_reads_back(size: int, tree: bytes) -> None:
    checkpoint = SIGNER.sign_checkpoint(size, tree)
    assert verify_checkpoint(checkpoint.text, SIGNER.note_key) == checkpoint
    assert (checkpoint.size, checkpoint.root) == (size, tree)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_checkpoint_with_one_changed_character_verifies(data: st.DataObject) -> None:
    text = SIGNER.sign_checkpoint(271, LEAVES[0]).text
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters().filter(lambda c: c != text[place]))
    with pytest.raises(HubError):
        verify_checkpoint(text[:place] + other + text[place + 1 :], SIGNER.note_key)


@settings(max_examples=200)
@given(st.text())
def test_parsing_anything_gives_a_checkpoint_or_a_refusal(text: str) -> None:
    with pytest.raises(HubError) as caught:
        parse_checkpoint(text)
    assert caught.value.slug == "signature"
