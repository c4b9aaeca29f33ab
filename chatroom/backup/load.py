"""Putting the rows of a backup into an empty database: all of them, or none."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import LoginSession, User
from chatroom.backup.archive import Member, broken
from chatroom.backup.snapshot import DATABASE, SQLITE_MEMBER, quoted
from core.atomic import sync_folder
from core.refusal import Refusal
from core.sql import rows
from files.models import StoredFile, Upload
from files.storage import PREVIEW, STILL
from messaging.models import Conversation, MessageFile

OTHER = {
    "sqlite": _(
        "This backup is of a site on SQLite. Take DATABASE_URL away, or make a backup of a site on PostgreSQL."
    ),
    "postgresql": _("This backup is of a site on PostgreSQL. Set DATABASE_URL to an empty database."),
}
EMPTIED = ("django_session", "realtime_connection", "realtime_serverprocess", "audit_exportjob")


NAME = re.compile(r"[a-z0-9_]{1,63}")  # of tables, columns and sequences: they become part of statements


def check_shape(manifest: dict[str, Any]) -> None:
    """Whether a manifest has what a restore asks it for; before anything is touched. Raises Refusal."""
    kinds = {"vendor": str, "made_at": str, "files": bool, "migrations": list, "tables": dict, "head": list}
    if manifest.get("vendor") == "postgresql":
        kinds |= {"columns": dict, "sequences": dict}
    if any(type(manifest.get(name)) is not kind for name, kind in kinds.items()):
        raise broken("its manifest is not complete")
    columns, sequences = manifest.get("columns", {}), manifest.get("sequences", {})
    try:
        names = [*manifest["tables"], *columns, *sequences, *(name for some in columns.values() for name in some)]
        sound = all(map(NAME.fullmatch, names)) and all(
            type(app) is type(name) is str for app, name in manifest["migrations"]
        )
    except (AttributeError, TypeError, ValueError):
        sound = False
    if not sound or not manifest["head"]:
        raise broken("its manifest has a name that is not one of ours")


def check_fits(manifest: dict[str, Any]) -> None:
    """Whether this version of Chatroom, on this database, can take the rows. Raises Refusal."""
    if manifest["vendor"] != connection.vendor:
        raise Refusal("bad_request", OTHER.get(manifest["vendor"], OTHER["sqlite"]))
    known = MigrationLoader(None).graph.nodes
    if any((app, name) not in known for app, name in manifest["migrations"]):
        raise Refusal("bad_request", _("This backup was made by a newer version of Chatroom. Update first."))


class SqliteLoad:
    """The file under another name, until it is whole, sound and on the disk."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        self.manifest = manifest
        self.path = Path(settings.DATABASES["default"]["NAME"])
        self.draft = self.path.with_name(f"{self.path.name}.restoring")

    def __enter__(self) -> SqliteLoad:
        return self

    def add(self, member: Member) -> None:
        """The one member there is."""
        if member.name != SQLITE_MEMBER:
            raise broken("it has no such table")
        with self.draft.open("wb") as file:
            for piece in member.pieces():
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())

    def __exit__(self, kind: Any, *args: Any) -> None:
        try:
            if kind is None:
                self._demand_sound()
                connection.close()
                self.draft.replace(self.path)
                sync_folder(self.path.parent)
        finally:
            self.draft.unlink(missing_ok=True)

    def _demand_sound(self) -> None:
        try:
            with closing(sqlite3.connect(self.draft)) as database:
                [(sound,)] = database.execute("PRAGMA quick_check(1)").fetchall()
                [(strange,)] = database.execute("SELECT COUNT(*) FROM sqlite_master WHERE type IN ('trigger', 'view')")
        except sqlite3.DatabaseError as error:
            raise broken(error) from None
        if sound != "ok" or strange:
            raise broken("its database is not sound")


class PostgresLoad:
    """Tables as they were at the migrations of the backup, in the place of those that are there: in one transaction, or not at all."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        self.manifest = manifest
        self.stack = ExitStack()

    def __enter__(self) -> PostgresLoad:
        with self.stack:
            self.stack.enter_context(transaction.atomic())
            self.cursor = self.stack.enter_context(connection.cursor())
            self._make_tables()
            self.stack = self.stack.pop_all()
        return self

    def _make_tables(self) -> None:
        for table in connection.introspection.table_names(self.cursor):
            self.cursor.execute(f"DROP TABLE {quoted(table)} CASCADE")
        executor = MigrationExecutor(connection)
        executor.migrate(leaves({(app, name) for app, name in self.manifest["migrations"]}, executor.loader.graph))
        self.tables = set(connection.introspection.table_names(self.cursor))
        if self.tables != set(self.manifest["columns"]):
            raise broken("it has other tables")
        self.cursor.execute(f"TRUNCATE {', '.join(map(quoted, sorted(self.tables)))}")

    def add(self, member: Member) -> None:
        """Some rows of a table."""
        table = member.name.removeprefix(DATABASE).rpartition(".")[0]
        if table not in self.tables:
            raise broken("it has no such table")
        columns = ", ".join(map(quoted, self.manifest["columns"][table]))
        with connection.wrap_database_errors, self.cursor.copy(f"COPY {quoted(table)} ({columns}) FROM STDIN") as copy:
            for piece in member.pieces():
                copy.write(piece)

    def __exit__(self, kind: Any, *args: Any) -> None:
        if kind is not None:
            self.stack.__exit__(kind, *args)
            return
        with self.stack:
            for name, value in self.manifest["sequences"].items():
                self.cursor.execute("SELECT setval(to_regclass(%s), %s)", [quoted(name), int(value)])
            count_rows(self.manifest)


def leaves(applied: set[tuple[str, str]], graph: Any) -> list[tuple[str, str]]:
    """The last migrations of each app among those applied."""
    return sorted(
        node
        for node in applied
        if not any(child.key in applied and child.key[0] == node[0] for child in graph.node_map[node].children)
    )


def count_rows(manifest: dict[str, Any]) -> None:
    """Whether all rows came. Raises Refusal."""
    for table, count in manifest["tables"].items():
        if rows(f"SELECT COUNT(*) FROM {quoted(table)}") != [(count,)]:  # noqa: S608
            raise broken(f"{table} has not {count} rows")


def settle(manifest: dict[str, Any]) -> None:
    """What does not come back: sessions (one that was ended since would be alive again), uploads that were under way, leases."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            for table in EMPTIED:
                cursor.execute(f"DELETE FROM {table}")  # noqa: S608
        LoginSession.objects.filter(ended_at=None).update(
            ended_at=timezone.now(), ended_reason=LoginSession.Reason.EXPIRED
        )
        Upload.objects.filter(file=None).delete()
        for name in manifest.get("missing", ()):
            _forget(name)


def _forget(name: str) -> None:
    """A file that was gone when the backup came to it."""
    last = name.rpartition("/")[2]
    if name.startswith("avatars/"):
        User.objects.filter(avatar=last[:22]).update(avatar="")
        Conversation.objects.filter(avatar=last[:22]).update(avatar="")
    elif last.endswith((PREVIEW, STILL)):
        StoredFile.objects.filter(token=last.removesuffix(PREVIEW).removesuffix(STILL)).update(preview=False)
    else:
        MessageFile.objects.filter(file__token=last).delete()
        StoredFile.objects.filter(token=last).delete()
