"""Several reads that see one state of the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def one_moment() -> Iterator[None]:
    """What is read inside belongs together; nothing may be written. A transaction that runs already is left as it is."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":
        connection.ensure_connection()
        execute = connection.connection.execute
        execute("BEGIN DEFERRED")  # under WAL a reader keeps its state and stands in nobody's way; `atomic` would lock
        try:
            yield
        finally:
            execute("COMMIT")
    else:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
