"""Laws of the envelope: what is signed is what is read, and nothing else is."""

from __future__ import annotations

import json

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OKPKey

from hub.envelope import parse, parse_json
from hub.errors import HubError
from tests.unit.envelope.signing import ED25519, P256, event, sign, verification_key, verified

# Text as agencies may send it: no control, surrogate or format characters.
TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cf")), max_size=40)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(TEXT, VALUES, max_size=6)
KEYS = st.sampled_from([ED25519, P256])


@pytest.mark.req("H-01")
@given(st.binary(min_size=1, max_size=400), KEYS)
@settings(max_examples=60, deadline=None)
def test_what_was_signed_is_what_is_parsed(payload: bytes, key: OKPKey | ECKey) -> None:
    compact = sign(payload, key)
    signed = parse(compact)
    assert (signed.compact, signed.payload, signed.header.kid) == (compact, payload, key.thumbprint())


@pytest.mark.req("H-01")
@given(OBJECTS, KEYS)
@settings(max_examples=40, deadline=None)
def test_what_was_signed_is_what_is_verified(data: dict[str, object], key: OKPKey | ECKey) -> None:
    compact = sign(event(data=data), key)
    assert verified(compact, verification_key(key)).data == data


@pytest.mark.req("H-01")
@given(st.data(), KEYS, st.integers(1, 255))
@settings(max_examples=120, deadline=None)
def test_any_flipped_byte_is_refused(data: st.DataObject, key: OKPKey | ECKey, flip: int) -> None:
    compact = bytearray(sign(key=key))
    at = data.draw(st.integers(0, len(compact) - 1))
    compact[at] ^= flip
    with pytest.raises(HubError):
        verified(bytes(compact), verification_key(key))


@pytest.mark.req("H-01")
@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_bytes_that_nobody_signed_are_refused(compact: bytes) -> None:
    with pytest.raises(HubError) as refused:
        parse(compact)
    assert refused.value.slug == "signature"


@pytest.mark.req("H-01")
@given(OBJECTS, st.booleans(), st.sampled_from([None, 1]))
@settings(max_examples=100, deadline=None)
def test_strict_json_reads_every_plain_object_as_the_standard_parser_does(
    document: dict[str, object], ascii_only: bool, indent: int | None
) -> None:
    text = json.dumps(document, ensure_ascii=ascii_only, indent=indent)
    assert parse_json(text.encode()) == json.loads(text) == document


@pytest.mark.req("H-01")
@given(
    st.lists(
        st.sampled_from(
            [
                '"',
                "\\",
                "{",
                "}",
                "[",
                "]",
                ":",
                ",",
                "1",
                "a",
                "\\u0000",
                "\\ud83d",
                "\\ude42",
                "e9",
                "-",
                " ",
                "null",
                "\n",
            ]
        ),
        max_size=14,
    )
)
@settings(max_examples=200, deadline=None)
def test_what_strict_json_accepts_the_standard_parser_reads_the_same(pieces: list[str]) -> None:
    text = '{"a":' + "".join(pieces) + "}"
    try:
        strict = parse_json(text.encode("utf-8", "surrogatepass"))
    except HubError as refused:
        assert refused.slug == "json"
        return
    assert strict == json.loads(text)


@pytest.mark.req("H-01")
@given(st.integers(1, 60), st.integers(0, 60))
@settings(max_examples=60, deadline=None)
def test_depth_is_refused_beyond_32_and_nowhere_else(arrays: int, objects: int) -> None:
    assume(arrays + objects > 0)
    text = '{"a":' + "[" * arrays + '{"a":' * objects + "1" + "}" * objects + "]" * arrays + "}"
    if 1 + arrays + objects > 32:
        with pytest.raises(HubError):
            parse_json(text.encode())
    else:
        assert parse_json(text.encode()) == json.loads(text)
