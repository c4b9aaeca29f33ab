"""What the gateways themselves write into the log."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from audit.record import record


def note_malformed(address: str, protocol: str, reason: str, user_id: int | None) -> None:
    """A client sent what no client of this protocol may send, and was put out."""
    user = User.objects.filter(pk=user_id).first() if user_id else None
    with transaction.atomic():
        record(
            user, "gateway.malformed", user, ip=address or None, detail={"protocol": protocol, "reason": reason[:200]}
        )
