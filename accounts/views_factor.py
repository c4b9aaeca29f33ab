"""The pages of the second factor, and the password for older clients."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.mfa.base import views as base
from allauth.mfa.webauthn import views as webauthn
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts import access, actions
from accounts.requests import SignedInRequest
from core.refusal import Refusal


class AuthenticateView(base.AuthenticateView):
    """After the right password: the code, or the passkey where there is one."""

    def get_context_data(self, **kwargs: Any) -> dict:
        found = super().get_context_data(**kwargs)
        allowed = found["js_data"]["request_options"]["publicKey"].get("allowCredentials")
        app = access.has_authenticator_app(self.stage.login.user)
        return {**found, "has_passkey": bool(allowed), "has_app": app, "person": self.stage.login.user}


class PasskeyView(webauthn.LoginWebAuthnView):
    """A passkey in place of name and password."""

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        if "remember" not in self.request.POST:
            self.request.session.set_expiry(0)
        return response


class IndexView(base.IndexView):
    """What protects this account besides the password."""

    def get_context_data(self, **kwargs: Any) -> dict:
        found = super().get_context_data(**kwargs)
        user: Any = self.request.user
        return {
            **found,
            "offered": access.second_factor_offered(),
            "demanded": access.second_factor_demanded(user),
            "protected": access.has_second_factor(user),
        }


def recorded(view: Any) -> Any:
    """One of the library's views that add or remove; what it does and what the log says of it are one transaction."""

    class Recorded(view):
        def form_valid(self, form: Any) -> HttpResponse:
            user = self.request.user
            with transaction.atomic():
                before = actions.hold_factors(user)
                response = super().form_valid(form)
                actions.factors_changed(user, before)
            return response

    return Recorded.as_view()


authenticate = AuthenticateView.as_view()
index = IndexView.as_view()
login_by_passkey = PasskeyView.as_view()


@login_required
@reauthentication_required
@sensitive_variables("made")
def older_password(request: SignedInRequest) -> HttpResponse:
    """Make, replace and revoke the password for older clients. It is shown in the answer to the form, once."""
    made = ""
    if request.method == "POST" and "revoke" in request.POST:
        with suppress(Refusal):  # revoked in another tab: it is gone either way
            actions.revoke_older_password(request.user)
        messages.success(request, _("The password for older clients is revoked."))
        return redirect("account_settings")
    if request.method == "POST":
        made = actions.make_older_password(request.user)
    protected = access.has_second_factor(request.user)
    return render(request, "accounts/older_password.html", {"made": made, "protected": protected})
