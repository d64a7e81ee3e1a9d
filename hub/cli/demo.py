"""`hub demo`: a whole hub on this machine, the scenario played into it, and what each reader sees."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated, Final

import httpx
import typer
import uvicorn

from hub.api import RequestLog
from hub.cli.alone import served_alone
from hub.cli.compose import Hub, compose, initialise, open_store
from hub.cli.demo_readings import Told, read_everything, rules_of
from hub.cli.demo_telling import tell_accesses, tell_pages, tell_posts, tell_scenario, tell_verified
from hub.cli.demo_world import (
    REVIEWER,
    SCENARIOS,
    Posted,
    fill_directory,
    make_keys,
    move_to_reading_time,
    play,
    story,
)
from hub.cli.keys import load_keys
from hub.cli.output import NOT_AS_IT_SHOULD_BE, Json, fail, plain_errors, print_json, progress, say
from hub.cli.serving import server, working
from hub.cli.signing import signer_of
from hub.envelope import JsonObject
from hub.errors import HubError
from hub.record import Chance
from hub.record.verify import Verification, verify_record
from hub.settings import Settings, load_settings

HUB_ID: Final = "https://hub.example/demonstration"
START_SECONDS: Final = 20.0


def demo(
    exit_: Annotated[bool, typer.Option("--exit", help="End after the tour instead of serving on.")] = False,
    data: Annotated[Path | None, typer.Option(help="Where to keep the data; default a new folder.")] = None,
    port: Annotated[int, typer.Option(help="Port to serve on; 0 chooses a free one.")] = 8080,
    seed: Annotated[int, typer.Option(help="Named in the output; the scenarios themselves are fixed.")] = 0,
    scenario: Annotated[
        list[str] | None, typer.Option(help="Play this one only, e.g. scenario-a; default all three.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Start a hub on SQLite, let the agencies post three scenarios, and show what each reader gets.

    Everything is invented. Ends with 1 if a post was not answered as the scenarios say, or the ledger does
    not verify.
    """
    scenarios = tuple(one for one in SCENARIOS if scenario is None or one in scenario)
    if scenario is not None and len(scenarios) < len({*scenario}):
        fail(f"There is no such scenario. Choose from: {', '.join(SCENARIOS)}")
    with plain_errors():
        directory = data or Path(mkdtemp(prefix="safeguarding-hub-demo-"))
        with running(directory, port) as (hub, address):
            posted = _post(hub, address, directory, scenarios, quiet=as_json)
            move_to_reading_time(hub.store)
            told = [read_everything(hub, address, one) for one in scenarios]
            verified = verify(hub)
            good = len(posted) == _posts_of(scenarios) and all(one.good for one in posted) and verified.whole
            if as_json:
                print_json(_summary(address, directory, seed, posted, told, verified, good))
            else:
                for played in told:
                    tell_scenario(played)
                tell_accesses(hub, told[0])
                tell_verified(verified)
                if not exit_:
                    tell_pages(address, told)
            if not exit_:
                _wait()
    if exit_ and not good:
        fail("The demonstration did not go as it should.", NOT_AS_IT_SHOULD_BE)


@contextmanager
def running(
    directory: Path, port: int, chance: Chance | None = None, profiles: Path | None = None
) -> Iterator[tuple[Hub, str]]:
    """A hub in simulation, served on loopback; its log goes to a file beside the record."""
    settings = demo_settings(directory, port or _free_port(), profiles)
    initialise(settings)
    with served_alone(settings), (directory / "hub.log").open("a", buffering=1, encoding="utf-8") as lines:
        store = open_store(settings, chance)
        hub = compose(store, RequestLog(store.clock.wall, lambda line: lines.write(line + "\n")))
        try:
            with working(hub), _served(server(hub, settings.host, settings.port), settings.base_url):
                yield hub, settings.base_url
        finally:
            hub.close()


def demo_settings(directory: Path, port: int, profiles: Path | None = None) -> Settings:
    """The settings of a demonstration; nothing of the environment is read."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    return load_settings(
        {},
        None,
        mode="simulation",
        id=HUB_ID,
        database_url=f"sqlite:///{directory / 'hub.db'}",
        listen=f"127.0.0.1:{port}",
        profiles=profiles,
        simulation_start="2025-09-01T00:00:00+01:00",
        rate_per_second=10_000,
        rate_burst=10_000,
    )


def verify(hub: Hub) -> Verification:
    """Check the whole record offline against its latest checkpoint, made now."""
    hub.store.record.ledger.integrate(hub.store.clock.wall())
    settings = hub.store.settings
    keys = load_keys(settings)
    signers = signer_of(settings, keys).note_keys
    return verify_record(settings.record, master_key=keys.master, keys=signers)


def _post(hub: Hub, address: str, directory: Path, scenarios: Sequence[str], *, quiet: bool) -> list[Posted]:
    store = hub.store
    for scenario in scenarios:
        fill_directory(store.directory, scenario)
        make_keys(store.directory, directory / "agencies", store.clock.wall(), scenario)
    issuer = hub.services.development_issuer
    if issuer is None:
        raise HubError("token", "The demonstration needs the development issuer.")
    posted: list[Posted] = []
    with progress("Agencies post their records", _posts_of(scenarios)) as bar:
        token = issuer.person_token(REVIEWER)
        for one in play(address, store, directory / "agencies", token, scenarios=scenarios):
            posted.append(one)
            bar.advance(bar.task_ids[0])
    if not quiet:
        tell_posts(posted)
    return posted


def _posts_of(scenarios: Sequence[str]) -> int:
    return sum(story(one).posts for one in scenarios)


@contextmanager
def _served(web: uvicorn.Server, address: str) -> Iterator[None]:
    # Uvicorn installs signal handlers in the main thread only; here Ctrl-C ends the command itself.
    thread = threading.Thread(target=web.run, name="server", daemon=True)
    thread.start()
    try:
        give_up = time.monotonic() + START_SECONDS
        while not _answers(address):
            if time.monotonic() > give_up or not thread.is_alive():
                raise HubError("store", "The server did not start; is the port in use?")
            time.sleep(0.05)
        yield
    finally:
        web.should_exit = True
        thread.join(15)


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


def _wait() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        say("Stopped.")


def _summary(
    address: str, directory: Path, seed: int, posted: list[Posted], told: list[Told],
    verified: Verification, good: bool,
) -> JsonObject:  # fmt: skip
    readings = [one for scenario in told for one in scenario.readings]
    return {
        "address": address,
        "data": str(directory),
        "seed": seed,
        "posts": len(posted),
        "refused": [one.ref for one in posted if one.status not in (200, 201)],
        "children": {name: child for one in readings for name, child in one.children.items()},
        "readers": {
            one.reader.name: {
                "person": one.reader.person,
                "purpose": one.reader.purpose,
                "visible": sum(1 for item in one.items if item.shown == "V"),
                "redacted": sum(1 for item in one.items if item.shown in ("R", "line")),
            }
            for one in told[0].readings
        },
        "scenarios": {
            scenario.story.title: {
                one.reader.name: {
                    child: {
                        "findings": rules_of(overview, "lines", "rule"),
                        "deadlines": rules_of(overview, "deadlines", "clock"),
                    }
                    for child, overview in one.overviews.items()
                }
                for one in scenario.readings
            }
            for scenario in told
        },
        "ledger": {"whole": verified.whole, "items": verified.items, "root": verified.root.hex()},
        "good": good,
    }
