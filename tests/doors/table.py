"""Every route of the application, and what is asked of it; a route that is not here fails the test."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI

from tests.doors import questions as ask
from tests.doors.asking import Visit

Asked = Callable[[Visit], None]


def routes_of(app: FastAPI) -> set[tuple[str, str]]:
    """Every route that the application answers, described or not; HEAD is served as GET."""
    described = {
        (method.upper(), path) for path, methods in app.openapi()["paths"].items() for method in methods
    }
    served = {
        (method, str(getattr(one, "path", one)))
        for one in app.routes
        for method in (getattr(one, "methods", None) or {"GET"}) - {"HEAD"}
    }
    return described | {(method, path.replace(":path}", "}")) for method, path in served}


DOORS: dict[tuple[str, str], Asked] = {
    ("GET", "/v1/me"): ask.plain,
    ("GET", "/v1/me/children"): ask.plain,
    ("GET", "/v1/me/open-items"): ask.plain,
    ("GET", "/v1/children"): ask.look_up,
    ("GET", "/v1/children/{child}/chronology"): ask.chronology,
    ("GET", "/v1/children/{child}/overview"): ask.of_child,
    ("GET", "/v1/children/{child}/deadlines"): ask.of_child,
    ("GET", "/v1/children/{child}/meetings"): ask.of_child,
    ("GET", "/v1/children/{child}/meetings/{meeting}/pack"): ask.pack,
    ("POST", "/v1/children/{child}/snapshots"): ask.snapshot,
    ("POST", "/v1/events"): ask.post,
    ("POST", "/v1/events/batch"): ask.batch,
    ("GET", "/v1/events"): ask.own_posts,
    ("GET", "/v1/events/{org}/{id}/receipt"): ask.receipt,
    ("GET", "/v1/notices"): ask.notices,
    ("POST", "/v1/notices/{notice}/ack"): ask.acknowledge,
    ("GET", "/v1/children/{child}/accesses"): ask.of_child,
    ("GET", "/v1/identity/queue"): ask.plain,
    ("POST", "/v1/identity/resolve"): ask.resolve,
    ("GET", "/v1/audit/accesses"): ask.audited,
    ("GET", "/v1/audit/flags"): ask.audited,
    ("GET", "/v1/audit/overrides"): ask.audited,
    ("GET", "/v1/blocked-decisions"): ask.plain,
    ("GET", "/v1/audit/accesses/{disclosure_id}"): ask.one_access,
    ("GET", "/v1/audit/accesses/{disclosure_id}/explanation"): ask.one_access,
    ("GET", "/v1/audit/accesses/{disclosure_id}/replay"): ask.one_access,
    ("GET", "/v1/audit/reviews"): ask.plain,
    ("POST", "/v1/audit/reviews/{access}"): ask.review,
    ("POST", "/v1/audit/content-reviews"): ask.content_review,
    ("GET", "/v1/audit/content-reviews"): ask.plain,
    ("GET", "/v1/audit/content-reviews/{review}/entries"): ask.of_review,
    ("GET", "/v1/content-reviews"): ask.plain,
    ("POST", "/v1/content-reviews/{review}/decision"): ask.decision,
    ("POST", "/v1/content-reviews/{review}/end"): ask.of_review,
    ("GET", "/v1/children/{child}/family-paper"): ask.family_paper,
    ("GET", "/v1/children/{child}/own-account"): ask.own_account,
    ("GET", "/v1/audit/policies"): ask.plain,
    ("GET", "/v1/audit/policies/{version}"): ask.version,
    ("POST", "/v1/audit/policies/{version}/approval"): ask.approval,
    ("GET", "/v1/reports"): ask.plain,
    ("GET", "/v1/reports/self-assessment"): ask.plain,
    ("GET", "/v1/reports/{report}"): ask.report,
    ("GET", "/v1/ledger/checkpoint"): ask.plain,
    ("GET", "/v1/ledger/proof/inclusion"): ask.inclusion,
    ("GET", "/v1/ledger/proof/consistency"): ask.consistency,
    ("GET", "/v1/ledger/tile/{tile}"): ask.tile,
    ("POST", "/oauth/token"): ask.token,
    ("GET", "/healthz"): ask.plain,
    ("GET", "/readyz"): ask.ready,
    ("GET", "/openapi.json"): ask.plain,
    ("GET", "/problems/{slug}"): ask.problem,
    ("GET", "/metrics"): ask.plain,
    ("PUT", "/v1/simulation/clock"): ask.clock,
    ("GET", "/development-issuer/.well-known/openid-configuration"): ask.plain,
    ("GET", "/development-issuer/jwks"): ask.plain,
    ("GET", "/development-issuer/authorize"): ask.authorize,
    ("POST", "/development-issuer/authorize"): ask.authorize,
    ("POST", "/development-issuer/token"): ask.token,
    ("GET", "/sign-in"): ask.page,
    ("GET", "/sign-in/start"): ask.page,
    ("GET", "/sign-in/callback"): ask.page,
    ("GET", "/signed-out"): ask.page,
    ("POST", "/sign-out"): ask.form,
    ("GET", "/"): ask.page,
    ("GET", "/children"): ask.page,
    ("POST", "/children/find"): ask.form,
    ("GET", "/children/{child}"): ask.page_of_child,
    ("GET", "/children/{child}/overview"): ask.page_of_child,
    ("GET", "/children/{child}/purpose"): ask.page_of_child,
    ("POST", "/children/{child}/purpose"): ask.form_of_child,
    ("GET", "/children/{child}/family-paper"): ask.paper_of_child,
    ("GET", "/children/{child}/own-account"): ask.account_of_child,
    ("GET", "/children/{child}/accesses"): ask.page_of_child,
    ("GET", "/emergency-access"): ask.page,
    ("GET", "/emergency-access/use"): ask.page,
    ("GET", "/blocked-decisions"): ask.page,
    ("GET", "/emergency-reviews"): ask.page,
    ("GET", "/emergency-reviews/{access}"): ask.page_of_use,
    ("POST", "/emergency-reviews/{access}"): ask.form_of_use,
    ("GET", "/reviews"): ask.page,
    ("POST", "/reviews"): ask.review_form,
    ("GET", "/reviews/{review}"): ask.page_of_review,
    ("POST", "/reviews/{review}/decision"): ask.form_of_review,
    ("POST", "/reviews/{review}/end"): ask.form_of_review,
    ("GET", "/accesses"): ask.page,
    ("POST", "/accesses"): ask.form,
    ("GET", "/accesses/{disclosure_id}"): ask.explained,
    ("GET", "/accesses/{disclosure_id}/replay"): ask.explained,
    ("GET", "/policies"): ask.page,
    ("GET", "/policies/{version}"): ask.version,
    ("POST", "/policies/{version}/approve"): ask.approval,
    ("GET", "/reports"): ask.page,
    ("GET", "/reports/self-assessment"): ask.page,
    ("GET", "/reports/self-assessment/{domain}"): ask.domain,
    ("GET", "/reports/{report}"): ask.report,
    ("GET", "/static"): ask.static,
    ("GET", "/v1/emergency-access"): ask.plain,
    ("POST", "/v1/emergency-access"): ask.emergency,
    ("POST", "/emergency-access/use"): ask.emergency_form,
}
BRIEF = frozenset(
    {
        ("GET", "/v1/me/children"), ("GET", "/v1/me/open-items"), ("GET", "/v1/children/{child}/chronology"),
        ("GET", "/v1/children/{child}/overview"), ("GET", "/v1/children/{child}/meetings"),
        ("GET", "/v1/children/{child}/meetings/{meeting}/pack"), ("GET", "/children/{child}"),
        ("GET", "/v1/notices"), ("POST", "/v1/emergency-access"),
    }
)  # fmt: skip
"""Where content leaves: what is asked where many hubs are compared."""
