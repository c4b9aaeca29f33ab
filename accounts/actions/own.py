"""What somebody does with all that is his."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction

from accounts.data_export import pieces
from accounts.models import User
from audit.record import record


def export_data(actor: User) -> Iterator[str]:
    """The export of one's own data in pieces; that it was asked for is written down."""
    with transaction.atomic():
        record(actor, "data.exported", actor)
    return pieces(actor)
