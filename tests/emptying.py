"""What tests have committed is deleted after them, in milliseconds: Django's TRUNCATE of all tables and its rights anew take a third of a second."""

from functools import cache
from typing import Any

from django.db import connection, transaction
from django.test import TransactionTestCase

KEPT = {"django_content_type", "auth_permission"}  # as the migrations left them: nobody writes there


@cache
def tables() -> list[str]:
    """All that may have to be emptied."""
    found = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return [connection.ops.quote_name(name) for name in sorted(set(found) - KEPT)]


def empty(case: Any) -> None:
    """Deletes all rows; whatever refers to them goes as well, so nothing is checked."""
    deletes = [f"DELETE FROM {name}" for name in tables()]
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("; ".join(["SET LOCAL session_replication_role = replica", *deletes]))
        else:
            for delete in deletes:  # its references are looked at when all is done
                cursor.execute(delete)


TransactionTestCase._fixture_teardown = empty
