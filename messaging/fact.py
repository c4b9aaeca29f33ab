"""System messages as the server itself reads them: a row that is no fact is passed over, never trusted."""

from __future__ import annotations

import json
from typing import Any


def read_fact(body: str) -> dict[str, Any]:
    """The code and arguments of a system message; empty for one that is broken."""
    try:
        fact = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return fact if isinstance(fact, dict) else {}


def users_of(fact: dict[str, Any]) -> list[int]:
    """The people that a fact is about."""
    users = fact.get("users")
    ids = [user.get("id") for user in users if isinstance(user, dict)] if isinstance(users, list) else []
    return [id for id in ids if isinstance(id, int)]
