"""Commands that run beside the doors until they are told to end: project, tick, relay."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Final, Protocol

import typer

from hub.api import Probes, RequestLog
from hub.cli.checkpoints import Checkpoints
from hub.cli.compose import Hub, Store, compose, missing_profiles, open_projector, open_store, open_views_of
from hub.cli.memory import put_together
from hub.cli.notifying import Notifier, notifying_of
from hub.cli.operators import answering, operators_application
from hub.cli.output import (
    USED_WRONGLY,
    Json,
    counted,
    fail,
    plain_errors,
    print_json,
    progress,
    say,
    tell_views,
)
from hub.cli.readiness import Sends, probes
from hub.cli.ticking import Ticking, ticker_of
from hub.metrics import Process, metrics_text, process_started
from hub.record.projections import Projected, ViewStore
from hub.settings import load_settings
from hub.views import ChildIndex

Once = Annotated[bool, typer.Option("--once", help="Do what there is to do now, and end.")]
NO_KAFKA: Final = "Set HUB_KAFKA_BOOTSTRAP to the brokers that the relay is to use."


class Part(Protocol):
    """Something that works in threads of its own, and comes back by itself after the store was gone."""

    @property
    def fault(self) -> str | None:
        """What stands in its way now, without any text of it."""
        ...

    def start(self) -> None:
        """Begin."""
        ...

    def close(self) -> None:
        """Bring what it is at to its end, and end."""
        ...


def project(
    once: Once = False,
    group: Annotated[
        bool, typer.Option("--group", help="Share the work with others that were started with --group.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Keep the views up with the record and the ledger signed, until told to end.

    On SQLite `hub serve` does that: there this brings the views up to the record, and ends.
    """
    with plain_errors():
        settings = load_settings()
        if group and settings.kafka_bootstrap is None:
            fail(NO_KAFKA, USED_WRONGLY)
        store = open_store(settings)
        try:
            with open_views_of(store) as views:
                if not once and settings.on_postgresql:
                    _follow(store, views, group)
                    return
                projector = open_projector(store, views)
                with progress("projecting") as bar:
                    position = projector.catch_up(
                        lambda done, goal: bar.update(bar.task_ids[0], completed=done, total=goal)
                    )
                parked = projector.parked()
        finally:
            store.close()
    tell_views(position, parked, as_json)


def _follow(store: Store, views: ViewStore, group: bool) -> None:
    log = RequestLog(store.clock.wall, process="projector")
    projected = Projected(views, ChildIndex.name, ChildIndex.version)
    feeding: Part
    if group:
        # Only here: a hub without Kafka runs where its client is not installed.
        from hub.cli.relaying import Feeding

        feeding = Feeding(store, views)
    else:
        feeding = open_projector(store, views)
    checkpoints = Checkpoints(store, log)
    # It decides nothing, by rules or by profiles: what it depends on is the store, its key and its own parts.
    ready = probes(
        store.record,
        signer=store.signer,
        projection=projected,
        fault=lambda: feeding.fault,
        ledger_fault=lambda: checkpoints.fault,
    )
    run_until_told("projector", store, log, (feeding, checkpoints), ready)


def tick(once: Once = False, as_json: Json = False) -> None:
    """Record deadlines as they are missed, and notices that are owed, until told to end."""
    with plain_errors(), _whole("ticker") as (hub, log):
        if not once:
            ticking, notifier = Ticking(hub, log), Notifier(hub, log)
            ready = _ready(hub, ticker_fault=lambda: ticking.fault or notifier.fault)
            run_until_told("ticker", hub.store, log, (ticking, notifier), ready)
            return
        ticker, notifying, now = ticker_of(hub), notifying_of(hub), hub.store.clock.domain()
        missed = ticker.tick(now)
        notifying.look(now)
        faults, rules = ticker.faults + notifying.faults, hub.disclosure.faults
    if as_json:
        print_json({"missed": missed, "faults": faults})
    else:
        say(f"Missed and recorded now: {counted(missed, 'deadline')}.")
    if faults:
        fail(f"{counted(faults, 'child', 'children')} could not be looked at; see `hub verify`.")
    if rules:
        fail("A sharing rule could not be evaluated, and nobody was told by it; see `hub policy check`.")


def relay() -> None:
    """Take events from Kafka and send answers and notices to it, until told to end."""
    with plain_errors():
        if load_settings().kafka_bootstrap is None:
            fail(NO_KAFKA, USED_WRONGLY)
        # Only here: a hub without Kafka runs where its client is not installed.
        from hub.cli.relaying import Relaying

        with _whole("relay") as (hub, log):
            relaying = Relaying(hub, log)
            run_until_told("relay", hub.store, log, (relaying,), _ready(hub, relay=relaying))


def _ready(
    hub: Hub, *, ticker_fault: Callable[[], str | None] | None = None, relay: Sends | None = None
) -> Probes:
    """A process that decides who is told depends on all that the doors depend on, and on its own part."""
    return probes(
        hub.store.record,
        signer=hub.store.signer,
        projection=hub.projected,
        policy_faults=lambda: hub.disclosure.faults,
        missing_profiles=lambda: missing_profiles(hub.store),
        ticker_fault=ticker_fault,
        relay=relay,
    )


def run_until_told(
    process: Process, store: Store, log: RequestLog, parts: Sequence[Part], ready: Probes
) -> None:
    """Run parts as a process of their own.

    1. Take SIGTERM and Ctrl-C: by default either ends the process before anything is closed.
    2. Answer operators, then start the parts in order.
    3. When told, close them in the opposite order.

    Raises: HubError store, where nothing can listen for operators.
    """
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):  # 1.
        signal.signal(number, lambda *_: told.set())
    settings = store.settings
    token = settings.metrics_token.get_secret_value() if settings.metrics_token else None

    def numbers() -> bytes:
        ready()  # the lags that are told are those of now
        return metrics_text()

    process_started(process, store.clock.wall().timestamp())
    operators = operators_application(lambda: ready().failing, numbers, token)
    with answering(operators, settings.operations):  # 2.
        started: list[Part] = []
        try:
            for one in parts:
                one.start()
                started.append(one)
            put_together()
            log.part("part-started", process)
            told.wait()
        finally:
            for one in reversed(started):  # 3.
                one.close()
            log.part("part-stopped", process)


@contextmanager
def _whole(process: Process) -> Iterator[tuple[Hub, RequestLog]]:
    """A hub of this process's own that serves nobody."""
    store = open_store(load_settings())
    log = RequestLog(store.clock.wall, process=process)
    try:
        hub = compose(store, log)
    except BaseException:
        store.close()
        raise
    try:
        yield hub, log
    finally:
        hub.close()
