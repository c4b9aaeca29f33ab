"""Signing in through the page."""

from __future__ import annotations

from typing import Any

from allauth.account import views as allauth_views
from allauth.account.utils import get_next_redirect_url
from django.contrib import messages
from django.contrib.auth import login as django_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import actions
from accounts.pages import STOPS, refused
from core.refusal import Refusal


class LoginView(allauth_views.LoginView):
    """Name and password. While tries are locked, or the account may not be used, a page says so."""

    def form_invalid(self, form: Any) -> HttpResponse:
        if form.refusal is not None and form.refusal.code in STOPS:
            return refused(self.request, form.refusal, form.data.get("login", "")[:64])
        response = super().form_invalid(form)
        if form.has_error("password", "max_length"):  # no person typed that; it was not hashed
            response.status_code = 400
        return response


login = LoginView.as_view()


@never_cache
@require_POST
def sign_in_here(request: HttpRequest) -> HttpResponse:
    """The answer to `signed in elsewhere`: here instead, by the proof that the page before was given after the password."""
    if request.user.is_authenticated:
        return redirect("/")
    user = actions.proved(request.POST.get("proof", ""))
    if user is None:
        messages.warning(request, _("That took too long. Sign in once more, please."))
        return redirect("account_login")
    request.displace = True  # type: ignore[attr-defined]
    try:
        django_login(request, user, backend="accounts.auth.Backend")
    except Refusal as refusal:
        request.session.flush()
        return refused(request, refusal)
    if "remember" not in request.POST:
        request.session.set_expiry(0)
    return redirect(get_next_redirect_url(request) or "/")
