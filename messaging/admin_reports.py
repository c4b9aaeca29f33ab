"""Moderation in the admin: the queue of reported messages, and one page for each with what can be done about it."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.requests import SignedInRequest
from core.admin_lists import ReadOnly
from core.admin_pages import page
from core.refusal import Refusal
from messaging import actions, reports
from messaging.models import Report

MUTES = {
    5: gettext_lazy("5 minutes"),
    60: gettext_lazy("1 hour"),
    1440: gettext_lazy("1 day"),
    10_080: gettext_lazy("7 days"),
    43_200: gettext_lazy("30 days"),
}
SAID = {
    "dismiss": gettext_lazy("The reports are dismissed."),
    "recall": gettext_lazy("The message is recalled."),
    "mute": gettext_lazy("The sender is muted."),
    "block": gettext_lazy("The account is blocked."),
}


class DeedForm(forms.Form):
    """What a moderator does about a message; `last` is the newest open report that he has read, `edited` the time of the text."""

    deed = forms.ChoiceField(choices=[(name, name) for name in (*SAID, "view")])
    last = forms.IntegerField(min_value=0, max_value=2**53, required=False)
    edited = forms.CharField(max_length=40, required=False)
    minutes = forms.TypedChoiceField(coerce=int, choices=MUTES.items(), required=False)
    reason = forms.CharField(max_length=200, required=False)


@admin.register(Report)
class ReportAdmin(ReadOnly):
    """Two pages of its own, for moderators and administrators."""

    def get_urls(self) -> list:
        return [
            path("", self.admin_site.admin_view(self.changelist_view), name="messaging_report_changelist"),
            path("<id:id>/", self.admin_site.admin_view(self.case_view), name="messaging_report_case"),
        ]

    def may_see(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_staff

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The queue, or with `?done` what was dealt with."""
        if not self.may_see(request):
            raise PermissionDenied
        done, after = "done" in request.GET, request.GET.get("after", "")
        key = int(after) if after.isascii() and after.isdigit() and len(after) < 16 else None
        entries, following = reports.get_queue(cast(SignedInRequest, request).user, done=done, after=key)
        for entry in entries:
            found: list[Report] = entry["reports"]
            entry["first"], entry["latest"] = found[0], found[-1]
            entry["where"] = _where(entry["place"])
            entry["reasons"] = sorted({str(report.get_reason_display()) for report in found})
        context = {
            "title": _("Reports"),
            "entries": entries,
            "following": following,
            "done": done,
            "first": key is None,
        }
        return page(self, request, "reports/list.html", **context)

    def case_view(self, request: HttpRequest, id: int) -> HttpResponse:
        """One reported message with what stands around it; a POST does something about it."""
        if not self.may_see(request):
            raise PermissionDenied
        user, removed = cast(SignedInRequest, request).user, None
        try:
            if request.method == "POST":
                form = DeedForm(request.POST)
                if not form.is_valid():
                    raise Refusal("bad_request")
                if form.cleaned_data["deed"] != "view":
                    _do(user, id, form.cleaned_data)
                    messages.success(request, SAID[form.cleaned_data["deed"]])
                    return redirect(request.path)
                removed = actions.view_removed(user, id)
            case = reports.get_case(user, id)
        except Refusal as refusal:
            if request.method != "POST" or refusal.code == "not_found":
                raise Http404 from None
            messages.error(request, str(refusal.message))
            return redirect(request.path)
        for message in case["around"]:
            message["at"] = parse_datetime(message["sent_at"])
        sender = case["sender"]
        may_govern = sender is not None and sender != user and (user.is_admin or not sender.is_staff)
        context = {
            **case,
            "title": _("Reported message") if case["reports"] else _("Recalled message"),
            "shown": removed,
            "where": _where(case["place"]),
            "mutes": MUTES.items(),
            "may_mute": may_govern and case["place"]["kind"] != "direct",
            "may_block": may_govern and sender.blocked_at is None,
            "told": _counted(case["earlier"]),
            "edited": next((said["edited_at"] or "" for said in case["around"] if said["id"] == id), ""),
        }
        return page(self, request, "reports/case.html", **context)


def _do(user: Any, id: int, wanted: dict[str, Any]) -> None:
    deed, last = wanted["deed"], wanted["last"] or 0
    if deed == "dismiss":
        actions.dismiss_reports(user, id, last, wanted["edited"])
    elif deed == "recall":
        actions.recall_reported(user, id, last)
    elif deed == "mute":
        actions.mute_reported(user, id, last, wanted["minutes"] or 0)
    else:
        actions.block_reported(user, id, last, wanted["reason"])


def _where(place: dict[str, str]) -> str:
    """What the conversation of a message is called."""
    return {"direct": _("a conversation of two"), "everyone": _("Everyone")}.get(place["kind"], place["name"])


def _counted(earlier: dict[str, int]) -> str:
    """What is known of the sender's other messages."""
    if not earlier["all"]:
        return _("No other message of this person was reported.")
    text = ngettext(
        "%(count)d other message of this person was reported, %(acted)d of them rightly.",
        "%(count)d other messages of this person were reported, %(acted)d of them rightly.",
        earlier["all"],
    )
    return text % {"count": earlier["all"], "acted": earlier["acted"]}
