"""Signed rightly and still refused: no strict JSON, no fit to the schema, imagery, dates in the future."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.support.hostile import ELM, LURE, POLICE, Attack, Json, attacked, named, written


@pytest.fixture(scope="module")
def attack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attack]:
    with attacked(tmp_path_factory.mktemp("json")) as found:
        yield found


def swapped(payload: bytes, old: str, new: str | bytes) -> bytes:
    assert payload.count(old.encode()) == 1
    return payload.replace(old.encode(), new if isinstance(new, bytes) else new.encode())


WORDS = f'"words": "{LURE} words"'


@pytest.mark.req("H-03", "H-22")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (WORDS, f'{WORDS}, "words": "{LURE} again"'),
        ('"precision": "day"', '"precision": "day", "precision": "day"'),
        ('"specversion": "1.0"', f'"specversion": "1.0", "id": "{LURE}-0000000000"'),
        ('"specversion": "1.0"', '"specversion": "1.0", "sp\\u0065cversion": "1.0"'),
    ],
    ids=["in-data", "same-value", "of-the-envelope", "written-with-an-escape"],
)
def test_duplicate_member(attack: Attack, old: str, new: str) -> None:
    event = attack.event()
    with attack.nothing_kept():
        attack.refused(attack.send(attack.sign(swapped(written(event), old, new))), 422, "json")
    attack.accepted(event)


@pytest.mark.req("H-22")
@pytest.mark.parametrize(
    "text", ["\\u0000", "\0", "\\u001b[2J", "\n", "\\n", "\\u007f", "\\u0085", "\\ud800"]
)
def test_nul_and_control_characters(attack: Attack, text: str) -> None:
    event = attack.event()
    with attack.nothing_kept():
        for place, wrong in ((WORDS, f'"words": "{LURE}{text}"'), ('"words"', f'"{LURE}{text}": 1, "words"')):
            answer = attack.send(attack.sign(swapped(written(event), place, wrong)))
            attack.refused(answer, 422, "json")
    attack.accepted(event)


@pytest.mark.parametrize("character", ["\u202e", "\u202d", "\u2066", "\u2069", "\u200f", "\u061c"])
def test_bidirectional_override(attack: Attack, character: str) -> None:
    # With one of these "not harmed" can be made to read as something else (CVE-2021-42574).
    event = attack.event()
    escaped = f"\\u{ord(character):04x}"
    with attack.nothing_kept():
        for one in (character, escaped, escaped.upper().replace("\\U", "\\u")):
            answer = attack.send(attack.sign(swapped(written(event), WORDS, f'"words": "{LURE}{one}"')))
            attack.refused(answer, 422, "json")
    attack.accepted(event)


@pytest.mark.req("H-22")
@pytest.mark.parametrize(
    "wrong",
    [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x82"],
    ids=lambda one: one.hex(),
)
def test_broken_utf8(attack: Attack, wrong: bytes) -> None:
    event = attack.event()
    with attack.nothing_kept():
        payload = swapped(written(event), WORDS, b'"words": "' + LURE.encode() + wrong + b'"')
        attack.refused(attack.send(attack.sign(payload)), 422, "json")
        attack.refused(attack.send(attack.sign(written(event).decode().encode("utf-16"))), 422, "json")
        attack.refused(attack.send(attack.sign(b"\xef\xbb\xbf" + written(event))), 422, "json")
    attack.accepted(event)


def test_deep_nesting_and_what_is_no_json(attack: Attack) -> None:
    event = attack.event()
    payload = written(event)
    nested = [b"[" * 40 + b"]" * 40, b"[" * 40_000, b'{"a":' * 15_000, b"[" * 20_000 + b"]" * 20_000]
    others = [
        b"", b"null", b"[]", b'"' + LURE.encode() + b'"', payload + payload, payload + b" x", payload[:-1],
        payload.replace(b"{", b"{,", 1), payload.replace(b'"', b"'"),
    ]  # fmt: skip
    values = [
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"1e999",
        b"9" * 5_000,
        b"9007199254740993",
        b"+1",
        b"01",
        b"0x1",
    ]
    with attack.nothing_kept():
        for one in nested:
            attack.refused(attack.send(attack.sign(one)), 422, "json")
            attack.refused(attack.send(attack.sign(swapped(payload, WORDS, b'"words": ' + one))), 422, "json")
        for one in (*others, *(swapped(payload, WORDS, b'"words": ' + value) for value in values)):
            answer = attack.send(attack.sign(one))
            # An empty payload is no attached payload: that is already the envelope's matter.
            attack.refused(answer, *((422, "json") if one else (401, "signature")))
    attack.accepted(event)


@pytest.mark.req("H-04", "H-22")
@pytest.mark.parametrize(
    "type_",
    [
        f"safeguarding.{LURE.lower()}.v1", "safeguarding.initial-account-recorded.v2", "",
        "safeguarding.initial-account-recorded", "safeguarding.Initial-Account-Recorded.v1",
        "safeguarding.../codes/../initial-account-recorded.v1", "initial-account-recorded",
        "safeguarding.initial-account-recorded.v1\u200b",
    ],
)  # fmt: skip
def test_unknown_type(attack: Attack, type_: str) -> None:
    event = attack.event()
    with attack.nothing_kept():
        attack.refused(attack.post(event | {"type": type_}), 422, "schema")
    attack.accepted(event)


@pytest.mark.req("H-22", "H-27")
@pytest.mark.parametrize(
    "change",
    [
        {LURE: LURE}, {"words": f"{LURE} word " * 400}, {"source_type": ...}, {"occurred_at": ...},
        {"author": ...}, {"source_type": LURE}, {"words": 7}, {"words": [LURE]}, {"precision": LURE},
        {"occurred_at": LURE}, {"occurred_at": "2025-02-30"}, {"author": f"{ELM}/{LURE}\u00e9"},
        {"others": [{"ref": f"nhs:{LURE}"}]},
        {"others": [{"ref": "nhs:9990200106", "role": LURE}]}, {"others": [{"ref": "nhs:9990200106"}] * 21},
        {"about": {"source": LURE}}, {"narrative": "a word " * 600}, {"categories": [f"{LURE} code " * 10]},
    ],
    ids=named,
)  # fmt: skip
def test_schema_fault(attack: Attack, change: dict[str, Any]) -> None:
    event = attack.event()
    data = {name: value for name, value in (event["data"] | change).items() if value is not ...}
    with attack.nothing_kept():
        found = attack.refused(attack.post(event | {"data": data}), 422, "schema")
    if LURE not in change and "precision" not in change and "occurred_at" not in change:
        assert f"/data/{next(iter(change))}" in found["detail"], "the pointer says where"
    attack.accepted(event)


@pytest.mark.req("H-22")
@pytest.mark.parametrize(
    "change",
    [
        {"specversion": "0.3"}, {"specversion": 1.0}, {"id": "short"}, {"id": LURE + "é" * 20},
        {"id": LURE * 9}, {"subject": ""}, {"subject": f"nhs:{LURE}"}, {"subject": ["nhs:9990100101"]},
        {"subject": "nhs:" + "".join(chr(0xFF10 + int(one)) for one in "9990100101")},
        {"subject": "name:" + LURE}, {"time": LURE}, {"time": "2025-11-20T12:30:00"}, {"time": 1},
        {"data": [LURE]}, {"source": LURE}, {"source": "urn:safeguarding:org:education.Elm-School"},
        {LURE.lower(): LURE},
        {"datacontenttype": "text/html"}, {"dataschema": f"https://{LURE}.example/s"}, {"data": None},
    ],
    ids=named,
)  # fmt: skip
def test_envelope_fault(attack: Attack, change: dict[str, Any]) -> None:
    event = attack.event()
    with attack.nothing_kept():
        attack.refused(attack.post(event | change), 422, "schema")
        for missing in change.keys() & event.keys() - {"datacontenttype"}:
            without = {name: value for name, value in event.items() if name != missing}
            attack.refused(attack.post(without), 422, "schema")
    attack.accepted(event)


PICTURE = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(256))).decode()


@pytest.mark.req("H-22")
@pytest.mark.parametrize(
    "text",
    [
        f"see data:image/png;base64,{PICTURE}", "see DATA:image/jpeg,abc", "see data:;base64,AAAA", PICTURE,
        f"https://{LURE}.example/picture.jpg", f"//{LURE}.example/a/b.MP4?x=1",
        f"\\\\{LURE}\\share\\scan.png",
        f"http://{LURE}.example/%70icture%2Ejpg", "<img src=x>", f"ftp://{LURE}.example/film.webm",
    ],
    ids=lambda text: text[:18].replace(LURE, "lure"),
)  # fmt: skip
def test_image_as_data_uri_and_link_to_an_image(attack: Attack, text: str) -> None:
    event = attack.event()
    with attack.nothing_kept():
        for member in ("words", "narrative", "received_by"):
            bad = event | {"data": event["data"] | {member: text}}
            attack.refused(attack.post(bad), 422, "imagery", "H-22")
    attack.accepted(event)


@pytest.mark.req("H-22", "H-02")
def test_imagery_in_other_dress(attack: Attack) -> None:
    event = attack.event()
    with attack.nothing_kept():
        for member in ("photo", "IMAGE", "attachments", "video"):
            bad = event | {"data": event["data"] | {member: LURE}}
            attack.refused(attack.post(bad), 422, "imagery", "H-22")
        binary = event | {"data_base64": PICTURE}
        attack.refused(attack.post(binary), 422, "imagery", "H-22")
    attack.accepted(event)
    link = f"https://{LURE}.example/picture.jpg"
    about = {"source": event["source"], "id": event["id"]}
    replacement = event["data"] | {"words": link}
    smuggled = attack.event(
        type_="event-corrected", data={"about": about, "reason": "wording", "replacement": replacement}
    )
    with attack.nothing_kept():
        attack.refused(attack.post(smuggled), 422, "imagery", "H-22")
    # A link to a page, and a word that ends like a picture, are text.
    for text in ("https://www.gov.uk/guidance", "the file was called notes.jpg by the pupil"):
        attack.accepted(attack.event(data=event["data"] | {"words": text}))


@pytest.mark.req("H-05")
def test_time_a_day_ahead(attack: Attack) -> None:
    event = attack.event()
    now = attack.world.hub.store.clock.wall()
    domain = attack.world.hub.store.clock.domain()
    with attack.nothing_kept():
        for ahead in (timedelta(hours=24), timedelta(minutes=12), timedelta(days=365 * 150)):
            for written_at in (
                (now + ahead).isoformat(timespec="seconds"),
                f"{now + ahead:%Y-%m-%dT%H:%M:%SZ}",
            ):
                attack.refused(attack.post(event | {"time": written_at}), 422, "clock")
        # The same instant, written in an offset in which it looks like today.
        west = (now + timedelta(hours=24)).replace(tzinfo=None).isoformat(timespec="seconds") + "+00:00"
        attack.refused(attack.post(event | {"time": west}), 422, "clock")
    assert attack.world.hub.store.clock.domain() == domain, "a refused event moves no clock"
    attack.accepted(event)


@pytest.mark.req("H-05", "H-21")
def test_iat_ahead(attack: Attack) -> None:
    event = attack.event()
    now = attack.now()
    with attack.nothing_kept():
        for iat in (now + 86_400, now + 720, 253_402_300_799):
            attack.refused(attack.send(attack.sign(event, iat=iat)), 422, "clock")
        for iat in (253_402_300_800, 10**18, 1.5e9, True):
            attack.refused(attack.send(attack.sign(event, iat=iat)), 401, "signature")
    # The past is never refused: an outbox may have been offline.
    assert attack.send(attack.sign(event, iat=1)).status_code == 201


@pytest.mark.req("D-03")
def test_a_reference_to_another_child_hidden_behind_an_escape(attack: Attack) -> None:
    # Written with an escape it would stay in the text and be sealed under the wrong child's key.
    event = attack.event(data={"source_type": "first-hand", "others": [{"ref": "nhs:9990200106"}]})
    hidden = json.dumps(event, ensure_ascii=False).replace("nhs:9990200106", "nhs:999020010\\u0036").encode()
    with attack.nothing_kept():
        attack.refused(attack.send(attack.sign(hidden)), 422, "json")
    attack.accepted(event)


@pytest.mark.req("H-04")
@pytest.mark.parametrize(
    "type_", ["record-accessed", "disclosure-made", "disclosure-withheld", "reference-resolved"]
)
def test_a_record_that_only_the_hub_makes(attack: Attack, type_: str) -> None:
    forged: Json = attack.event(POLICE, type_, data={"disclosure_id": LURE, "reader": f"{POLICE}/caiu-1"})
    with attack.nothing_kept(POLICE):
        attack.refused(attack.post(forged, POLICE), 403, "poster", "H-04")
