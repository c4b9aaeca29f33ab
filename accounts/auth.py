"""Signing in by name and password, for every entrance."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from accounts.models import User
from accounts.passwords import LONGEST


class Backend(ModelBackend):
    """Finds the name by its key; unknown names take as long as known ones (one hash is made for them too).

    It proves who somebody is. Whether he may come in is `access.account_verdict`, asked after it by each entrance.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if username is None or password is None or len(password) > LONGEST:
            return None
        return super().authenticate(request, username=username, password=password)

    def user_can_authenticate(self, user: User | None) -> bool:  # type: ignore[override]
        return user is not None and user.deleted_at is None
