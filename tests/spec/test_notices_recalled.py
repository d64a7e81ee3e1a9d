"""Corrections and retractions are recalled from exactly those who got the old version, and signed."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from joserfc.jwk import OKPKey

from agencies.scenarios import PreparedPost
from agencies.sdk.keys import SigningKey
from agencies.sdk.recalls import RecallFault, verify_recall
from hub.disclosure import Disclosure, load_purposes
from hub.disclosure.notice_box import BoxedNotice
from hub.disclosure.proving.world import STANDINGS
from hub.disclosure.recall import CORRECTED, WITHDRAWN
from hub.disclosure.release import Access, AccessRecord, Released
from hub.disclosure.rules import load_rules
from hub.errors import HubError
from tests.spec.test_notices import BY_REF, OAK, POLICE, YOS, N, S, a_copy, item_of, key_of, play_once
from tests.support.scenario import READERS
from tests.support.simulated import Simulated, one_more

NUMBERS, MINUTES = count(1), count(1)
SEEN: dict[str, str | None] = {}
"""Up to where each recipient's notices were fetched by the test before."""
ORGANISATIONS = (N, S, OAK, YOS, POLICE, "education.elm-school", "health.n-child-health")
CHILD_OF = {"SW-1001": "C-1001", "HL-1001": "C-1001", "Elm": "C-1001"}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulated]:
    """Scenario A at its end; each test posts an event of its own, and changes only that one."""
    with a_copy(play_once(tmp_path_factory), tmp_path_factory.mktemp("recalled") / "hub") as found:
        yield found


def moment() -> str:
    """A new minute of the afternoon after the scenario."""
    hours, minutes = divmod(next(MINUTES), 60)
    return f"2025-11-20T{12 + hours}:{minutes:02}:00+00:00"


def posted(hub: Simulated, like: str, type_: str, **data: Any) -> PreparedPost:
    post = one_more(f"X-recall-{next(NUMBERS)}", like, type_, moment(), **data)
    hub.post(post.event)
    return post


def level(hub: Simulated, **changes: Any) -> PreparedPost:
    """A level assessed by police of C-2001: a school and youth justice get it too."""
    left_out = ("occurred_at", "precision", "author", "level", "indicators")
    data = {name: value for name, value in BY_REF["A22"].event.data.items() if name not in left_out}
    return posted(hub, "A22", "behaviour-level-assessed",
                  **data | {"scale": "hackett-5", "level": "violent"} | changes)  # fmt: skip


def changed(hub: Simulated, post: PreparedPost, type_: str, **data: Any) -> PreparedPost:
    key = key_of(post)
    change = one_more(f"X-recall-{next(NUMBERS)}", "A22", type_, moment(),
                      about={"source": key.source, "id": key.id}, **data)  # fmt: skip
    author = post.event.data["author"]
    event = replace(change.event, organisation=post.organisation, subject=post.event.subject,
                    data={**change.event.data, "author": author})  # fmt: skip
    found = replace(change, organisation=post.organisation, event=event)
    hub.post(found.event)
    return found


def corrected(hub: Simulated, post: PreparedPost, **changes: Any) -> PreparedPost:
    return changed(hub, post, "event-corrected", reason="error", replacement={**post.event.data, **changes})


def retracted(hub: Simulated, post: PreparedPost) -> PreparedPost:
    return changed(hub, post, "event-retracted", reason="entered-in-error")


def read(hub: Simulated, *readers: str) -> None:
    for reader in readers:
        hub.chronology(reader, CHILD_OF.get(reader, "C-2001"))


def recall(hub: Simulated, change: PreparedPost) -> int:
    mail = hub.hub.disclosure.mail
    return mail.recall(item_of(hub, change), mail.look())


def box(hub: Simulated, recipient: str, cursor: str | None = None) -> tuple[list[BoxedNotice], str | None]:
    directory = hub.hub.store.directory
    who = (directory.principal_for_person if "/" in recipient else directory.principal_for_organisation)(
        recipient
    )
    page = hub.hub.disclosure.mail.box.page(who, cursor, 100)
    return list(page.notices), page.cursor


def recalls(hub: Simulated, before: dict[str, str | None]) -> dict[str, list[str]]:
    """The codes that each recipient was recalled with since the boxes stood there."""
    found = {}
    for recipient, cursor in before.items():
        notices, _ = box(hub, recipient, cursor)
        codes = [str(one.body["lines"][0]["code"]) for one in notices if "recall" in one.body]
        if codes:
            found[recipient] = codes
    return found


def boxes(hub: Simulated, *more: str) -> dict[str, str | None]:
    for one in (*ORGANISATIONS, *more):
        SEEN[one] = box(hub, one, SEEN.get(one))[1]
    return {one: SEEN[one] for one in (*ORGANISATIONS, *more)}


@pytest.mark.req("H-02", "H-12", "D-20")
@pytest.mark.parametrize(
    ("readers", "expected"),
    [
        ((), set()),
        (("SW-2001", "SGU-S", "Oak"), {S, OAK}),
        (("SW-1001", "POL"), set()),
    ],
    ids=["nobody", "two of one organisation and a school", "of another child and of the poster itself"],
)
def test_who_read_the_old_version_is_told_that_it_was_corrected_and_later_withdrawn(
    hub: Simulated, readers: tuple[str, ...], expected: set[str]
) -> None:
    post, before = level(hub), boxes(hub)
    read(hub, *readers)
    assert recall(hub, corrected(hub, post, level="abusive")) == len(expected)
    assert recalls(hub, before) == {one: [CORRECTED] for one in expected}
    assert recall(hub, retracted(hub, post)) == len(expected)
    assert recalls(hub, before) == {one: [CORRECTED, WITHDRAWN] for one in expected}


@pytest.mark.req("H-10", "H-02")
def test_who_reads_it_after_the_correction_got_no_old_version(hub: Simulated) -> None:
    post, before = level(hub), boxes(hub)
    read(hub, "SW-2001")
    change = corrected(hub, post, level="abusive")
    read(hub, "Oak", "YJS")
    assert recall(hub, change) == 1
    assert recalls(hub, before) == {S: [CORRECTED]}


@pytest.mark.req("H-02", "D-20")
def test_an_answer_that_was_on_its_way_is_found_when_it_is_looked_at_again(hub: Simulated) -> None:
    """A retraction hides at once: what the record says was sent after it, was decided before it."""
    post, before = level(hub), boxes(hub)
    gone = retracted(hub, post)
    assert recall(hub, gone) == 0
    accesses = AccessRecord(hub.hub.store.record, hub.hub.store.clock, hub.chance)
    reader = hub.signed_in(READERS["SW-2001"].person)
    access = Access(reader, hub.children["C-2001"], "chronology", "assessment", None, None, None, "p-1")
    accesses.released(access, ("own-worker",), [Released(key_of(post), "V", ())], ())
    assert recall(hub, gone) == 1
    assert recalls(hub, before) == {S: [WITHDRAWN]}


@pytest.mark.req("D-20", "H-16")
def test_who_lost_the_relationship_learns_only_that_something_was_withdrawn(hub: Simulated) -> None:
    post, before = level(hub), boxes(hub)
    read(hub, "YJS", "SW-2001")
    end = posted(hub, "A16", "relationship-ended", kind="supervised", organisation=YOS)
    try:
        assert recall(hub, corrected(hub, post, level="abusive")) == 2
        assert recalls(hub, before) == {S: [CORRECTED], YOS: [WITHDRAWN]}
        (notice,) = [one.body for one in box(hub, YOS, before[YOS])[0] if "recall" in one.body]
        assert notice.keys() == {"notice", "token", "lines", "recall"}
        assert "abusive" not in str(notice) and "violent" not in str(notice)
    finally:
        assert recall(hub, retracted(hub, end)) >= 0


@pytest.mark.req("D-20", "H-08", "H-10", "H-12")
def test_what_waits_is_decided_when_it_is_fetched_and_leaves_no_trace_where_it_may_not_be_told(
    hub: Simulated,
) -> None:
    data = {name: value for name, value in BY_REF["A33"].event.data.items()
            if name not in ("occurred_at", "precision", "author")}  # fmt: skip
    post, mail = posted(hub, "A33", "criminal-outcome-recorded", **data), hub.hub.disclosure.mail
    before = boxes(hub)
    mail.prepare(item_of(hub, post), mail.look())
    stream = hub.hub.store.record.stream(f"notices/{YOS}")
    end = posted(hub, "A16", "relationship-ended", kind="supervised", organisation=YOS)
    assert box(hub, YOS, before[YOS]) == ([], before[YOS])
    retracted(hub, end)
    ((notice,), cursor) = box(hub, YOS, before[YOS])
    assert notice.body["notice"] == cursor == stream[-1].id.removesuffix("-notice")
    assert mail.prepare(item_of(hub, post), mail.look()) is None
    assert hub.hub.store.record.stream(f"notices/{YOS}") == stream, "once"
    assert hub.hub.disclosure.notices(stream[-1]) == (), "what was made to be fetched is not sent"


@pytest.mark.req("H-02", "H-12")
def test_what_is_retracted_already_is_not_recalled_by_a_second_retraction(hub: Simulated) -> None:
    post, before = level(hub), boxes(hub)
    read(hub, "Oak")
    first, second = retracted(hub, post), retracted(hub, post)
    assert recall(hub, second) == 0
    assert recalls(hub, before) == {}
    assert recall(hub, first) == 1


@pytest.mark.req("H-10", "D-11")
def test_a_coded_line_that_reads_the_same_says_nothing_of_a_correction(hub: Simulated) -> None:
    """The school has a line alone: what else is in the decision is hidden from it."""
    decided = posted(hub, "A08", "criminal-investigation-decided",
                     **{name: value for name, value in BY_REF["A08"].event.data.items()
                        if name not in ("occurred_at", "precision", "author")})  # fmt: skip
    before = boxes(hub)
    read(hub, "Oak", "SW-2001")
    assert recall(hub, corrected(hub, decided, narrative="Read again; nothing else has changed.")) == 1
    assert recalls(hub, before) == {S: [CORRECTED]}, "the school has the line that police are involved"
    assert recall(hub, retracted(hub, decided)) == 2
    assert recalls(hub, before) == {S: [CORRECTED, WITHDRAWN], OAK: [WITHDRAWN]}


@pytest.mark.req("D-11", "D-26", "D-31", "H-02", "H-10")
def test_a_line_carried_to_the_worker_of_a_linked_child_is_recalled_from_that_worker_alone(
    hub: Simulated,
) -> None:
    """Others who read the harmed child had no line of the plan, and learn nothing of its correction."""
    data = {name: value for name, value in BY_REF["A32"].event.data.items()
            if name not in ("occurred_at", "precision", "author")}  # fmt: skip
    plan, before = posted(hub, "A32", "risk-management-plan-recorded", **data), boxes(hub)
    read(hub, "Elm", "HL-1001")
    read(hub, "SW-1001")
    assert recall(hub, corrected(hub, plan, next_review="2026-02-06")) == 0, "the lines read the same"
    measures = [{**one, "code": "separate-spaces"} for one in plan.event.data["measures"]]
    assert recall(hub, corrected(hub, plan, measures=measures)) == 1
    assert recalls(hub, before) == {N: [CORRECTED]}
    (notice,) = [one.body for one in box(hub, N, before[N])[0] if "recall" in one.body]
    assert notice.keys() == {"notice", "token", "lines", "recall"}
    assert hub.children["C-2001"] not in str(notice) and "2026-02-06" not in str(notice)
    assert recall(hub, retracted(hub, plan)) == 1
    assert recalls(hub, before) == {N: [CORRECTED, WITHDRAWN]}


@pytest.mark.req("D-35", "H-02")
def test_of_intelligence_no_system_is_told_but_the_very_person_who_read_it(hub: Simulated) -> None:
    post = posted(hub, "A08", "adult-involvement-suspected", category="adult-known")
    worker, manager = READERS["ENQ"].person, f"{S}/tm-1"
    before = boxes(hub, worker, manager)
    read(hub, "ENQ")
    assert recall(hub, retracted(hub, post)) == 1
    assert recalls(hub, before) == {worker: [WITHDRAWN]}


@pytest.mark.req("H-02", "H-12")
def test_a_notice_that_was_fetched_is_recalled_and_one_that_was_not_is_not(hub: Simulated) -> None:
    post, mail = level(hub), hub.hub.disclosure.mail
    mail.prepare(item_of(hub, post), mail.look())
    before = boxes(hub)
    fetched = {one: cursor for one, cursor in before.items() if one in (S, N)}
    assert all(fetched.values())
    second = level(hub)
    mail.prepare(item_of(hub, second), mail.look())
    assert recall(hub, retracted(hub, second)) == 0
    assert recall(hub, retracted(hub, post)) == 2
    assert recalls(hub, before) == {S: [WITHDRAWN], N: [WITHDRAWN]}
    (notice,) = [one.body for one in box(hub, S, before[S])[0] if "recall" in one.body]
    assert verified(hub, notice, S).notices == (before[S],)


def hub_key(hub: Simulated) -> SigningKey:
    return OKPKey.import_key(dict(hub.hub.store.signer.public_jwk))


def verified(hub: Simulated, notice: Any, recipient: str) -> Any:
    return verify_recall(dict(notice), hub_key(hub), hub.hub.store.settings.id, recipient)


@pytest.mark.req("H-02", "H-12")
def test_a_recall_is_signed_by_the_hub_and_names_what_was_sent(hub: Simulated) -> None:
    post, before = level(hub), boxes(hub)
    shown = hub.chronology("SW-2001", "C-2001")
    (entry,) = [one for one in shown.entries if one.type == "behaviour-level-assessed"
                and one.received_at and one.received_at.minute == post.event.recorded_at.minute
                and one.received_at.day == 20]  # fmt: skip
    recall(hub, retracted(hub, post))
    (notice,) = [one.body for one in box(hub, S, before[S])[0] if "recall" in one.body]
    found = verified(hub, notice, S)
    assert (found.code, found.entries, found.notices) == (WITHDRAWN, (entry.entry_id,), ())
    header, claims, signature = str(notice["recall"]).split(".")
    other = urlsafe_b64encode(b'{"recipient": "x"}').rstrip(b"=").decode()
    receipt = hub.hub.store.signer.sign_receipt({"recipient": S})
    for wrong in (f"{header}.{other}.{signature}", receipt, "", f"{header}.{claims}.{'A' * 86}"):
        with pytest.raises(RecallFault):
            verified(hub, {**notice, "recall": wrong}, S)
    for recipient, changes in ((N, {}), (S, {"notice": "another"}), (S, {"token": "child-another"})):
        with pytest.raises(RecallFault):
            verified(hub, {**notice, **changes}, recipient)


@pytest.mark.req("H-02", "H-03")
def test_the_same_again_records_nothing_and_an_officer_can_explain_it(hub: Simulated) -> None:
    post, before = level(hub), boxes(hub)
    read(hub, "Oak")
    gone = retracted(hub, post)
    assert [recall(hub, gone), recall(hub, gone)] == [1, 0]
    (notice,) = box(hub, OAK, before[OAK])[0]
    officer = hub.signed_in("partnership.hub-ig/igo-1")
    explained = hub.hub.oversight.explanation(officer, str(notice.body["notice"]))
    assert (explained.access.what, explained.access.reader) == ("notice", OAK)
    (item,) = explained.items
    assert (item["decision"], item["policies"]) == ("recalled", ["D-20-NOTICE-WITHDRAWN"])


@pytest.mark.req("H-02")
def test_every_class_of_reader_that_there_is_can_be_told_of_a_recall() -> None:
    for code in (CORRECTED, WITHDRAWN):
        (policy,) = [one for one in load_rules().parsed if one.id == f"D-20-NOTICE-{code.upper()}"]
        assert {one for one in STANDINGS if f"'{one}'" in str(policy.condition)} == STANDINGS


@pytest.mark.req("H-02")
def test_without_a_signing_key_nothing_is_recalled(hub: Simulated) -> None:
    """A recall that nobody can verify would be obeyed by nobody: it is refused, and tried again."""
    parts = hub.hub
    mail = Disclosure(
        record=parts.store.record, views=parts.views, identity=parts.identity,
        directory=parts.store.directory, catalogue=parts.catalogue, rules=load_rules(),
        purposes=load_purposes(), profile_of=parts.views.profile_of, clock=parts.store.clock,
        chance=parts.store.chance,
    ).mail  # fmt: skip
    post = level(hub)
    read(hub, "SW-2001")
    gone = retracted(hub, post)
    with pytest.raises(HubError) as refused:
        mail.recall(item_of(hub, gone), mail.look())
    assert (refused.value.slug, "signing key" in refused.value.detail) == ("store", True)
    assert recall(hub, gone) == 1
