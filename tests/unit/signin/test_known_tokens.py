"""A token that was validated is known until it expires; what its subject may do is never known beforehand."""

from datetime import timedelta

import pytest

from hub.errors import HubError
from hub.signin import AccessTokens, TokenSubject, derived_key
from hub.signin import tokens as module

MASTER, HUB = b"m" * 32, "https://hub.test/one"


@pytest.fixture
def checked(world, monkeypatch):
    """The hub's tokens, and how often a signature of one was checked."""
    tokens = AccessTokens(derived_key(MASTER, "access-tokens"), HUB, people=True)
    count, real = [], module.jwt.decode
    monkeypatch.setattr(
        module.jwt, "decode", lambda *given, **named: (count.append(1), real(*given, **named))[1]
    )
    return tokens, count


def issued(tokens, world, subject="education.elm-school"):
    return tokens.issue(TokenSubject("organisation", subject), now=world.clock.now, token_id="t")


@pytest.mark.req("H-16")
def test_a_token_is_checked_once_and_ends_all_the_same(world, checked):
    tokens, count = checked
    token, now = issued(tokens, world), world.clock.now
    for seconds in (0, 1, 300, 600, 629):
        assert tokens.validate(token, now=now + timedelta(seconds=seconds)).id == "education.elm-school"
    assert len(count) == 1
    for seconds in (630, 631, 10_000):
        with pytest.raises(HubError):
            tokens.validate(token, now=now + timedelta(seconds=seconds))
    assert len(count) == 4


@pytest.mark.req("H-16")
def test_a_clock_that_was_set_back_has_a_token_checked_again(world, checked):
    tokens, count = checked
    token, now = issued(tokens, world), world.clock.now
    tokens.validate(token, now=now)
    with pytest.raises(HubError):
        tokens.validate(token, now=now - timedelta(seconds=60))
    assert len(count) == 2


@pytest.mark.req("H-16")
def test_another_text_is_another_token(world, checked):
    tokens, _ = checked
    token = issued(tokens, world)
    tokens.validate(token, now=world.clock.now)
    head, payload, signature = token.split(".")
    for other in (f"{head}.{payload}.{signature[:-4]}AAAA", f"{head}.{payload}.", token + "=", " " + token):
        with pytest.raises(HubError):
            tokens.validate(other, now=world.clock.now)


@pytest.mark.req("H-16")
def test_not_more_tokens_are_known_than_there_is_room_for(world, checked, monkeypatch):
    tokens, count = checked
    monkeypatch.setattr(module, "_MOST_KNOWN", 3)
    for number in range(10):
        tokens.validate(issued(tokens, world, f"education.school-{number}"), now=world.clock.now)
    assert len(count) == 10 and len(tokens._known) <= 3
