"""What the admin's page and one's own page for deleting an account share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import actions
from accounts.models import User
from accounts.policies import Accounts
from core import policies
from core.jobs import soon
from core.text import sentences


class TypedNameForm(forms.Form):
    """The name of the account that is to go, typed once more."""

    name = forms.CharField(
        label=gettext_lazy("Type the user name to confirm"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, username: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.username = username

    def clean_name(self) -> str:
        if self.cleaned_data["name"].strip() != self.username:
            raise forms.ValidationError(_("This is not the user name of the account."))
        return self.cleaned_data["name"]


def what_goes() -> str:
    """What becomes of an account that is deleted, by the policy in force."""
    text = _("The account, its sessions, friends and settings go for good. The user name is free again.")
    if policies.get(Accounts).deleted_messages == "recall":
        return sentences(text, _("All its messages are taken back."))
    return sentences(text, _("Its messages stay, as “Deleted account”."))


def delete_now(actor: User, user: User) -> None:
    """The action, and what a worker does after it."""
    actions.delete_account(actor, user)
    if user.erase_messages:
        soon("accounts.erase_messages", user.pk)
