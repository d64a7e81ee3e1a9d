"""The posts of scenario A that grant, link or end something, posted in order through the real intake."""

from __future__ import annotations

from tests.unit.intake.world import (
    C1001_NHS,
    C1001_UPN,
    C2001_NHS,
    C2001_UPN,
    ELM,
    HEALTH,
    HUB_IG,
    N_CSC,
    OAK,
    POLICE,
    S_CSC,
    YOS,
    World,
)

PROVISIONAL = "local:education.elm-school:t-2001"
ENQ, CAIU = f"{N_CSC}/enq-1", f"{POLICE}/caiu-1"


def play(world: World) -> dict[str, dict[str, object]]:
    """Post them all; the events by their reference."""
    posted: dict[str, dict[str, object]] = {}

    def post(ref: str, by: str, type_: str, child: str, day: str, at: str, **data: object) -> None:
        offset = "+01:00" if day < "2025-10-26" else "+00:00"
        posted[ref] = world.post(by, type_, child, f"{day}T{at}:00{offset}", **data)

    first, monday = "2025-09-12", "2025-09-15"
    opened = {"identifiers": [C1001_NHS, C1001_UPN], "responsible_authority": N_CSC, "schools": [ELM]}
    post(
        "A00a", N_CSC, "child-stream-opened", C1001_NHS, first, "15:00", date_of_birth="2012-03-04", **opened
    )
    other = [{"ref": PROVISIONAL, "role": "has-harmed"}]
    incident = {"status": "alleged", "occurred_at": "2025-09-10", "precision": "about-day"}
    post(
        "A02",
        ELM,
        "incident-recorded",
        C1001_UPN,
        first,
        "15:25",
        role="has-been-harmed",
        others=other,
        **incident,
    )
    post(
        "A03b",
        ELM,
        "setting-risk-assessment-recorded",
        PROVISIONAL,
        first,
        "15:32",
        parts=[2],
        part_2="CANARY-A03B",
    )
    post("A04", ELM, "referral-made", C1001_UPN, first, "15:40", target="csc", to=N_CSC)
    opened = {"identifiers": [C2001_NHS, C2001_UPN], "responsible_authority": S_CSC, "schools": [OAK]}
    post(
        "A00b", S_CSC, "child-stream-opened", C2001_NHS, first, "16:10", date_of_birth="2010-01-20", **opened
    )
    reviewer = world.person(f"{HUB_IG}/idr-1")
    provisional = world.intake.queue(reviewer)[0]["provisional"]
    world.intake.resolve(reviewer, str(provisional), C2001_NHS)
    post("A06", N_CSC, "referral-made", C2001_NHS, first, "16:20", target="csc", to=S_CSC)
    other = [{"ref": C1001_NHS, "role": "has-been-harmed"}]
    post(
        "A07",
        S_CSC,
        "incident-recorded",
        C2001_NHS,
        first,
        "16:50",
        role="has-harmed",
        others=other,
        **incident,
    )
    post("A08", POLICE, "criminal-investigation-decided", C2001_NHS, first, "17:30", decision="investigate")
    post(
        "A07b1",
        POLICE,
        "incident-linked",
        C1001_NHS,
        first,
        "17:35",
        link="LK-A",
        others=[{"ref": C2001_NHS}],
    )
    post(
        "A07b2",
        POLICE,
        "incident-linked",
        C2001_NHS,
        first,
        "17:35",
        link="LK-A",
        others=[{"ref": C1001_NHS}],
    )
    separate = {"separate": True, "reason": "confidentiality", "others": [{"ref": C2001_NHS}]}
    post("A09", N_CSC, "separate-meetings-decided", C1001_NHS, monday, "09:15", **separate)
    post("A10", N_CSC, "referral-outcome-decided", C1001_NHS, monday, "09:30", outcome="strategy")
    post("A11", S_CSC, "referral-outcome-decided", C2001_NHS, monday, "10:05", outcome="strategy")
    post("A11a", N_CSC, "social-worker-allocated", C1001_NHS, monday, "10:06", kind="enquiry", worker=ENQ)
    post("A11b", S_CSC, "social-worker-allocated", C2001_NHS, monday, "10:07", kind="enquiry", worker=ENQ)
    police = {"kind": "enquiry", "organisation": POLICE, "person": CAIU}
    post("A11c1", N_CSC, "relationship-recorded", C1001_NHS, monday, "10:08", **police)
    post("A11c2", S_CSC, "relationship-recorded", C2001_NHS, monday, "10:08", **police)
    for ref, child, meeting in (("A12-1", C1001_NHS, "M1"), ("A12-2", C2001_NHS, "M2")):
        post(ref, N_CSC, "meeting-convened", child, monday, "10:10", kind="strategy", meeting=meeting)
    seats = {
        "A12a": (C1001_NHS, "M1", ELM, f"{ELM}/dsl-1"),
        "A12b": (C1001_NHS, "M1", POLICE, CAIU),
        "A12c": (C1001_NHS, "M1", N_CSC, ENQ),
        "A12d": (C2001_NHS, "M2", OAK, f"{OAK}/dsl-1"),
        "A12e": (C2001_NHS, "M2", POLICE, CAIU),
        "A12f": (C2001_NHS, "M2", N_CSC, ENQ),
        "A12g": (C2001_NHS, "M2", S_CSC, f"{S_CSC}/tm-1"),
        "A12h": (C2001_NHS, "M2", YOS, f"{YOS}/yj-1"),
    }
    for ref, (child, meeting, organisation, person) in seats.items():
        seat = {"meeting": meeting, "organisation": organisation, "person": person, "decision": "invited"}
        post(ref, N_CSC, "invitation-sent", child, monday, "10:13", **seat)
    for ref, child, meeting, at in (("A13", C1001_NHS, "M1", "13:00"), ("A14", C2001_NHS, "M2", "14:30")):
        present = [
            {"organisation": organisation, "person": person}
            for _, room, organisation, person in seats.values()
            if room == meeting
        ]
        post(
            ref,
            N_CSC,
            "meeting-held",
            child,
            monday,
            at,
            kind="strategy",
            meeting=meeting,
            attendance=present,
        )
    post(
        "A15",
        N_CSC,
        "social-worker-allocated",
        C1001_NHS,
        monday,
        "15:30",
        kind="allocated",
        worker=f"{N_CSC}/sw-n1",
    )
    post(
        "A16",
        S_CSC,
        "social-worker-allocated",
        C2001_NHS,
        monday,
        "15:45",
        kind="allocated",
        worker=f"{S_CSC}/sw-s1",
    )
    threshold = {"threshold": "significant-harm-suspected"}
    post("A17", N_CSC, "section-47-enquiry-initiated", C1001_NHS, monday, "16:00", **threshold)
    post("A18", S_CSC, "section-47-enquiry-initiated", C2001_NHS, monday, "16:10", **threshold)
    nurse = {"kind": "treated", "organisation": HEALTH, "person": f"{HEALTH}/nurse-1", "from": "2025-09-15"}
    post("A16b", N_CSC, "relationship-recorded", C1001_NHS, monday, "16:20", **nurse)
    earlier = {"role": "has-harmed", "status": "alleged"}
    post(
        "A19",
        OAK,
        "incident-recorded",
        C2001_UPN,
        "2025-09-16",
        "11:00",
        occurred_at="2025-02",
        precision="month",
        **earlier,
    )
    post(
        "A20", OAK, "incident-recorded", C2001_UPN, "2025-09-16", "11:05", occurred_at="2025-06-18", **earlier
    )
    post(
        "A29", S_CSC, "section-47-enquiry-concluded", C2001_NHS, "2025-09-29", "11:00", continuing_risk=False
    )
    post("A33", POLICE, "criminal-outcome-recorded", C2001_NHS, "2025-11-14", "15:00", outcome="nfa-evidence")
    return posted
