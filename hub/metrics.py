"""Every number that the hub counts of itself: the closed list, and the only place that counts.

Rooms call the functions here; none of them can hand over a text that becomes part of a metric, because each
label takes its values from a list of the hub's own words and says `other` for everything else. There is no
label of an organisation, a person or a child: a number of one organisation's posts tells of its cases.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final, Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from hub.errors import PROBLEMS

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
OTHER: Final = "other"
_SHARED_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"

Door = Literal["http", "kafka"]
Process = Literal["api", "projector", "ticker", "relay"]
Direction = Literal["in", "out"]

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
DOORS: Final = frozenset({"http", "kafka"})
PROCESSES: Final = frozenset({"api", "projector", "ticker", "relay"})
DIRECTIONS: Final = frozenset({"in", "out"})
STATUSES: Final = frozenset({"1xx", "2xx", "3xx", "4xx", "5xx"})
PARTS: Final = frozenset(
    {"store", "signing", "policy", "profiles", "ledger", "projection", "relay", "ticker"}
)
KEPT: Final = "kept"
REPEATED: Final = "repeated"
OUTCOMES: Final = frozenset({KEPT, REPEATED, *PROBLEMS})
NOTICES: Final = frozenset({"recorded", "sent", "withheld", "failed"})

_SECONDS: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)

disable_created_metrics()  # type: ignore[no-untyped-call]
_REGISTRY: Final = CollectorRegistry()

_build = Gauge(
    "hub_build_info", "1, with the version that runs", ["version"],
    registry=_REGISTRY, multiprocess_mode="livemax",
)  # fmt: skip
_started = Gauge(
    "hub_process_start_seconds", "When the process started, seconds since 1970", ["process"],
    registry=_REGISTRY, multiprocess_mode="livemin",
)  # fmt: skip
_requests = Counter(
    "hub_requests", "Requests answered, by route and class of status", ["method", "route", "status"],
    registry=_REGISTRY,
)  # fmt: skip
_request_seconds = Histogram(
    "hub_request_seconds", "How long answering took", ["method", "route"],
    buckets=_SECONDS, registry=_REGISTRY,
)  # fmt: skip
_faults = Counter("hub_faults", "Faults of the hub's own while answering", ["route"], registry=_REGISTRY)
_policy_faults = Counter(
    "hub_policy_faults", "Evaluations of a sharing rule that erred and were denied, in any process",
    registry=_REGISTRY,
)  # fmt: skip
_posts = Counter(
    "hub_posts", "Posted events, by what became of them", ["door", "outcome"], registry=_REGISTRY
)
_limited = Counter("hub_rate_limited", "Requests refused because a bucket was empty", registry=_REGISTRY)
_leases = Counter(
    "hub_rate_leases", "Cells of shared rate buckets asked for, by outcome", ["outcome"], registry=_REGISTRY
)
_queue = Gauge(
    "hub_writer_queue", "Appends that wait behind the group being committed",
    registry=_REGISTRY, multiprocess_mode="livesum",
)  # fmt: skip
_group = Histogram("hub_writer_group_size", "Appends committed together", buckets=_SIZES, registry=_REGISTRY)
_commit = Histogram(
    "hub_writer_commit_seconds", "How long a group's commit took", buckets=_SECONDS, registry=_REGISTRY
)
_behind = Gauge(
    "hub_projection_lag_positions", "Positions of the record that a projection has not taken up",
    ["projection"], registry=_REGISTRY, multiprocess_mode="livemostrecent",
)  # fmt: skip
_behind_seconds = Gauge(
    "hub_projection_lag_seconds", "For how long a projection has been behind the record", ["projection"],
    registry=_REGISTRY, multiprocess_mode="livemostrecent",
)  # fmt: skip
_parked = Gauge(
    "hub_projection_parked", "Items that a projection could not take up", ["projection"],
    registry=_REGISTRY, multiprocess_mode="livemostrecent",
)  # fmt: skip
_ledger = Gauge(
    "hub_ledger_lag_seconds", "For how long there have been items that no checkpoint covers",
    registry=_REGISTRY, multiprocess_mode="livemostrecent",
)  # fmt: skip
_relay = Gauge(
    "hub_relay_lag", "Records that the relay has yet to take in or to send", ["direction"],
    registry=_REGISTRY, multiprocess_mode="livemostrecent",
)  # fmt: skip
_notices = Counter("hub_notices", "Notices to organisations, by what became of them", ["outcome"],
                   registry=_REGISTRY)  # fmt: skip
_ticks = Histogram(
    "hub_tick_seconds", "How long the ticker's rounds took", buckets=_SECONDS, registry=_REGISTRY
)
_missed = Counter("hub_deadlines_missed", "Deadlines that the ticker found missed", registry=_REGISTRY)
_ready = Gauge(
    "hub_ready", "1 where a part can do its work", ["part"],
    registry=_REGISTRY, multiprocess_mode="livemin",
)  # fmt: skip

_routes: frozenset[str] = frozenset()
_projections: frozenset[str] = frozenset()


def process_started(process: Process, at: float) -> None:
    """This process runs as that part of the hub, since then.

    Units: `at` in seconds since 1970.
    """
    try:
        running = version("safeguarding-hub")
    except PackageNotFoundError:
        running = "unknown"
    _build.labels(running).set(1)
    _started.labels(_one_of(process, PROCESSES)).set(at)


def known_routes(templates: Iterable[str]) -> None:
    """These are the templates of routes that requests may be counted under, besides those named before."""
    global _routes
    _routes = _routes | frozenset(templates)


def known_projections(names: Iterable[str]) -> None:
    """These are the names of projections, besides those named before."""
    global _projections
    _projections = _projections | frozenset(names)


def request(*, method: str, route: str, status: int, seconds: float) -> None:
    """One request was answered; a route that no application has told of counts as `other`."""
    method, route = _one_of(method, METHODS), _one_of(route, _routes)
    _requests.labels(method, route, _one_of(f"{status // 100}xx", STATUSES)).inc()
    _request_seconds.labels(method, route).observe(seconds)


def fault(route: str) -> None:
    """A fault of the hub's own while answering on this route."""
    _faults.labels(_one_of(route, _routes)).inc()


def policy_fault() -> None:
    """A sharing rule that decides what leaves could not be evaluated, and what it was asked was denied."""
    _policy_faults.inc()


def posted(door: Door, outcome: str) -> None:
    """One event was posted: `kept`, `repeated`, or the slug of its refusal."""
    _posts.labels(_one_of(door, DOORS), _one_of(outcome, OUTCOMES)).inc()


def rate_limited() -> None:
    """One request was refused because its caller's bucket was empty."""
    _limited.inc()


def rate_lease(outcome: Literal["taken", "held", "failed"]) -> None:
    """A cell of a shared bucket was asked for: taken, held by another process, or the store failed."""
    _leases.labels(_one_of(outcome, {"taken", "held", "failed"})).inc()


def writer_queue(waiting: int) -> None:
    """So many appends wait for the next commit."""
    _queue.set(waiting)


def committed(appends: int, seconds: float) -> None:
    """The writer committed so many appends together, in so long."""
    _group.observe(appends)
    _commit.observe(seconds)


def projection(name: str, *, positions: int, seconds: float, parked: int = 0) -> None:
    """How far a projection is behind the record, and how many items stand aside."""
    name = _one_of(name, _projections)
    _behind.labels(name).set(positions)
    _behind_seconds.labels(name).set(seconds)
    _parked.labels(name).set(parked)


def ledger_lag(seconds: float) -> None:
    """For how long there have been items that no checkpoint covers."""
    _ledger.set(seconds)


def relay_lag(direction: Direction, records: int) -> None:
    """How many records the relay has yet to take in, or to send."""
    _relay.labels(_one_of(direction, DIRECTIONS)).set(records)


def notice(outcome: Literal["recorded", "sent", "withheld", "failed"], count: int = 1) -> None:
    """What became of notices."""
    _notices.labels(_one_of(outcome, NOTICES)).inc(count)


def ticked(missed: int, seconds: float) -> None:
    """The ticker made a round: so many deadlines were found missed, in so long."""
    _missed.inc(missed)
    _ticks.observe(seconds)


def ready(part: str, able: bool) -> None:
    """Whether a part can do its work, as the last look at it found."""
    _ready.labels(_one_of(part, PARTS)).set(1 if able else 0)


def metrics_text() -> bytes:
    """All metrics in the text form of Prometheus; where workers share a folder, those of all of them.

    Units: durations and lags in seconds.
    """
    folder = os.environ.get(_SHARED_FOLDER)
    if not folder:
        return generate_latest(_REGISTRY)
    together = CollectorRegistry()
    MultiProcessCollector(together, folder)  # type: ignore[no-untyped-call]
    return generate_latest(together)


def share_between_workers(folder: Path) -> None:
    """Have the workers that this process starts from now on count into one folder.

    1. Empty the folder: numbers of workers of an earlier start would be added.
    2. Tell the workers through their environment: what a process counts into is settled when this module
       is first imported there, so the caller starts them by spawning and not by forking.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in folder.glob("*.db"):  # 1.
        left.unlink()
    os.environ[_SHARED_FOLDER] = str(folder)  # 2.


def worker_ended(pid: int) -> None:
    """Forget what only holds of a running worker (its queue, its readiness); what it counted stays."""
    if folder := os.environ.get(_SHARED_FOLDER):
        mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]


def _one_of(value: str, words: Collection[str]) -> str:
    return value if value in words else OTHER
