"""Site policies on games."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from django.utils.translation import gettext_lazy as _

from core import policies


@policies.section
class Games:
    """Whether there are card tables, and how long they are kept when they are closed. `games.tienlen_enabled` is what the note calls TIENLEN_ENABLED."""

    title = _("Games")
    tienlen_enabled: bool = field(
        default=True, metadata={"label": _("Groups may open tables for the card game Tiến Lên")}
    )
    tables_days: int = field(
        default=365,
        metadata={
            "label": _("Days after which closed card tables are deleted, with their matches (0: never)"),
            "range": (0, 36_500),
        },
    )


def site_facts() -> dict[str, Any]:
    """Whether pages offer it."""
    return {"tables": policies.get(Games).tienlen_enabled}
