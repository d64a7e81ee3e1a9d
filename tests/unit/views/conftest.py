import pytest

from tests.unit.intake.world import world_in
from tests.unit.views.played import play


@pytest.fixture(scope="module")
def scenario(tmp_path_factory):
    with world_in(tmp_path_factory.mktemp("hub")) as world:
        world.posted = play(world)
        yield world


@pytest.fixture
def world(tmp_path):
    with world_in(tmp_path) as world:
        yield world
