"""Several processes behind one address: a supervisor that serves nothing, and hubs that share its socket."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from typing import Final

from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from hub.cli.compose import compose, open_store
from hub.cli.draining import Draining
from hub.cli.memory import put_together
from hub.cli.serving import Listening, application, configuration
from hub.metrics import process_started, worker_ended
from hub.settings import load_settings

_WORKER: Final = "hub.cli.workers:worker"


class Supervisor(Multiprocess):
    """Uvicorn's: starts the workers, replaces one that died or hangs, hands signals on and waits.

    Shape: `told` says whether it ended because it was told to.
    """

    told = False

    def handle_int(self) -> None:
        """Ctrl-C."""
        self._end()

    def handle_term(self) -> None:
        """SIGTERM."""
        self._end()

    def keep_subprocess_alive(self) -> None:
        """Replace a worker that is gone or hangs, and forget the numbers that only held while it ran."""
        before = {one.pid for one in self.processes}
        super().keep_subprocess_alive()
        for pid in before - {one.pid for one in self.processes}:
            if pid is not None:
                worker_ended(pid)

    def terminate_all(self) -> None:
        """Let go of the socket too: who connects after the last worker is refused, not kept waiting."""
        for one in self.sockets:
            one.close()
        super().terminate_all()

    def _end(self) -> None:
        self.told = True
        self.should_exit.set()


def serve_with_workers(at: Listening) -> bool:
    """Serve until told; False where it could not listen or its workers cannot start.

    Shape: every worker reads the settings by itself, from the environment.
    """
    config = configuration(_WORKER, at)
    try:
        socket = config.bind_socket()
    except SystemExit:
        return False
    supervisor = Supervisor(config, [socket])
    supervisor.run()
    return supervisor.told


def worker() -> ASGIApp:
    """One worker's application on a hub of its own, which is closed after the last answer.

    Raises: HubError store, and then the supervisor starts another.
    """
    _end_with_parent()
    hub = compose(open_store(load_settings()))
    process_started("api", hub.store.clock.wall().timestamp())
    hub.services.log.part("part-started", "worker")
    app = Draining(application(hub), hub.close)
    put_together()
    return app


def _end_with_parent() -> None:
    """A worker whose supervisor was killed would hold the address against the next one for ever."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def follow() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=follow, name="parent", daemon=True).start()
