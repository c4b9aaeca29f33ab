"""`python -I core/media/child facts|avatar SOURCE OUT NICE`: reads a file that nobody vouches for, in a process with bounded memory and time.

Nothing of ours is imported but the modules beside this one, and the environment is empty. What it makes lies in the folder OUT
afterwards, what it found is one JSON object on its standard output; an exit status other than 0 says that this is no file to show.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

MEMORY = 512 * 1024 * 1024
SECONDS = 10
WRITTEN = 256 * 1024 * 1024
HASHED_A_SECOND = 64 * 1024 * 1024  # by a slow machine


def limit(size: int, nice: int) -> None:
    """Takes away from this process what a hostile file could use up, and lets the chat go first."""
    try:
        import resource
    except ImportError:  # no such limits on this system; the caller's clock still runs
        return
    os.nice(nice)
    if hasattr(os, "sched_setscheduler"):  # never in the way of what wakes up (Linux)
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    seconds = SECONDS + size // HASHED_A_SECOND
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, max(WRITTEN, size)),  # a film is made clean in its place
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def main(task: str, source: Path, out: Path, nice: int) -> None:
    """Does one of the two tasks."""
    limit(source.stat().st_size, nice)
    if task == "avatar":
        import avatar

        avatar.make(source, out)
    else:
        import facts

        json.dump(facts.find(source, out), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
