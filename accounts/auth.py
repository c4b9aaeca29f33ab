"""Signing in by name and password, for every entrance."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from accounts import actions
from accounts.device import COOKIE, ip_of
from accounts.models import User
from core.refusal import Refusal


class Backend(ModelBackend):
    """The way of Django and its libraries to `actions.sign_in`; why it refused is left on the request."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if username is None or password is None:
            return None
        cookie = request.COOKIES.get(COOKIE, "") if request is not None else ""
        try:
            return actions.sign_in(username, password, ip=ip_of(request), device_cookie=cookie)
        except Refusal as refusal:
            if request is not None:
                request.refusal = refusal  # type: ignore[attr-defined]
            return None

    def user_can_authenticate(self, user: User | None) -> bool:  # type: ignore[override]
        return user is not None and user.deleted_at is None
