import json
import time

import pytest

from hub.envelope import parse_json
from hub.errors import HubError

REFUSED = {
    "not UTF-8": b'{"a": "\xff"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "an overlong encoding": b'{"a": "\xc0\xae"}',
    "a surrogate encoded in UTF-8": b'{"a": "\xed\xa0\x80"}',
    "a byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "a duplicate member": b'{"a": 1, "a": 1}',
    "a duplicate member, escaped": b'{"a": 1, "\\u0061": 2}',
    "a duplicate member, nested": b'{"b": [{"a": 1, "a": 2}]}',
    "U+0000 escaped": b'{"a": "x\\u0000y"}',
    "U+0000 in a member name": b'{"a\\u0000": 1}',
    "a raw control character": b'{"a": "x\x01y"}',
    "an escaped bell": b'{"a": "x\\u0007y"}',
    "a line break": b'{"a": "x\\ny"}',
    "a C1 control character": '{"a": "x\u0085y"}'.encode(),
    "a right-to-left override": '{"a": "x\u202ey"}'.encode(),
    "a right-to-left override, escaped": b'{"a": "x\\u202Ey"}',
    "an isolate": '{"a": "x\u2066y"}'.encode(),
    "a left-to-right mark": '{"a": "x\u200ey"}'.encode(),
    "an Arabic letter mark": '{"a": "x\u061cy"}'.encode(),
    "an override in a member name": b'{"a\\u202e": 1}',
    "a lone surrogate": b'{"a": "\\ud800"}',
    "two low surrogates": b'{"a": "\\udc00\\udc00"}',
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": Infinity}',
    "minus Infinity": b'{"a": -Infinity}',
    "an overflowing number": b'{"a": 1e400}',
    "an integer beyond 2^53": b'{"a": 9007199254740993}',
    "a negative integer beyond 2^53": b'{"a": -9007199254740993}',
    "a very long integer": b'{"a": ' + b"9" * 6000 + b"}",
    "an array at the root": b"[1]",
    "a string at the root": b'"a"',
    "nothing": b"",
    "text after the object": b'{"a": 1} {}',
    "a trailing comma": b'{"a": 1,}',
    "a comment": b'{"a": 1 /* x */}',
    "33 levels": b'{"a":' + b"[" * 32 + b"]" * 32 + b"}",
    "hostile depth of arrays": b'{"a":' + b"[" * 100_000,
    "hostile depth of objects": b'{"a":' * 20_000,
    "hostile depth after a bracket in a text": b'{"b": "]]]]", "a":' + b"[" * 40 + b"]" * 40 + b"}",
}


@pytest.mark.req("H-01", "H-22")
@pytest.mark.parametrize("payload", REFUSED.values(), ids=REFUSED.keys())
def test_refuses(payload: bytes) -> None:
    with pytest.raises(HubError) as refused:
        parse_json(payload)
    assert refused.value.slug == "json"


ACCEPTED = {
    "32 levels": b'{"a":' + b"[" * 31 + b"]" * 31 + b"}",
    "brackets in a text": json.dumps({"a": "[" * 100 + '{"' * 100}).encode(),
    "quotes and backslashes": json.dumps({'"\\': '\\"[\\\\"'}).encode(),
    "letters of other scripts": '{"a": "Zoë Ωμέγα 日本 🙂"}'.encode(),
    "a surrogate pair": b'{"a": "\\ud83d\\ude42"}',
    "2^53": b'{"a": 9007199254740992, "b": -9007199254740992}',
    "white space between members": b'{\r\n\t"a" : 1 }\n',
    "an empty object": b"{}",
}


@pytest.mark.req("H-01")
@pytest.mark.parametrize("payload", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_accepts_and_reads_the_same(payload: bytes) -> None:
    assert parse_json(payload) == json.loads(payload)


@pytest.mark.req("H-01")
@pytest.mark.parametrize(
    "payload",
    [b'{"a":"' + b'\\"' * 60_000 + b"\\", b'"' * 120_000, b'{"a":"' + b"\\u0041" * 20_000, b"{" * 120_000],
    ids=["escaped quotes", "quotes", "escapes", "braces"],
)
def test_hostile_text_costs_one_pass(payload: bytes) -> None:
    begun = time.perf_counter()
    with pytest.raises(HubError):
        parse_json(payload)
    assert time.perf_counter() - begun < 2


def test_a_refusal_holds_nothing_received() -> None:
    with pytest.raises(HubError) as refused:
        parse_json(b'{"CANARY-NAME": "CANARY-VALUE", "CANARY-NAME": 1}')
    assert "CANARY" not in refused.value.detail + str(refused.value) + repr(refused.value.args)
