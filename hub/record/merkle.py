"""The Merkle tree of RFC 9162: roots, proofs, and the verifiers that need nothing but hashes.

Everything that builds asks a function `node(level, index)` for the root of the perfect subtree over
the leaves [index * 2**level, (index + 1) * 2**level), so the same code runs over a list and over tiles.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
Node: TypeAlias = Callable[[int, int], bytes]
_sha256 = hashlib.sha256


def pair(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right).

    Source: RFC 9162 2.1.1
    """
    return _sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root of a perfect subtree, from its 2**n hashes one level down."""
    row = list(hashes)
    while len(row) > 1:
        row = [pair(row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]


def nodes_of(leaf_hashes: Sequence[bytes]) -> Node:
    """The node function of a tree held in memory."""

    def node(level: int, index: int) -> bytes:
        return fold(leaf_hashes[index << level : (index + 1) << level])

    return node


def root(size: int, node: Node) -> bytes:
    """The root of the tree over the first `size` leaves.

    Source: RFC 9162 2.1.1
    """
    return EMPTY_ROOT if size == 0 else _range_root(0, size, node)


def _range_root(start: int, end: int, node: Node) -> bytes:
    """The root over [start, end), where `start` is a multiple of the range's largest perfect subtree."""
    parts: list[bytes] = []
    for level in range((end - start).bit_length() - 1, -1, -1):
        if (end - start) >> level:
            parts.append(node(level, start >> level))
            start += 1 << level
    result = parts.pop()
    while parts:
        result = pair(parts.pop(), result)
    return result


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """The audit path of one leaf in the tree over `size` leaves, nearest sibling first.

    Raises: ValueError where the leaf is not in the tree.
    Source: RFC 9162 2.1.3.1
    """
    if not 0 <= index < size:
        raise ValueError("the leaf is not in the tree")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_root(middle, end, node))
            end = middle
        else:
            path.append(_range_root(start, middle, node))
            start = middle
    path.reverse()
    return path


def consistency_proof(old: int, new: int, node: Node) -> list[bytes]:
    """The proof that the tree over `new` leaves begins with the tree over `old` leaves.

    Raises: ValueError where `old` is not within 1..new.
    Source: RFC 9162 2.1.4.1
    """
    if not 1 <= old <= new:
        raise ValueError("a consistency proof runs from a non-empty tree to one at least as large")
    path: list[bytes] = []
    start, end, whole = 0, new, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_range_root(middle, end, node))
            end = middle
        else:
            path.append(_range_root(start, middle, node))
            start, whole = middle, False
    if not whole:
        path.append(_range_root(start, end, node))
    path.reverse()
    return path


def _well_formed(*hashes: bytes) -> bool:
    return all(len(one) == HASH_BYTES for one in hashes)


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], tree_root: bytes) -> bool:
    """Whether the leaf hash stands at `index` of the tree with this size and root.

    Trust: every argument may come from an adversary.
    Source: RFC 9162 2.1.3.2
    """
    if not 0 <= index < size or not _well_formed(leaf, tree_root, *proof):
        return False
    first, last, result = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if first & 1 or first == last:
            result = pair(sibling, result)
            while not first & 1 and first:
                first >>= 1
                last >>= 1
        else:
            result = pair(result, sibling)
        first >>= 1
        last >>= 1
    return last == 0 and result == tree_root


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the larger tree begins with the smaller one.

    Trust: every argument may come from an adversary; a proof from the empty tree proves nothing and fails.
    Source: RFC 9162 2.1.4.2
    """
    if not 1 <= old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    if not _well_formed(old_root, new_root, *proof):
        return False
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    first, last = old - 1, new - 1
    while first & 1:
        first >>= 1
        last >>= 1
    old_result = new_result = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            old_result = pair(sibling, old_result)
            new_result = pair(sibling, new_result)
            while not first & 1 and first:
                first >>= 1
                last >>= 1
        else:
            new_result = pair(new_result, sibling)
        first >>= 1
        last >>= 1
    return last == 0 and old_result == old_root and new_result == new_root


class Frontier:
    """The running root of a growing tree, holding one hash per level."""

    __slots__ = ("_peaks", "size")

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def extend(self, leaf_hashes: Iterable[bytes]) -> None:
        """Add leaves at the end."""
        for leaf in leaf_hashes:
            result, size = leaf, self.size
            while size & 1:
                result = pair(self._peaks.pop(), result)
                size >>= 1
            self._peaks.append(result)
            self.size += 1

    def root(self) -> bytes:
        """The root over all leaves added so far."""
        if not self._peaks:
            return EMPTY_ROOT
        result = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            result = pair(peak, result)
        return result
