"""What is taken a quicker way when a long chronology is redacted says the same as the plain way."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import fields, replace
from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import schemas
from hub.catalogue import load_catalogue
from hub.catalogue.scales import SHIPPED
from hub.disclosure.assemble import Assembler
from hub.disclosure.decide import HIDDEN, LABELS, Decision, Withheld
from hub.disclosure.facts import GUARDED, NARRATIVE, field_labels
from hub.disclosure.keeping import ByLabel
from hub.disclosure.redact import Cut, Desk, Item
from hub.disclosure.rules import load_rules
from hub.disclosure.tokens import MAX_NAMES, ReaderNames
from hub.envelope import EventKey
from hub.pathway.child import incidents
from hub.pathway.entries import Correction, Entries, Entry, Other
from hub.record.sealing import MasterKey
from hub.views.names import KEY_VERSION, entry_name, reader_name
from tests.spec.posts import OAK, S, post

CATALOGUE = load_catalogue()
KEY = EventKey("urn:safeguarding:org:education.oak-school", "A" * 26)
TOLD = EventKey(KEY.source, "B" * 26)
HIDDEN_ONE = EventKey(KEY.source, "C" * 26)


def digest(purpose: str, text: bytes) -> bytes:
    return hmac.digest(b"key", purpose.encode() + b"\n" + text, hashlib.sha256)


@settings(max_examples=50, deadline=None)
@given(text=st.text(max_size=40))
def test_a_readers_name_is_base32_of_its_keyed_digest(text):
    told = digest(KEY_VERSION, f"reader\nchild\n{text}".encode())[:20]
    assert reader_name(digest, "reader", "child", text) == base64.b32encode(told).decode().lower()


@settings(max_examples=20, deadline=None)
@given(purpose=st.text(min_size=1, max_size=10), text=st.binary(max_size=300))
def test_the_records_digest_is_the_same_however_often_it_is_asked(purpose, text):
    master = MasterKey(b"k" * 32)
    first = master.digest(purpose, text)
    master.digest("another", b"text")
    assert master.digest(purpose, text) == first == MasterKey(b"k" * 32).digest(purpose, text)
    assert master.digest(purpose + "x", text) != first


@pytest.mark.req("D-03")
def test_a_remembered_name_is_the_readers_own():
    one, other = ReaderNames(digest, "reader", "child"), ReaderNames(digest, "other", "child")
    for number in range(MAX_NAMES + 2):
        one.entry(EventKey("urn:x", str(number)))
    for names, who in ((one, "reader"), (other, "other")):
        for line in ("", "safety-measure-1", ""):
            assert names.entry(KEY, line) == entry_name(digest, who, "child", KEY, line)


@pytest.mark.req("D-32")
@pytest.mark.parametrize("name", sorted(CATALOGUE.types))
def test_filled_labels_are_those_of_the_filled_members(name):
    assembler = Assembler(rules(), None, CATALOGUE, digest)
    kind = CATALOGUE.types[name]
    data = schemas.examples(name, kind.version)[0].event["data"]
    counted = field_labels(kind)
    carries = {label for labels in counted.values() for label in labels}
    variants = [data, *({**data, member: empty} for member in data for empty in (None, "", [], {}, False))]
    for variant in (*variants, *variants):
        filled = {member for member, value in variant.items() if value not in (None, "", [], {})}
        expected = {
            label
            for path, labels in counted.items()
            if path.split(".", 1)[0].removesuffix("[]") in filled
            for label in labels
        }
        if NARRATIVE in filled:
            expected |= GUARDED & carries & set(kind.labels.get(NARRATIVE, ()))
        entry = replace(post("x", "2025-09-01 09:00", S, "c", name), data=variant)
        assert assembler._filled(entry) == expected


@cache
def rules():
    return load_rules()


def whole_entry(**data: object) -> Entry:
    """An entry with something in every member, so that one which is lost is seen."""
    entry = post(
        "x",
        "2025-09-01 09:00",
        OAK,
        "c",
        "behaviour-level-assessed",
        {"scale": "s", **data},
        about="incident",
    )
    when = datetime(2025, 9, 2, tzinfo=UTC)
    return replace(
        entry, author=f"{OAK}/dsl-1", author_role="designated-safeguarding-lead", recorded_late=True,
        others=(Other(1, "has-harmed", "ab", "d"),), corrections=(Correction(when, OAK, "a", "because"),),
        awaiting=("police",), flags=("R-020",), provisional=True, scale=SHIPPED["hackett-5"], about=TOLD,
    )  # fmt: skip


def shown(entry: Entry, decision: Decision, held=frozenset({TOLD})):
    names = ReaderNames(digest, "reader", "c")
    kind = CATALOGUE.types[entry.type]
    desk = Desk(names, "police.n-police", lambda _: False, lambda ask, one: ask, None, frozenset(), held)
    return names, Item(entry, Cut(entry, kind, decision, ByLabel(kind, decision.labels), desk))


WHOLE = Decision("V", ("P",), frozenset(LABELS), None, "", "shown", ())
OF_A_KIND = Decision("R", ("P",), frozenset(LABELS), None, "", "kind", (Withheld("source", "D-10", "x"),))
REMAINDER = Decision("R", ("P",), frozenset(), ("level",), "", "withheld", (Withheld("x", "D-02", "x"),))


@pytest.mark.req("H-20", "D-10")
def test_the_procedures_get_every_member_that_is_not_withheld():
    entry = whole_entry()
    assert all(getattr(entry, one.name) not in (None, (), {}, "") for one in fields(entry))
    _, item = shown(entry, WHOLE)
    assert item.entry == entry
    _, item = shown(entry, REMAINDER)
    assert item.entry == replace(
        entry, organisation=None, author=None, author_role=None, data={}, others=(), flags=()
    )


@pytest.mark.req("H-10", "D-03")
def test_an_entry_names_only_events_that_the_reader_has():
    def pointer(key: EventKey):
        return {"source": key.source, "id": key.id}

    entry = whole_entry(
        based_on=[pointer(TOLD), pointer(HIDDEN_ONE)], voice=pointer(HIDDEN_ONE), agrees_with=pointer(TOLD)
    )
    names, item = shown(entry, WHOLE)
    assert item.shown.fields["based_on"] == [names.entry(TOLD)]
    assert item.shown.fields["agrees_with"] == names.entry(TOLD) == item.shown.fields["about"]
    assert "voice" not in item.shown.fields
    _, item = shown(entry, WHOLE, held=frozenset())
    assert not {"based_on", "voice", "agrees_with", "about"} & set(item.shown.fields)
    assert item.entry.about is None


@pytest.mark.req("D-10")
def test_a_withheld_poster_is_named_by_its_kind_wherever_it_stands():
    data = {
        "text": f"{OAK}/dsl-1 and {OAK} but not {OAK}-annexe",
        "rows": [{"by": OAK}],
        "count": 3,
        "yes": True,
    }
    _, item = shown(whole_entry(**data), OF_A_KIND)
    assert item.shown.fields["text"] == f"a school and a school but not {OAK}-annexe"
    assert item.shown.fields["rows"] == [{"by": "a school"}]
    assert (item.shown.fields["count"], item.shown.fields["yes"]) == (3, True)


def test_a_decision_knows_whether_it_leaves_the_entry_whole():
    assert [one.whole for one in (WHOLE, OF_A_KIND, REMAINDER, HIDDEN)] == [True, True, False, False]
    assert not replace(WHOLE, withheld=(Withheld("health", "D-07", "poster"),)).whole


def test_incidents_are_found_once_and_given_to_each_caller_anew():
    rows = [
        post(f"i{n}", "2025-09-01 09:00", S, "c", "incident-recorded", {"role": role, "status": status})
        for n, (role, status) in enumerate(
            [("has-harmed", "alleged"), ("has-been-harmed", "alleged"), ("has-harmed", "withdrawn")]
        )
    ]
    kept = Entries(rows)
    for roles in ((), ("has-harmed",), ("has-been-harmed",), ("has-harmed",)):
        found = incidents(kept, *roles)
        assert found == incidents(rows, *roles)
        found.clear()
        assert incidents(kept, *roles) == incidents(rows, *roles)


def test_keys_of_two_sources_with_one_id_are_two_keys():
    one, other = EventKey("urn:a", "same"), EventKey("urn:b", "same")
    assert one != other and len({one, other, EventKey("urn:a", "same")}) == 2
