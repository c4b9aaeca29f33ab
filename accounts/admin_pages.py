"""Pages of the admin that ask before something is done to accounts, and that show what must be seen once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import actions
from accounts.actions.manage import ROLES
from accounts.leaving import TypedNameForm, delete_now, what_goes
from accounts.models import User
from accounts.policies import Passwords
from accounts.requests import SignedInRequest
from core import policies
from core.admin_pages import answered, ask, page
from core.refusal import Refusal
from core.text import USERNAME_MAX

ROLE_NAMES = {
    "member": gettext_lazy("Member"),
    "moderator": gettext_lazy("Moderator"),
    "administrator": gettext_lazy("Administrator"),
}


class CreateForm(forms.Form):
    """What an account needs; its password is made."""

    username = forms.CharField(
        label=gettext_lazy("User name"),
        max_length=USERNAME_MAX,
        help_text=gettext_lazy("Letters and digits of any language, and . _ -"),
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off", "autofocus": True}
        ),
    )
    display_name = forms.CharField(
        label=gettext_lazy("Display name"),
        max_length=64,
        required=False,
        help_text=gettext_lazy("The name others see. Leave it empty to use the user name."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        required=False,
        choices=[("", gettext_lazy("Same as the browser")), *settings.LANGUAGES],
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role on the site"), choices=[(role, ROLE_NAMES[role]) for role in ROLES]
    )


class ReasonForm(forms.Form):
    """Why an account is blocked."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("The person reads it when signing in."),
        widget=forms.TextInput(attrs={"autofocus": True}),
    )


class RoleForm(forms.Form):
    """A role on the site."""

    role = forms.ChoiceField(
        label=gettext_lazy("Role on the site"),
        choices=[(role, ROLE_NAMES[role]) for role in ROLES],
        widget=forms.RadioSelect,
    )


def create(admin: ModelAdmin, request: SignedInRequest) -> HttpResponse:
    """A new account; the answer shows its one-time password."""
    form = CreateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user, password = actions.create_account(request.user, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error("username", str(refusal.message))
        else:
            return show_passwords(
                admin, request, _("The account is made"), [[user.username, user.display_name, password]]
            )
    return page(admin, request, "accounts/create.html", title=_("Add an account"), form=form)


def show_passwords(
    admin: ModelAdmin, request: SignedInRequest, title: str, rows: list[list[str]], **more: Any
) -> HttpResponse:
    """One-time passwords, this once. Not by a message: those lie in the session until they are read."""
    hours = policies.get(Passwords).one_time_hours
    return page(admin, request, "accounts/passwords.html", title=title, rows=rows, hours=hours, **more)


def of(users: list[User]) -> list[tuple[int, str, str]]:
    """Accounts as the page between shows them."""
    return [(user.pk, user.username, user.display_name) for user in users]


def block(admin: Any, request: SignedInRequest, queryset: QuerySet[User]) -> HttpResponse | None:
    """Ask for the reason, then block."""
    form = ReasonForm(answered(request))
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        return admin.each(request, queryset, lambda user: actions.block_user(request.user, user, reason))
    lead = _("All sessions end within two seconds, and nobody can sign in to the account until you unblock it.")
    return ask(admin, request, of(list(queryset)), form, _("Block"), _("Block"), lead=lead, danger=True)


def set_role(admin: Any, request: SignedInRequest, queryset: QuerySet[User]) -> HttpResponse | None:
    """Ask which role, then give it."""
    users = list(queryset)
    form = RoleForm(answered(request), initial={"role": users[0].site_role})
    if form.is_valid():
        role = form.cleaned_data["role"]
        return admin.each(request, queryset, lambda user: actions.set_role(request.user, user, role))
    lead = _("Administrators may do everything on the site. Moderators look after reported messages.")
    return ask(admin, request, of(users), form, _("Set the role"), _("Save"), lead=lead)


def delete(admin: Any, request: SignedInRequest, queryset: QuerySet[User]) -> HttpResponse | None:
    """Ask for the name, then delete the account for good."""
    users = list(queryset[:2])
    if len(users) != 1:
        messages.error(request, _("Accounts are deleted one by one. Choose a single one."))
        return None
    form = TypedNameForm(answered(request), username=users[0].username)
    if form.is_valid():
        return admin.each(request, queryset, lambda user: delete_now(request.user, user))
    return ask(
        admin, request, of(users), form, _("Delete the account"), _("Delete for good"), lead=what_goes(), danger=True
    )


def reset_password(admin: Any, request: SignedInRequest, queryset: QuerySet[User]) -> HttpResponse | None:
    """New one-time passwords, shown once."""
    rows: list[list[str]] = []

    def reset(user: User) -> None:
        rows.append([user.username, user.display_name, actions.reset_password(request.user, user)])

    each: Callable = admin.each
    each(request, queryset, reset, quiet=True)
    return show_passwords(admin, request, _("One-time passwords"), rows) if rows else None
