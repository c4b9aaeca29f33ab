"""SQL by hand for the few hottest paths, where building a query by the ORM costs more than running it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone


def rows(sql: str, params: Sequence[Any] = ()) -> list[tuple]:
    """All rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


class Subquery(NamedTuple):
    """What one app wants of a query that it shares with others: one value, or the column `id`."""

    sql: str
    params: Sequence[Any] = ()
    read: Callable[[Any], Any] = int  # the value as it comes from the database


def evaluated(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same with the values of subqueries filled in. One query; none where there are none."""
    wanted = {name: value for name, value in values.items() if isinstance(value, Subquery)}
    if not wanted:
        return dict(values)
    [found] = rows(
        f"SELECT {', '.join(f'({one.sql})' for one in wanted.values())}",
        [param for one in wanted.values() for param in one.params],
    )
    return {**values, **{name: one.read(value) for (name, one), value in zip(wanted.items(), found, strict=True)}}


def united(wanted: Mapping[str, Subquery]) -> list[tuple[str, int]]:
    """(name, id) of the ids that are wanted under each name. One query."""
    return rows(
        " UNION ALL ".join(f"SELECT '{name}', w.id FROM ({one.sql}) w" for name, one in wanted.items()),  # noqa: S608
        [param for one in wanted.values() for param in one.params],
    )


@contextmanager
def unmapped() -> Iterator[None]:
    """SQLite reads through its cache and not through a map of the whole file: who reads a million rows keeps little in memory."""
    if connection.vendor != "sqlite":
        yield
        return
    [(size,)] = rows("PRAGMA mmap_size") or [(0,)]
    rows("PRAGMA mmap_size = 0")
    try:
        yield
    finally:
        rows(f"PRAGMA mmap_size = {int(size)}")


def stored_now() -> Any:
    """This moment, as the database has it."""
    return connection.ops.adapt_datetimefield_value(timezone.now())


def marks(values: Collection[Any]) -> str:
    """`(%s,%s,…)` for an IN with these values; their number is rounded up so that few statements differ (see `padded`)."""
    return "(" + ",".join(["%s"] * len(padded(values))) + ")"


def padded(values: Collection[Any]) -> list[Any]:
    """The values, the last one repeated up to the next power of two: statements are then found in SQLite's cache."""
    found = list(values)
    size = 1
    while size < len(found):
        size *= 2
    return found + found[-1:] * (size - len(found))


def among(column: str, values: Collection[Any]) -> tuple[str, list[Any]]:
    """That a number of a row is one of these, and the parameters; one array where there are arrays: psycopg takes 4 µs for each parameter of its own.

    Of its own type: PostgreSQL hashes no array of other numbers, and looks at each of them for every row.
    """
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s::bigint[])", [list(values)]
    return f"{column} IN {marks(values)}", padded(values)


def pairs(values: Collection[tuple[Any, Any]]) -> tuple[str, list[Any]]:
    """`(VALUES (%s,%s),…)` and its parameters, for a row-value IN."""
    found = padded(values)
    return "(VALUES " + ",".join(["(%s,%s)"] * len(found)) + ")", [part for pair in found for part in pair]


def greatest(*terms: str) -> str:
    """The largest of several terms, none of them null."""
    return f"{'MAX' if connection.vendor == 'sqlite' else 'GREATEST'}({', '.join(terms)})"


def for_update() -> str:
    """The row lock, where the database has one (SQLite under IMMEDIATE has locked all of itself).

    Not FOR UPDATE, which also waits for every transaction that refers to the row: foreign keys are checked at COMMIT, when that one
    may hold what we want next, and then neither gets on. The ORM's is `select_for_update(no_key=True)`.
    """
    return " FOR NO KEY UPDATE" if connection.features.has_select_for_update else ""
