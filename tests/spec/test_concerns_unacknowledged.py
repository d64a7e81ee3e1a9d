"""A concern that nobody acknowledges in time raises an alarm: who is told, when, and once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from agencies.scenarios import PreparedPost
from hub.errors import HubError
from hub.pathway.calendar import after_working_days, end_of_day, london_day
from hub.record import Recorded
from hub.ticker import Notifying
from hub.ticker.notifying import WATCHED
from tests.spec.test_notices import ELM, OAK, POLICE, N, S, a_copy, item_of, key_of, play_once
from tests.spec.test_notices_again import joined
from tests.support.simulated import Simulated, one_more

NUMBERS = count(1)
RAISED, MADE = "notice-raised.v1", "notice-made.v1"


@dataclass
class Mailing:
    """A hub at the end of scenario A, and what looks after its notices."""

    hub: Simulated
    notifying: Notifying

    @property
    def now(self) -> datetime:
        return self.hub.hub.store.clock.domain()

    def concern(self, like: str = "A22", subject: str = "", role: str = "has-harmed") -> PreparedPost:
        at = (self.now + timedelta(minutes=1)).isoformat()
        post = one_more(f"X-concern-{next(NUMBERS)}", like, "incident-recorded", at,
                        role=role, status="alleged")  # fmt: skip
        post = replace(post, event=replace(post.event, subject=subject or post.event.subject))
        self.hub.post(post.event)
        self.prepare(item_of(self.hub, post))
        return post

    def prepare(self, item: Recorded) -> None:
        mail = self.hub.hub.disclosure.mail
        mail.prepare(item, mail.look())

    def judge(self, post: PreparedPost) -> datetime | None:
        mail, item = self.hub.hub.disclosure.mail, item_of(self.hub, post)
        return mail.unacknowledged(item.stream.removeprefix("child/"), key_of(post), mail.look())

    def wait(self, post: PreparedPost) -> datetime:
        """Let the time of a concern come, and judge it then."""
        due = self.judge(post)
        assert due is not None and due > self.now
        self.hub.advance(due.isoformat())
        assert self.judge(post) is None
        return due

    def stream(self, organisation: str) -> list[Recorded]:
        return self.hub.hub.store.record.stream(f"notices/{organisation}")

    def count(self, type_: str) -> dict[str, int]:
        log = {one: self.stream(one) for one in (N, S, POLICE, OAK, ELM)}
        return {one: sum(item.type == type_ for item in items) for one, items in log.items()}

    def alarmed(self, before: dict[str, int]) -> set[str]:
        after = self.count(RAISED)
        assert all(after[one] - before[one] <= 1 for one in after)
        return {one for one in after if after[one] > before[one]}

    def acknowledge(self, *organisations: str) -> None:
        """Each of these fetches and acknowledges the last notice that it was sent."""
        for one in organisations:
            (*_, last) = [item for item in self.stream(one) if item.type == MADE]
            who = self.hub.hub.store.directory.principal_for_organisation(one)
            self.hub.hub.disclosure.mail.box.acknowledge(who, last.id.removesuffix("-notice"))


def mailing(hub: Simulated) -> Mailing:
    parts = hub.hub
    return Mailing(hub, Notifying(parts.store.record, parts.disclosure.mail, prepares=False))


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return play_once(tmp_path_factory)


@pytest.fixture(scope="module")
def mail(ended: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailing]:
    with a_copy(ended, tmp_path_factory.mktemp("concerns") / "hub") as hub:
        yield mailing(hub)


@pytest.mark.req("R-049", "H-12")
@pytest.mark.parametrize(
    ("acknowledging", "alarmed"),
    [
        ((), {N, S, POLICE}),
        ((S,), {N}),
        ((N,), {S}),
        ((N, S), set()),
    ],
    ids=["nobody", "the worker's organisation only", "the enquiry worker's only", "everybody"],
)
def test_who_is_told_that_a_concern_of_police_was_not_acknowledged(
    mail: Mailing, acknowledging: tuple[str, ...], alarmed: set[str]
) -> None:
    """The sender is told where nobody has acknowledged; who has not is told, whoever else has."""
    post, before = mail.concern(), mail.count(RAISED)
    mail.acknowledge(*acknowledging)
    mail.wait(post)
    assert mail.alarmed(before) == alarmed
    again = mail.count(RAISED)
    assert mail.judge(post) is None
    assert mail.alarmed(again) == set(), "once"


@pytest.mark.req("R-049", "D-01", "D-22")
def test_what_the_childs_own_authority_recorded_it_knows_and_others_are_told_as_ever(mail: Mailing) -> None:
    post, before = mail.concern("A32"), mail.count(RAISED)
    mail.wait(post)
    assert mail.alarmed(before) == {N}


@pytest.mark.req("R-049", "D-01", "D-22")
def test_a_sender_that_is_nothing_to_the_child_is_told_nothing(mail: Mailing) -> None:
    """Elm is the school of the other child: an alarm would tell it that this one is known here."""
    subject = mail.hub.receipts["A22"].claims["subject"] if mail.hub.receipts else "nhs:9990200106"
    post = mail.concern("A04", str(subject))
    before = mail.count(RAISED)
    mail.wait(post)
    assert mail.alarmed(before) == {N, S}


@pytest.mark.req("R-049", "H-24")
def test_the_time_is_up_at_the_end_of_the_working_day_after_the_receipt(mail: Mailing) -> None:
    post = mail.concern()
    assert mail.judge(post) == end_of_day(after_working_days(london_day(mail.now), 1))


@pytest.mark.req("R-049", "H-02")
def test_a_concern_that_was_retracted_raises_no_alarm(mail: Mailing) -> None:
    post, before = mail.concern(), mail.count(RAISED)
    key, at = key_of(post), (mail.now + timedelta(minutes=1)).isoformat()
    gone = one_more(f"X-gone-{next(NUMBERS)}", "A22", "event-retracted", at, reason="entered-in-error",
                    about={"source": key.source, "id": key.id})  # fmt: skip
    mail.hub.post(gone.event)
    assert mail.judge(post) is None
    assert mail.alarmed(before) == set()


@pytest.mark.req("R-049", "H-08", "H-10", "D-20")
def test_the_alarm_is_a_notice_of_its_own_and_says_nothing_of_others(mail: Mailing) -> None:
    post = mail.concern()
    mail.wait(post)
    who = mail.hub.hub.store.directory.principal_for_organisation(POLICE)
    (*_, last) = mail.hub.hub.disclosure.mail.box.page(who, None, 100).notices
    assert last.body["lines"] == [
        {"code": "unacknowledged", "text": "Concern not acknowledged", "rule": "D-22",
         "requirement": "R-049", "on": last.body["lines"][0]["on"], "to": ["enquiry"]}
    ]  # fmt: skip
    items = mail.stream(POLICE)
    (*_, raised) = [one for one in items if one.type == RAISED]
    (sent,) = mail.hub.hub.disclosure.notices(raised)
    assert (sent.organisation, sent.body) == (POLICE, last.body), "the relay sends the same"
    assert "social-care" not in str(last.body) and key_of(post).id not in str(last.body)


@pytest.mark.req("H-10", "H-14")
def test_one_page_after_the_other_gives_what_one_large_page_gives(mail: Mailing) -> None:
    mail.wait(mail.concern())
    box = mail.hub.hub.disclosure.mail.box
    who = mail.hub.hub.store.directory.principal_for_organisation(POLICE)
    whole, cursor, found = box.page(who, None, 100), None, []
    while (page := box.page(who, cursor, 1)).notices:
        (one,), cursor = page.notices, page.cursor
        found.append(one)
    assert tuple(found) == whole.notices and cursor == page.cursor == whole.cursor
    for wrong in ("", "unknown", mail.stream(N)[0].id.removesuffix("-notice")):
        with pytest.raises(HubError) as refused:
            box.page(who, wrong, 1)
        assert refused.value.slug == "schema"


@pytest.mark.req("R-049", "H-12", "H-05")
def test_two_that_look_at_once_raise_it_once_and_a_restart_forgets_nothing(
    ended: Path, tmp_path: Path
) -> None:
    """Meanwhile the stream is joined to a child: that the front door knew counts as before."""
    with a_copy(ended, tmp_path / "hub") as hub:
        first, second = mailing(hub), mailing(hub)
        record, subject = hub.hub.store.record, f"local:{ELM}:unknown-9"
        for one in (first, second):
            one.notifying.look(first.now)
        known, unknown = first.concern(), first.concern("A04", subject)
        first.acknowledge(N)
        first.prepare(joined(hub, subject, "C-2001"))
        before = first.count(RAISED)
        for one in (first, second):
            one.notifying.look(first.now)
        assert first.alarmed(before) == set()
        assert record.mark(WATCHED) < item_of(hub, known).position, "this is still to be looked at"
        due = first.judge(unknown)
        assert due is not None
        hub.advance(due.isoformat())
        started_again = mailing(hub)
        for one in (second, started_again, first):
            one.notifying.look(due)
            one.notifying.look(due)
        raised = {one: first.count(RAISED)[one] - before[one] for one in before}
        assert raised == {N: 1, S: 2, POLICE: 1, OAK: 0, ELM: 0}
        assert record.mark(WATCHED) >= item_of(hub, unknown).position, "nothing is left to look at"
