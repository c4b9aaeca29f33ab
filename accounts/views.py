"""Pages about one's own account, and the first run."""

from __future__ import annotations

from allauth.account import views as allauth_views
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django.views.i18n import set_language as django_set_language

from accounts import access, actions, relations, setup
from accounts.device import ip_of
from accounts.forms import OptionsForm, ProfileForm, SetupForm
from accounts.requests import SignedInRequest
from core.refusal import Refusal


@method_decorator(sensitive_post_parameters("password1"), name="dispatch")
class SignupView(allauth_views.SignupView):
    """Registration. What the action refuses is told at the name, which it is about."""

    def form_valid(self, form) -> HttpResponse:
        try:
            return super().form_valid(form)
        except Refusal as refusal:
            field = "username" if refusal.code in {"name_taken", "bad_username"} else None
            form.add_error(field, str(refusal.message))
            return self.form_invalid(form)


signup = SignupView.as_view()


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch the language: in the browser, and for signed-in people everywhere."""
    response = django_set_language(request)
    language = request.POST.get("language", "")
    if request.user.is_authenticated:
        try:
            actions.set_language(request.user, language)
        except Refusal:
            raise Http404 from None
    return response


@login_required
def settings_page(request: SignedInRequest) -> HttpResponse:
    """One's own settings and sessions. The page's script sends single values and gets JSON.

    What is not sent stays; only the whole form says by silence that a switch is off.
    """
    user = request.user
    present = {name: getattr(user, name) for name in ProfileForm.base_fields}
    options = {name: value for name, value in user.get_options().as_dict().items() if name in OptionsForm.base_fields}
    single = request.headers.get("Accept", "") == "application/json"
    given = None
    if request.method == "POST":
        silent = {name for name, value in options.items() if value is True and "whole" in request.POST}
        given = {**present, **options, **dict.fromkeys(silent, False), **request.POST.dict()}
    profile = ProfileForm(given, initial=present)
    choices = OptionsForm(given, initial=options)
    if given is not None and profile.is_valid() & choices.is_valid():
        changed = {name: value for name, value in choices.cleaned_data.items() if value != options[name]}
        try:
            actions.set_options(user, changed)
            actions.set_profile(user, profile.cleaned_data)
        except Refusal as refusal:
            profile.add_error(None, str(refusal.message))
        else:
            if single:
                return JsonResponse({"saved": True})
            with translation.override(user.language or get_language()):
                messages.success(request, _("Saved."))
            return redirect("account_settings")
    if single and given is not None:
        return JsonResponse({"errors": {**profile.errors, **choices.errors}}, status=422)
    context = {
        "profile": profile,
        "choices": choices,
        "sessions": access.live_sessions(user),
        "blocked": relations.blocked_by(user),
        "here": user._login_session.pk,
        "protected": access.has_second_factor(user),
        "factor_offered": access.second_factor_offered(),
    }
    return render(request, "accounts/settings.html", context)


@require_POST
@login_required
def end_session(request: SignedInRequest, id: int) -> HttpResponse:
    """End one of one's own sessions."""
    try:
        actions.end_session(request.user, access.get_login_session(request.user, id))
    except Refusal:
        raise Http404 from None
    messages.success(request, _("The session has ended."))
    return redirect("account_settings")


@require_POST
@login_required
def end_other_sessions(request: SignedInRequest) -> HttpResponse:
    """End all of one's own sessions but this one."""
    actions.end_other_sessions(request.user, request.user._login_session)
    messages.success(request, _("All other sessions have ended."))
    return redirect("account_settings")


@never_cache
@sensitive_post_parameters("password")
def set_up(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the one-time link. A wrong or used link is a page that does not exist."""
    if not setup.link_is_good(token):
        raise Http404
    form = SetupForm(request.POST or None, initial={"language": get_language()})
    if request.method == "POST" and form.is_valid():
        try:
            user = setup.set_up(token, ip=ip_of(request), **form.cleaned_data)
        except Refusal as refusal:
            if refusal.code == "not_found":
                raise Http404 from None
            form.add_error(None, str(refusal.message))
        else:
            login(request, user, backend="accounts.auth.Backend")
            return HttpResponseRedirect("/")
    return render(request, "accounts/setup.html", {"form": form})
