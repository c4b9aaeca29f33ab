"""The word index of messages: FTS5 on SQLite, tsvector with GIN on PostgreSQL; the words and their meaning are the same on both.

Every word is kept together with its conversation (`7·duong`), so that what a search reads grows with the hits in one's own conversations, not with how
common the word is on the whole site. `7··3` says that user 3 wrote it, `7··file` that it is a file. Positions are not kept: what the index finds is
compared with the text itself. Entries are written in the transaction that writes the message.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

from django.db import OperationalError, connection, transaction

from core.folding import words_of
from core.query import Need
from core.sql import rows
from messaging.files import carried_by, names_in, searched

TABLE = "messaging_search"
AT_ONCE = {
    "sqlite": 400,
    "postgresql": 4,
}  # conversations in one expression: PostgreSQL looks at all of it for every hit
FEW = {
    "sqlite": 1,
    "postgresql": 3,
}  # words asked for first: PostgreSQL visits a row for each hit, SQLite reads a list for each word
REBUILT = 2000  # messages indexed at once when all are
MERGED = 100  # pages that one step of `compact` writes
PATIENCE_MS = 2000  # after which PostgreSQL gives a question up
CANCELLED = "57014"  # how it tells that
# PostgreSQL does not know how rare these words are and would rather read the whole table. What it visits is mostly in memory:
# fetching it ahead by other processes costs more than reading it (18: 40 to 67 ms instead of 23).
PLANNER = {
    "enable_seqscan": "off",
    "enable_indexscan": "off",
    "enable_indexonlyscan": "off",
    "jit": "off",
    "effective_io_concurrency": "0",
    "statement_timeout": str(PATIENCE_MS),
}
# Goes with the question in one message, which is a transaction of its own: four ways there and back were a tenth of a search.
PREPARED = "SELECT " + ", ".join(f"set_config('{name}', '{value}', true)" for name, value in PLANNER.items()) + ";"


class TooSlow(Exception):  # noqa: N818 - an answer
    """The index did not answer in time."""


class Entry(NamedTuple):
    """What is indexed of a message."""

    id: int
    conversation: int
    sender: int | None
    kind: str
    body: str


def entry_of(message: Any) -> Entry:
    """A row of messages as it is indexed."""
    return entries_of([message])[0]


def entries_of(messages: Iterable[Any]) -> list[Entry]:
    """Rows of messages as they are indexed, with the names of what they carry."""
    return _with_names([Entry(m.pk, m.conversation_id, m.sender_id, m.kind, m.body) for m in messages])


def _with_names(entries: list[Entry]) -> list[Entry]:
    loaded = [entry.id for entry in entries if entry.kind == "file"]
    if not loaded:
        return entries
    carried = carried_by(loaded)
    return [
        e._replace(body=searched(e.body, names_in(carried.get(e.id, {})))) if e.kind == "file" else e for e in entries
    ]


def _words(entry: Entry) -> list[str]:
    place = f"{entry.conversation:x}·"
    found = [place + word for word in words_of(entry.body)]
    if entry.sender is not None:
        found.append(f"{place}·{entry.sender:x}")
    if entry.kind == "file":
        found.append(f"{place}·file")
    return found


def stored(entry: Entry) -> str:
    """The words of a message in the database's form."""
    if connection.vendor == "sqlite":
        return " ".join(_words(entry))
    return " ".join(f"'{word}'" for word in _words(entry))  # no word has a quote or a backslash in it


def _execute(sql: str, entries: Sequence[Entry], one: str) -> None:
    with connection.cursor() as cursor:
        params = [value for entry in entries for value in (entry.id, stored(entry))]
        cursor.execute(f"INSERT INTO {TABLE}{sql.format(','.join([one] * len(entries)))}", params)


def add(entries: Sequence[Entry]) -> None:
    """Index new messages; part of the transaction that writes them."""
    if not entries:
        return
    if connection.vendor == "sqlite":
        _execute("(rowid, words) VALUES {}", entries, "(%s,%s)")
    else:
        again = "ON CONFLICT (message_id) DO UPDATE SET words = excluded.words"
        _execute(f"(message_id, words) VALUES {{}} {again}", entries, "(%s,%s::tsvector)")


def remove(entries: Sequence[Entry]) -> None:
    """Take messages out, given as they were indexed; nothing of their words stays."""
    if not entries:
        return
    if connection.vendor == "sqlite":
        _execute(f"({TABLE}, rowid, words) VALUES {{}}", entries, "('delete',%s,%s)")
    else:
        rows(f"DELETE FROM {TABLE} WHERE message_id = ANY(%s) RETURNING message_id", [[entry.id for entry in entries]])  # noqa: S608


def candidates(
    conversations: Sequence[int], needs: Iterable[Need], marks: Iterable[str], low: int, below: int, limit: int
) -> list[int]:
    """Ids from `low` to under `below`, highest first, of messages there that have all these words, beginnings and marks (`·3`, `·file`). Raises TooSlow."""
    wanted = [(need.word, need.beginning) for need in needs] + [(f"·{mark}", False) for mark in marks]
    size = AT_ONCE[connection.vendor]
    blocks = [conversations[start : start + size] for start in range(0, len(conversations), size)]
    if connection.vendor == "sqlite":
        sql = f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s AND rowid >= %s AND rowid < %s ORDER BY rowid DESC LIMIT %s"  # noqa: S608
        found = [id for block in blocks for (id,) in rows(sql, [_match(block, wanted), low, below, limit])]
        return sorted(found, reverse=True)[:limit]
    from_low, lowest = (" AND message_id + 0 >= %s", [low]) if low else ("", [])
    sql = (
        f"{PREPARED} SELECT f.id FROM unnest(%s::text[]) q(words) CROSS JOIN LATERAL (SELECT message_id AS id FROM {TABLE}"  # noqa: S608
        f" WHERE words @@ q.words::tsquery{from_low} AND message_id + 0 < %s) f ORDER BY f.id DESC LIMIT %s"
    )
    try:
        with transaction.atomic() if connection.in_atomic_block else nullcontext(), connection.cursor() as cursor:
            cursor.execute(sql, [[_tsquery(block, wanted) for block in blocks], *lowest, below, limit])
            cursor.nextset()
            return [id for (id,) in cursor.fetchall()]
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != CANCELLED:
            raise
        raise TooSlow from error


def _match(conversations: Sequence[int], wanted: list[tuple[str, bool]]) -> str:
    each = [[f'"{place:x}·{word}"{"*" if start else ""}' for word, start in wanted] for place in conversations]
    return " OR ".join(f"({' AND '.join(one)})" for one in each)


def _tsquery(conversations: Sequence[int], wanted: list[tuple[str, bool]]) -> str:
    each = [[f"'{place:x}·{word}'{':*' if start else ''}" for word, start in wanted] for place in conversations]
    return " | ".join(f"({' & '.join(one)})" for one in each)


def create(cursor: Any, vendor: str) -> None:
    """Make the empty index."""
    if vendor == "postgresql":
        cursor.execute(f"CREATE TABLE {TABLE} (message_id bigint PRIMARY KEY, words tsvector NOT NULL)")
        cursor.execute(f"CREATE INDEX {TABLE}_words ON {TABLE} USING gin (words) WITH (fastupdate = off)")
        return
    cursor.execute(
        f"CREATE VIRTUAL TABLE {TABLE} USING fts5(words, content='', detail=none, columnsize=0, tokenize=\"ascii tokenchars '$'\")"
    )
    cursor.execute("SELECT sqlite_version()")
    options = {"usermerge": 2, "secure-delete": 1}
    if tuple(int(part) for part in cursor.fetchone()[0].split(".")) < (3, 42, 0):
        del options["secure-delete"]
    for name, value in options.items():
        cursor.execute(f"INSERT INTO {TABLE}({TABLE}, rank) VALUES (%s, %s)", [name, value])  # noqa: S608


def existing() -> Iterator[list[Entry]]:
    """All messages that belong in the index."""
    last = 0
    while True:
        found = rows(
            "SELECT id, conversation_id, sender_id, kind, body FROM messaging_message WHERE id > %s AND kind <> 'system'"
            " AND recalled_at IS NULL ORDER BY id LIMIT %s",
            [last, REBUILT],
        )
        if not found:
            return
        last = found[-1][0]
        yield _with_names([Entry(*row) for row in found])


def fill() -> None:
    """Index what is there already; for the migration."""
    for entries in existing():
        for start in range(0, len(entries), 200):
            add(entries[start : start + 200])


def compact(whole: bool = False) -> int:
    """Merge the pieces that many small transactions have left, in short steps; `whole` into one. Answers how many steps.

    A search looks into each piece, so their number is what it waits for.
    """
    if connection.vendor != "sqlite":
        return 0
    steps = 0
    while True:
        before = connection.connection.total_changes if connection.connection is not None else 0
        with connection.cursor() as cursor:
            pages = -MERGED if whole and not steps else MERGED
            cursor.execute(f"INSERT INTO {TABLE}({TABLE}, rank) VALUES ('merge', %s)", [pages])  # noqa: S608
        steps += 1
        if connection.connection.total_changes - before < 2 or steps > 10_000:
            return steps
