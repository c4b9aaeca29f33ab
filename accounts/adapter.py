"""How the sign-in pages' library is to treat our accounts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import registration
from accounts.access import account_verdict, administrator_exists
from accounts.models import User
from accounts.pages import refused, stopped
from core.refusal import Refusal
from core.text import clean_username, name_key

JUST_NOW = timedelta(minutes=5)  # the same time for which a password typed again counts
QUIET = {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}  # what the page itself shows


class AccountAdapter(DefaultAccountAdapter):
    """Names by our rules, the same verdict as at every other entrance, and failures in the log."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("Wrong user name or password."),
        "too_many_login_attempts": _("Too many failed attempts. Wait a few minutes, then try again."),
        "enter_current_password": _("That is not your current password."),
        "username_taken": _("This user name is taken. Choose another one, please."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """By the site's policy, and never before the site has an administrator."""
        return registration.open_to(registration.offer_of(request)) and administrator_exists()

    def clean_username(self, username: str, shallow: bool = False) -> str:
        try:
            username = clean_username(username)
        except Refusal as refusal:
            raise ValidationError(str(refusal.message), code=refusal.code) from None
        if not shallow and User.objects.filter(username_key=name_key(username)).exists():
            raise self.validation_error("username_taken")
        return username

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """After the right password: blocked, waiting and expired accounts are told so; what one has to do first comes after."""
        code = account_verdict(user)
        if code in {None, "must_change_password", "second_factor_required"}:
            return None
        clear_login(request)
        return stopped(request, code, person=user)

    def login(self, request: HttpRequest, user: User) -> None:
        """The last step. Who is signed in elsewhere, or was blocked in between, gets a page instead."""
        try:
            super().login(request, user)
        except Refusal as refusal:
            closes = request.session.get_expire_at_browser_close()
            stays = "remember" in request.POST if "login" in request.POST else not closes
            request.session.flush()
            request.user = AnonymousUser()
            raise ImmediateHttpResponse(refused(request, refusal, stays=stays)) from None

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not within minutes of the sign-in itself."""
        here: Any = getattr(self.request.user, "_login_session", None)
        return here is None or timezone.now() - here.started_at > JUST_NOW

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account_settings")

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        if message_template not in QUIET:
            super().add_message(request, level, message_template, *args, **kwargs)
