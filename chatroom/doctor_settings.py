"""Whether the settings can be read at all. Without Django, which needs them."""

from __future__ import annotations

import importlib


def readable() -> str:
    """Why the environment cannot be understood, in one line; empty when it can."""
    try:
        importlib.import_module("chatroom.settings")
        from django.conf import settings

        settings.DEBUG  # noqa: B018 - reads them all; a wrong time zone is found here
    except Exception as problem:  # noqa: BLE001 - numbers, addresses and paths of many kinds
        return " ".join(f"{type(problem).__name__}: {problem}".split())
    return ""
