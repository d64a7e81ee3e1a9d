import pytest

from tests.unit.intake.world import world_in


@pytest.fixture
def world(tmp_path):
    with world_in(tmp_path) as world:
        yield world
