"""What the site remembers about itself from one run of a task to the next."""

from __future__ import annotations

from typing import Any

from core.models import Mark


def remember(key: str, value: Any) -> None:
    """Write one thing down, as JSON has it."""
    Mark.objects.update_or_create(key=key, defaults={"value": value})


def remembered(key: str, default: Any = None) -> Any:
    """What was written down."""
    mark = Mark.objects.filter(key=key).first()
    return default if mark is None else mark.value
