"""Posts that owe another organisation notices, and whether it was told of each of them, and of each once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from agencies.sdk.build import cloud_event, event_id
from hub.disclosure.notice_record import NOTICE, TOLD, NoticeRecord
from tests.support.faults_evidence import whole_record
from tests.support.faults_hub import OAK, S_CSC, ManyProcesses, patient, until
from tests.support.faults_load import KafkaAgency, NotedLoad
from tests.support.load import Poster
from tests.support.scenario import SCENARIO

OPENED, PLAN = (next(one.event for one in SCENARIO.posts if one.ref == ref) for ref in ("A00b", "A32"))
FROM, TO = S_CSC, OAK
AT_SCHOOL = Poster("plans", FROM, f"{FROM}/sw-s1", (f"local:{FROM}:at-school",))
"""Who posts plans about children at the school, which is told of each."""
EACH, PAUSE = 8, 1.5
"""So many posts about a child; so many seconds between two."""


class NotedPlans(NotedLoad):
    """Posts that a child is at a school, then plans for it, then the next child; `owing` are its plans.

    Why: what is told of a child is decided on all that stands about it, which is to stay little.
    """

    @property
    def owing(self) -> set[str]:
        return {one.id for number, one in enumerate(self.acknowledged) if number % EACH}

    def _event(self, number: int) -> tuple[bytes, str, str]:
        like, poster = (PLAN if number % EACH else OPENED), self.poster
        child = f"{poster.subjects[0]}-{poster.name}-{number // EACH}"
        data = dict(like.data) if number % EACH else {**like.data, "identifiers": [child]}
        event = replace(
            like, record=f"{poster.name}-{number:05d}", subject=child, data=data,
            recorded_at=like.recorded_at + timedelta(minutes=number),
        )  # fmt: skip
        return cloud_event(event), event_id(event.organisation, event.record, event.type), child


def judge_notices(hub: ManyProcesses, plans: Sequence[NotedPlans], over_kafka: Sequence[KafkaAgency]) -> None:
    """Hold what the organisations were told to what the record says they are told.

    1. Everything that is recorded has been decided on and sent.
    2. Each receiver has taken in each notice of the record, and no other.
    3. Each plan has its notice, and no event has two, under whatever ids.
    """
    with hub.store() as store:
        goal = store.record.head().position
        until(lambda: store.record.mark("relay/notices") >= goal, patient(60), "the notices at the end")  # 1.
        notices, record = NoticeRecord(store.record, store.clock), whole_record(store)
        for agency in over_kafka:  # 2.
            organisation = agency.poster.organisation
            told = [one for one in record if one.stream == f"notices/{organisation}" and one.type == TOLD]
            ids = Counter(one.id.removesuffix(f"-{NOTICE}") for one in told)
            agency.take_rest()
            print(f"{organisation}: {len(ids)} notices recorded, {len(agency.notices)} taken in")
            assert Counter(agency.notices) == ids, organisation
            if organisation == TO:  # 3.
                origins = [notices.origin(id) for id in ids]
                events = Counter((one.key.id, one.child) for one in origins if one is not None)
                assert len(origins) == events.total() and set(events.values()) <= {1}
                owing = {id for one in plans for id in one.owing}
                assert owing and owing <= {id for id, _ in events}, "a plan that the school was not told of"
