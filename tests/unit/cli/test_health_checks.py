"""`hub health`: whether a process answers well, cheaply enough to be asked every few seconds."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hub.cli import health
from tests.support.hub_process import free_port


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status = int(self.path.strip("/"))
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/200")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.req("H-03")
def test_only_200_is_well(address: str) -> None:
    assert health.is_well(f"{address}/200")
    assert not any(health.is_well(f"{address}/{status}") for status in (204, 302, 404, 500, 503))


@pytest.mark.req("H-03")
def test_nobody_there_or_no_address_is_not_well() -> None:
    for url in (
        f"http://127.0.0.1:{free_port()}/",
        "https://127.0.0.1/",
        "ftp://x/",
        "",
        "http://",
        "http://x:y/",
    ):
        assert not health.is_well(url)


@pytest.mark.req("H-03")
def test_who_accepts_and_never_answers_is_not_well(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.setattr(health, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert not health.is_well(f"http://127.0.0.1:{silent.getsockname()[1]}/")


@pytest.mark.parametrize(
    ("listen", "address"),
    [
        (None, "http://127.0.0.1:8080/readyz"),
        ("0.0.0.0:9000", "http://127.0.0.1:9000/readyz"),
        ("10.0.0.7:80", "http://10.0.0.7:80/readyz"),
        ("[::]:9000", "http://127.0.0.1:9000/readyz"),
    ],
)
def test_without_an_address_this_machine_is_asked(
    listen: str | None, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HUB_LISTEN", raising=False)
    if listen is not None:
        monkeypatch.setenv("HUB_LISTEN", listen)
    assert health.own_address() == address


@pytest.mark.req("H-03")
@pytest.mark.parametrize(("path", "code"), [("200", 0), ("503", 1)])
def test_the_command_ends_with_0_or_1_and_loads_no_hub(address: str, path: str, code: int) -> None:
    program = (
        "import sys; from hub.cli import main\n"
        f"sys.argv = ['hub', 'health', '{address}/{path}']\n"
        "try: main()\n"
        "except SystemExit as end: code = end.code\n"
        "assert not {'fastapi', 'cryptography', 'pydantic', 'typer'} & set(sys.modules), 'too dear'\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert done.returncode == code, done.stderr
