"""The one place where a session opens and closes, whichever page it was that signed in or out."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import actions
from accounts.access import LOGIN_SESSION, login_session_of
from accounts.device import COOKIE, ip_of, kind_of, label_of, remember
from accounts.models import User


@receiver(user_logged_in)
def open_login_session(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Django has just rotated the key of its session; ours starts with it. An older one of this browser ends."""
    if old := login_session_of(request.session.get(LOGIN_SESSION)):
        actions.close_session(old, ip=ip_of(request))
    user_agent = request.META.get("HTTP_USER_AGENT", "")
    login_session = actions.open_session(
        user,
        kind=kind_of(user_agent),
        device=label_of(user_agent),
        ip=ip_of(request),
        displace=getattr(request, "displace", False),
    )
    request.session[LOGIN_SESSION] = login_session.key
    request.device_cookie = remember(request.COOKIES.get(COOKIE, ""), user)  # type: ignore[attr-defined]
    user._login_session = login_session


@receiver(user_logged_out)
def close_login_session(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    """Sent before the Django session is emptied."""
    if login_session := login_session_of(request.session.get(LOGIN_SESSION)):
        actions.close_session(login_session, ip=ip_of(request))
