"""What clients of `packets` keep on the site besides the options: text that nobody reads but they."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from audit.record import record
from core.models import Mark


def kept_of(actor: Any) -> str:
    """Members of a JSON object, as they were given; empty when there are none."""
    return Mark.objects.filter(key=_key(actor)).values_list("value", flat=True).first() or ""


def keep(actor: Any, members: str) -> None:
    """Keep these instead."""
    if members == kept_of(actor):
        return
    with transaction.atomic():
        if members:
            Mark.objects.update_or_create(key=_key(actor), defaults={"value": members})
        else:
            Mark.objects.filter(key=_key(actor)).delete()
        record(actor, "options.changed", actor, detail={"names": ["packets"]})


def account_deleted(user: Any) -> Iterable[int]:
    """Part of the deletion of an account; nobody is told."""
    Mark.objects.filter(key=_key(user)).delete()
    return ()


def exported(user: Any) -> Iterable[tuple[str, Iterable[dict]]]:
    """Part of the export of one's own data."""
    members = kept_of(user)
    return [("older_client", [json.loads(f"{{{members}}}")] if members else [])]


def _key(actor: Any) -> str:
    return f"packets:{actor.pk}"
