"""Leaf data: the form that receipts hold and partners check."""

from __future__ import annotations

import hashlib

import pytest

from hub.errors import HubError
from hub.record import leaf_data, leaf_hash, read_leaf

SALT = bytes(range(32))

pytestmark = pytest.mark.req("H-14")


def test_leaf_data_is_five_lines_each_ending_in_a_line_feed() -> None:
    data = leaf_data("event", "urn:safeguarding:org:police.x", "01ABC", SALT, b"payload")
    assert data == (
        b"hub-leaf/1\nevent\nurn:safeguarding:org:police.x\n01ABC\n"
        b"pvhxaSzwBP0vU9_si_hRMKZD3HHsnUbPao_Bm37Pbyw\n"
    )
    assert leaf_hash(data) == hashlib.sha256(b"\x00" + data).digest()
    leaf = read_leaf(data)
    assert (leaf.kind, leaf.source, leaf.id) == ("event", "urn:safeguarding:org:police.x", "01ABC")


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[:-1],
        lambda data: data + b"\n",
        lambda data: data.replace(b"hub-leaf/1", b"hub-leaf/2"),
        lambda data: data.replace(b"\nevent\n", b"\nevents\n"),
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data[:-3] + b"\n",
        lambda data: data.replace(b"01ABC", b"01\nBC"),
        lambda data: b"\xff" + data,
    ],
)
def test_anything_else_is_not_a_leaf(change: object) -> None:
    data = leaf_data("event", "s", "01ABC", SALT, b"payload")
    with pytest.raises(HubError):
        read_leaf(change(data))  # type: ignore[operator]
