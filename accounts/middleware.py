"""The gate of all pages and of the HTTP API: who has no right to be in does not get past it."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy

from accounts import actions
from accounts.access import administrator_exists, session_user, verdict
from accounts.device import ip_of
from accounts.requests import SignedInRequest

TEXTS = {
    "session_ended": gettext_lazy("This session has ended. Sign in again, please."),
    "displaced": gettext_lazy("You signed in on another device, so this session has ended."),
    "blocked": gettext_lazy("This account is blocked."),
    "not_approved": gettext_lazy("An administrator has to approve your account first."),
    "password_expired": gettext_lazy("Your one-time password has expired. Ask an administrator for a new one."),
    "must_change_password": gettext_lazy("Choose a new password first."),
}
OPEN_WHILE_CHANGING = ("account_change_password", "account_logout", "set_language")
NEED_A_SITE = ("account_login", "account_signup")


class Identify(AuthenticationMiddleware):
    """`request.user`, found together with the login session in one query, and only when somebody asks."""

    def process_request(self, request: Any) -> None:
        def find() -> Any:
            request._cached_user = session_user(request.session) or AnonymousUser()
            return request._cached_user

        request.user = SimpleLazyObject(find)


class Gate:
    """Asks for each request with a signed-in person what every other entrance asks too: `access.verdict`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            if self.needs_set_up(request):
                return render(request, "accounts/not_set_up.html")
            return self.get_response(request)
        login_session = request.user._login_session
        code = verdict(request.user, login_session)
        if code == "must_change_password":
            if request.path.startswith("/api/"):
                return refuse(code, 403)
            if request.path not in {reverse(name) for name in OPEN_WHILE_CHANGING}:
                return HttpResponseRedirect(reverse("account_change_password"))
        elif code is not None:
            logout(request)
            if request.path.startswith("/api/"):
                return refuse(code, 401)
            messages.warning(request, str(TEXTS[code]))
            return HttpResponseRedirect(reverse("account_login"))
        request.user.ip = ip_of(request)
        if timezone.now() - login_session.last_seen > actions.SEEN_EVERY:
            actions.seen([login_session.pk])
        return self.as_the_person_likes(cast(SignedInRequest, request))

    def needs_set_up(self, request: HttpRequest) -> bool:
        """Nobody can sign in yet: the pages that offer it say what to do instead."""
        return (
            request.path == "/" or request.path in {reverse(name) for name in NEED_A_SITE}
        ) and not administrator_exists()

    def as_the_person_likes(self, request: SignedInRequest) -> HttpResponse:
        """In his language and time zone."""
        language = request.user.language
        if language in dict(settings.LANGUAGES):
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()
        zone = zoneinfo.ZoneInfo(request.user.time_zone) if request.user.time_zone else None
        with timezone.override(zone):
            return self.get_response(request)


def refuse(code: str, status: int) -> JsonResponse:
    """The API's form of a refusal."""
    return JsonResponse({"error": {"code": code, "message": str(TEXTS[code])}}, status=status)
