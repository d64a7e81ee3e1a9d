"""People sign in at a provider that is not the hub's own: pages, API and every forgery, on a running hub."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from urllib.parse import urlencode

import httpx
import pytest

from tests.support.oidc_hub import (
    LEFT,
    OTHER_KEY,
    STRANGER,
    WORKER,
    Setup,
    encoded,
    hmac_with_the_public_key,
    refused,
    signed_in_elsewhere,
    unsigned,
)
from tests.support.oidc_provider import PASSWORD, PERSON_CLAIM, READER_APP, fields, seconds, through_the_form

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setup]:
    with signed_in_elsewhere(tmp_path_factory.mktemp("hub")) as found:
        yield found


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=20) as client:
        yield client


@pytest.mark.req("H-16")
def test_a_person_signs_in_to_the_pages(setup: Setup, browser: httpx.Client) -> None:
    asked = setup.begin(browser)
    assert asked.params["code_challenge_method"] == "S256" and asked.params["response_type"] == "code"
    assert len({asked.params[name] for name in ("state", "nonce", "code_challenge")}) == 3
    back = browser.get(through_the_form(browser, str(asked), "worker", setup.callback))
    assert (back.status_code, back.headers["location"]) == (303, "/children"), back.text
    assert WORKER in browser.get(f"{setup.hub.address}/children").text


@pytest.mark.req("H-16")
def test_an_access_token_for_the_api_names_the_person(setup: Setup) -> None:
    answer = setup.me(setup.service.tokens("worker")["access_token"])
    assert answer.status_code == 200, answer.text
    assert answer.json()["roles"] == ["social-worker"]


@pytest.mark.req("H-16", "H-14")
def test_who_is_disabled_in_the_directory_is_refused_at_once_whatever_the_provider_says(
    setup: Setup, browser: httpx.Client
) -> None:
    browser.get(setup.way_back(browser, "leaver"))
    token = setup.service.tokens("leaver")["access_token"]
    assert setup.signed_in(browser) and setup.me(token).status_code == 200
    assert setup.hub.run("person", "disable", LEFT).returncode == 0
    assert not setup.signed_in(browser)
    assert setup.me(token).status_code == 401
    again = browser.get(setup.way_back(browser, "leaver"))
    assert refused(again, 403) and "directory" in again.text


@pytest.mark.req("H-16")
@pytest.mark.parametrize(("login", "status"), [("stranger", 403), ("nobody", 401)])
def test_who_is_not_in_the_directory_gets_in_nowhere(
    setup: Setup, browser: httpx.Client, login: str, status: int
) -> None:
    answer = browser.get(setup.way_back(browser, login))
    assert refused(answer, status) and STRANGER not in answer.text
    assert not setup.signed_in(browser)
    assert setup.me(setup.service.tokens(login)["access_token"]).status_code == 401


@pytest.mark.req("H-16")
def test_signing_out_offers_to_end_the_providers_session_as_well(setup: Setup, browser: httpx.Client) -> None:
    """On a shared computer the provider would let the next person in as the last one."""
    browser.get(setup.way_back(browser, "worker"))
    page = browser.get(f"{setup.hub.address}/children")
    out = browser.post(f"{setup.hub.address}/sign-out", data=fields(page.text))
    assert (out.status_code, out.headers["location"]) == (303, "/signed-out")
    assert not setup.signed_in(browser)
    browser.get(through_the_form(browser, str(setup.begin(browser)), "worker", setup.callback, "no password"))
    assert setup.signed_in(browser), "the provider's own session still stands: that is what the page warns of"
    said = browser.get(f"{setup.hub.address}/signed-out").text
    elsewhere = said.split('href="' + setup.service.issuer)[1].split('"')[0].replace("&amp;", "&")
    confirm = browser.get(setup.service.issuer + elsewhere)
    done = browser.post(
        f"{setup.service.issuer}/session/end/confirm", data=fields(confirm.text) | {"logout": "yes"}
    )
    assert done.headers["location"].startswith(f"{setup.hub.address}/sign-in"), done.text
    asked = browser.get(setup.begin(browser))
    assert 'name="password"' in browser.get(setup.service.issuer + asked.headers["location"]).text


NOW = seconds()
WRONG_ANYWHERE: dict[str, dict[str, object]] = {
    "another issuer": {"iss": "https://other.example"},
    "no issuer": {"iss": None},
    "an issuer with a slash more": {"iss": "slash"},
    "another audience": {"aud": "https://other.example"},
    "no audience": {"aud": None},
    "expired": {"iat": NOW - 900, "exp": NOW - 300},
    "never expires": {"exp": None},
    "expires in words": {"exp": "tomorrow"},
    "not yet valid": {"nbf": NOW + 3_600},
    "issued in the future": {"iat": NOW + 3_600, "exp": NOW + 4_000},
    "nobody": {PERSON_CLAIM: None},
    "several people": {PERSON_CLAIM: [WORKER]},
}


def changed(claims: dict[str, object], changes: dict[str, object]) -> dict[str, object]:
    """`claims` with `changes`; what an issuer's name needs to be wrong is known only here."""
    slash = {"iss": f"{claims['iss']}/"} if changes.get("iss") == "slash" else {}
    return claims | changes | slash


@pytest.mark.req("H-16")
@pytest.mark.parametrize("case", WRONG_ANYWHERE)
def test_an_access_token_with_a_wrong_claim_is_refused(setup: Setup, case: str) -> None:
    claims = setup.service.access_claims(WORKER)
    assert setup.me(setup.service.forge(claims)).status_code == 200, "the same token with nothing wrong"
    answer = setup.me(setup.service.forge(changed(claims, WRONG_ANYWHERE[case])))
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/token")


@pytest.mark.req("H-16")
def test_a_token_that_was_not_signed_by_the_providers_key_is_refused(setup: Setup) -> None:
    service = setup.service
    claims = service.access_claims(WORKER)
    good = service.forge(claims)
    head, body, signature = good.split(".")
    refused_ones = [
        unsigned(claims, "at+jwt"),
        hmac_with_the_public_key(service, claims, "at+jwt"),
        service.forge(claims, key=OTHER_KEY, kid=service.key.thumbprint()),
        service.forge(claims, key=OTHER_KEY),
        f"{head}.{encoded(json.dumps(claims | {PERSON_CLAIM: LEFT}).encode())}.{signature}",
        f"{head}.{body}.",
    ]
    assert setup.me(good).status_code == 200
    assert [setup.me(one).status_code for one in refused_ones] == [401] * len(refused_ones)


@pytest.mark.req("H-16")
def test_what_only_looks_like_an_access_token_is_refused(setup: Setup) -> None:
    service = setup.service
    claims = service.access_claims(WORKER)
    real = service.tokens("worker")
    refused_ones = {
        "a real id token of another client": real["id_token"],
        "an id token for the same audience": service.forge(claims | {"nonce": "n"}, kind="JWT"),
        "an id token with a hash of its access token": service.forge(claims | {"at_hash": "x"}, kind=None),
        "marked as an id token inside": service.forge(claims | {"typ": "ID"}, kind="JWT"),
        "a logout token": service.forge(claims | {"events": {}}, kind="logout+jwt"),
        "a token that a program got for itself": service.forge(claims | {"client_id": WORKER}),
        "no token of this provider": "AbCdEf.123456.zyxwvu",
    }
    assert {name: setup.me(one).status_code for name, one in refused_ones.items()} == dict.fromkeys(
        refused_ones, 401
    )
    for kind, mark in (("JWT", {}), (None, {}), ("JWT", {"typ": "Bearer", "nonce": "n"})):
        assert setup.me(service.forge(claims | mark, kind=kind)).status_code == 200, (kind, mark)


def id_claims(setup: Setup, nonce: str) -> dict[str, object]:
    return {
        "iss": setup.service.issuer, "aud": "hub-pages", "sub": "u-1", "nonce": nonce,
        "iat": seconds(), "exp": seconds() + 300, PERSON_CLAIM: WORKER,
    }  # fmt: skip


def come_back_with(setup: Setup, browser: httpx.Client, make: object) -> httpx.Response:
    """Sign in while the provider gives out another id token: what `make` makes of the sign-in's nonce."""
    asked = setup.begin(browser)
    back = through_the_form(browser, str(asked), "worker", setup.callback)
    token = make(asked.params["nonce"]) if callable(make) else make
    setup.service.faults({"idToken": token})
    try:
        return browser.get(back)
    finally:
        setup.service.faults({})


WRONG_AT_SIGN_IN: dict[str, dict[str, object]] = WRONG_ANYWHERE | {
    "of another sign-in": {"nonce": "another"},
    "of no sign-in": {"nonce": None},
    "of another client": {"aud": READER_APP},
    "of another client, naming this one as party": {"aud": READER_APP, "azp": "hub-pages"},
    "for this client, issued to another": {"azp": READER_APP},
    "for several, issued to nobody": {"aud": ["hub-pages", READER_APP]},
}


@pytest.mark.req("H-16")
@pytest.mark.parametrize("case", WRONG_AT_SIGN_IN)
def test_an_id_token_with_a_wrong_claim_signs_nobody_in(
    setup: Setup, browser: httpx.Client, case: str
) -> None:
    def forge(nonce: str) -> str:
        return setup.service.forge(changed(id_claims(setup, nonce), WRONG_AT_SIGN_IN[case]), kind="JWT")

    assert refused(come_back_with(setup, browser, forge))
    assert not setup.signed_in(browser)


@pytest.mark.req("H-16")
def test_an_id_token_needs_the_providers_signature(setup: Setup, browser: httpx.Client) -> None:
    service = setup.service
    wrong = [
        lambda nonce: unsigned(id_claims(setup, nonce), "JWT"),
        lambda nonce: hmac_with_the_public_key(service, id_claims(setup, nonce), "JWT"),
        lambda nonce: service.forge(id_claims(setup, nonce), key=OTHER_KEY, kid=service.key.thumbprint()),
        lambda nonce: service.tokens("worker")["access_token"],
        "no token",
        7,
        None,
    ]
    for make in wrong:
        assert refused(come_back_with(setup, browser, make))
        assert not setup.signed_in(browser)
    good = come_back_with(setup, browser, lambda nonce: service.forge(id_claims(setup, nonce), kind="JWT"))
    assert good.headers["location"] == "/children" and setup.signed_in(browser)


@pytest.mark.req("H-16")
def test_a_code_is_good_once_and_in_the_browser_that_asked_for_it(setup: Setup) -> None:
    with httpx.Client(timeout=20) as mine, httpx.Client(timeout=20) as other:
        back = setup.way_back(mine, "worker")
        theirs = setup.begin(other)
        stolen = back.copy_set_param("state", theirs.params["state"])
        assert refused(other.get(stolen)), "the provider refuses another verifier"
        assert not setup.signed_in(other)
    with httpx.Client(timeout=20) as mine:
        back = setup.way_back(mine, "worker")
        assert mine.get(back).headers["location"] == "/children"
        assert refused(mine.get(back))
        assert setup.signed_in(mine), "an old way back, or another site's link to one, ends no session"


@pytest.mark.req("H-16")
@pytest.mark.parametrize(
    "changes",
    [{"state": "another"}, {"state": ""}, {"iss": "https://other.example"}, {"iss": None}, {"code": None},
     {"code": "invented"}, {"error": "access_denied"}],
    ids=str,
)  # fmt: skip
def test_a_way_back_that_was_tampered_with_signs_nobody_in(
    setup: Setup, browser: httpx.Client, changes: dict[str, str | None]
) -> None:
    """A wrong `iss` is the mix-up of issuers: a code of one is carried to the other (RFC 9207)."""
    back = setup.way_back(browser, "worker")
    kept = {name: value for name, value in (dict(back.params) | changes).items() if value is not None}
    assert refused(browser.get(f"{setup.callback}?{urlencode(kept)}"))
    assert not setup.signed_in(browser)
    assert refused(browser.get(back)), "a sign-in that failed is over"


@pytest.mark.req("H-16")
def test_a_parameter_given_twice_signs_nobody_in(setup: Setup, browser: httpx.Client) -> None:
    back = setup.way_back(browser, "worker")
    assert refused(browser.get(f"{back}&state={back.params['state']}"))


@pytest.mark.req("H-16")
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_a_person_signs_in_and_out_everywhere_in_a_browser(setup: Setup) -> None:
    """What only a browser enforces: cookies' SameSite, and the pages' own content security policy."""
    address, service = setup.hub.address, setup.service
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_context(java_script_enabled=False).new_page()
        page.set_default_timeout(20_000)
        page.goto(address)
        page.get_by_role("button", name="Sign in").click()
        assert page.url.startswith(service.issuer)
        page.get_by_label("Login").fill("worker")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{address}/children")
        assert WORKER in page.content()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url(f"{address}/signed-out")
        page.get_by_role("button", name="Sign out of the sign-in service").click()
        assert page.url.startswith(service.issuer)
        page.get_by_role("button", name="Yes").click()
        page.wait_for_url(f"{address}/sign-in**")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_label("Password").wait_for()
        assert page.url.startswith(service.issuer), "the provider asks again"
        browser.close()


@pytest.mark.req("H-16", "H-21")
def test_while_the_provider_is_down_sessions_go_on_and_nobody_new_gets_in(
    setup: Setup, browser: httpx.Client
) -> None:
    service = setup.service
    browser.get(setup.way_back(browser, "worker"))
    token = service.forge(service.access_claims(WORKER))
    assert setup.me(token).status_code == 200
    with httpx.Client(timeout=20) as late, httpx.Client(timeout=20) as new:
        back = setup.way_back(late, "worker")
        service.stop()
        try:
            assert setup.signed_in(browser)
            assert setup.me(token).status_code == 200
            assert setup.me(service.forge(service.access_claims(WORKER), key=OTHER_KEY)).status_code == 401
            stopped = late.get(back)
            assert refused(stopped, 503) and "cannot be reached" in stopped.text
            assert not setup.signed_in(late)
        finally:
            service.start()
        assert new.get(setup.way_back(new, "worker")).headers["location"] == "/children"


@pytest.mark.req("H-16", "H-21")
def test_a_hub_that_starts_while_the_provider_is_down_says_so_and_recovers_by_itself(
    setup: Setup, browser: httpx.Client
) -> None:
    browser.get(setup.way_back(browser, "worker"))
    setup.service.stop()
    try:
        setup.hub.stop()
        setup.hub.start()
        assert setup.signed_in(browser), "a session outlives a restart, and needs no provider"
        with httpx.Client(timeout=20) as new:
            stopped = new.get(f"{setup.hub.address}/sign-in/start")
            assert refused(stopped, 503) and "Try again in a few minutes" in stopped.text
            assert "set-cookie" not in stopped.headers
    finally:
        setup.service.start()
    end = time.monotonic() + 15
    while (found := browser.get(f"{setup.hub.address}/sign-in/start")).status_code == 503:
        assert time.monotonic() < end, "the pages have not noticed that the provider is back"
        time.sleep(0.5)
    assert found.status_code == 303
    assert setup.me(setup.service.tokens("worker")["access_token"]).status_code == 200
