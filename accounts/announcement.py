"""What the site says to everybody: a banner that each person puts away on his own device, for that text."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import HttpRequest

from accounts.policies import Site
from core import policies

COOKIE = "announcement"  # of the browser: whose, and which text was put away


def announcement() -> dict[str, str] | None:
    """The text and a key that changes with it."""
    text = policies.get(Site).announcement
    return {"key": hashlib.sha256(text.encode()).hexdigest()[:12], "text": text} if text else None


def announcement_for(request: HttpRequest) -> dict[str, Any] | None:
    """The same for a page, with the key of whoever looks; None for strangers and where it was put away."""
    user, said = getattr(request, "user", None), announcement()
    if said is None or user is None or not user.is_authenticated:
        return None
    key = f"{user.pk}-{said['key']}"
    return None if request.COOKIES.get(COOKIE) == key else {"key": key, "text": said["text"]}
