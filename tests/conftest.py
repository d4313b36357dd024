"""What every test shares: no network but this machine, and a server on it that answers as told."""

from __future__ import annotations

import ipaddress
import os
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import pytest

PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


@pytest.fixture(autouse=True)
def only_this_machine(monkeypatch):
    """Fail any test that connects to another machine or looks up its name."""
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)

    def guarded_connect(self, address):
        refuse_others(address)
        return connect(self, address)

    def guarded_connect_ex(self, address):
        refuse_others(address)
        return connect_ex(self, address)

    def guarded_getaddrinfo(host, *args, **kwargs):
        refuse_others((host,))
        return getaddrinfo(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)


def refuse_others(address):
    """Fail unless the address is on this machine; a path is a local socket."""
    if not isinstance(address, tuple) or address[0] in (None, "", "localhost"):
        return
    host = address[0].decode() if isinstance(address[0], bytes) else address[0]
    try:
        local = ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        local = False
    if not local:
        # Failed, not raised: it passes through any `except Exception` on the way.
        pytest.fail(f"A test tried to reach {host}.")


@dataclass
class Answer:
    """One answer of the scripted server."""

    status: int = 200
    body: bytes = b""
    headers: dict = field(default_factory=dict)
    silence: float = 0.0  # before the answer [s]
    cut: int = 0  # bytes announced and never sent


class Loopback:
    """A server on 127.0.0.1: each path answers from its script, the last for good, or from a folder."""

    def __init__(self):
        self.scripts, self.folder = {}, None
        self.requests = []  # (path, query, headers)
        self.bodies = []  # of those that were posted
        self.released = threading.Event()
        loopback = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                loopback.bodies.append(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
                loopback.answer(self)

            def do_GET(self):
                loopback.answer(self)

            def log_message(self, *args):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                pass  # the client hung up, as some tests want it to

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def script(self, path, *answers):
        self.scripts[path] = list(answers)

    def asked(self, path=None):
        """Paths asked for, in order; or how often one of them was."""
        paths = [request[0] for request in self.requests]
        return paths if path is None else paths.count(path)

    def answer(self, handler):
        parts = urlsplit(handler.path)
        path = unquote(parts.path)
        self.requests.append((path, parts.query, dict(handler.headers)))
        answer = self.next_answer(path)
        if answer.silence:
            self.released.wait(answer.silence)
        handler.send_response(answer.status)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(answer.body) + answer.cut))
        handler.end_headers()
        handler.wfile.write(answer.body)

    def next_answer(self, path):
        if path in self.scripts:
            answers = self.scripts[path]
            return answers.pop(0) if len(answers) > 1 else answers[0]
        file = self.folder / path.lstrip("/") if self.folder else None
        if file is not None and file.is_file():
            return Answer(body=file.read_bytes(), headers={"Content-Type": "application/octet-stream"})
        return Answer(404, b"not here")

    def close(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def loopback():
    """A scripted server on 127.0.0.1."""
    server = Loopback()
    yield server
    server.close()


@pytest.fixture
def answer():
    """The class of a scripted answer."""
    return Answer


@pytest.fixture
def dead_url():
    """An address on this machine where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


@pytest.fixture(autouse=True, scope="session")
def own_data_folder(tmp_path_factory):
    """Tests keep weather and records in a folder of their own, not in the user's."""
    before = os.environ.get("HOURCAST_HOME")
    os.environ["HOURCAST_HOME"] = str(tmp_path_factory.mktemp("hourcast-home"))
    yield
    os.environ.pop("HOURCAST_HOME")
    if before is not None:
        os.environ["HOURCAST_HOME"] = before
