"""What readers get, tokens for other children included, before and after the master key was changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.cli.demo import demo_settings
from hub.cli.master_key import change_everything
from hub.cli.world import SystemChance
from hub.errors import HubError
from tests.support.scenario import SCENARIO
from tests.support.simulated import opened, simulated

READER = "SW-1001"


@pytest.mark.req("H-06", "H-21")
def test_readers_get_the_same_bytes_and_have_to_sign_in_again(tmp_path: Path) -> None:
    """1. Played and read. 2. Changed. 3. Read again, from views sealed before, to the same bytes."""
    with simulated(tmp_path) as hub:  # 1
        hub.play(SCENARIO.posts)
        hub.answers(READER)
        before, token = hub.answers(READER), hub.token("education.elm-school/dsl-1")
        assert any(b"child-" in one for one in before.values())
    change_everything(demo_settings(tmp_path, 1), SystemChance(), lambda *_: None)  # 2
    with opened(tmp_path, b"since") as hub:  # 3
        assert hub.answers(READER) == before
        with pytest.raises(HubError) as refused:
            hub.hub.services.bearer.principal(f"Bearer {token}")
        assert refused.value.slug == "token"
        assert hub.signed_in("education.elm-school/dsl-1").organisation == "education.elm-school"
