"""Starts the program that reads strangers' files; two at a time, so that the chat stays fast."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).parent / "child"
AVATAR_SIZES = (256, 64)
GENTLE, BRISK = (
    19,
    10,
)  # niceness: the chat does not feel the first, which hardly runs on a full machine; the second gets a tenth there
GENTLE_SECONDS, GENTLE_SPEED = 6.0, 32 * 2**20  # how long the first is tried: for a picture, and bytes a second more
WALL_SECONDS = 90.0  # the program's own limit counts the processor's time; this is for a machine that is busy otherwise
TYPES = {
    "image": {"image/jpeg", "image/png", "image/webp", "image/gif"},
    "audio": {"audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav", "audio/webm", "audio/flac"},
    "video": {"video/mp4", "video/webm"},
    "file": {"application/octet-stream"},
}
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_running = threading.BoundedSemaphore(2)


class BadFileError(Exception):
    """It claims to be a picture, and cannot be read as one within the limits."""


class BusyError(Exception):
    """It is the machine, not the file: to be tried again."""


@dataclass(frozen=True)
class Facts:
    """What the program found. Sizes in pixels, times in milliseconds."""

    kind: str
    type: str
    sha256: str
    width: int = 0
    height: int = 0
    duration: int = 0
    animated: bool = False
    frames: int = 0
    color: str = ""
    changed: bool = False  # in its place: a film tells no longer where it was taken


@contextmanager
def turn(wait: float | None = None) -> Iterator[None]:
    """Wait until fewer than two others are at it. Raises BusyError after `wait` seconds."""
    if not _running.acquire(timeout=-1 if wait is None else wait):
        raise BusyError
    try:
        yield
    finally:
        _running.release()


def examine(source: Path, out: Path, alive: Callable[[], object] = bool) -> Facts:
    """What a file is; of a picture `clean`, `preview` and, when it moves, `still` are in `out` then. To be called in one's turn.

    `alive` is called between two tries, for whoever must hear of us in time. Raises BadFileError, BusyError.
    """
    try:
        answer = _run("facts", source, out, GENTLE_SECONDS + source.stat().st_size / GENTLE_SPEED, GENTLE)
    except BusyError:
        alive()
        answer = _run("facts", source, out, WALL_SECONDS, BRISK)
    return _checked(answer)


def make_avatar(data: bytes, wait: float = 20.0) -> list[bytes]:
    """The middle of the picture as WebP in each of AVATAR_SIZES. Raises BadFileError, BusyError."""
    with tempfile.TemporaryDirectory(prefix="avatar-") as folder, turn(wait):
        source = Path(folder) / "source"
        source.write_bytes(data)
        _run("avatar", source, Path(folder), wait, BRISK)
        return [(Path(folder) / str(size)).read_bytes() for size in AVATAR_SIZES]


def _run(task: str, source: Path, out: Path, seconds: float, nice: int) -> bytes:
    program = [sys.executable, "-I", str(PROGRAM), task, str(source), str(out), str(nice)]
    nothing: dict[str, str] = {}
    try:
        # the program is ours; what is not ours reaches it as the content of a file only
        done = subprocess.run(program, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, env=nothing)  # noqa: S603
    except (subprocess.TimeoutExpired, OSError) as error:
        raise BusyError from error
    if done.returncode:
        raise BadFileError(done.stderr.decode(errors="replace").strip().rpartition("\n")[2][:200])
    return done.stdout


def _checked(answer: bytes) -> Facts:
    """A program that a file has taken over must not get further than its own file: nothing it says is taken unseen."""
    try:
        told: dict[str, Any] = json.loads(answer)
        facts = Facts(**told)
    except (ValueError, TypeError) as error:
        raise BadFileError("no facts") from error
    numbers = (facts.width, facts.height, facts.duration, facts.frames)
    good = (
        type(facts.kind) is type(facts.type) is str
        and facts.type in TYPES.get(facts.kind, ())
        and all(type(number) is int and 0 <= number < 2**31 for number in numbers)
        and type(facts.animated) is type(facts.changed) is bool
        and re.fullmatch(r"[0-9a-f]{64}", str(facts.sha256))
        and re.fullmatch(r"(#[0-9a-f]{6})?", str(facts.color))
    )
    if not good:
        raise BadFileError("impossible facts")
    return facts
