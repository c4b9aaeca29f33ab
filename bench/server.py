"""The real server for benches and fault tests: its own data folder, accounts, load and processes."""

import contextlib
import http.client
import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.client import Address
from bench.process import ROOT, Process, python

PASSWORD = "load-7-Tulips"  # of all accounts of a load


@dataclass(frozen=True)
class Load:
    """What `make_load` made: session cookies and ids, in the order of the users."""

    users: list[int]
    names: list[str]
    cookies: list[str]
    conversations: list[int]
    directs: list[tuple[int, int, int]]  # conversation, index of one user, index of the other

    @classmethod
    def read(cls, file: Path) -> "Load":
        """From the command's file."""
        data = json.loads(file.read_text())
        return cls(
            data["users"], data["names"], data["cookies"], data["conversations"], [tuple(d) for d in data["directs"]]
        )


class Server:
    """`manage.py serve` on one data folder; may be started many times."""

    def __init__(
        self, data: Path, port: int, env: Mapping[str, str] | None = None, options: Sequence[str] = ()
    ) -> None:
        self.data, self.port, self.options = data, port, list(options)
        self.address = Address(port)
        own = {
            "CHATROOM_BENCH": "1",
            "CHATROOM_DATA": str(data),
            "CHATROOM_SECRET_KEY": "bench",
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "PYTHONUNBUFFERED": "1",
        }
        self.env = {**own, **(env or {})}
        self.process: Process
        self.log = data / f"serve-{port}.log"
        data.mkdir(parents=True, exist_ok=True)

    def manage(self, *arguments: str) -> str:
        """Runs a management command beside the server; its output."""
        command = [python(), "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, **self.env}, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
        return done.stdout

    def start(self, timeout: float = 180) -> Process:
        """Starts and waits until /healthz answers 200."""
        if self.healthy():
            raise RuntimeError(f"another server listens on port {self.port}")
        collected = os.environ.get("CHATROOM_COLLECTED", "")  # of an earlier start: compressing takes seconds
        if collected and Path(collected).exists() and not (self.data / "static").exists():
            shutil.copytree(collected, self.data / "static")
        serve = [
            python(),
            "manage.py",
            "serve",
            "--data",
            str(self.data),
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
        ]
        self.process = Process([*serve, *self.options], self.log, self.env)
        self.process.wait_until(self.healthy, timeout)
        if collected and not Path(collected).exists():
            part = Path(f"{collected}.{self.process.pid}")
            shutil.copytree(self.data / "static", part)
            with contextlib.suppress(OSError):  # somebody else was first
                part.rename(collected)
        return self.process

    def close(self) -> None:
        """Ends what still runs."""
        if hasattr(self, "process") and self.process.popen.poll() is None:
            self.process.kill()

    def healthy(self) -> bool:
        """Whether /healthz answers 200."""
        try:
            return self.get("/healthz")[0] == 200
        except OSError:
            return False

    def load(self, **counts: Any) -> Load:
        """Makes accounts, conversations and messages with `make_load`; the database must be migrated."""
        out = self.data / "load.json"
        arguments = [f"--{name}={value}" for name, value in counts.items()]
        self.manage("make_load", *arguments, f"--out={out}")
        return Load.read(out)

    def beside(self, port: int, env: Mapping[str, str] | None = None, options: Sequence[str] = ()) -> "Server":
        """One more process on the same data folder and databases."""
        return Server(self.data, port, {**self.env, **(env or {})}, options or self.options)

    def get(self, path: str, cookie: str = "", timeout: float = 10) -> tuple[int, bytes]:
        """Status and body of one GET."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def history(self, conversation: int, cookie: str) -> list[dict[str, Any]]:
        """All messages of a conversation in order, page by page over HTTP."""
        messages: list[dict[str, Any]] = []
        more = True
        while more:
            after = messages[-1]["seq"] if messages else 0
            status, body = self.get(f"/api/conversations/{conversation}/messages?after={after}&limit=100", cookie)
            if status != 200:
                raise RuntimeError(f"history: {status} {body[:300]!r}")
            page = json.loads(body)
            messages += page["messages"]
            more = page["more_after"]
        return messages
