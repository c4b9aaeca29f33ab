"""Archives for tests of backups: as we write them, with anything in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from chatroom.backup.archive import Writer
from core.refusal import Refusal

ROOM = 2**40  # bytes: for any archive


def refused(call: Callable, *arguments: Any) -> Refusal:
    """The refusal that comes of a call."""
    with pytest.raises(Refusal) as caught:
        call(*arguments)
    return caught.value


def archive_of(path: Path, *members: tuple[str, bytes], **manifest: Any) -> str:
    """An archive as we write them, with anything in it."""
    with path.open("wb") as out:
        writer = Writer(out)
        for name, data in members:
            writer.add(name, len(data), [data])
        facts = {
            "vendor": connection.vendor,
            "made_at": "",
            "files": True,
            "migrations": [],
            "tables": {},
            "columns": {},
            "sequences": {},
            "head": [0, ""],
        }
        writer.close(facts | manifest)
    return str(path)
