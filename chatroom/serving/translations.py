"""Compiles .po to .mo with polib, so that no gettext is needed on the machine."""

import os
from pathlib import Path

import polib


def compile_translations(folder: Path) -> int:
    """Writes the .mo of every .po in `folder` that is newer; the number written."""
    written = 0
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        draft = target.with_name(f"{target.name}.{os.getpid()}")
        polib.pofile(str(source)).save_as_mofile(str(draft))
        draft.replace(target)  # whole or not at all: another process may read it now
        written += 1
    return written
