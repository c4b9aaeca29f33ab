"""A server process under measurement: started, watched through /proc, ended."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
T = TypeVar("T", int, float)


class Process:
    """A subprocess with a log file, whose CPU and memory are those of its whole tree."""

    def __init__(self, command: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> None:
        self.log = log
        with log.open("ab") as out:
            self.popen = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, env={**os.environ, **(env or {})})
        self.pid = self.popen.pid

    def wait_until(self, ready: Callable[[], bool], timeout: float = 180) -> None:
        """Waits for a condition; fails with the end of the log."""
        end = time.monotonic() + timeout
        while not ready():
            if self.popen.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"no server (exit {self.popen.poll()}):\n{self.log.read_text()[-3000:]}")
            time.sleep(0.02)

    def tree(self) -> list[int]:
        """The process and its descendants."""
        found, queue = [], [self.pid]
        while queue:
            pid = queue.pop()
            found.append(pid)
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # the thread ended meanwhile
                    queue += [int(child) for child in task.read_text().split()]
        return found

    def cpu(self) -> float:
        """Seconds of CPU used so far, user and system, all threads."""
        return self._of_all(_cpu)

    def memory(self, field: str = "Pss", alone: bool = False) -> int:
        """Bytes of memory: `Pss` or `Rss`; `alone`: without its children."""
        return _rollup(self.pid, field) if alone else self._of_all(lambda pid: _rollup(pid, field))

    def _of_all(self, figure: Callable[[int], T]) -> T:
        """The sum over the process and its descendants, of whom some may just have ended."""
        total = figure(self.pid)
        for pid in self.tree()[1:]:
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                total += figure(pid)
        return total

    def stop(self, timeout: float = 30) -> float:
        """Ends it with SIGTERM; the seconds it took."""
        start = time.monotonic()
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
            try:
                self.popen.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
        return time.monotonic() - start

    def kill(self) -> None:
        """Ends it with SIGKILL."""
        self.popen.kill()
        self.popen.wait()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def python() -> str:
    """The interpreter of the virtual environment."""
    return sys.executable


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _rollup(pid: int, field: str) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    raise LookupError(field)
