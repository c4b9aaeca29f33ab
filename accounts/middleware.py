"""The gate of all pages and of the HTTP API: who has no right to be in does not get past it."""

from __future__ import annotations

import logging
import zoneinfo
from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import actions
from accounts.access import DISPLACED, administrator_exists, session_user, verdict
from accounts.device import ip_of, keep_cookie
from accounts.models import LoginSession
from accounts.pages import elsewhere, stopped
from accounts.requests import SignedInRequest

log = logging.getLogger("chatroom.accounts")
TEXTS = {
    "session_ended": gettext_lazy("This session has ended. Sign in again, please."),
    "blocked": gettext_lazy("This account is blocked."),
    "not_approved": gettext_lazy("An administrator has to approve your account first."),
    "password_expired": gettext_lazy("Your one-time password has expired. Ask an administrator for a new one."),
    "must_change_password": gettext_lazy("Choose a new password first."),
    "second_factor_required": gettext_lazy("Set up a second factor first."),
}
# What one has to do before anything else: where it is done, and what is open meanwhile
FIRST = {"must_change_password": "account_change_password", "second_factor_required": "mfa_index"}
OPEN = {
    "must_change_password": ("account_change_password", "account_logout", "set_language"),
    "second_factor_required": (
        "mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "account_reauthenticate", "account_logout", "set_language",
    ),
}  # fmt: skip
LED_TO = "led_to"  # where the Django session keeps the page that was wanted; the templates lead there afterwards
NEED_A_SITE = OPEN_WHEN_DISPLACED = ("account_login", "account_signup")


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
        response = self.answer(request)
        keep_cookie(request, response)
        return response

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The page, or what is to be done first."""
        if not request.user.is_authenticated:
            if self.needs_set_up(request):
                return render(request, "accounts/not_set_up.html")
            return self.get_response(request)
        login_session = request.user._login_session
        code = verdict(request.user, login_session)
        if code in FIRST:
            if request.path.startswith("/api/"):
                return refuse(code, 403)
            if request.path not in {reverse(name) for name in OPEN[code]}:
                if wants_page(request):
                    request.session[LED_TO] = request.get_full_path()
                return HttpResponseRedirect(reverse(FIRST[code]))
        elif code == DISPLACED:
            return self.as_the_person_likes(cast(SignedInRequest, request), self.displaced)
        elif code is not None:
            logout(request)
            if request.path.startswith("/api/"):
                return refuse(code, 401)
            messages.warning(request, reason_of(code, login_session))
            return HttpResponseRedirect(reverse("account_login"))
        elif LED_TO in request.session and wants_page(request) and not request.path.startswith("/accounts/"):
            del request.session[LED_TO]
        request.user.ip = ip_of(request)
        if timezone.now() - login_session.last_seen > actions.SEEN_EVERY:
            try:
                actions.seen([login_session.pk])
            except DatabaseError:  # a full disk keeps nobody from reading
                log.warning("When somebody was last here could not be written down", exc_info=True)
        return self.as_the_person_likes(cast(SignedInRequest, request), self.get_response)

    def displaced(self, request: SignedInRequest) -> HttpResponse:
        """Signed in elsewhere meanwhile: every page says so, until it is done here again."""
        by = elsewhere(request.user._login_session)
        if request.path.startswith("/api/"):
            return refuse(DISPLACED, 401, str(by))
        if request.path in {reverse(name) for name in OPEN_WHEN_DISPLACED}:
            logout(request)
            return self.get_response(request)
        return stopped(request, DISPLACED, by=by, next=request.get_full_path() if request.method == "GET" else "/")

    def needs_set_up(self, request: HttpRequest) -> bool:
        """Nobody can sign in yet: the pages that offer it say what to do instead."""
        return (
            request.path == "/" or request.path in {reverse(name) for name in NEED_A_SITE}
        ) and not administrator_exists()

    def as_the_person_likes(self, request: SignedInRequest, answer: Callable[..., HttpResponse]) -> HttpResponse:
        """In his language and time zone."""
        language = request.user.language
        if language in dict(settings.LANGUAGES):
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()
        zone = zoneinfo.ZoneInfo(request.user.time_zone) if request.user.time_zone else None
        with timezone.override(zone):
            return answer(request)


def wants_page(request: HttpRequest) -> bool:
    """Whether somebody goes there, not a script or a picture."""
    return request.method == "GET" and "text/html" in request.headers.get("Accept", "")


def reason_of(code: str, login_session: LoginSession) -> str:
    """Why a session is out, in words for its owner."""
    user = login_session.user
    if login_session.ended_reason != LoginSession.Reason.BLOCKED or user.blocked_at is None:
        return str(TEXTS[code])
    reason = user.blocked_reason and _("Reason: %(reason)s") % {"reason": user.blocked_reason}
    return f"{TEXTS['blocked']} {reason}".strip()


def refuse(code: str, status: int, message: str = "") -> JsonResponse:
    """The API's form of a refusal."""
    return JsonResponse({"error": {"code": code, "message": message or str(TEXTS[code])}}, status=status)
