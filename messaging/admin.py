"""Invite links in the admin: a list, and a page that makes one and shows it once, to be copied, scanned or printed."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.requests import SignedInRequest
from core.admin_lists import ReadOnly
from core.refusal import Refusal
from messaging import actions, admin_conversations, admin_messages, admin_reports  # noqa: F401 - they register their pages
from messaging.invites import groups
from messaging.models import InviteLink

DAYS = {1: gettext_lazy("1 day"), 7: gettext_lazy("7 days"), 30: gettext_lazy("30 days"), 365: gettext_lazy("1 year")}


class InviteForm(forms.Form):
    """Where a link leads, how long, and for how many."""

    conversation = forms.TypedChoiceField(
        label=gettext_lazy("Group"), required=False, coerce=int, empty_value=None,
        help_text=gettext_lazy("People who come by the link are members of it at once."),
    )  # fmt: skip
    days = forms.TypedChoiceField(label=gettext_lazy("Valid for"), coerce=int, choices=DAYS.items(), initial=7)
    max_uses = forms.IntegerField(
        label=gettext_lazy("For how many people"), required=False, min_value=1, max_value=10_000,
        help_text=gettext_lazy("Empty: for anybody who has the link."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ChoiceField, self.fields["conversation"])
        field.choices = [("", _("None, only the site")), *groups().values_list("pk", "name")]


@admin.register(InviteLink)
class InviteLinkAdmin(ReadOnly):
    """All invite links, those of groups too."""

    list_display = ("made_at", "maker", "where", "expires_at", "used", "state")
    list_display_links = None
    list_select_related = ("maker", "conversation")
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    @admin.display(description=gettext_lazy("group"))
    def where(self, link: InviteLink) -> str:
        return link.conversation.name if link.conversation else "–"

    @admin.display(description=gettext_lazy("used"))
    def used(self, link: InviteLink) -> str:
        return f"{link.uses} / {link.max_uses}" if link.max_uses else str(link.uses)

    @admin.display(description=gettext_lazy("state"))
    def state(self, link: InviteLink) -> str:
        if link.revoked_at:
            return _("Withdrawn")
        if link.expires_at <= timezone.now():
            return _("Expired")
        return _("Used up") if link.max_uses and link.uses >= link.max_uses else _("Works")

    @admin.action(description=gettext_lazy("Withdraw"))
    def revoke(self, request: SignedInRequest, queryset: QuerySet[InviteLink]) -> None:
        done = 0
        for link in queryset.filter(revoked_at=None):
            actions.revoke_site_link(request.user, link.pk)
            done += 1
        text = ngettext("%(count)d link withdrawn.", "%(count)d links withdrawn.", done) % {"count": done}
        messages.success(request, text)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The form, and after it the link: the only time that it can be seen."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form, token = InviteForm(request.POST or None), ""
        if request.method == "POST" and form.is_valid():
            chosen = form.cleaned_data
            try:
                _link, token = actions.make_site_link(
                    cast(SignedInRequest, request).user,
                    chosen["conversation"],
                    days=chosen["days"],
                    max_uses=chosen["max_uses"],
                )
            except Refusal as refusal:
                form.add_error(None, str(refusal.message))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Invite link") if token else _("New invite link"),
            "opts": self.opts,
            "form": form,
            "token": token,
            "link": request.build_absolute_uri(reverse("join", args=[token])) if token else "",
            "only_here": request.get_host().partition(":")[0] in {"localhost", "127.0.0.1", "[::1]"},
        }
        return render(request, "admin/invite_link.html", context)
