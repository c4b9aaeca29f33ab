"""How the sign-in pages' library is to treat our accounts."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import actions
from accounts.access import account_verdict, administrator_exists
from accounts.device import ip_of
from accounts.models import User
from accounts.policies import Registration
from core import policies
from core.refusal import Refusal
from core.text import clean_username, name_key

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
        return policies.get(Registration).mode in {"open", "approval"} and administrator_exists()

    def clean_username(self, username: str, shallow: bool = False) -> str:
        try:
            username = clean_username(username)
        except Refusal as refusal:
            raise ValidationError(str(refusal.message), code=refusal.code) from None
        if not shallow and User.objects.filter(username_key=name_key(username)).exists():
            raise self.validation_error("username_taken")
        return username

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """After the right password: blocked, waiting and expired accounts are told so; a forced change comes after."""
        code = account_verdict(user)
        if code in {None, "must_change_password"}:
            return None
        clear_login(request)
        return render(request, "accounts/stopped.html", {"code": code, "person": user}, status=403)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        actions.sign_in_failed(credentials.get("username") or "", ip=ip_of(request))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account_settings")

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        if message_template not in QUIET:
            super().add_message(request, level, message_template, *args, **kwargs)
