"""The right to serve a SQLite record: one at a time, gone with who held it, and none on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.cli.alone import ENDING, served_alone
from hub.errors import HubError
from hub.settings import Settings, load_settings


def settings(folder: Path) -> Settings:
    return load_settings({"HUB_DATABASE_URL": f"sqlite:///{folder / 'hub.db'}"}, None)


@pytest.mark.req("H-03")
def test_one_at_a_time_and_again_after_the_end(tmp_path: Path) -> None:
    (tmp_path / "hub.db").touch()
    for _ in range(2):
        with (
            served_alone(settings(tmp_path)),
            pytest.raises(HubError) as refused,
            served_alone(settings(tmp_path)),
        ):
            raise AssertionError("two serve")
        assert refused.value.slug == "store" and "stop it first" in refused.value.detail


@pytest.mark.req("H-03")
def test_a_file_that_somebody_left_is_no_lock(tmp_path: Path) -> None:
    (tmp_path / "hub.db").touch()
    (tmp_path / f"hub.db{ENDING}").write_text("not a number", encoding="ascii")
    with served_alone(settings(tmp_path)):
        pass


def test_where_there_is_no_record_nothing_is_made(tmp_path: Path) -> None:
    with served_alone(settings(tmp_path)):
        assert list(tmp_path.iterdir()) == []


def test_on_postgresql_several_may_serve() -> None:
    found = load_settings({"HUB_DATABASE_URL": "postgresql://h:p@127.0.0.1/hub"}, None)
    with served_alone(found), served_alone(found):
        pass
