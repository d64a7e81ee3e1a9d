"""The pages and who may come to each, in one table."""

from __future__ import annotations

from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from hub.web import (
    accesses,
    blocked_decisions,
    children,
    emergency,
    emergency_reviews,
    families,
    own_accounts,
    policies,
    reports,
    reviews,
    signing_in,
)
from hub.web.rendering import STATIC, Renderer
from hub.web.services import WebServices
from hub.web.visits import Access, Handler, PageRoute


def router(services: WebServices) -> list[BaseRoute]:
    """The pages as routes, to be added to the application's own: `app.router.routes.extend(...)`.

    Trust: every page but those of signing in needs a session of a person the directory knows now.
    """
    renderer = Renderer(services)
    sign_in, sign_in_start, sign_in_callback, sign_out, signed_out = signing_in.handlers(services)
    get, post = "GET", "POST"
    table: list[tuple[str, str, Handler, Access]] = [
        (get, "/sign-in", sign_in, "open"),
        (get, "/sign-in/start", sign_in_start, "open"),
        (get, "/sign-in/callback", sign_in_callback, "open"),
        (post, "/sign-out", sign_out, "signed-in"),
        (get, "/signed-out", signed_out, "open"),
        (get, "/", children.home, "signed-in"),
        (get, "/children", children.my_children, "signed-in"),
        (post, "/children/find", children.find_child, "signed-in"),
        (get, "/children/{child}/purpose", children.ask_purpose, "signed-in"),
        (post, "/children/{child}/purpose", children.choose_purpose, "signed-in"),
        (get, "/children/{child}", children.chronology, "signed-in"),
        (get, "/children/{child}/overview", children.overview, "signed-in"),
        (get, "/children/{child}/family-paper", families.paper, "signed-in"),
        (get, "/children/{child}/own-account", own_accounts.account, "signed-in"),
        (get, "/children/{child}/accesses", emergency.of_child, "signed-in"),
        (get, "/emergency-access", emergency.mine, "signed-in"),
        (get, "/emergency-access/use", emergency.ask, "in-emergencies"),
        # Whoever may not is refused behind the door, where the attempt is recorded.
        (post, "/emergency-access/use", emergency.use, "signed-in"),
        (get, "/blocked-decisions", blocked_decisions.blocked, "managing"),
        (get, "/emergency-reviews", emergency_reviews.waiting, "officer"),
        (get, "/emergency-reviews/{access}", emergency_reviews.one, "officer"),
        (post, "/emergency-reviews/{access}", emergency_reviews.decide, "officer"),
        (get, "/reviews", reviews.reviews, "signed-in"),
        (post, "/reviews", reviews.ask, "officer"),
        (get, "/reviews/{review}", reviews.entries, "officer"),
        (post, "/reviews/{review}/decision", reviews.decide, "signed-in"),
        (post, "/reviews/{review}/end", reviews.end, "signed-in"),
        (get, "/accesses", accesses.accesses, "officer"),
        (post, "/accesses", accesses.find_accesses, "officer"),
        (get, "/accesses/{disclosure_id}", accesses.explanation, "officer"),
        (get, "/accesses/{disclosure_id}/replay", policies.replay, "officer"),
        (get, "/policies", policies.releases, "officer"),
        (get, "/policies/{version}", policies.release, "officer"),
        (post, "/policies/{version}/approve", policies.approve, "officer"),
        (get, "/reports", reports.listed, "governing"),
        (get, "/reports/self-assessment", reports.self_assessment, "governing"),
        (get, "/reports/self-assessment/{domain}", reports.domain, "governing"),
        (get, "/reports/{report}", reports.report, "governing"),
    ]
    pages: list[BaseRoute] = [
        PageRoute(path, handler, access=access, services=services, renderer=renderer, methods=(method,))
        for method, path, handler, access in table
    ]
    return [*pages, Mount("/static", StaticFiles(directory=STATIC), name="static")]
