"""The description of the API against a real hub: every real answer is as described, whatever is sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import negative_data_rejection, positive_data_acceptance
from schemathesis.generation import GenerationMode

from agencies.sdk.client import HubClient
from hub.api import OPEN, create_app
from hub.disclosure.library import Library
from hub.disclosure.rehearse import Rehearsal
from hub.disclosure.rules import shipped_files
from hub.ticker import Notifying
from tests.support.described import Described, Json, described, operations
from tests.support.hostile import C1001, C1001_UPN, C2001, ELM, LINES, LURE, N_CSC, POLICE, S_CSC, Attack
from tests.support.scenario import READERS, played_world

OPERATIONS = sorted(operations(described()))


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Described]:
    with played_world(Path(tmp_path_factory.mktemp("described"))) as world, closing(Attack(world)) as attack:
        # In this process the clock can be asked to move and stays: the world is read after it, too.
        app = create_app(replace(world.hub.services, advance=lambda to: to))
        document = httpx.get(f"{world.address}/openapi.json", timeout=30).json()
        assert document == json.loads(json.dumps(app.openapi()))
        yield Described(attack, app, document)


# --- real answers ------------------------------------------------------------------------------------

Answers = Iterator[httpx.Response]


def posts(hub: Described) -> Answers:
    body = hub.attack.sign(hub.attack.event())
    jose = {"Content-Type": "application/jose"}
    yield hub.call("post_event", jose, content=body)
    yield hub.call("post_event", jose, content=body)
    warned = hub.attack.event(data={"source_type": "overheard", "categories": ["not-in-the-list"]})
    yield hub.call("post_event", jose, content=hub.attack.sign(warned))
    for wrong in ("", "a.b.c", hub.attack.sign(hub.attack.event(), aud="elsewhere"), body[:-4] + "AAAA"):
        yield hub.call("post_event", jose, content=wrong)


def batches(hub: Described) -> Answers:
    lines = [
        hub.attack.sign(hub.attack.event()),
        "x",
        hub.attack.sign(hub.attack.event(by=POLICE), by=POLICE),
    ]
    for body in ("\n".join(lines), "", lines[0]):
        yield hub.call("post_batch", {"Content-Type": LINES}, content=body)


def own(hub: Described) -> Answers:
    world = hub.attack.world
    for organisation in (ELM, N_CSC, POLICE, "education.oak-school", "social-care.s-csc"):
        token = {"Authorization": f"Bearer {world.system_token(organisation)}"}
        page = hub.call("own_posts", token, params={"mine": "", "limit": "200"})
        assert page.json()["posts"]
        yield page
    yield hub.call("own_posts", params={"mine": "", "limit": "2"})
    yield hub.call("own_posts")


def receipts(hub: Described) -> Answers:
    posted = hub.attack.world.as_system(ELM, "/v1/events", mine="")["posts"]
    for one in posted[:3]:
        answer = hub.call("receipt", path={"org": ELM, "id": one["id"]})
        assert answer.json()["proof"] is not None
        yield answer
    yield hub.call("receipt", path={"org": N_CSC, "id": posted[0]["id"]})


def persons(name: str) -> Callable[[Described], Answers]:
    def read(hub: Described) -> Answers:
        for reader in READERS.values():
            token = hub.attack.world.person_token(reader.person)
            yield hub.call(name, {"Authorization": f"Bearer {token}"})
        yield hub.call(name, {"Authorization": f"Bearer {hub.attack.world.system_token(ELM)}"})

    return read


def child_reads(name: str, **query: str) -> Callable[[Described], Answers]:
    def read(hub: Described) -> Answers:
        for reader in READERS.values():
            token = f"Bearer {hub.attack.world.person_token(reader.person)}"
            headers = {"Authorization": token, "Access-Purpose": reader.purpose, "Access-Reference": "M1"}
            for child in hub.attack.world.children.values():
                yield hub.call(name, headers, {"child": child}, params=query)
        yield hub.call(name, {"Access-Purpose": "none"}, {"child": child})
        yield hub.call(name, {"Access-Purpose": "assessment"}, {"child": child})
        yield hub.call(name, path={"child": child}, params={"as_at": "2025-09-16T11:05:00+01:00"})
        yield hub.call(name, path={"child": child}, params={"as_at": "yesterday"})

    return read


def chronologies(hub: Described) -> Answers:
    yield from child_reads("chronology", limit="200")(hub)
    child = hub.attack.world.children["C-2001"]
    csv = hub.call("chronology", {"Accept": "text/csv"}, {"child": child}, params={"limit": "3"})
    told = hub.operation("chronology")[2]["responses"]["200"]["headers"]
    assert csv.text.startswith("\ufeffentry_id") and all(csv.headers[name] for name in told)
    yield csv
    yield hub.call("chronology", {"Accept": "image/png"}, {"child": child})


def packs(hub: Described) -> Answers:
    for reader in READERS.values():
        token = f"Bearer {hub.attack.world.person_token(reader.person)}"
        headers = {"Authorization": token, "Access-Purpose": reader.purpose}
        for child in hub.attack.world.children.values():
            for meeting in ("M1", "M2", "H1"):
                yield hub.call("meeting_pack", headers, {"child": child, "meeting": meeting})
    yield hub.call("meeting_pack", {"Access-Purpose": "none"}, {"child": child, "meeting": "M1"})


def snapshots(hub: Described) -> Answers:
    child = hub.attack.world.children["C-2001"]
    for reader in READERS.values():
        token = f"Bearer {hub.attack.world.person_token(reader.person)}"
        headers = {"Authorization": token, "Access-Purpose": reader.purpose}
        yield hub.call("take_snapshot", headers, {"child": child}, json={"meeting": "H3"})
    yield hub.call("take_snapshot", path={"child": child}, json={"meeting": "no name"})
    yield hub.call("take_snapshot", path={"child": child}, content="x")


def lookups(hub: Described) -> Answers:
    for identifier in (C1001, C1001_UPN, "nhs:9990300100", "x"):
        yield hub.call("look_up", params={"identifier": identifier})
    yield hub.call("look_up")


def queues(hub: Described) -> Answers:
    unknown = hub.attack.event(subject="nhs:9990300100")
    assert hub.attack.post(unknown).status_code == 201
    answer = hub.call("identity_queue")
    assert answer.json()["queue"]
    yield answer
    yield hub.call("identity_queue", {"Authorization": f"Bearer {hub.attack.world.system_token(ELM)}"})


def resolutions(hub: Described) -> Answers:
    assert hub.attack.post(hub.attack.event(subject="nhs:9990300119")).status_code == 201
    waiting = hub.call("identity_queue").json()["queue"][-1]["provisional"]
    yield hub.call("resolve_identity", json={"provisional": waiting, "child": C1001})
    yield hub.call("resolve_identity", json={"provisional": waiting, "child": C1001})
    yield hub.call("resolve_identity", json={"provisional": "none"})


def audits(name: str) -> Callable[[Described], Answers]:
    def read(hub: Described) -> Answers:
        child = hub.attack.world.children["C-2001"]
        for reader in ("ENQ", "Oak", "SW-1001"):
            hub.attack.read(reader, f"/v1/children/{child}/overview")
        rows = hub.call("accesses", params={"child": child}).json()["accesses"]
        for one in rows[-4:] + rows[:2]:
            yield hub.call(name, path={"disclosure_id": one["disclosure_id"]})
        yield hub.call(name, path={"disclosure_id": "none"})

    return read


def emergency(hub: Described) -> Answers:
    """Of a known and of an unknown child, and without a reason of the list."""
    token = f"Bearer {hub.attack.world.person_token(READERS['ENQ'].person)}"
    asked = {"reason": "child-missing", "reference": "INC-1"}
    for identifier in (C1001, "nhs:9990300127"):
        yield hub.call(
            "use_emergency_access", {"Authorization": token}, json={**asked, "identifier": identifier}
        )
    yield hub.call("use_emergency_access", {"Authorization": token}, json={**asked, "identifier": ""})
    yield hub.call("use_emergency_access", json={**asked, "identifier": C1001})


def own_emergencies(hub: Described) -> Answers:
    """Of whoever used it, of somebody else, and of a system."""
    list(emergency(hub))
    token = f"Bearer {hub.attack.world.person_token(READERS['ENQ'].person)}"
    answer = hub.call("my_emergency_accesses", {"Authorization": token})
    assert answer.json()["emergency_accesses"]
    yield answer
    yield from persons("my_emergency_accesses")(hub)


def reviews(hub: Described) -> Answers:
    list(emergency(hub))
    waiting = [one for one in hub.call("reviews").json()["reviews"] if one["state"] == "open"]
    found = {"outcome": "approved", "reason": "Looked into."}
    for one in (waiting[-1]["access"], waiting[-1]["access"], "none"):
        yield hub.call("review", path={"access": one}, json=found)
    yield hub.call("review", path={"access": "none"}, json={"outcome": "perhaps", "reason": "x"})


def content_reviews(name: str) -> Callable[[Described], Answers]:
    """Of the answers of one review of content, from asking to its end, those of one operation.

    Shape: asked for once, before others move the child on and leave it without a worker.
    """
    return lambda hub: (answer for operation, answer in one_content_review(hub) if operation == name)


@cache
def one_content_review(hub: Described) -> list[tuple[str, httpx.Response]]:
    """A review of content from asking to its end."""
    world, said = hub.attack.world, list[tuple[str, httpx.Response]]()
    child = world.children["C-2001"]
    manager = {"Authorization": f"Bearer {world.person_token(f'{S_CSC}/tm-1')}"}

    def call(operation: str, headers: Json | None = None, **given: object) -> httpx.Response:
        answer = hub.call(operation, headers, **given)
        said.append((operation, answer))
        return answer

    audit = {"Access-Purpose": "audit"}
    entries = hub.call("chronology", hub.headers("reviews") | audit, {"child": child}).json()["entries"]
    wanted = {"question": "complaint", "reason": "Looked into.", "child": child}
    named = [one["entry_id"] for one in entries]
    review = call("ask_for_content_review", json={**wanted, "entries": named}).json()["review"]
    for wrong in ({**wanted, "entries": ["none"]}, {**wanted, "child": "none"}, {"question": 1}):
        call("ask_for_content_review", json=wrong)
    found = {"outcome": "approved", "reason": "Needed."}
    call("content_reviews_to_decide", manager)
    call("content_reviews_to_decide")
    call("reviewed_entries", path={"review": review})
    for headers, body in ((None, found), (manager, {"outcome": "perhaps"}), (manager, found),
                          (manager, found)):  # fmt: skip
        call("decide_content_review", headers, path={"review": review}, json=body)
    call("reviewed_entries", path={"review": review})
    call("reviewed_entries", path={"review": "none"})
    call("content_reviews")
    for headers in (None, manager, manager):
        call("end_content_review", headers, path={"review": review})
    return said


def notices(name: str) -> Callable[[Described], Answers]:
    """Of scenario A's events to the authority, acknowledged or not; and to a person."""

    def read(hub: Described) -> Answers:
        world = hub.attack.world
        Notifying(world.hub.store.record, world.hub.disclosure.mail, prepares=True).look(
            world.hub.store.clock.domain()
        )
        of = {"Authorization": f"Bearer {world.system_token(S_CSC)}"}
        (first, *_) = hub.call("notices", of, params={"limit": "2"}).json()["notices"]
        if name == "acknowledge":
            for one in (first["notice"], first["notice"], "none"):
                yield hub.call(name, of, {"notice": one})
            return
        yield hub.call(name, of, params={"unacknowledged": "true", "limit": "2"})
        yield hub.call(name, params={"wait": "1"})
        yield hub.call(name, of, params={"cursor": "none"})

    return read


def rule_sets(name: str) -> Callable[[Described], Answers]:
    """With the package's own rules proposed by another officer, so that approving them changes nothing."""

    def read(hub: Described) -> Answers:
        world, another = hub.attack.world, "partnership.hub-ig/igo-2"
        directory = world.hub.store.directory
        if directory.person(another) is None:
            directory.add_person(another, ("ig-officer",))
        policies, officer = world.hub.oversight.policies, directory.principal_for_person(another)
        version = policies.propose(officer, shipped_files(), "To go back to what is shipped.").version
        yield hub.call(name, path={"version": "none"})
        yield hub.call(name, path={"version": version})
        nothing = Rehearsal(version, version, 0, (), 0, ()).written()
        Library(world.hub.store.record, world.hub.store.clock).note_rehearsal(version, nothing)
        yield hub.call(name, path={"version": version})

    return read


def accesses(hub: Described) -> Answers:
    for query in (
        {},
        {"child": C1001},
        {"organisation": ELM},
        {"since": "2025-09-01T00:00:00Z"},
        {"since": "x"},
    ):
        yield hub.call("accesses", params=query)


def flags(hub: Described) -> Answers:
    """With a meeting about a child that another child's school attended."""
    present = [{"organisation": one, "represents": False} for one in (N_CSC, "education.oak-school")]
    data: Json = {"meeting": "M9", "kind": "professionals", "attendance": present}
    met = hub.attack.event(by=N_CSC, type_="meeting-held", subject=C1001, data=data)
    hub.attack.accepted(met, N_CSC)
    found = hub.call("flags")
    assert found.json()["flags"]
    yield found
    yield hub.call("flags", params={"child": C1001})
    yield hub.call("flags", params={"child": "x" * 201})


def overrides(hub: Described) -> Answers:
    """With an allocation that the different-worker rule refused and a manager let pass."""
    given = {"rule": "R-067", "manager": f"{S_CSC}/tm-1", "reason": "Nobody else is at work."}
    data: Json = {"kind": "allocated", "worker": f"{N_CSC}/sw-n1", "override": given}
    hub.attack.accepted(hub.attack.event(S_CSC, "social-worker-allocated", C2001, data), S_CSC)
    found = hub.call("overrides")
    assert found.json()["overrides"]
    yield found
    yield hub.call("overrides", params={"child": C2001})
    yield hub.call("overrides", params={"child": "x" * 201})


def blocked(hub: Described) -> Answers:
    """With an allocation that the different-worker rule refused; and asked by somebody else."""
    data: Json = {"kind": "allocated", "worker": f"{N_CSC}/sw-n1"}
    refused = hub.attack.post(hub.attack.event(S_CSC, "social-worker-allocated", C2001, data), S_CSC)
    assert refused.status_code == 403
    found = hub.call("blocked_decisions")
    assert found.json()["blocked_decisions"]
    yield found
    yield from persons("blocked_decisions")(hub)


def proofs(hub: Described) -> Answers:
    size = int(hub.call("checkpoint").text.splitlines()[1])
    yield hub.call("inclusion", params={"leaf_index": 3, "tree_size": size})
    yield hub.call("inclusion", params={"leaf_index": size, "tree_size": size})
    yield hub.call("inclusion", params={"leaf_index": -1})


def growths(hub: Described) -> Answers:
    size = int(hub.call("checkpoint").text.splitlines()[1])
    yield hub.call("consistency", params={"old": 2, "new": size})
    yield hub.call("consistency", params={"old": size, "new": 2})


def tiles(hub: Described) -> Answers:
    for tile in ("0/000.p/2", "0/x999/999", "none"):
        yield hub.call("tile", path={"tile": tile})


def tokens(hub: Described) -> Answers:
    seen: list[httpx.Response] = []
    with httpx.Client(event_hooks={"response": [seen.append]}) as http:
        with HubClient(hub.attack.world.address, ELM, hub.attack.key(ELM, "client"), http=http) as client:
            client.post("a.b.c")
        for answer in seen:
            if answer.request.url.path == "/oauth/token":
                hub.conforms("token", answer)
                yield answer
    claimed = {"grant_type": "client_credentials", "client_id": ELM, "client_assertion": "a.b.c"}
    yield hub.call("token", data=claimed)
    yield hub.call("token", data={"grant_type": "password"})
    yield hub.call("token", json={})


def clocks(hub: Described) -> Answers:
    yield hub.call("set_clock", json={"now": "2025-11-20T12:00:00+00:00"})
    yield hub.call("set_clock", json={"now": "noon"})


def plain(name: str, **path: str) -> Callable[[Described], Answers]:
    def read(hub: Described) -> Answers:
        yield hub.call(name, path=path)

    return read


def governed(name: str, **path: str) -> Callable[[Described], Answers]:
    def read(hub: Described) -> Answers:
        for accept in ("application/json", "text/csv", "image/png"):
            yield hub.call(name, {"Accept": accept}, path)
        if path:
            yield hub.call(name, path={"report": "nothing"})
            yield hub.call(name, path=path, params={"year": "8999"})

    return read


ASKED: dict[str, Callable[[Described], Answers]] = {
    "post_event": posts, "post_batch": batches, "own_posts": own, "receipt": receipts, "token": tokens,
    "me": persons("me"), "my_children": persons("my_children"), "look_up": lookups,
    "my_open_items": persons("my_open_items"),
    "chronology": chronologies, "overview": child_reads("overview"), "deadlines": child_reads("deadlines"),
    "meetings": child_reads("meetings"), "meeting_pack": packs, "take_snapshot": snapshots,
    "identity_queue": queues, "resolve_identity": resolutions, "accesses": accesses, "flags": flags,
    "overrides": overrides, "blocked_decisions": blocked,
    "reports": plain("reports"), "report": governed("report", report="learning"),
    "self_assessment": governed("self_assessment"),
    "access": audits("access"), "explanation": audits("explanation"), "replay": audits("replay"),
    "notices": notices("notices"), "acknowledge": notices("acknowledge"),
    "policies": rule_sets("policies"), "policy": rule_sets("policy"),
    "use_emergency_access": emergency, "my_emergency_accesses": own_emergencies,
    "emergency_accesses": child_reads("emergency_accesses"),
    "reviews": plain("reviews"), "review": reviews,
    **{
        one: content_reviews(one)
        for one in (
            "ask_for_content_review", "content_reviews", "reviewed_entries", "content_reviews_to_decide",
            "decide_content_review", "end_content_review",
        )
    },
    "family_paper": child_reads("family_paper", **{"for": "mother"}),
    "own_account": child_reads("own_account"),
    "approve_policy": rule_sets("approve_policy"), "checkpoint": plain("checkpoint"),
    "inclusion": proofs, "consistency": growths, "tile": tiles, "set_clock": clocks,
    "healthz": plain("healthz"), "readyz": plain("readyz"), "problem": plain("problem", slug="gate"),
}  # fmt: skip


@pytest.mark.req("H-14", "H-15", "H-16", "H-26")
@pytest.mark.parametrize("name", OPERATIONS)
def test_real_answers_are_as_described(hub: Described, name: str) -> None:
    answers = list(ASKED[name](hub))
    got = {(str(one.status_code), one.headers["content-type"].split(";")[0]) for one in answers}
    wanted = {
        (status, media_type)
        for status, told in hub.operation(name)[2]["responses"].items()
        if status.startswith("2")
        for media_type in told["content"]
    }
    assert wanted <= got, "an answer that is described was not seen"


@pytest.mark.req("H-16")
@pytest.mark.parametrize("name", OPERATIONS)
def test_without_a_good_token_only_the_open_routes_answer(hub: Described, name: str) -> None:
    _, path, operation = hub.operation(name)
    for token in ("", "Bearer x.y.z", f"Bearer {LURE}"):
        answer = hub.call(name, {"Authorization": token})
        assert ("security" in operation) == (path not in OPEN)
        if path not in OPEN:
            assert answer.status_code == 401 and answer.headers["www-authenticate"] == "Bearer"


# --- whatever is sent --------------------------------------------------------------------------------


schemathesis.serializer.alias(["application/jose", "application/jose-lines"], "text/plain")
# Instants and days of the years that the description asks for: else hardly one in thirty would fit.
schemathesis.openapi.format(
    "date-time",
    st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC)).map(
        datetime.isoformat
    ),
)
schemathesis.openapi.format("date", st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(date.isoformat))
NOBODY_CAN_INVENT = frozenset({"post_event", "post_batch", "token"})
"""What these take is signed; of what is generated none is, however right its form."""
UNSUITED = {name: [positive_data_acceptance] for name in NOBODY_CAN_INVENT}
# A batch is answered as a whole; what is wrong with a line stands in that line's result.
UNSUITED["post_batch"].append(negative_data_rejection)


def lured(operation: Json, wrong: str) -> Iterator[tuple[dict[str, str], dict[str, str], dict[str, str]]]:
    """Headers, path and query of an operation with the lure in every place in turn."""
    places = [(one["in"], one["name"]) for one in operation.get("parameters", ())]
    for place in places:
        found: dict[str, dict[str, str]] = {"header": {}, "path": {}, "query": {}}
        for kind, name in places:
            found[kind][name] = wrong if (kind, name) == place else "0"
        yield found["header"], found["path"], found["query"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_nothing_that_is_sent_comes_back(hub: Described, name: str) -> None:
    _, _, operation = hub.operation(name)
    answers = []
    for wrong in (LURE, f"<{LURE}>", LURE * 100):
        answers += [
            hub.call(name, {"Access-Purpose": "s47-enquiry", **headers}, path, params=query)
            for headers, path, query in lured(operation, wrong)
        ]
        for media_type in operation.get("requestBody", {}).get("content", ()):
            for body in (wrong, f'{{"{wrong}": "{wrong}"}}', f"{wrong}={wrong}", f"grant_type={wrong}"):
                answers.append(hub.call(name, {"Content-Type": media_type}, content=body))
        answers.append(hub.call(name, {"Content-Type": f"text/{LURE}", "Accept": f"text/{LURE}"}))
    for answer in answers:
        assert LURE.lower() not in (answer.text + str(answer.headers)).lower()


@pytest.mark.req("H-22")
@pytest.mark.parametrize(
    "mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda one: one.value
)
@pytest.mark.parametrize("name", OPERATIONS)
def test_generated_requests(hub: Described, name: str, mode: GenerationMode) -> None:
    method, path, operation = hub.operation(name)
    if mode is GenerationMode.NEGATIVE and not ("parameters" in operation or "requestBody" in operation):
        return  # nothing that could be wrong is part of this request
    api = schemathesis.openapi.from_asgi("/openapi.json", hub.app)
    ids = st.sampled_from(["", *hub.attack.world.children.values()])

    @settings(
        max_examples=6, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=api[path][method].as_strategy(generation_mode=mode), child=ids)
    def run(case: schemathesis.Case, child: str) -> None:
        if child and "child" in (case.path_parameters or {}):
            case.path_parameters["child"] = child
        if mode is GenerationMode.POSITIVE:
            (case.query or {}).pop("cursor", None)  # the hub's own, for this reader and question
            (case.query or {}).pop("wait", None)  # half a minute at most, and nothing to come
        answer = case.call_and_validate(headers=hub.headers(name), excluded_checks=UNSUITED.get(name, []))
        hub.conforms(
            name,
            httpx.Response(
                answer.status_code,
                headers={key: values[0] for key, values in answer.headers.items()},
                content=answer.content,
            ),
        )

    run()
