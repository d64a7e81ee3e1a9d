"""A child's own account over the scenarios: whatever was read, nothing of anybody else is in it (H-23)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agencies.sdk.build import AgencyEvent
from hub.api.answers import json_bytes
from hub.api.own_accounts import account_json
from hub.cli.demo_world import Reader, readers
from hub.disclosure.account_looks import Look
from hub.disclosure.assemble import Assembler
from hub.disclosure.capacity import FOR_SUBJECT
from hub.disclosure.decide import Decider
from hub.disclosure.engine import Engine
from hub.disclosure.lines import Line
from hub.disclosure.own_account import ALWAYS, OwnAccount, compose
from hub.disclosure.rules import load_rules
from hub.disclosure.standing import CLASS_OF
from hub.envelope import EventKey
from hub.views import ChildView
from tests.doors.hubs import READ_AT, Doors, opened, played

RULES = load_rules()
DECIDER = Decider(Engine(RULES))
BASES = sorted({*CLASS_OF.values(), *(kind for kind, _ in CLASS_OF), "officer", "attendee"})
PURPOSES = ["assessment", "strategy-meeting", "s47-enquiry", "education-safety", "audit", "review", None]
TOPICS = ("incident", "programme", "end-of-criminal-matters", "legal-advice")
NAMED = re.compile(
    r"(other|child|entry)-[0-9a-f]{6,}|[a-z-]+\.[a-z0-9-]+/|CANARY|[0-9a-f]{8}-[0-9a-f]{4}|\d{10}"
)
READ = ("chronology",)


@dataclass
class Played:
    """One scenario, read by everybody who can, whose children have all been told everything."""

    doors: Doors

    @cached_property
    def folds(self) -> dict[str, ChildView]:
        return {name: self.doors.hub.views.child(child) for name, child in self.doors.children.items()}

    @cached_property
    def lines(self) -> dict[str, Sequence[Line]]:
        """What the account of each child may speak of."""
        hub = self.doors.hub
        assembler = Assembler(RULES, DECIDER, hub.catalogue, hub.store.record.digest)
        found = {}
        for name, view in self.folds.items():
            who = hub.store.directory.principal_for_person(self.author(view.authority or ""))
            found[name] = assembler.disclose(
                who, view, hub.views.child, now=hub.store.clock.domain(), as_at=None, apart=True,
                capacity=FOR_SUBJECT,
            ).lines  # fmt: skip
        return found

    def tell(self) -> None:
        """Their authority records that every child and its family were told of everything."""
        store = self.doors.hub.store
        for name, fold in self.folds.items():
            by = fold.authority
            assert by is not None
            for number, topic in enumerate(TOPICS):
                at = store.clock.domain() + timedelta(minutes=number)
                members = {
                    "occurred_at": at.isoformat(), "precision": "exact", "author": self.author(by),
                    "topic": topic, "outcome": "informed",
                }  # fmt: skip
                reference = self.doors.scenario.children[name][0]
                event = AgencyEvent(by, f"told-{name}-{topic}", "family-informed", reference, at, members)
                answer = self.doors.send(event)
                assert answer.status_code == 201, answer.text
        del self.folds

    def author(self, organisation: str) -> str:
        (first, *_) = sorted(one.id for one in self.doors.hub.store.directory.people(organisation))
        return first

    def read(self) -> None:
        """Every reader of the scenario opens every page of every child of its own."""
        for reader in readers(self.doors.scenario.name):
            for child in reader.children:
                for what in READ:
                    place = f"/v1/children/{self.doors.children[child]}/{what}"
                    self.ask(reader, place, f"{reader.name} {child} {what}")

    def ask(self, reader: Reader, place: str, name: str, purpose: str = "") -> tuple[int, str]:
        headers = {
            "Authorization": f"Bearer {self.doors.token(reader.person)}",
            "Access-Purpose": purpose or reader.purpose,
        }
        answer = self.doors.call(name, "GET", place, headers=headers)
        return answer.status_code, answer.text


@pytest.fixture(scope="module")
def scenarios(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Played]]:
    with ExitStack() as stack:
        found = []
        for name in READ_AT:
            folder = played(tmp_path_factory.mktemp("own") / name, name)
            doors = stack.enter_context(opened(folder, name, b"opened again"))
            doors.read_at(READ_AT[name])
            one = Played(doors)
            one.tell()
            one.read()
            found.append(one)
        yield found


def others_of(one: Played, child: str) -> Iterator[str]:
    """Everything by which anybody but this child can be told: other children, organisations, people."""
    for name, references in one.doors.scenario.children.items():
        if name != child:
            yield from (one.rpartition(":")[2] for one in references)
    yield from (id for name, id in one.doors.children.items() if name != child)
    directory = one.doors.hub.store.directory
    view = one.folds[child]
    parts = {grant.organisation for grant in view.grants if grant.kind in ("enrolled", "allocated")}
    own = {*parts, view.authority, *(move.from_authority for move in view.handovers)}
    for organisation in directory.organisations():
        if organisation.id not in own:
            yield from (organisation.id, organisation.title)
        yield from (person.id for person in directory.people(organisation.id))


def said(text: str) -> str:
    """What an account says, without the child's own id, its name in the record and the hub's versions."""
    found = json.loads(text)
    return json.dumps({name: found[name] for name in ("lines", "looked", "always")})


@pytest.mark.req("H-23", "D-03", "D-10", "H-12")
def test_h23_through_the_door_no_account_has_anything_of_anybody_else(scenarios: Sequence[Played]) -> None:
    told = 0
    for one in scenarios:
        for reader in readers(one.doors.scenario.name):
            officer = reader.name == "IGO"
            purpose = "subject-access" if officer else ""
            for child in one.doors.children if officer else reader.children:
                place = f"/v1/children/{one.doors.children[child]}/own-account"
                status, text = one.ask(reader, place, f"account {reader.name} {child}", purpose)
                if status != 200:
                    assert status in (403, 404) and not officer, (reader.name, text)
                    continue
                told += len(json.loads(text)["lines"])
                assert not NAMED.search(said(text)), (reader.name, child)
                assert [name for name in others_of(one, child) if name in said(text)] == []
    assert told > 20


@pytest.mark.req("H-23", "D-03", "D-10", "D-50")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_h23_whatever_accesses_there_were(scenarios: Sequence[Played], data: st.DataObject) -> None:
    """Readings by any organisation, for any purpose, as anything to the child, of any events of any child."""
    one = data.draw(st.sampled_from(scenarios))
    child = data.draw(st.sampled_from(sorted(one.folds)))
    directory = one.doors.hub.store.directory
    keys = [entry.key for fold in one.folds.values() for entry in fold.entries]
    organisations = [each.id for each in directory.organisations()]
    when = one.doors.hub.store.clock.domain()
    found = [
        Look(
            EventKey("urn:safeguarding:hub", f"CANARY-{number}"), when - timedelta(days=number),
            data.draw(st.sampled_from(organisations)), "chronology",
            data.draw(st.sampled_from(PURPOSES)),
            data.draw(st.frozensets(st.sampled_from(BASES), min_size=1, max_size=2)), tuple(keys),
        )
        for number in range(data.draw(st.integers(1, 6)))
    ]  # fmt: skip
    text = account_of(one, child, found)
    assert not NAMED.search(text) and [name for name in others_of(one, child) if name in text] == []
    for look in found:
        if look.bases & {"emergency", "therapist", "officer"} or look.purpose == "audit":
            without = [each for each in found if each is not look]
            assert account_of(one, child, without) == text


def account_of(one: Played, child: str, found: Sequence[Look]) -> str:
    """What the account of these accesses says, every name of an organisation being its title."""
    view, now = one.folds[child], one.doors.hub.store.clock.domain()
    titles = {each.id: each.title for each in one.doors.hub.store.directory.organisations()}
    composed = compose(view, one.lines[child], found, DECIDER, RULES, titles.__getitem__)
    answer = OwnAccount("", view.child, now, "", None, composed.lines, composed.looks, ALWAYS)
    return said(json_bytes(account_json(answer)).decode())
