"""`manage.py serve` as people run it: in a process of its own."""

import http.client
import os
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.browser import Browser
from bench.process import free_port
from tests.cast import PASSWORD

ROOT = Path(__file__).parents[2]
Serve = Callable[..., "Site"]


class Site:
    """A running `serve` and its output."""

    def __init__(self, data: Path, *options: str, program: str = "manage.py") -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = data.parent / f"log-{self.port}"
        clean = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("CHATROOM_", "DATABASE_", "REDIS_"))
        }
        command = [sys.executable, program, "serve", "--data", str(data), "--port", str(self.port), *options]
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(command, cwd=ROOT, env=clean, stdout=output, stderr=output)

    def wait(self) -> None:
        """Until the address is printed."""
        end = time.monotonic() + 240
        while "Chatroom is at" not in self.output():
            assert self.process.poll() is None and time.monotonic() < end, self.output()
            time.sleep(0.05)

    def output(self) -> str:
        """All it printed."""
        return self.log.read_text()

    def get(self, path: str, host: str = "127.0.0.1", context: ssl.SSLContext | None = None) -> tuple[int, str]:
        """Status and body of a page."""
        if context:
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                "127.0.0.1", self.port, timeout=10, context=context
            )
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path, headers={"Host": host})
        response = connection.getresponse()
        body = response.read().decode(errors="replace")
        connection.close()
        return response.status, body

    def stop(self) -> float:
        """SIGTERM; the seconds until it was gone."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(15)
        return time.monotonic() - began


@pytest.fixture(scope="session")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first start leaves the static files for the others; compressing them takes seconds."""
    return tmp_path_factory.mktemp("collected") / "static"


@pytest.fixture
def serve(tmp_path: Path, collected: Path) -> Iterator[Serve]:
    """Starts `serve` on a data folder of the test."""
    running: list[Site] = []
    data = tmp_path / "data"

    def start(*options: str, **how: str) -> Site:
        if collected.exists() and not data.exists():
            data.mkdir(mode=0o700)
            shutil.copytree(collected, data / "static")
        running.append(Site(data, *options, **how))
        running[-1].wait()
        if not collected.exists():
            shutil.copytree(data / "static", collected)
        return running[-1]

    yield start
    for site in running:
        if site.process.poll() is None:
            site.process.kill()
            site.process.wait()


def test_first_start_and_the_next(serve: Serve, tmp_path: Path) -> None:
    site = serve()
    assert site.get("/healthz") == (200, "ok")
    assert site.get("/readyz")[0] == 200
    assert site.get("/", host="evil.example")[0] == 400
    assert site.get("/trust/")[0] == 404
    link = re.search(r"http://127\.0\.0\.1:\d+(/setup/\S+)", site.output())
    assert link and site.get(link[1])[0] == 200
    styles = re.findall(r'href="(/static/css/[^"]+\.css)"', site.get(link[1])[1])
    assert styles and site.get(styles[0])[0] == 200
    assert "StreamingHttpResponse" not in site.output()
    data = tmp_path / "data"
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert stat.S_IMODE((data / "db.sqlite3").stat().st_mode) == 0o600
    assert site.stop() < 10
    assert site.process.returncode == 0
    again = serve()
    assert again.get(link[1])[0] == 404  # each start makes a new link
    assert not (data / "backups").exists()


def test_the_database_is_copied_before_it_is_migrated(serve: Serve, tmp_path: Path) -> None:
    assert serve().stop() < 10
    database = tmp_path / "data" / "db.sqlite3"
    with sqlite3.connect(database) as connection:
        connection.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
        connection.execute("DROP TABLE django_session")
    site = serve()
    (copy,) = (tmp_path / "data" / "backups").iterdir()
    assert str(copy) in site.output()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT count(*) FROM accounts_user").fetchone() == (0,)
        assert not connection.execute("SELECT * FROM sqlite_master WHERE name = 'django_session'").fetchall()


def test_a_taken_port_is_told(serve: Serve, tmp_path: Path) -> None:
    site = serve()
    command = [sys.executable, "manage.py", "serve", "--data", str(tmp_path / "other"), "--port", str(site.port)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.strip() == (
        f"CommandError: Cannot listen on 127.0.0.1 port {site.port}: Address already in use; try --port {site.port + 1}"
    )
    assert not (tmp_path / "other" / "db.sqlite3").exists()


def test_https_with_its_own_authority(serve: Serve, tmp_path: Path) -> None:
    site = serve("--tls")
    trusting = ssl.create_default_context(cafile=str(tmp_path / "data" / "tls" / "ca.pem"))
    status, page = site.get("/trust/", context=trusting)
    fingerprint = re.search(r"SHA-256 (\S+)", site.output())
    assert status == 200 and fingerprint and fingerprint[1] in page
    assert site.get("/trust/chatroom-ca.crt", context=trusting) == (
        200,
        (tmp_path / "data" / "tls" / "ca.pem").read_text(),
    )
    with pytest.raises(ssl.SSLCertVerificationError):
        site.get("/", context=ssl.create_default_context())
    assert site.stop() < 10


def test_the_lan_is_warned_and_gets_a_code(serve: Serve) -> None:
    site = serve("--lan")
    assert "Warning: Without HTTPS" in site.output()
    assert "For phones: http://" in site.output() and "█" in site.output()


def test_a_thread_that_hangs_does_not_hold_the_process(serve: Serve, tmp_path: Path) -> None:
    program = tmp_path / "manage.py"
    program.write_text(
        "import sys, threading, time\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "threading.Thread(target=time.sleep, args=(60,)).start()\n"
        "import manage\nmanage.main()\n"
    )
    site = serve(program=str(program))
    assert site.stop() < 10.5
    assert "a thread did not end" in site.output()


def test_daphne_serves_too(serve: Serve) -> None:
    site = serve("--server", "daphne")
    assert site.get("/healthz") == (200, "ok")
    assert site.stop() < 10.5


def refused_start(tmp_path: Path, *options: str) -> str:
    """What `serve` says that does not start."""
    command = [sys.executable, "manage.py", "serve", "--data", str(tmp_path / "other"), *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200)
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    return done.stderr.strip()


def test_older_clients_come_in_by_a_gateway_and_go_with_the_server(serve: Serve) -> None:
    port = free_port()
    site = serve("--gateway", f"lines=127.0.0.1:{port}")
    assert re.search(rf"Older clients: lines.*127\.0\.0\.1:{port}", site.output())
    link = re.search(r"http://127\.0\.0\.1:\d+(/setup/\S+)", site.output())
    assert link
    head = {"username": "head", "display_name": "Head", "password": PASSWORD, "language": "en"}
    assert Browser(site.port, timeout=120).submit(link[1], site_name="School", **head)[0] == 302
    with socket.create_connection(("127.0.0.1", port), timeout=120) as client, client.makefile("rwb") as lines:
        for line, answer in (
            (f"1 ann {PASSWORD}", "0"),
            (f"2 ann {PASSWORD}", "2"),
            ("3 ann Everyone chào 你好", "3 ann Everyone chào 你好"),
        ):
            lines.write(f"{line}\n".encode())
            lines.flush()
            assert lines.readline().decode() == f"{answer}\n"
        took = site.stop()
        assert lines.read() == b"" and took < 10.5 and site.process.returncode == 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_a_gateway_that_cannot_be_is_refused_in_words(tmp_path: Path) -> None:
    lines = ["--gateway", f"lines=127.0.0.1:{free_port()}"]
    assert refused_start(tmp_path, *lines, "--server", "daphne") == "CommandError: --gateway needs --server uvicorn."
    told = refused_start(tmp_path, "--gateway", f"lines=0.0.0.0:{free_port()}")
    assert "can be reached from other machines" in told and "--plain" in told
    assert refused_start(tmp_path, "--gateway", "letters=127.0.0.1:7000").startswith("CommandError: --gateway:")
