"""The pages in a real browser, against a real hub that played the scenario.

Skips with its reason where there is no Chromium, or where `hub demo` is not part of the checkout.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agencies.sdk.build import AgencyEvent, cloud_event
from agencies.sdk.client import HubClient
from agencies.sdk.keys import load_key, paths_of
from agencies.sdk.sign import sign_event
from hub.cli.demo import HUB_ID

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
HUB = [sys.executable, "-c", "from hub.cli import main; main()"]
SOCIAL_WORKER, SCHOOL, OFFICER = "social-care.s-csc/sw-s1", "education.oak-school/dsl-1", "igo-1"
FRONT_DOOR, MANAGER = "social-care.n-csc/fd-1", "social-care.s-csc/tm-1"


pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    pytest.mark.skipif(
        not list((ROOT / "hub" / "cli").glob("demo*")), reason="`hub demo` is not part of this checkout"
    ),
]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, object]]:
    """A hub that has played the scenario and holds its pages open; what it printed as JSON."""
    data = tmp_path_factory.mktemp("demo")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    process = subprocess.Popen(
        [*HUB, "demo", "--json", "--scenario", "scenario-a", "--data", str(data), "--port", "0"],
        cwd=ROOT, env=environment | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True,
    )  # fmt: skip
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    try:
        yield _announced(lines)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
        assert process.stdout is not None
        process.stdout.close()


def _announced(lines: queue.Queue[str | None]) -> Mapping[str, object]:
    """The JSON object that says under which address the pages are open."""
    text = ""
    while True:
        line = lines.get(timeout=180)
        assert line is not None, "the demonstration ended before its pages were open"
        text += line
        start = text.find("{")
        if start < 0:
            continue
        try:
            found, _ = json.JSONDecoder().raw_decode(text[start:])
        except json.JSONDecodeError:
            continue
        if isinstance(found, dict) and any(name in found for name in ("url", "pages", "address")):
            return found
        text = text[start + 1 :]


@pytest.fixture(scope="module")
def address(demo: Mapping[str, object]) -> str:
    found = next(demo[name] for name in ("pages", "url", "address") if isinstance(demo.get(name), str))
    return str(found).rstrip("/")


Signed = Callable[[str], "object"]


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, address):
    """A page of a person who signed in through the issuer, JavaScript switched off."""
    contexts = []

    def sign_in(person: str, *, scripts: bool = False, width: int = 1280):
        context = chromium.new_context(
            java_script_enabled=scripts, bypass_csp=scripts, viewport={"width": width, "height": 900}
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.goto(address + "/sign-in")
        page.get_by_role("button", name="Sign in").click()
        page.locator(
            f"button:has-text('{person}'), a:has-text('{person}'), button[value$='{person}']"
        ).first.click()
        page.wait_for_url(address + "/children")
        return page

    yield sign_in
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def blocked(demo: Mapping[str, object], address: str) -> None:
    """Decisions of the manager's organisation that a rule refused: one that can be overridden, one not."""
    organisation, keys = "social-care.s-csc", Path(str(demo["data"])) / "agencies"
    now = datetime.now(UTC)  # noqa: TID251  an agency reads its own clock
    event_key, client_key = (load_key(paths_of(keys, organisation, use)[0]) for use in ("events", "client"))
    said = {"occurred_at": "2025-11-20", "precision": "day", "author": SOCIAL_WORKER}
    with HubClient(address, organisation, client_key) as client:
        for type_, data in (
            ("social-worker-allocated", {"kind": "allocated", "worker": "social-care.n-csc/sw-n1"}),
            (
                "invitation-sent",
                {"meeting": "CANARY", "organisation": "education.elm-school", "decision": "invited"},
            ),
        ):
            recorded = datetime(2025, 11, 20, 12, tzinfo=UTC)
            event = AgencyEvent(organisation, "blocked-1", type_, "nhs:9990200106", recorded, said | data)
            answer = client.post(sign_event(cloud_event(event), event_key, audience=HUB_ID, now=now))
            assert getattr(answer, "slug", None) == "gate", answer


def open_first_child(page, purpose: str) -> None:
    page.locator("table a").first.click()
    page.locator(f"input[name=purpose][value={purpose}]").check()
    page.get_by_role("button", name="Open the record").click()
    page.get_by_role("heading", name="Chronology").wait_for()


@pytest.mark.req("H-16", "H-08")
def test_a_social_worker_reads_the_chronology_without_javascript(visit) -> None:
    page = visit(SOCIAL_WORKER)
    open_first_child(page, "assessment")
    entries = page.locator(".hub-entry")
    assert entries.count() > 5
    assert "purpose" not in page.url and "assessment" not in page.url
    text = page.content()
    assert "during February 2025" in text and "Recorded late" in text
    assert "C-1001" not in text


@pytest.mark.req("H-11", "H-08")
def test_a_school_sees_who_to_ask_where_something_is_withheld(visit) -> None:
    page = visit(SCHOOL)
    open_first_child(page, "education-safety")
    withheld = page.locator(".hub-withheld")
    assert withheld.count() > 0
    assert "withheld - ask" in withheld.first.inner_text()
    assert "[D-" in withheld.first.inner_text()


@pytest.mark.req("H-19")
def test_the_overview_names_its_rules_and_entries(visit) -> None:
    page = visit(SOCIAL_WORKER)
    open_first_child(page, "assessment")
    page.get_by_role("link", name="Overview and deadlines").click()
    text = page.locator("main").inner_text()
    for rule in ("P-02", "P-07", "K-10", "6 January 2026"):
        assert rule in text, rule
    page.locator(".hub-evidence a").first.click()
    target = page.url.partition("#")[2]
    assert page.locator(f"[id='{target}']").count() == 1


@pytest.mark.req("H-07")
def test_the_filter_narrows_and_can_be_cleared(visit) -> None:
    page = visit(SOCIAL_WORKER)
    open_first_child(page, "assessment")
    everything = page.locator(".hub-entry").count()
    page.get_by_label("Kind of entry").select_option("incident-recorded")
    page.get_by_role("button", name="Show").click()
    narrowed = page.locator(".hub-entry").count()
    assert 0 < narrowed < everything
    page.get_by_role("link", name="Clear the filter").click()
    assert page.locator(".hub-entry").count() == everything


@pytest.mark.req("H-14", "H-15")
def test_an_officer_sees_accesses_and_their_explanation_but_no_narrative(visit, demo) -> None:
    reader = visit(SCHOOL)
    open_first_child(reader, "education-safety")
    child = reader.url.rsplit("/", 1)[1]
    page = visit(OFFICER)
    page.get_by_role("link", name="Who saw a record").click()
    page.get_by_label("Identifier of the child").fill(f"child:{child}")
    page.get_by_role("button", name="Search").click()
    row = page.locator("tbody tr", has_text=SCHOOL).last
    assert child not in page.url
    row.get_by_role("link", name="Explain").click()
    page.get_by_role("heading", name="Explanation of an access").wait_for()
    text = page.content()
    assert SCHOOL in text
    assert "CANARY" not in text


@pytest.mark.req("H-16")
def test_signing_out_ends_the_session_even_for_the_back_button(visit, address) -> None:
    page = visit(SOCIAL_WORKER)
    open_first_child(page, "assessment")
    record = page.url
    page.get_by_role("button", name="Sign out").click()
    page.goto(record)
    assert page.url == address + "/sign-in"


@pytest.mark.req("H-17", "H-16")
def test_emergency_access_from_the_form_to_the_record_and_to_its_review(visit) -> None:
    """1. A form with an error comes back. 2. It opens the core facts. 3. An officer finds it not right, and
    it opens nothing any more."""
    page = visit(FRONT_DOOR)
    page.get_by_role("link", name="Emergency access").click()
    page.get_by_role("link", name="Use emergency access").click()
    page.get_by_label("Identifier of the child").fill("nhs:9990200106")
    page.get_by_role("button", name="Use emergency access").click()  # 1
    assert page.locator(".govuk-error-summary a").count() == 2
    assert page.get_by_label("Identifier of the child").input_value() == "nhs:9990200106"
    page.get_by_label("The child is missing").check()
    page.get_by_label("Your reference").fill("INC 118")
    page.get_by_role("button", name="Use emergency access").click()
    page.get_by_role("link", name="Open the record").first.click()  # 2
    page.locator("input[name=purpose]").first.check()
    page.get_by_role("button", name="Open the record").click()
    page.get_by_role("heading", name="Chronology").wait_for()
    assert page.locator(".hub-entry").count() > 3 and "nhs:9990200106" not in page.content()
    record = page.url
    officer = visit(OFFICER)  # 3
    officer.get_by_role("link", name="Emergency reviews").click()
    officer.get_by_role("link", name=FRONT_DOOR).first.click()
    assert officer.locator("tbody tr", has_text="Chronology").count() == 1
    assert "CANARY" not in officer.content()
    officer.get_by_label("It was not right").check()
    officer.get_by_label("Why", exact=True).fill("The child was with its carer.")
    officer.get_by_role("button", name="Record the review").click()
    officer.get_by_role("heading", name="Reviews of emergency access").wait_for()
    page.goto(record)
    assert page.get_by_role("heading", name="Page not found").count() == 1


@pytest.mark.req("D-55", "H-28")
def test_a_team_manager_finds_what_a_rule_refused_and_of_which_child_nobody_says(visit, blocked) -> None:
    page = visit(MANAGER)
    page.get_by_role("link", name="Blocked decisions").click()
    page.get_by_role("heading", name="Blocked decisions").wait_for()
    latest, before = page.locator(".hub-lines > li").all()[:2]
    assert "This rule cannot be overridden" in latest.inner_text() and "R-082" in latest.inner_text()
    assert "A team manager can override this rule" in before.inner_text() and "R-067" in before.inner_text()
    assert len(before.locator(".hub-id").inner_text()) == 32
    for kept_nowhere in ("CANARY", "C-2001", "nhs:", "sw-n1", SOCIAL_WORKER):
        assert kept_nowhere not in page.content()
    worker = visit(SOCIAL_WORKER)
    assert worker.get_by_role("link", name="Blocked decisions").count() == 0
    worker.goto(page.url)
    assert worker.get_by_role("heading", name="Page not found").count() == 1


@pytest.mark.req("R-006", "H-17", "D-55")
@pytest.mark.parametrize("width", [320, 1280])
def test_the_pages_of_emergency_access_and_of_audit_pass_the_accessibility_rules(
    visit, blocked, width: int
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    seen = {}

    def check(page, name: str) -> None:
        seen[name] = [one["id"] for one in axe.run(page).response["violations"]]
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (
            f"{name} is wider than the screen"
        )

    page = visit(FRONT_DOOR, scripts=True, width=width)
    page.goto(page.url.replace("/children", "/emergency-access/use"))
    page.get_by_label("Identifier of the child").fill("nhs:9990200106")
    page.get_by_role("button", name="Use emergency access").click()
    check(page, "form with errors")
    page.get_by_label("The child is missing").check()
    page.get_by_label("Your reference").fill("INC 119")
    page.get_by_role("button", name="Use emergency access").click()
    check(page, "my emergency access")
    officer = visit(OFFICER, scripts=True, width=width)
    officer.get_by_role("link", name="Emergency reviews").click()
    check(officer, "reviews")
    officer.get_by_role("link", name=FRONT_DOOR).first.click()
    officer.get_by_role("button", name="Record the review").click()
    check(officer, "one review with errors")
    officer.get_by_role("link", name="Who saw a record").click()
    officer.get_by_label("Identifier of the child").fill("nhs:9990200106")
    officer.get_by_role("button", name="Search").click()
    check(officer, "accesses")
    manager = visit(MANAGER, scripts=True, width=width)
    open_first_child(manager, "supervision")
    manager.get_by_role("link", name="Emergency access").last.click()
    manager.get_by_role("heading", name="Emergency access to this record").wait_for()
    check(manager, "emergency access to a child's record")
    manager.get_by_role("link", name="Blocked decisions").click()
    manager.get_by_role("heading", name="Blocked decisions").wait_for()
    assert manager.locator(".hub-lines > li").count() == 2
    check(manager, "blocked decisions")
    assert seen == {name: [] for name in seen}


@pytest.mark.req("R-006")
@pytest.mark.parametrize("width", [320, 1280])
def test_pages_pass_the_automatic_accessibility_rules(visit, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = visit(SOCIAL_WORKER, scripts=True, width=width)
    seen = {}

    def check(name: str) -> None:
        seen[name] = [one["id"] for one in axe.run(page).response["violations"]]
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (
            f"{name} is wider than the screen"
        )

    check("children")
    page.locator("table a").first.click()
    check("purpose")
    page.locator("input[name=purpose]").first.check()
    page.get_by_role("button", name="Open the record").click()
    check("chronology")
    page.goto(page.url + "/overview")
    check("overview")
    assert seen == {name: [] for name in seen}
