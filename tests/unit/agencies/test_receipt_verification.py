"""A right receipt is proved offline; a receipt with any one thing changed is not."""

import base64
import copy
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import OKPKey

from agencies.sdk import generate_key, public_jwk, verify_receipt
from agencies.sdk.checkpoint import leaf_hash, read_checkpoint, root_from_inclusion
from agencies.sdk.receipts import ReceiptFault
from tests.unit.agencies.small_hub import (
    HUB_ID,
    Held,
    SmallHub,
    b64url,
    merkle_path,
    merkle_root,
    sign_note,
)

ELM = "urn:safeguarding:org:education.elm-school"


def payload(number: int) -> bytes:
    return json.dumps(
        {"id": f"EVENT-{number:016}", "source": ELM, "subject": "upn:Q999400119001", "data": {"n": number}}
    ).encode()


@dataclass
class Case:
    hub: SmallHub
    answer: dict[str, Any]
    payload: bytes

    def verify(self) -> Any:
        return verify_receipt(self.answer, self.payload, self.hub.public, HUB_ID)

    def resign(self, **changes: object) -> None:
        self.answer["claims"] = {**self.answer["claims"], **changes}
        self.answer["receipt"] = self.hub.sign(self.answer["claims"])


def made(size: int = 7, index: int = 4) -> Case:
    hub = SmallHub()
    for number in range(size):
        body = payload(number)
        salt = bytes([number]) * 32
        digest = b64url(hashlib.sha256(salt + body).digest())
        name = (ELM, f"EVENT-{number:016}")
        leaf = f"hub-leaf/1\nevent\n{name[0]}\n{name[1]}\n{digest}\n"
        claims: dict[str, object] = {
            "event": {"source": name[0], "id": name[1]},
            "subject": "upn:Q999400119001",
            "received_at": "2025-09-12T14:25:00Z",
            "leaf_index": number,
            "leaf_data": leaf,
            "salt": b64url(salt),
            "warnings": [],
            "policy_version": "test",
        }
        hub.held[name] = Held(body, leaf.encode(), hub.sign(claims), claims)
        hub.order.append(name)
    hub.prove = True
    answer = copy.deepcopy(hub.answer(hub.held[hub.order[index]]))
    return Case(hub, answer, payload(index))


@pytest.mark.req("H-14")
def test_a_right_receipt_is_proved() -> None:
    case = made()
    verified = case.verify()
    assert (verified.source, verified.id, verified.leaf_index) == (ELM, f"EVENT-{4:016}", 4)
    assert verified.checkpoint is not None and verified.checkpoint.size == 7
    assert verified.checkpoint.root == merkle_root([one.leaf for one in case.hub.held.values()])


def test_a_receipt_without_a_proof_is_right_but_not_proved() -> None:
    case = made()
    case.answer["proof"] = None
    assert case.verify().checkpoint is None


def other_signature(case: Case) -> None:
    case.answer["receipt"] = SmallHub().sign(case.answer["claims"])


def flipped_signature(case: Case) -> None:
    head, body, signature = case.answer["receipt"].split(".")
    raw = bytearray(base64.urlsafe_b64decode(signature + "=="))
    raw[10] ^= 1
    case.answer["receipt"] = f"{head}.{body}.{b64url(bytes(raw))}"


def flipped_claims(case: Case) -> None:
    head, body, signature = case.answer["receipt"].split(".")
    raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).replace(
        b'"leaf_index": 4', b'"leaf_index": 5'
    )
    case.answer["receipt"] = f"{head}.{b64url(raw)}.{signature}"


def no_algorithm(case: Case) -> None:
    head = b64url(b'{"alg":"none"}')
    case.answer["receipt"] = f"{head}.{case.answer['receipt'].split('.')[1]}."


def keyed_with_the_public_key(case: Case) -> None:
    # the classic confusion: the public key taken as an HMAC secret
    from joserfc.jwk import OctKey

    secret = OctKey.import_key(case.hub.key.public_key().public_bytes_raw())
    body = json.dumps(case.answer["claims"]).encode()
    case.answer["receipt"] = jws.serialize_compact({"alg": "HS256"}, body, secret, algorithms=["HS256"])


def foreign_kid(case: Case) -> None:
    key = OKPKey.import_key(case.hub.key)
    body = json.dumps(case.answer["claims"]).encode()
    header = {"alg": "Ed25519", "kid": "another"}
    case.answer["receipt"] = jws.serialize_compact(header, body, key, algorithms=["Ed25519"])


def checkpoint(case: Case, change: Callable[[str], str]) -> None:
    case.answer["proof"]["checkpoint"] = change(case.answer["proof"]["checkpoint"])


def own_checkpoint(case: Case, **kwargs: Any) -> None:
    """A checkpoint rightly signed by the hub, but of another tree or name."""
    leaves = [one.leaf for one in case.hub.held.values()]
    values = {"key": case.hub.key, "name": HUB_ID, "size": len(leaves), "root": merkle_root(leaves), **kwargs}
    case.answer["proof"]["checkpoint"] = sign_note(**values)


MANIPULATIONS: dict[str, tuple[str, Callable[[Case], object]]] = {
    "another key signed the receipt": ("signature", other_signature),
    "a bit of the signature": ("signature", flipped_signature),
    "a bit of the signed claims": ("signature", flipped_claims),
    "no algorithm": ("signature", no_algorithm),
    "an HMAC with the public key": ("signature", keyed_with_the_public_key),
    "another key's name": ("signature", foreign_kid),
    "no receipt": ("signature", lambda case: case.answer.pop("receipt")),
    "claims in clear: index": ("claims", lambda case: case.answer["claims"].update(leaf_index=5)),
    "claims in clear: received_at": (
        "claims",
        lambda case: case.answer["claims"].update(received_at="2025-09-11T14:25:00Z"),
    ),
    "claims in clear: a warning left out": ("claims", lambda case: case.answer["claims"].pop("warnings")),
    "another event's id": (
        "event",
        lambda case: case.resign(event={"source": ELM, "id": f"EVENT-{5:016}"}),
    ),
    "another source": (
        "event",
        lambda case: case.resign(event={"source": ELM.replace("elm", "oak"), "id": f"EVENT-{4:016}"}),
    ),
    "another subject": ("event", lambda case: case.resign(subject="upn:C999400217001")),
    "no event": ("form", lambda case: case.resign(event=None)),
    "another salt": ("leaf", lambda case: case.resign(salt=b64url(b"x" * 32))),
    "no salt": ("form", lambda case: case.resign(salt="")),
    "a short salt": ("form", lambda case: case.resign(salt=b64url(b"x" * 8))),
    "a salt with stray bits": (
        "form",
        lambda case: case.resign(salt=case.answer["claims"]["salt"][:-1] + "B"),
    ),
    "another leaf": (
        "leaf",
        lambda case: case.resign(leaf_data=case.hub.held[case.hub.order[5]].claims["leaf_data"]),
    ),
    "another payload": (
        "leaf",
        lambda case: setattr(case, "payload", payload(4).replace(b'"n": 4', b'"n": 5')),
    ),
    "a payload that is no event": ("form", lambda case: setattr(case, "payload", b"[]")),
    "another index": ("inclusion", lambda case: case.resign(leaf_index=3)),
    "an index beyond the tree": ("inclusion", lambda case: case.resign(leaf_index=7)),
    "an index that is true": ("leaf-index", lambda case: case.resign(leaf_index=True)),
    "a negative index": ("leaf-index", lambda case: case.resign(leaf_index=-1)),
    "no index": ("leaf-index", lambda case: case.resign(leaf_index=None)),
    "another origin in the checkpoint": (
        "checkpoint",
        lambda case: checkpoint(case, lambda n: n.replace(HUB_ID, HUB_ID + "x", 1)),
    ),
    "another size in the checkpoint": (
        "checkpoint",
        lambda case: checkpoint(case, lambda n: n.replace("\n7\n", "\n8\n")),
    ),
    "a size with a zero in front": (
        "checkpoint",
        lambda case: checkpoint(case, lambda n: n.replace("\n7\n", "\n07\n")),
    ),
    "a checkpoint without signatures": (
        "checkpoint",
        lambda case: checkpoint(case, lambda n: n.rpartition("\n\n")[0] + "\n\n"),
    ),
    "a checkpoint without its end": ("checkpoint", lambda case: checkpoint(case, lambda n: n[:-1])),
    "a hyphen for the dash": ("checkpoint", lambda case: checkpoint(case, lambda n: n.replace("—", "-"))),
    "no checkpoint": ("checkpoint", lambda case: case.answer["proof"].pop("checkpoint")),
    "a checkpoint of another signer": (
        "checkpoint",
        lambda case: own_checkpoint(case, key=SmallHub().key),
    ),
    "a checkpoint of another hub by the same key": (
        "checkpoint",
        lambda case: own_checkpoint(case, name="https://other.example.test"),
    ),
    "a checkpoint of another root": ("inclusion", lambda case: own_checkpoint(case, root=b"r" * 32)),
    "a checkpoint of another size, rightly signed": ("inclusion", lambda case: own_checkpoint(case, size=9)),
    "a step of the proof changed": (
        "inclusion",
        lambda case: case.answer["proof"]["inclusion"].__setitem__(0, base64.b64encode(b"s" * 32).decode()),
    ),
    "a step left out": ("inclusion", lambda case: case.answer["proof"]["inclusion"].pop()),
    "a step too many": (
        "inclusion",
        lambda case: case.answer["proof"]["inclusion"].append(base64.b64encode(b"s" * 32).decode()),
    ),
    "steps in another order": ("inclusion", lambda case: case.answer["proof"]["inclusion"].reverse()),
    "a step that is no hash": (
        "inclusion",
        lambda case: case.answer["proof"]["inclusion"].__setitem__(1, "%%"),
    ),
}


@pytest.mark.req("H-14")
@pytest.mark.parametrize("name", MANIPULATIONS)
def test_a_receipt_with_one_thing_changed_is_not_proved(name: str) -> None:
    expected, change = MANIPULATIONS[name]
    case = made()
    change(case)
    with pytest.raises(ReceiptFault) as told:
        case.verify()
    assert told.value.check == expected


def test_another_hubs_key_and_a_key_of_another_kind_prove_nothing() -> None:
    case = made()
    for key in (SmallHub().public, generate_key("ES256")):
        with pytest.raises(ReceiptFault):
            verify_receipt(case.answer, case.payload, key, HUB_ID)
    with pytest.raises(ReceiptFault):
        verify_receipt(case.answer, case.payload, case.hub.public, "https://other.example.test")


def test_signatures_of_witnesses_beside_the_hubs_are_passed_over() -> None:
    case = made()
    note = case.answer["proof"]["checkpoint"]
    body, _, line = note.rpartition("\n\n")
    witness = sign_note(SmallHub().key, "witness.example.test", 7, b"w" * 32).rpartition("\n\n")[2]
    case.answer["proof"]["checkpoint"] = f"{body}\n\n{witness}{line}"
    assert case.verify().checkpoint is not None


def test_extension_lines_of_a_checkpoint_are_signed() -> None:
    hub = SmallHub()
    raw = hub.key.public_key().public_bytes_raw()
    note = sign_note(hub.key, HUB_ID, 1, b"r" * 32)
    assert read_checkpoint(note, raw, HUB_ID) is not None
    assert read_checkpoint(note.replace("\n\n", "\nextension\n\n"), raw, HUB_ID) is None


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))))
def test_every_leaf_of_every_tree_is_proved_and_at_no_other_place(tree: tuple[int, int]) -> None:
    size, index = tree
    leaves = [f"leaf {number}".encode() for number in range(size)]
    path, root = merkle_path(index, leaves), merkle_root(leaves)
    assert root_from_inclusion(index, size, leaf_hash(leaves[index]), path) == root
    for elsewhere in range(size):
        if elsewhere != index:
            assert root_from_inclusion(elsewhere, size, leaf_hash(leaves[index]), path) != root
    assert root_from_inclusion(index, size, leaf_hash(b"another"), path) != root
    assert root_from_inclusion(size, size, leaf_hash(leaves[index]), path) is None


def test_the_hubs_key_is_read_from_the_jwk_it_publishes() -> None:
    case = made()
    described = json.loads(public_jwk(case.hub.public))
    assert set(described) == {"kty", "crv", "x", "kid"}
    assert verify_receipt(case.answer, case.payload, OKPKey.import_key(described), HUB_ID).leaf_index == 4


@pytest.mark.req("H-14")
def test_receipt_and_checkpoint_may_each_be_by_a_former_key_of_the_hub() -> None:
    case, other = made(), SmallHub().public
    before, receipt = case.hub.public, case.answer["receipt"]
    # The hub changes its key, and the receipt is asked for again: the checkpoint is still the former key's.
    case.hub.key = SmallHub().key
    case.resign()
    after = case.hub.public
    assert case.answer["receipt"] != receipt
    for keys in ((after, before), (before, after), (other, before, after)):
        assert verify_receipt(case.answer, case.payload, keys[0], HUB_ID, keys[1:]).leaf_index == 4
    for keys, check in (((after, other), "checkpoint"), ((before, other), "signature")):
        with pytest.raises(ReceiptFault, match=check):
            verify_receipt(case.answer, case.payload, keys[0], HUB_ID, keys[1:])
