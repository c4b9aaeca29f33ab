"""Room on the disk: so much stays free for the database, the log and what is being worked on; nobody else may write there then."""

from __future__ import annotations

import shutil
from pathlib import Path

FREE_BYTES, FREE_SHARE = 500 * 2**20, 0.05  # what has to stay free


def least_free(total: int) -> float:
    """Bytes that have to stay free on a disk of this size."""
    return max(FREE_BYTES, FREE_SHARE * total)


def spare(folder: Path) -> int:
    """Bytes that may still be written to the disk of a folder; below zero where too little is free already."""
    usage = shutil.disk_usage(folder)
    return usage.free - int(least_free(usage.total))
