"""Writing an export, by whoever asks for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from audit.chain import quiet
from audit.entries import Position, Wanted, entries
from audit.formats import FORMATS, written
from core.atomic import atomic_file
from core.refusal import Refusal
from core.sql import unmapped

REST = 0.5  # of the time worked, for those who chat meanwhile
Step = Callable[[float, int], None]
BAD_TIME = _("“%(text)s” is not a day (2026-11-21) or a time (2026-11-21T22:22:22).")


def write(
    out: IO[bytes], form: str, wanted: Wanted, ends: dict[str, int], step: Step = quiet, *, gently: bool = False
) -> int:
    """Write the document; answers how many entries it has. Asked for twice with the same `ends`, it is the same."""
    position = Position(ends)
    done, since = 0, time.monotonic()
    with unmapped():
        for piece, done in written(entries(wanted, position), FORMATS[form](site_zone(), wanted)):
            out.write(piece)
            step(position.share, done)
            if gently:
                time.sleep((time.monotonic() - since) * REST)
                since = time.monotonic()
    return done


def write_file(
    path: Path, form: str, wanted: Wanted, ends: dict[str, int], step: Step = quiet, *, gently: bool = False
) -> int:
    """The same as a file, which is there when it is whole."""
    with atomic_file(path) as out:
        return write(out, form, wanted, ends, step, gently=gently)


def site_zone() -> ZoneInfo:
    """The zone in which times are written, and read in filters."""
    return ZoneInfo(settings.TIME_ZONE)


def moment_of(text: str, *, end: bool = False) -> datetime | None:
    """A day or a time as people write it, in the site's zone; as an `end`, a day counts whole. Raises Refusal."""
    text = text.strip()
    if not text:
        return None
    try:
        day: date | None = parse_date(text)
        found = datetime.combine(day, clock()) if day else parse_datetime(text)
    except ValueError:
        found = None
    if found is None or not 1970 <= found.year < 9000:  # further away, zones cannot be reckoned with
        raise Refusal("bad_time", BAD_TIME, 400, text=text[:40])
    if day and end:
        found += timedelta(days=1)
    return found if found.tzinfo else found.replace(tzinfo=site_zone())
