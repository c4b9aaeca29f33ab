"""What a site holds, to compare two of them: rows, a hash chain for each conversation, and the digests of files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

Ask = Callable[[str], Iterable[tuple]]
# Ended, and gone, with a restore; the log goes on with the event of the restore.
PASSING = {
    "accounts_loginsession", "audit_event", "audit_chainhead", "audit_exportjob", "django_session", "files_upload", "realtime_connection",
    "realtime_serverprocess", "sqlite_sequence",
}  # fmt: skip


def chains(ask: Ask, heads: dict[int, int]) -> dict[int, str]:
    """Of each conversation a hash over all that its messages up to a number are."""
    found = {}
    for conversation, last in heads.items():
        digest = hashlib.sha256()
        for row in ask(
            "SELECT seq, change, id, sender_id, client_id, kind, body, html, reply_to, recalled_at FROM messaging_message"
            f" WHERE conversation_id = {conversation} AND seq <= {last} ORDER BY seq"
        ):
            digest.update(json.dumps([str(value) for value in row]).encode())
        found[conversation] = f"{last} {digest.hexdigest()}"
    return found


def heads_of(ask: Ask) -> dict[int, int]:
    """The last number of each conversation."""
    return dict(ask("SELECT id, last_seq FROM messaging_conversation"))


def counts(ask: Ask, tables: Iterable[str]) -> dict[str, int]:
    """Rows of the tables that a restore leaves as they were."""
    some = sorted(name for name in tables if name not in PASSING)
    return {name: next(iter(ask(f'SELECT COUNT(*) FROM "{name}"')))[0] for name in some}


def digests(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """SHA-256 of files under a folder."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}


def answers(rows: Any) -> Ask:
    """A connection of the DB API as one that is asked."""
    return lambda statement: rows.execute(statement).fetchall()
