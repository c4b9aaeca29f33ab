"""The forms of the second factor."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter as account_adapter
from allauth.core import context, ratelimit
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import access, actions
from accounts.device import ip_of
from accounts.models import User
from core.text import clean_line

KEY_NAME_MAX = 64
UNKNOWN = _("This passkey is not known here. It may belong to another account, or to another address of the site.")


class CodeField(forms.CharField):
    """A code: a wrong one does not come back, the next one is typed into an empty field."""

    def bound_data(self, data: Any, initial: Any) -> str:
        return ""


def code_field(label: Any, **attrs: Any) -> forms.CharField:
    """A code to be typed or pasted."""
    own = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false", "class": "code-input"}
    return CodeField(label=label, max_length=32, widget=forms.TextInput(attrs={**own, **attrs}))


def spend_try(user: User) -> str:
    """One try at a code. Raises ValidationError when there were too many; answers the key to clear when it was right."""
    if not ratelimit.consume(context.request, action="second_factor", key=str(user.pk)):
        raise account_adapter().validation_error("too_many_login_attempts")
    return str(user.pk)


class _Code(forms.Form):
    """A code of the app or a recovery code, taken once."""

    user: User
    authenticator: Authenticator

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = code_field(_("Code"), autofocus=True)

    def clean_code(self) -> str:
        key, code = spend_try(self.user), self.cleaned_data["code"]
        found = actions.use_code(self.user, code, ip=ip_of(context.request))
        if found is None:
            raise forms.ValidationError(_("This code is not right, or has been used already."), code="incorrect_code")
        ratelimit.clear(context.request, action="second_factor", key=key)
        found.user = self.user
        self.authenticator = found
        return code


class CodeForm(_Code, AuthenticateForm):
    """At sign-in, after the password."""


class CodeAgainForm(_Code, ReauthenticateForm):
    """To confirm that it is still the same person."""


class ActivateForm(ActivateTOTPForm):
    """The first code of a new authenticator app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = code_field(_("Code from the app"), inputmode="numeric")

    def clean_code(self) -> str:
        demand_offered()
        key = spend_try(self.user)
        code = super().clean_code()
        ratelimit.clear(context.request, action="second_factor", key=key)
        return code


class CredentialField(forms.JSONField):
    """What the browser's passkey answered: JSON that anybody may have written."""

    def bound_data(self, data: Any, initial: Any) -> str:
        return ""  # never back into the page

    def prepare_value(self, value: Any) -> str:
        return ""

    def to_python(self, value: Any) -> Any:
        try:
            found = super().to_python(value)
        except RecursionError:
            found = None
        if not isinstance(found, dict):
            raise forms.ValidationError(UNKNOWN, code="incorrect_code")
        return found


class _Passkey(forms.Form):
    """A passkey that is to prove who somebody is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"] = CredentialField(widget=forms.HiddenInput)

    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except (forms.ValidationError, TypeError, ValueError, KeyError, AttributeError) as error:
            if getattr(error, "code", "") == "too_many_login_attempts":
                raise
            raise forms.ValidationError(UNKNOWN, code="incorrect_code") from None


class PasskeySignInForm(_Passkey, LoginWebAuthnForm):
    """In place of name and password."""


class PasskeyStepForm(_Passkey, AuthenticateWebAuthnForm):
    """At sign-in, after the password."""


class PasskeyAgainForm(_Passkey, ReauthenticateWebAuthnForm):
    """To confirm that it is still the same person."""


class _Named(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        attrs = {"maxlength": KEY_NAME_MAX, "autocomplete": "off"}
        help_text = _("So that you know which one it is, for example the name of your phone.")
        self.fields["name"] = forms.CharField(
            label=_("Name"), max_length=KEY_NAME_MAX, required=False, help_text=help_text,
            widget=forms.TextInput(attrs=attrs),
        )  # fmt: skip

    def clean_name(self) -> str:
        return clean_line(self.cleaned_data["name"], KEY_NAME_MAX) or self.initial["name"] or str(_("Passkey"))


class PasskeyForm(_Named, AddWebAuthnForm):
    """A new passkey: its name, and what the browser made."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("passwordless", None)
        self.fields["credential"] = CredentialField(widget=forms.HiddenInput)
        self.order_fields(["name", "credential"])

    def clean(self) -> dict[str, Any]:
        demand_offered()
        try:
            return super().clean() or {}
        except (TypeError, ValueError, KeyError, AttributeError):
            raise forms.ValidationError(UNKNOWN, code="incorrect_code") from None


class PasskeyNameForm(_Named, EditWebAuthnForm):
    """Another name for a passkey."""


def demand_offered() -> None:
    """Raise ValidationError where the site offers no second factor."""
    if not access.second_factor_offered():
        raise forms.ValidationError(_("This site does not offer a second factor."))
