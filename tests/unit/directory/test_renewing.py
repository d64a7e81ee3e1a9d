"""What was taken away in the directory is taken away again in an older one, and nothing is given again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from joserfc.jwk import OKPKey

from hub.directory import Directory
from hub.record import Record
from hub.record.binding import in_force
from hub.record.kept_apart import Act, Journal
from tests.contract.record_contract import MASTER_KEY, SeededChance
from tests.support.onboarding import signed_up

CSC, SCHOOL, LEAD = "social-care.n-csc", "education.elm-school", "education.elm-school/dsl-1"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Stands:
    """A clock that does not move."""

    def wall(self) -> datetime:
        return NOW

    domain = wall


def jwk() -> str:
    return json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=False))


@contextmanager
def opened(folder: Path, journal: Journal) -> Iterator[Directory]:
    Record.migrate(folder, master_key=MASTER_KEY, chance=SeededChance(0))
    chance = SeededChance(1)
    with closing(Record.open(folder, master_key=MASTER_KEY, chance=chance, journal=journal)) as record:
        yield Directory(record, Stands())


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    made = Journal(tmp_path / "apart", master_key=MASTER_KEY, hub="https://hub.example/renewing")
    made.begin()
    return made


def give(directory: Directory) -> str:
    """An organisation with a person, a role and a key; the key's thumbprint."""
    directory.add_organisation(CSC, "Children's social care")
    directory.add_organisation(SCHOOL, "Elm School", CSC)
    signed_up(directory, SCHOOL)
    directory.add_person(LEAD, ("designated-safeguarding-lead",))
    return directory.register_key(SCHOOL, "events", jwk()).kid


CHANGES: dict[str, tuple[Callable[[Directory, str], object], Callable[[Directory, str], object]]] = {
    "role ended": (
        lambda one, kid: one.end_role(LEAD, "designated-safeguarding-lead"),
        lambda one, kid: one.roles(LEAD) == frozenset(),
    ),
    "person disabled": (
        lambda one, kid: one.disable_person(LEAD),
        lambda one, kid: (found := one.person(LEAD)) is not None and not found.active,
    ),
    "key revoked": (
        lambda one, kid: one.revoke_key(kid, NOW - timedelta(days=2)),
        lambda one, kid: (
            (key := one.key(kid, "events")) is not None
            and key.revoked_at == NOW
            and key.compromised_since == NOW - timedelta(days=2)
        ),
    ),
    "key rotated": (
        lambda one, kid: one.rotate_key(kid, jwk(), NOW + timedelta(hours=1)),
        lambda one, kid: (
            (key := one.key(kid, "events")) is not None
            and key.not_after == NOW + timedelta(hours=1)
            and len(one.keys_at(SCHOOL, "events", NOW + timedelta(days=1))) == 1
        ),
    ),
    "basis changed": (
        lambda one, kid: one.record_agreement(SCHOOL, "education-safety", "public task", "A-2"),
        lambda one, kid: one.lawful_basis(SCHOOL, "education-safety") == "public task",
    ),
    "agreement ended sooner": (
        lambda one, kid: one.agree_sharing(SCHOOL, "Agreement of the tests", NOW.date(), LEAD),
        lambda one, kid: one.standing(SCHOOL).until == NOW.date(),
    ),
    "area changed": (
        lambda one, kid: (one.add_organisation("social-care.s-csc", "S"),
                          one.add_organisation(SCHOOL, "Elm School", "social-care.s-csc")),
        lambda one, kid: one.area_of(SCHOOL) == "social-care.s-csc",
    ),
}  # fmt: skip


@pytest.mark.req("H-16", "H-21", "H-06")
@pytest.mark.parametrize("known", [True, False], ids=["known there", "unknown there"])
@pytest.mark.parametrize("name", sorted(CHANGES))
def test_a_change_is_made_again_in_an_older_directory(
    journal: Journal, tmp_path: Path, name: str, known: bool
) -> None:
    change, holds = CHANGES[name]
    with opened(tmp_path / "live.db", journal) as live:
        kid = give(live)
        given = len(list(journal.read()))
        change(live, kid)
        key_before = live.key(kid, "events")
    acts = [one.act for one in in_force(journal) if one.act.kind == "directory"][given:]
    assert len(acts) == 1
    with opened(tmp_path / "older.db", journal) as older:
        if known:
            older.add_organisation(CSC, "Children's social care")
            older.add_organisation(SCHOOL, "Elm School", CSC)
            signed_up(older, SCHOOL)
            older.add_person(LEAD, ("designated-safeguarding-lead",))
            assert key_before is not None
            older.register_key(SCHOOL, "events", key_before.jwk, NOW)
            assert not holds(older, kid)
        assert older.renew(acts[0])
        assert holds(older, kid)
        assert all(older.organisation(one.area or one.id) for one in older.organisations())
        version = older.refresh().version
        assert not older.renew(acts[0])
        assert older.refresh().version == version and holds(older, kid)


@pytest.mark.req("H-16")
def test_what_only_gives_is_not_journalled(journal: Journal, tmp_path: Path) -> None:
    with opened(tmp_path / "live.db", journal) as live:
        give(live)
        live.grant_role(SCHOOL, "witness")
        live.agree_sharing(SCHOOL, "Another agreement", NOW.date(), LEAD)
    # Which procedure rules is set anew; everything else here only gives.
    (act,) = [one.act for one in journal.read()]
    assert '"profile-adopted"' in act.content


@pytest.mark.req("H-16")
def test_what_was_given_again_since_is_left_alone(journal: Journal, tmp_path: Path) -> None:
    """The end of the role stands in this very directory, and so does what came after."""
    with opened(tmp_path / "live.db", journal) as live:
        give(live)
        live.end_role(LEAD, "designated-safeguarding-lead")
        live.grant_role(LEAD, "designated-safeguarding-lead")
        _, ended = [one.act for one in journal.read()]
        assert not live.renew(ended)
        assert live.roles(LEAD) == {"designated-safeguarding-lead"}
        # The same, but as something that stands nowhere.
        assert live.renew(Act("directory", ended.stream, ended.source, "directory-9999999999", ended.content))
        assert live.roles(LEAD) == frozenset()
