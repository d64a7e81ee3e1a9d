"""What is asked of a route: of the caller's own children, of others', and of what is nobody's."""

from __future__ import annotations

import json
from dataclasses import replace

from agencies.sdk.build import event_id
from hub.oversight.reports import TITLES
from tests.doors.asking import NOBODY, Visit, cookie_of

AS_AT = "2025-09-18T12:00:30Z"
NO_CHILD = "nhs:9990300208"
CSV = {"Accept": "text/csv"}
JOSE = {"Content-Type": "application/jose"}
LINES = {"Content-Type": "application/jose-lines"}
MEETINGS = ("M1", "M2", "M8")
# Every filter, alone and together, of what may be hidden and of what is not.
FILTERS: tuple[dict[str, str], ...] = (
    {"agency": "police.n-police"},
    {"agency": "social-care.s-csc", "from": "2025-09-16", "to": "2025-11-19"},
    {"type": "adult-involvement-suspected"},
    {"type": "support-arranged"},
    {"significance": "routine", "to": "2025-10-01"},
    {"from": "2025-11-20"},
    {"limit": "1"},
    {"q": "police"},
    {"limit": "200", "as_at": AS_AT},
    {"cursor": "bm90LWEtY3Vyc29y"},
)


def plain(visit: Visit) -> None:
    visit()


# --- readers -----------------------------------------------------------------------------------------


def look_up(visit: Visit) -> None:
    for reference in visit.references():
        visit(reference, query={"identifier": reference})
    visit("no purpose", query={"identifier": NO_CHILD}, headers={"Access-Purpose": ""})


def chronology(visit: Visit) -> None:
    for name, child in visit.own.items():
        whole, query = {"child": child}, {"limit": "40"}
        for number in range(20):
            answer = visit(f"{name} page {number}", path=whole, query=query)
            if answer.status_code != 200 or not answer.json()["cursor"]:
                break
            query["cursor"] = answer.json()["cursor"]
        else:
            raise AssertionError("more pages than entries")
        visit(f"{name} csv", path=whole, headers=CSV, query={"limit": "30"})
        if visit.depth != "brief":
            visit(f"{name} search", path=whole, query={"q": "CANARY", "as_at": AS_AT, "limit": "200"})
        for number, filters in enumerate(FILTERS if visit.depth == "thorough" else ()):
            visit(f"{name} filtered {number}", path=whole, query=filters)
    for name, child in visit.others.items():
        visit(f"not own {name}", path={"child": child})
    visit("curious", path={"child": NOBODY}, headers={"Access-Purpose": "curiosity"})
    visit("limit", path={"child": NOBODY}, query={"limit": "201"})
    visit("day", path={"child": NOBODY}, query={"from": "yesterday"})
    visit("picture", path={"child": NOBODY}, headers={"Accept": "image/png"})


def of_child(visit: Visit) -> None:
    for name, child in visit.own.items():
        visit(name, path={"child": child})
        if visit.depth == "thorough":
            visit(f"{name} then", path={"child": child}, query={"as_at": AS_AT})
    for name, child in visit.others.items():
        visit(f"not own {name}", path={"child": child})


def pack(visit: Visit) -> None:
    for name, child in visit.own.items():
        for meeting in MEETINGS:
            visit(f"{name} {meeting}", path={"child": child, "meeting": meeting})
    for name, child in visit.others.items():
        visit(f"not own {name}", path={"child": child, "meeting": "M1"})


def snapshot(visit: Visit) -> None:
    for name, child in (visit.own | visit.others).items():
        visit(name, path={"child": child}, json={"meeting": "H3"})


def family_paper(visit: Visit) -> None:
    """For several of the family, of own children and of others'; and for nobody of it."""
    for name, child in visit.own.items():
        for recipient in ("mother", "child"):
            visit(f"{name} {recipient}", path={"child": child}, query={"for": recipient})
    for name, child in visit.others.items():
        visit(f"not own {name}", path={"child": child}, query={"for": "mother"})
    visit("for nobody", path={"child": NOBODY}, query={"for": "neighbour"})


def own_account(visit: Visit) -> None:
    """For the caller's purpose, and as an officer would who answers a request by the child."""
    for name, child in (visit.own | visit.others).items():
        visit(name, path={"child": child})
        visit(f"{name} requested", path={"child": child}, headers={"Access-Purpose": "subject-access"})


def account_of_child(visit: Visit) -> None:
    for name, child in (visit.own | visit.others).items():
        visit(name, path={"child": child}, headers=cookie_of(visit), query={"make": "now"})
        visit(f"{name} before", path={"child": child}, headers=cookie_of(visit))


def paper_of_child(visit: Visit) -> None:
    for name, child in (visit.own | visit.others).items():
        visit(name, path={"child": child}, headers=cookie_of(visit), query={"for": "mother"})
        visit(f"{name} form", path={"child": child}, headers=cookie_of(visit))


# --- agencies ----------------------------------------------------------------------------------------


def post(visit: Visit) -> None:
    visit("nothing", headers=JOSE)
    visit("no signature", headers=JOSE, content="a.b.c")


def batch(visit: Visit) -> None:
    visit("nothing", headers=LINES)
    visit("no signature", headers=LINES, content="a.b.c\nd.e.f")


def own_posts(visit: Visit) -> None:
    query = {"mine": "", "limit": "40"}
    for number in range(9):
        answer = visit(f"page {number}", query=query)
        if answer.status_code != 200 or not answer.json()["cursor"]:
            break
        query["cursor"] = answer.json()["cursor"]
    visit("of all")


def receipt(visit: Visit) -> None:
    posts = visit.doors.scenario.posts
    mine = [one for one in posts if one.organisation == visit.caller.organisation]
    for one in (mine or list(posts))[:2]:
        name = event_id(one.organisation, one.event.record, one.event.type)
        visit(one.ref, path={"org": one.organisation, "id": name})
    visit(
        "none", path={"org": visit.caller.organisation or "education.elm-school", "id": "none-of-this-name-1"}
    )


def notices(visit: Visit) -> None:
    """What waits is handed over here, and recorded as a disclosure."""
    answer = visit("all", query={"limit": "100"})
    visit("waiting", query={"unacknowledged": "true", "limit": "1"})
    after = {"cursor": answer.json()["cursor"]} if answer.status_code == 200 else {}
    visit("nothing came", query=after)
    visit("waited in vain", query={**after, "wait": "1"})
    visit("no cursor", query={"cursor": "bm90LWEtY3Vyc29y"})


def acknowledge(visit: Visit) -> None:
    """One's own first notice, one that there is not, and one of somebody else's."""
    told = visit.said.get("GET /v1/notices waiting")
    mine = json.loads(told[2])["notices"] if told is not None and told[0] == 200 else []
    visit("own or none", path={"notice": mine[0]["notice"] if mine else NOBODY})
    visit("none", path={"notice": NOBODY})


def emergency(visit: Visit) -> None:
    """Of nobody and of the others' children: the same answer; and what is open to it then.

    Asked last, for it opens a record to whoever may use it.
    """
    references = visit.doors.scenario.children
    for reference in [references[name][0] for name in visit.others if name in references] + [NO_CHILD]:
        wanted = {"identifier": reference, "reason": "child-in-immediate-danger", "reference": "CASE-1"}
        visit(reference, json=wanted)
    visit("no reason", json={"identifier": NO_CHILD, "reason": "curiosity", "reference": "x"})
    replace(visit, method="GET")("afterwards")
    for route in ("chronology", "overview", "meetings", "accesses"):
        opened = replace(visit, method="GET", template=f"/v1/children/{{child}}/{route}")
        for name, child in visit.others.items():
            opened(f"{name} in an emergency", path={"child": child})


# --- oversight ---------------------------------------------------------------------------------------


def resolve(visit: Visit) -> None:
    visit("nothing waits", json={"provisional": NOBODY, "child": NO_CHILD})


def audited(visit: Visit) -> None:
    visit("all")
    for name, child in visit.doors.children.items():
        visit(name, query={"child": child})
    visit("nobody", query={"child": NOBODY})


def one_access(visit: Visit) -> None:
    visit("none", path={"disclosure_id": NOBODY})


def review(visit: Visit) -> None:
    visit("none", path={"access": NOBODY}, json={"outcome": "approved", "reason": "Looked at."})


def content_review(visit: Visit) -> None:
    """By an id that nobody has, of an answer and of a child: officers alone get as far as that."""
    wanted = {"question": "complaint", "reason": "Looked into."}
    visit("none", json={**wanted, "disclosure": NOBODY})
    visit("no entry", json={**wanted, "child": NOBODY, "entries": ["none"]})
    for name, child in visit.doors.children.items():
        visit(name, json={**wanted, "child": child, "entries": ["none"]})


def of_review(visit: Visit) -> None:
    visit("none", path={"review": NOBODY})


def decision(visit: Visit) -> None:
    visit("none", path={"review": NOBODY}, json={"outcome": "approved", "reason": "Looked at."})


def review_form(visit: Visit) -> None:
    given = {"form_token": "form-token-of-this-session", "question": "complaint", "reason": "Looked into."}
    visit("none", headers=cookie_of(visit), data={**given, "disclosure": NOBODY})


def page_of_review(visit: Visit) -> None:
    visit("none", path={"review": NOBODY}, headers=cookie_of(visit))


def form_of_review(visit: Visit) -> None:
    given = {"form_token": "form-token-of-this-session", "outcome": "approved", "reason": "Looked at."}
    visit("none", path={"review": NOBODY}, headers=cookie_of(visit), data=given)


def version(visit: Visit) -> None:
    visit("none", path={"version": "none"}, headers=cookie_of(visit))


def approval(visit: Visit) -> None:
    given = {"form_token": "form-token-of-this-session"}
    visit("none", path={"version": "none"}, headers=cookie_of(visit), data=given)


def report(visit: Visit) -> None:
    for name in (*TITLES, "none"):
        visit(name, path={"report": name}, headers=cookie_of(visit))
    for year in ("2024", "2025"):
        query = {"year": year}
        visit(f"lags {year}", path={"report": "lags"}, headers=CSV | cookie_of(visit), query=query)


def domain(visit: Visit) -> None:
    visit("none", path={"domain": "none"}, headers=cookie_of(visit))


def inclusion(visit: Visit) -> None:
    visit("first", query={"leaf_index": "0", "tree_size": "1"})


def consistency(visit: Visit) -> None:
    visit("first", query={"old": "1", "new": "2"})


def tile(visit: Visit) -> None:
    visit("first", path={"tile": "0/000.p/1"})


# --- operators and signing in ------------------------------------------------------------------------


def token(visit: Visit) -> None:
    visit("no client", data={"grant_type": "client_credentials", "client_assertion": "a.b.c"})
    visit("no grant", data={"grant_type": "password"})


def ready(visit: Visit) -> None:
    """With a checkpoint made now, as a served hub makes one every second: else readiness is about that."""
    store = visit.doors.hub.store
    store.record.ledger.integrate(store.clock.wall())
    visit()


def problem(visit: Visit) -> None:
    for slug in ("not-found", "gate", "none"):
        visit(slug, path={"slug": slug})


def clock(visit: Visit) -> None:
    visit("where it stands", json={"now": "2025-09-01T00:00:00+01:00"})


def authorize(visit: Visit) -> None:
    visit("no client", query={"client_id": "none"})


def page(visit: Visit) -> None:
    visit("signed in", headers=cookie_of(visit))
    visit("not signed in", headers={"Authorization": ""})


def page_of_child(visit: Visit) -> None:
    for name, child in (visit.own | visit.others).items():
        visit(name, path={"child": child}, headers=cookie_of(visit))
    visit("no child", path={"child": "none"}, headers=cookie_of(visit))


def form(visit: Visit) -> None:
    """Every form of the pages, with what any of them asks for."""
    for reference in [*visit.references()][-3:]:
        given = {"form_token": "form-token-of-this-session", "identifier": reference}
        visit(reference, headers=cookie_of(visit), data=given | {"purpose": visit.caller.purpose})
    visit("forged", headers=cookie_of(visit), data={"form_token": "x", "identifier": NO_CHILD})


def emergency_form(visit: Visit) -> None:
    """Of nobody and of the others' children: the same answer; a forged form; what is listed then."""
    given = {"form_token": "form-token-of-this-session", "reason": "child-missing", "reference": "CASE-2"}
    references = visit.doors.scenario.children
    for reference in [references[name][0] for name in visit.others if name in references] + [NO_CHILD]:
        visit(reference, headers=cookie_of(visit), data={**given, "identifier": reference})
    visit("no reason", headers=cookie_of(visit), data={**given, "identifier": NO_CHILD, "reason": ""})
    visit("forged", headers=cookie_of(visit), data={**given, "identifier": NO_CHILD, "form_token": "x"})
    mine = replace(visit, method="GET", template="/emergency-access")
    mine("after it was used", headers=cookie_of(visit))


def page_of_use(visit: Visit) -> None:
    visit("none", path={"access": NOBODY}, headers=cookie_of(visit))


def form_of_use(visit: Visit) -> None:
    given = {"form_token": "form-token-of-this-session", "outcome": "approved", "reason": "Looked at."}
    visit("none", path={"access": NOBODY}, headers=cookie_of(visit), data=given)


def form_of_child(visit: Visit) -> None:
    for name, child in (visit.own | visit.others).items():
        given = {"form_token": "form-token-of-this-session", "purpose": visit.caller.purpose}
        visit(name, path={"child": child}, headers=cookie_of(visit), data=given)


def explained(visit: Visit) -> None:
    visit("none", path={"disclosure_id": NOBODY}, headers=cookie_of(visit))


def static(visit: Visit) -> None:
    visit("folder")
