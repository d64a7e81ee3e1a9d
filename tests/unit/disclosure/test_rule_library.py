"""Rule sets are kept whole, and one is in force only when two people have put their names to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from hub.directory.then import StoppedClock
from hub.directory.types import Principal
from hub.disclosure import library as room
from hub.disclosure.library import APPROVED, KEPT, PROPOSED, REHEARSED, STREAM, Library
from hub.disclosure.release import HUB_SOURCE
from hub.disclosure.rules import RuleFiles, load_rules, read_folder, shipped_files
from hub.envelope import JsonObject
from hub.errors import HubError
from hub.record import Append, Draft, Record
from tests.support.simulated import SeededChance

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ONE = Principal(
    "partnership.hub-ig", "partnership", None, "partnership.hub-ig/igo-1", frozenset({"ig-officer"})
)
OTHER = replace(ONE, person="partnership.hub-ig/igo-2")
RULE = """@id("D-30-AUTHOR")
@rule("D-30")
@requirement("H-08")
@legal_basis("UK GDPR art. 6(1)(e)")
@reason("An organisation keeps sight of what it posted.")
permit (principal, action == Action::"show-whole", resource) when {{ resource.own{more} }};
"""
REPORT = {"version": "", "against": "", "answers": 0, "children": 0, "unmade": 0, "changes": []}


def files(more: str = "") -> RuleFiles:
    return RuleFiles({"one.cedar": RULE.format(more=more)}, shipped_files().schema)


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    chance = SeededChance()
    Record.migrate(tmp_path / "record.db", master_key=bytes(32), chance=chance)
    with closing(Record.open(tmp_path / "record.db", master_key=bytes(32), chance=chance)) as found:
        yield found


@pytest.fixture
def library(record: Record) -> Library:
    return Library(record, StoppedClock(NOW))


def released(library: Library, wanted: RuleFiles, by: Principal = OTHER) -> str:
    version = library.propose(wanted, ONE, "A reason.").version
    library.note_rehearsal(version, REPORT)
    library.approve(version, by)
    return version


def forged(record: Record, type_: str, **data: object) -> None:
    """An item that somebody with the master key appended beside the hub's own commands."""
    at = record.versions([STREAM])[STREAM]
    event = {"id": f"forged-{at:012d}", "time": NOW.isoformat(), "data": data}
    body = orjson.dumps(event)
    draft = Draft(STREAM, "record", HUB_SOURCE, f"forged-{at:012d}", type_, body, body)
    record.append(Append((draft,))).result()


def text(wanted: RuleFiles, **more: object) -> dict[str, object]:
    return {
        "version": wanted.rules().version, "digest": wanted.digest, "files": dict(wanted.files),
        "schema": wanted.schema, **more,
    }  # fmt: skip


@pytest.mark.req("H-08", "H-14")
def test_what_two_people_released_is_in_force_and_nothing_before(library: Library) -> None:
    shipped = load_rules()
    assert library.in_force() is shipped
    version = library.propose(files(), ONE, "A reason.").version
    assert library.in_force() is shipped, "a proposal decides nothing"
    with pytest.raises(HubError) as unrehearsed:
        library.approve(version, OTHER)
    assert unrehearsed.value.slug == "gate"
    library.note_rehearsal(version, REPORT)
    with pytest.raises(HubError) as alone:
        library.approve(version, ONE)
    assert alone.value.slug == "gate" and "Another person" in alone.value.detail
    assert library.in_force() is shipped
    found = library.approve(version, OTHER)
    assert (found.proposed_by, found.approved_by) == (ONE.person, OTHER.person)
    assert library.in_force().version == version != shipped.version
    assert set(library.in_force().by_id) == {"D-30-AUTHOR"}


@pytest.mark.req("H-08", "H-14")
def test_another_process_sees_the_same_and_an_approval_is_used_once(record: Record, library: Library) -> None:
    version = released(library, files())
    other = Library(record, StoppedClock(NOW))
    assert other.in_force().version == version
    assert [(one.version, one.reason) for one in other.releases()] == [(version, "A reason.")]
    with pytest.raises(HubError) as again:
        other.approve(version, OTHER)
    assert again.value.slug == "not-found"
    waiting = other.propose(files(" && true"), ONE, "Another reason.").version
    assert library.in_force().version == version != waiting


@pytest.mark.req("H-08")
@pytest.mark.parametrize(
    "who",
    [
        replace(ONE, roles=frozenset({"identity-reviewer"})),
        replace(ONE, person=None),
        replace(ONE, organisation="police.n-police", organisation_kind="police"),
    ],
    ids=["another role", "a system", "an agency's officer"],
)
def test_nobody_else_proposes_or_approves(library: Library, who: Principal) -> None:
    with pytest.raises(HubError) as refused:
        library.propose(files(), who, "A reason.")
    assert refused.value.slug == "not-found"
    version = library.propose(files(), ONE, "A reason.").version
    library.note_rehearsal(version, REPORT)
    with pytest.raises(HubError) as denied:
        library.approve(version, who)
    assert denied.value.slug == "not-found"
    assert library.in_force() is load_rules()


@pytest.mark.req("H-08")
@pytest.mark.parametrize("reason", ["", " ", "x" * 501, "a\x00b"])
def test_a_proposal_says_why(library: Library, reason: str) -> None:
    with pytest.raises(HubError) as refused:
        library.propose(files(), ONE, reason)
    assert refused.value.slug == "schema" and library.releases() == ()


@pytest.mark.req("H-09")
def test_rules_that_do_not_stand_are_not_proposed(library: Library) -> None:
    for broken in (RuleFiles({"a.cedar": "permit("}, files().schema), files(" && resource.noSuchFact")):
        with pytest.raises(HubError) as refused:
            library.propose(broken, ONE, "A reason.")
        assert refused.value.slug == "schema"


@pytest.mark.req("H-14")
def test_one_person_with_the_master_key_puts_nothing_in_force(record: Record, library: Library) -> None:
    wanted = files()
    forged(record, PROPOSED, **text(wanted, against=load_rules().version, by=ONE.person, reason="r"))
    forged(record, APPROVED, version=wanted.rules().version, digest=wanted.digest, by=ONE.person)
    with pytest.raises(HubError) as refused:
        library.in_force()
    assert refused.value.slug == "store"
    assert library.mending() is load_rules()


@pytest.mark.req("H-14")
def test_a_text_that_was_changed_after_its_release_is_noticed(record: Record, library: Library) -> None:
    version = released(library, files())
    wider = files(" || true")
    forged(record, KEPT, version=version, digest=wider.digest, files=dict(wider.files), schema=wider.schema)
    with pytest.raises(HubError) as refused:
        Library(record, StoppedClock(NOW)).in_force()
    assert refused.value.slug == "store"
    forged(record, KEPT, version=version, digest=files().digest, files=dict(wider.files), schema=wider.schema)
    with pytest.raises(HubError) as changed:
        Library(record, StoppedClock(NOW)).in_force()
    assert changed.value.slug == "store"


@pytest.mark.req("H-14")
def test_an_approval_of_another_digest_is_none(record: Record, library: Library) -> None:
    version = library.propose(files(), ONE, "A reason.").version
    forged(record, REHEARSED, version=version, report=REPORT)
    forged(record, APPROVED, version=version, digest=files(" && true").digest, by=OTHER.person)
    assert library.in_force() is load_rules()
    assert library.releases()[-1].approved_by is None


@pytest.mark.req("H-08")
def test_after_an_upgrade_a_release_neither_stays_nor_goes_silently(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = released(library, files())
    before = load_rules()
    library.keep_shipped()
    library.keep_shipped()
    newer = files(" && !resource.joint")
    monkeypatch.setattr(room, "shipped_files", lambda: newer)
    rules = newer.rules()
    monkeypatch.setattr(room, "load_rules", lambda: rules)
    with pytest.raises(HubError) as refused:
        library.in_force()
    assert refused.value.slug == "store" and "another version of the hub" in refused.value.detail
    assert library.mending() is rules
    kept = library.rules(before.version)
    assert kept is not None and kept is not before and kept.by_id.keys() == before.by_id.keys()
    assert library.versions() == tuple(sorted({version, before.version, rules.version}))
    released(library, newer)
    assert library.in_force() is rules, "back to what the package ships"


@pytest.mark.req("H-09")
def test_rules_that_ask_for_facts_nobody_gives_any_more_are_told_as_not_here(
    record: Record, library: Library
) -> None:
    old = RuleFiles(files().files, files().schema.replace('"own": Bool,', '"own": Bool, "ancient": Bool,'))
    assert old.schema != files().schema
    forged(record, KEPT, **text(old))
    assert library.rules(old.rules().version) is None
    assert library.rules("0000000000000000") is None


@pytest.mark.req("H-14")
def test_two_who_change_the_rule_sets_at_once_do_not_both_win(record: Record, library: Library) -> None:
    other = Library(record, StoppedClock(NOW))
    other.releases()
    version = library.propose(files(), ONE, "A reason.").version
    # The other has yet to see that proposal, and its own would be put upon what it never looked at.
    with pytest.raises(HubError) as late:
        other._append(PROPOSED, {"version": "x"})
    assert late.value.slug == "conflict"
    assert [one.version for one in other.releases()] == [version]


@pytest.mark.req("H-12")
def test_two_servers_that_are_set_up_at_once_keep_the_shipped_rules_once(
    record: Record, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, other = library._append, Library(record, StoppedClock(NOW))

    def late(type_: str, data: JsonObject) -> None:
        other.keep_shipped()
        append(type_, data)

    monkeypatch.setattr(library, "_append", late)
    library.keep_shipped()
    assert [one.type for one in record.stream(STREAM)] == [KEPT]


@pytest.mark.req("H-08")
def test_a_folder_is_read_with_its_schema_or_the_shipped_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_folder(tmp_path)
    (tmp_path / "one.cedar").write_text(files().files["one.cedar"], encoding="utf-8")
    assert read_folder(tmp_path) == files()
    (tmp_path / "schema.cedarschema").write_text(files().schema + "\n", encoding="utf-8")
    assert read_folder(tmp_path).digest != files().digest
    assert read_folder(tmp_path).rules().version != files().rules().version
