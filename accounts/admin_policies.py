"""The site's policies in the admin: one page with a field per policy, made from the typed sections."""

from __future__ import annotations

import dataclasses
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import actions
from accounts.requests import SignedInRequest
from core import policies
from core.admin_lists import ReadOnly
from core.models import Policy
from core.refusal import Refusal


class LongText(forms.CharField):
    """A text of several lines, with one kind of line break."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(str(value or "").replace("\r\n", "\n").replace("\r", "\n")))


def form_field(field: dataclasses.Field) -> forms.Field:
    """The form's field for one policy."""
    common: dict[str, Any] = {"label": field.metadata.get("label", field.name.replace("_", " ")), "required": False}
    if choices := field.metadata.get("choices"):
        names = field.metadata.get("names", {})
        return forms.ChoiceField(choices=[(choice, names.get(choice, choice)) for choice in choices], **common)
    if isinstance(field.default, bool):
        return forms.BooleanField(**common)
    if isinstance(field.default, int | float):
        low, high = field.metadata.get("range", (None, None))
        kind = forms.IntegerField if isinstance(field.default, int) else forms.FloatField
        span = f"{low} – {high}" if low is not None else ""
        return kind(min_value=low, max_value=high, **{**common, "required": True, "help_text": span})
    if most := field.metadata.get("long"):
        rows = min(8, most // 100)
        widget = forms.Textarea(attrs={"rows": rows, "dir": "auto", "spellcheck": "false"})
        return LongText(max_length=most, widget=widget, help_text=field.metadata.get("help", ""), **common)
    return forms.CharField(max_length=policies.LINE, help_text=field.metadata.get("help", ""), **common)


class PoliciesForm(forms.Form):
    """All policies of all sections; a field is named `section.name`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, section in sorted(policies.sections.items()):
            now: Any = policies.get(section)
            for field in dataclasses.fields(section):
                self.fields[f"{name}.{field.name}"] = form_field(field)
                self.initial[f"{name}.{field.name}"] = getattr(now, field.name)

    def sections(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields by section, for the page."""
        titles = {name: getattr(section, "title", name.capitalize()) for name, section in policies.sections.items()}
        return [
            (title, [self[key] for key in self.fields if key.startswith(f"{name}.")])
            for name, title in sorted(titles.items())
        ]

    def changed(self) -> dict[str, Any]:
        """What differs from the policy in force."""
        return {key: value for key, value in self.cleaned_data.items() if value != self.initial[key]}


@admin.register(Policy)
class PolicyAdmin(ReadOnly):
    """Instead of a list of rows, the page of all policies."""

    keyset = "key"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_see(request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        policies.forget()
        form = PoliciesForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                if changed := form.changed():
                    actions.set_policies(cast(SignedInRequest, request).user, changed)
            except Refusal as refusal:
                form.add_error(None, str(refusal.message))
            else:
                messages.success(request, _("Saved."))
                return redirect("admin:core_policy_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Site policies"),
            "form": form,
            "opts": self.opts,
        }
        return render(request, "admin/policies.html", context)

    def change_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("admin:core_policy_changelist")
