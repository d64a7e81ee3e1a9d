"""The records of stream `identity`: each is read as it was written, and its form in the record stays."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import orjson
import pytest

from hub.envelope import EventKey
from hub.identity.records import (
    ChildOpened,
    OpeningContested,
    ProvisionalOpened,
    ReferenceResolved,
    draft_of,
    read,
)

AT = datetime(2025, 9, 12, 15, tzinfo=UTC)
EVENT = EventKey("urn:safeguarding:org:social-care.n-csc", "test-event-000001")


@pytest.mark.req("H-05")
@pytest.mark.parametrize(
    "record",
    [
        ProvisionalOpened("child-1", "social-care.n-csc", AT),
        ChildOpened("child-1", "social-care.n-csc", AT),
        OpeningContested("child-1", ("child-2", "child-3"), EVENT, AT),
        ReferenceResolved("child-1", "child-2", "same-record", "partnership.hub-ig/idr-1", AT),
    ],
    ids=lambda record: type(record).__name__,
)
def test_a_record_is_read_as_it_was_written(record):
    draft = draft_of(record, "record-0001")
    assert read(SimpleNamespace(body=draft.body, type=draft.type)) == record


@pytest.mark.req("H-05")
def test_the_event_of_a_contested_opening_is_written_by_its_members():
    draft = draft_of(OpeningContested("child-1", (), EVENT, AT), "record-0001")
    assert orjson.loads(draft.body)["data"]["event"] == {"source": EVENT.source, "id": EVENT.id}
