"""The forms of the account pages."""

from __future__ import annotations

import zoneinfo
from typing import Any, cast

from allauth.account import forms as allauth_forms
from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.functional import lazy
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import actions, registration
from accounts.actions.profile import demand_wanted
from accounts.device import ip_of
from accounts.models import User
from accounts.passwords import LONGEST, rules
from core.refusal import Refusal
from core.text import USERNAME_MAX, clean_username, sentences

password_help = lazy(rules, str)


class PasswordField(forms.CharField):
    """A password as typed: blanks at the ends count, and it is never written back into the page."""

    def __init__(self, *, new: bool = False, **kwargs: Any) -> None:
        attrs = {"autocomplete": "new-password" if new else "current-password", "data-password": ""}
        super().__init__(strip=False, max_length=LONGEST, widget=forms.PasswordInput(attrs=attrs), **kwargs)


def username_field() -> forms.CharField:
    """A user name to be typed."""
    attrs = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "maxlength": USERNAME_MAX}
    return forms.CharField(label=_("User name"), max_length=USERNAME_MAX, widget=forms.TextInput(attrs=attrs))


def display_name_field() -> forms.CharField:
    """The name that others read."""
    attrs = {"autocomplete": "name", "maxlength": 64}
    help_text = _("The name others see. Leave it empty to use the user name.")
    return forms.CharField(
        label=_("Your name"), max_length=64, required=False, help_text=help_text, widget=forms.TextInput(attrs=attrs)
    )


class LoginForm(allauth_forms.LoginForm):
    """Name and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = username_field()
        self.fields["login"].widget.attrs["autofocus"] = True
        self.fields["password"] = PasswordField(label=_("Password"))
        self.fields["remember"] = forms.BooleanField(label=_("Stay signed in"), required=False, initial=True)
        self.order_fields(["login", "password", "remember"])
        self.refusal: Refusal | None = None

    def clean(self) -> dict[str, Any]:
        """What refused the sign-in stays on the form: the page shows what is left to do."""
        try:
            return super().clean()
        except ValidationError:
            self.refusal = getattr(self.request, "refusal", None)
            if self.refusal is None:
                raise
            raise ValidationError(self.told(self.refusal), code=self.refusal.code) from None

    @staticmethod
    def told(refusal: Refusal) -> str:
        """Why, and how many tries there are before a lock: the same for names that nobody has."""
        why, left = str(refusal.message), getattr(refusal, "left", None)
        if not left:
            return why
        return sentences(why, ngettext("%(count)d try left.", "%(count)d tries left.", left) % {"count": left})


class SignupForm(allauth_forms.SignupForm):
    """User name, name, and the password once (it can be shown)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"] = username_field()
        self.fields["username"].widget.attrs["autofocus"] = True
        self.fields["username"].help_text = _("Letters and digits of any language, and . _ -")
        self.fields["display_name"] = display_name_field()
        self.fields["password1"] = PasswordField(new=True, label=_("Password"), help_text=password_help())
        self.order_fields(["username", "display_name", "password1"])

    def try_save(self, request: HttpRequest) -> tuple[User, None]:
        """Make the account through the one action. Raises Refusal."""
        offer = registration.offer_of(request)
        if not registration.open_to(offer):
            raise Refusal("closed", _("Sign-up is closed"))
        demand_wanted(self.cleaned_data["username"], self.cleaned_data["display_name"])
        user = actions.make_account(
            None,
            self.cleaned_data["username"],
            self.cleaned_data["password1"],
            display_name=self.cleaned_data["display_name"],
            language=get_language() or "",
            approved=not registration.needs_approval(offer),
            invite=registration.token_of(request) if offer else "",
            ip=ip_of(request),
        )
        return user, None


class ReauthenticateForm(allauth_forms.ReauthenticateForm):
    """The password once more, before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = PasswordField(label=_("Password"))
        self.fields["password"].widget.attrs["autofocus"] = True


class ChangePasswordForm(allauth_forms.ChangePasswordForm):
    """The present password and the new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        present = _("One-time password") if self.user.must_change_password else _("Current password")
        self.fields["oldpassword"] = PasswordField(label=present)
        self.fields["oldpassword"].widget.attrs["autofocus"] = True
        self.fields["password1"] = PasswordField(new=True, label=_("New password"), help_text=password_help())

    def clean_password1(self) -> str:
        password_validation.validate_password(self.cleaned_data["password1"], self.user)
        return self.cleaned_data["password1"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("password1") and cleaned["password1"] == cleaned.get("oldpassword"):
            self.add_error("password1", _("The new password must differ from the old one."))
        return cleaned

    def save(self) -> None:
        actions.change_password(self.user, self.cleaned_data["password1"], keep=self.user._login_session)


def language_choices() -> list[tuple[str, Any]]:
    """The languages of the site, each in its own words."""
    return [("", _("Same as the browser")), *settings.LANGUAGES]


def zone_choices() -> list[tuple[str, Any]]:
    """Time zones by region and city."""
    aliases = ("Etc/", "posix/", "right/", "SystemV/")
    zones = sorted(zone for zone in zoneinfo.available_timezones() if "/" in zone and not zone.startswith(aliases))
    return [("", _("Same as the site")), *((zone, zone.replace("_", " ")) for zone in zones)]


class ProfileForm(forms.Form):
    """Who one is to others, and the language."""

    display_name = display_name_field()
    status = forms.CharField(label=_("Status"), max_length=100, required=False)
    language = forms.ChoiceField(label=_("Language"), required=False, choices=language_choices)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False, choices=zone_choices)


NAMES = {
    "theme": {"system": _("Same as the device"), "light": _("Light"), "dark": _("Dark")},
    "accent": {
        "blue": _("Blue"),
        "teal": _("Teal"),
        "green": _("Green"),
        "orange": _("Orange"),
        "pink": _("Pink"),
        "violet": _("Violet"),
    },
    "density": {"bubbles": _("Bubbles"), "compact": _("Compact")},
    "who_may_write": {"anyone": _("Anyone"), "friends": _("Friends only")},
    "text_size": {"small": _("Small"), "medium": _("Medium"), "large": _("Large"), "huge": _("Huge")},
}
LOOK_BACKS = (25, 50, 100, 200)


def chosen(name: str, label: Any) -> forms.ChoiceField:
    """An option with few values, all of them shown."""
    return forms.ChoiceField(label=label, choices=NAMES[name].items(), widget=forms.RadioSelect)


def switch(label: Any, help_text: Any = "") -> forms.BooleanField:
    """An option that is on or off."""
    attrs = {"class": "switch", "role": "switch"}
    return forms.BooleanField(label=label, help_text=help_text, required=False, widget=forms.CheckboxInput(attrs=attrs))


class MinuteField(forms.TimeField):
    """A time of the day as minutes after midnight; -1 where it is left empty."""

    widget = forms.TimeInput(attrs={"type": "time"})

    def prepare_value(self, value: Any) -> Any:
        return value if not isinstance(value, int) else f"{value // 60:02}:{value % 60:02}" if value >= 0 else ""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, int):
            return value
        at = super().to_python(value)
        return -1 if at is None else at.hour * 60 + at.minute


class OptionsForm(forms.Form):
    """The options that have an effect, by their names in `Options`."""

    theme = chosen("theme", _("Light or dark"))
    accent = chosen("accent", _("Colour"))
    text_size = chosen("text_size", _("Text size"))
    density = chosen("density", _("Density"))
    enter_sends = switch(
        _("Enter sends the message"), _("When off, Ctrl+Enter sends. On phones Enter always makes a new line.")
    )
    look_back = forms.TypedChoiceField(label=_("Messages shown when a conversation opens"), coerce=int)
    sounds = switch(_("Sound for new messages"))
    desktop_notices = switch(
        _("Desktop notices"), _("Shown while the chat is in the background or another conversation is open.")
    )
    quiet_from = MinuteField(label=_("Starts"), required=False)
    quiet_to = MinuteField(label=_("Ends"), required=False)
    who_may_write = chosen("who_may_write", _("Who may write to me"))
    receipts = switch(_("Show others that I have read their messages"))
    show_last_seen = switch(_("Show others when I was last here"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ChoiceField, self.fields["look_back"])
        field.choices = [(count, str(count)) for count in sorted({*LOOK_BACKS, self.initial["look_back"]})]


class SetupForm(forms.Form):
    """The first administrator and the site's name."""

    username = username_field()
    display_name = display_name_field()
    password = PasswordField(new=True, label=_("Password"), help_text=password_help())
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    site_name = forms.CharField(
        label=_("Site name"), max_length=64, help_text=_("For example your school, office or club.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget.attrs["autofocus"] = True

    def clean_username(self) -> str:
        try:
            return clean_username(self.cleaned_data["username"])
        except Refusal as refusal:
            raise ValidationError(str(refusal.message)) from None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("password"):
            person = User(username=cleaned.get("username", ""), display_name=cleaned.get("display_name", ""))
            try:
                password_validation.validate_password(cleaned["password"], person)
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned
