"""A PostgreSQL server of the tests' own, on this machine."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

SECONDS_TO_START = 20
#: The system user of Debian's package; the server refuses to run as root.
OWNER = "postgres"


@dataclass
class Server:
    """Where it listens, and who may do everything there."""

    port: int
    user: str = "hourcast_owner"
    password: str = "s3cret/@:%"

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    def connect(self, database="postgres"):
        import psycopg

        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=self.user,
            password=self.password,
            dbname=database,
            autocommit=True,
        )


def _programs() -> Path | None:
    """The folder of the server's programs: the newest of Debian's, or where the path leads."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    found = versions[-1] if versions else shutil.which("initdb")
    return Path(found).parent if found else None


def _fetched() -> Path | None:
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", "postgresql"]):
        waiting = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300", *command]
        subprocess.run(waiting, env=quiet, check=False, capture_output=True, timeout=600)
    return _programs()


def _installed() -> Path:
    """The programs, fetched from Debian when we may; without them the tests are left out, but never in CI."""
    programs = _programs()
    if programs is None and os.geteuid() == 0 and shutil.which("apt-get"):
        # Several workers may come here at once.
        with FileLock(Path(tempfile.gettempdir()) / "hourcast-apt-get.lock"):
            programs = _programs() or _fetched()
    if programs is None:
        missing = "PostgreSQL is not installed: apt-get install postgresql"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{missing}; CI must try it.")
        pytest.skip(missing)
    return programs


class Own(Server):
    """A server that can be stopped and started."""

    def start(self):
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "off",
            "timezone": "Asia/Tokyo",
        }
        command = [self.programs / "postgres", "-D", self.folder / "data", "-p", str(self.port)]
        command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, **self.who)
        _wait(self, self.process, self.folder / "log")

    def stop(self):
        # A fast shutdown, by its own process id.
        self.process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def own_server():
    """A PostgreSQL server with password checks, gone with all its data afterwards."""
    programs = _installed()
    root = os.geteuid() == 0
    who = {"user": OWNER, "group": OWNER, "extra_groups": []} if root else {}
    folder = Path(tempfile.mkdtemp(prefix="hourcast-postgres-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = Own(free.getsockname()[1])
    server.programs, server.folder, server.who = programs, folder, who
    try:
        (folder / "password").write_text(server.password)
        for path in (folder, folder / "password") if root else ():
            shutil.chown(path, OWNER, OWNER)
        options = [f"--username={server.user}", "--auth=scram-sha-256", f"--pwfile={folder / 'password'}"]
        options += ["--no-sync", "--no-instructions", "--encoding=UTF8", "--locale=C"]
        command = [programs / "initdb", "-D", folder / "data", *options]
        made = subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder, **who)
        assert made.returncode == 0, made.stderr
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server for all tests."""
    with own_server() as server:
        yield server


def _wait(server, process, log):
    import psycopg

    until = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            server.connect().close()
        except psycopg.OperationalError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.05)
        else:
            return


@pytest.fixture
def postgres_url(postgres, monkeypatch):
    """The URL of a database of the test's own, its password behind a variable of the environment."""
    name = f"db_{secrets.token_hex(8)}"
    with postgres.connect() as connection:
        connection.execute(f"CREATE DATABASE {name}")
    monkeypatch.setenv("TEST_PG_PASSWORD", postgres.password)
    return f"postgresql://{postgres.user}:${{TEST_PG_PASSWORD}}@{postgres.place}/{name}"
