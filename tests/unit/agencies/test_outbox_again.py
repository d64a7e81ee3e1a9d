"""What a restored hub has lost is sent again from the outbox: the same bytes, in the same order."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agencies.cli import app
from agencies.sdk.client import Accepted, Refused
from agencies.sdk.mailbox import Mailbox
from agencies.sdk.outbox import Outbox


def payload(number: int) -> bytes:
    event = {"id": f"event-{number}", "source": "urn:safeguarding:org:a", "type": "t", "subject": "local:a:1"}
    return json.dumps(event).encode()


@pytest.mark.req("H-03", "H-06")
def test_what_was_sent_since_an_instant_waits_again_and_nothing_else(tmp_path: Path) -> None:
    with Outbox(tmp_path / "out.db") as box:
        items = [box.add(payload(number)) for number in range(4)]
        sent = Accepted(201, "receipt", {}, None)
        box.settle(items[0].source, items[0].id, sent)
        box.settle(items[1].source, items[1].id, sent)
        box.settle(items[2].source, items[2].id, Refused(422, "schema"))
        box.database.execute(
            "UPDATE item SET changed_at = ? WHERE seq = ?",
            ("2026-01-01T00:00:00+00:00", items[0].seq),
        )
    since = "2026-01-01T01:00:01+01:00"
    done = CliRunner().invoke(
        app, ["outbox", "again", "--outbox", str(tmp_path / "out.db"), "--since", since]
    )
    assert done.exit_code == 0 and done.output.startswith("To be sent again: 1 event."), done.output
    with Outbox(tmp_path / "out.db") as box:
        assert [one.state for one in box.items()] == ["sent", "queued", "refused", "queued"]
        assert box.payload(box.items("queued")[0]) == payload(1)


@pytest.mark.req("H-03", "H-26")
def test_an_agency_that_waits_for_a_slow_hub_waits_twice_as_long_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds, sent = [0], list[int]()

    def send(signed: str, key: str) -> None:
        sent.append(seconds[0])

    def sign(held: bytes) -> str:
        return f"{seconds[0]}.{held.decode()}"

    monkeypatch.setattr("agencies.sdk.mailbox.time.time", lambda: 1_000_000.0 + seconds[0])
    with Outbox(tmp_path / "out.db") as box:
        box.add(payload(1))
        mailbox = Mailbox(box, "a")
        while seconds[0] < 700:
            mailbox.hand_over(send, sign, lambda subject: subject, again_after=10)
            seconds[0] += 5
    assert sent == [0, 10, 30, 70, 150, 310, 470, 630]
