"""The site's own settings."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts.actions.people import require_admin
from accounts.models import User
from audit.record import record
from core import policies, registry


def set_policies(actor: User | None, values: dict[str, Any], *, ip: str | None = None) -> None:
    """Change site policies, each by `section.name`. Raises Refusal and changes nothing when one is wrong."""
    require_admin(actor)
    with transaction.atomic():
        for hook in registry.policies_changing:
            hook(actor, values)
        for key, value in values.items():
            policies.store(key, value)
        record(actor, "policies.changed", ip=ip, detail=dict(values))
    policies.forget()
