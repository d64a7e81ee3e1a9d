"""Hand-made entries of meetings about one child."""

from __future__ import annotations

from datetime import date

from hub.pathway.meetings import meetings_of
from tests.spec.posts import OAK, N, S, at, material, post

CHILD, LINKED = "child-b", "child-a"
NOW = at("2025-10-01 09:00")
ENQUIRY = f"{N}/enq-1"
BORN = "2010-01-20"


def opened(child=CHILD, authority=S, schools=(OAK,), born=BORN):
    data = {"responsible_authority": authority, "schools": list(schools), "date_of_birth": born}
    return post(f"o-{child}", "2025-09-12 16:10", authority, child, "child-stream-opened", data)


def incident(role="has-harmed", child=CHILD, by=S):
    return post(f"i-{child}", "2025-09-12 16:50", by, child, "incident-recorded", {"role": role})


def convened(name="M2", by=N, kind="strategy", id="c", time="2025-09-15 10:10", **data):
    written = {"kind": kind, "meeting": name, "when": "2025-09-15T14:30:00+01:00", **data}
    return post(id, time, by, CHILD, "meeting-convened", written)


def held(*attendance, name="M2", by=N, kind="strategy", id="h", time="2025-09-15 14:30", **data):
    rows = [seat if isinstance(seat, dict) else {"organisation": seat} for seat in attendance]
    written = {"kind": kind, "meeting": name, "attendance": rows, **data}
    return post(id, time, by, CHILD, "meeting-held", written)


def seat(person, **more):
    return {"organisation": person.partition("/")[0], "person": person, **more}


def invitation(organisation, answer="invited", meeting="M2", by=N, id=None, **data):
    written = {"meeting": meeting, "organisation": organisation, "decision": answer, **data}
    return post(id or f"v-{organisation}", "2025-09-15 10:13", by, CHILD, "invitation-sent", written)


def allocated_enquiry(worker=ENQUIRY):
    data = {"kind": "enquiry", "worker": worker}
    return post("a-enq", "2025-09-15 10:07", S, CHILD, "social-worker-allocated", data)


def whole(*entries, born=BORN, **more):
    return material(CHILD, entries, date_of_birth=date.fromisoformat(born), authority=S, **more)


def only(entries):
    [found] = meetings_of(entries)
    return found
