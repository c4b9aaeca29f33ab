"""The database at one moment, while people go on writing: a copy of the SQLite file, or one long transaction on PostgreSQL."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from django.db import connection, connections

from chatroom.backup.archive import PIECE, Writer
from core.atomic import PART
from core.sql import unmapped

DATABASE = "database/"
SQLITE_MEMBER = "database/db.sqlite3"
PART_SIZE = 4 * 2**20  # bytes of a table in one member: how long a table is is known only at its end
Step = Callable[[int], None]  # told of bytes


class SqliteSnapshot:
    """A copy made by VACUUM INTO: without free pages, so nothing that was deleted is in it."""

    vendor = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = path.stat().st_size
        self.database = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)

    def rows(self, statement: str) -> Iterator[tuple]:
        """Rows, read while they are used."""
        return iter(self.database.execute(statement))

    def write(self, archive: Writer, step: Step) -> dict[str, Any]:
        """The copy as one member; what the manifest says of the tables."""
        with self.path.open("rb") as file:
            archive.add(SQLITE_MEMBER, self.size, stepping(iter(partial(file.read, PIECE), b""), step))
        tables = [name for (name,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        own = [name for name in tables if not name.startswith(("sqlite_", "messaging_search"))]
        return {"tables": {name: next(self.rows(f'SELECT COUNT(*) FROM "{name}"'))[0] for name in own}}  # noqa: S608


class PostgresSnapshot:
    """A transaction that sees one moment, however long it lasts."""

    vendor = "postgresql"

    def __init__(self, database: Any) -> None:
        self.database = database
        with database.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SELECT pg_database_size(current_database())")  # the moment is that of the first question
            self.size = cursor.fetchone()[0]

    def rows(self, statement: str) -> Iterator[tuple]:
        """Rows, read while they are used."""
        with self.database.chunked_cursor() as cursor:
            cursor.execute(statement)
            while page := cursor.fetchmany(2000):
                yield from page

    def write(self, archive: Writer, step: Step) -> dict[str, Any]:
        """Each table as members of some megabytes, in the text form of COPY; what the manifest says of them."""
        tables, columns = {}, {}
        with self.database.cursor() as cursor:
            for table in sorted(self.database.introspection.table_names(cursor)):
                described = self.database.introspection.get_table_description(cursor, table)
                columns[table] = [column.name for column in described]
                tables[table] = self._copy(cursor, archive, table, columns[table], step)
            cursor.execute(
                "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema() AND last_value IS NOT NULL"
            )
            sequences = dict(cursor.fetchall())
        return {"tables": tables, "columns": columns, "sequences": sequences}

    def _copy(self, cursor: Any, archive: Writer, table: str, columns: list[str], step: Step) -> int:
        part, number = bytearray(), 0
        with cursor.copy(f"COPY {quoted(table)} ({', '.join(map(quoted, columns))}) TO STDOUT") as copy:
            for data in copy:
                part += data
                if len(part) >= PART_SIZE:
                    archive.add(f"{DATABASE}{table}.{number:06}", len(part), stepping([bytes(part)], step))
                    part, number = bytearray(), number + 1
        archive.add(f"{DATABASE}{table}.{number:06}", len(part), stepping([bytes(part)], step))
        return int(cursor.rowcount)


Snapshot = SqliteSnapshot | PostgresSnapshot


def quoted(name: str) -> str:
    """A name in SQL."""
    return connection.ops.quote_name(name)


def stepping(pieces: Iterable[bytes], step: Step) -> Iterator[bytes]:
    """The pieces, told of on the way."""
    for piece in pieces:
        yield piece
        step(len(piece))


@contextmanager
def take_snapshot(folder: Path) -> Iterator[Snapshot]:
    """The database as it is now; `folder` has the copy of SQLite while it is needed."""
    if connection.vendor == "sqlite":
        copy = folder / f".db.{secrets.token_hex(4)}{PART}"
        try:
            copy_sqlite(copy)
            snapshot = SqliteSnapshot(copy)
            with closing(snapshot.database):
                yield snapshot
        finally:
            copy.unlink(missing_ok=True)
        return
    own = connections.create_connection("default")
    try:
        own.set_autocommit(False)
        yield PostgresSnapshot(own)
        own.rollback()
    finally:
        own.close()


def copy_sqlite(path: Path) -> None:
    """A consistent copy for the owner alone. Writers go on meanwhile: what they write waits in the log of SQLite."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with unmapped(), connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(path)])
