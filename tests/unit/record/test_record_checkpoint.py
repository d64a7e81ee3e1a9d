"""Signed checkpoints and the hub's signer."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64decode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import OKPKey

from hub.errors import HubError
from hub.record import HubSigner, parse_checkpoint, read_vkey, verify_checkpoint

ROOT = bytes(range(32))
SIGNER = HubSigner(Ed25519PrivateKey.from_private_bytes(bytes(32)), "hub.example/one")
OTHER = HubSigner(Ed25519PrivateKey.from_private_bytes(bytes([1] * 32)), "partner.example")
NOTE = SIGNER.sign_checkpoint(1234, ROOT)

pytestmark = pytest.mark.req("H-14")


def test_a_checkpoint_is_a_note_of_origin_size_and_root() -> None:
    body, _, signature = NOTE.text.partition("\n\n")
    assert body == f"hub.example/one\n1234\n{b64encode(ROOT).decode()}"
    assert signature.startswith("\u2014 hub.example/one ") and signature.endswith("\n")
    assert parse_checkpoint(NOTE.text) == NOTE == verify_checkpoint(NOTE.text, SIGNER.note_key)


def test_the_verifier_key_has_the_published_form() -> None:
    # The public key of the all-zero seed; the short id was computed apart from this project's code.
    assert SIGNER.vkey == "hub.example/one+3b5931aa+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"


def test_a_verifier_key_reads_back_and_a_changed_one_does_not() -> None:
    assert read_vkey(SIGNER.vkey) == SIGNER.note_key
    name, short, key = SIGNER.vkey.split("+", 2)
    for bad in (f"{name}x+{short}+{key}", f"{name}+00000000+{key}", f"{name}+{short}+{key[:-4]}", name, ""):
        with pytest.raises(HubError):
            read_vkey(bad)


def test_signatures_of_others_are_carried_but_prove_nothing() -> None:
    line = OTHER.sign_checkpoint(1234, ROOT).text.rpartition("\n\n")[2]
    both = NOTE.text + line
    assert len(verify_checkpoint(both, SIGNER.note_key).signatures) == 2
    with pytest.raises(HubError):
        verify_checkpoint(NOTE.body + "\n" + line, SIGNER.note_key)
    with pytest.raises(HubError):
        verify_checkpoint(NOTE.text, OTHER.note_key)


def test_a_forged_signature_under_the_hubs_name_refuses_the_whole_note() -> None:
    forged = SIGNER.sign_checkpoint(9, ROOT).text.rpartition("\n\n")[2]
    for text in (NOTE.body + "\n" + forged, NOTE.text + forged, NOTE.text.replace("1234", "1235")):
        with pytest.raises(HubError) as caught:
            verify_checkpoint(text, SIGNER.note_key)
        assert caught.value.slug == "signature"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("1234\n", "01234\n"),
        ("1234\n", "+1234\n"),
        ("1234\n", "\u0661\n"),
        ("1234\n", "1234 \n"),
        ("1234\n", "1" * 5000 + "\n"),
        ("hub.example/one\n1", "\n1"),
        ("=\n\n", "\n\n"),
        ("8=\n", "9=\n"),
        ("\n\n", "\n"),
        ("\n\n", "\n\n\n"),
        ("\n", "\r\n"),
        ("\u2014", "-"),
        ("one ", "one  "),
        ("hub.example/one ", "hub+example/one "),
        ("\u2014 ", "\ud800"),
    ],
)
def test_only_the_canonical_form_parses(old: str, new: str) -> None:
    assert old in NOTE.text
    with pytest.raises(HubError):
        parse_checkpoint(NOTE.text.replace(old, new))


@pytest.mark.parametrize("text", ["", "\n\n", NOTE.body, NOTE.body + "\n", NOTE.text[:-1], NOTE.text * 600])
def test_a_torn_note_does_not_parse(text: str) -> None:
    with pytest.raises(HubError):
        parse_checkpoint(text)


def test_extension_lines_are_signed_with_the_rest() -> None:
    text = NOTE.text.replace("\n\n", "\nextension\n\n")
    assert parse_checkpoint(text).size == 1234
    with pytest.raises(HubError):
        verify_checkpoint(text, SIGNER.note_key)


def test_the_same_claims_in_any_order_give_the_same_receipt() -> None:
    one = SIGNER.sign_receipt({"b": [1, "\u00e9"], "a": {"d": None, "c": True}})
    assert one == SIGNER.sign_receipt({"a": {"c": True, "d": None}, "b": [1, "\u00e9"]})
    header, claims, signature = (urlsafe_b64decode(part + "==") for part in one.split("."))
    assert json.loads(header) == {
        "alg": "Ed25519", "kid": SIGNER.kid, "typ": "safeguarding-receipt+jws",
    }  # fmt: skip
    assert claims == '{"a":{"c":true,"d":null},"b":[1,"\u00e9"]}'.encode()
    assert len(signature) == 64


def test_another_library_verifies_a_receipt_with_the_public_key() -> None:
    receipt = SIGNER.sign_receipt({"leaf_index": 7})
    key = OKPKey.import_key(dict(SIGNER.public_jwk))  # type: ignore[arg-type]
    verified = jws.deserialize_compact(receipt, key, algorithms=["Ed25519"])
    assert json.loads(verified.payload) == {"leaf_index": 7}
    assert key.thumbprint() == SIGNER.kid
    with pytest.raises(BadSignatureError):
        jws.deserialize_compact(receipt[:-8] + "AAAAAAAA", key, algorithms=["Ed25519"])


@pytest.mark.parametrize("name", ["", "two words", "a+b", "line\nfeed"])
def test_a_hub_needs_a_name_that_can_sign(name: str) -> None:
    with pytest.raises(ValueError, match="hub's id"):
        HubSigner(Ed25519PrivateKey.generate(), name)
