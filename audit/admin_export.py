"""The admin's pages for exporting the log: what is wanted, how far it is, the file when it is ready."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django import forms
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import actions
from audit.formats import FORMATS
from audit.names import ACTIONS, SENT
from core.admin_pages import page
from core.jobs import soon
from core.refusal import Refusal
from core.streaming import pieces_of, streamed

BUSY = ("waiting", "running")
FORMAT_NAMES = (
    ("csv", gettext_lazy("Table for spreadsheets (CSV)")),
    ("text", gettext_lazy("Text, one line for each event")),
    ("xml", gettext_lazy("XML, with a schema")),
    ("jsonl", gettext_lazy("JSON, one object on each line")),
)


def event_choices() -> list[Any]:
    """All events, and each by itself, together with those of the same thing."""
    known = [("message.sent", SENT["message.sent"]), ("file.sent", SENT["file.sent"]), *ACTIONS.items()]
    groups = groupby(
        sorted(known, key=lambda pair: pair[0].partition(".")[0]), key=lambda pair: pair[0].partition(".")[0]
    )
    choices: list[Any] = [("", _("All events"))]
    for thing, some in groups:
        members = list(some)
        each = [(name, f"{word} ({name})") for name, word in members]
        choices.append((thing, [(f"{thing}.*", f"{thing}.*"), *each] if len(members) > 1 else each))
    return choices


class ExportForm(forms.Form):
    """Which part of the log, and in which form."""

    format = forms.ChoiceField(
        label=gettext_lazy("Format"), choices=FORMAT_NAMES, widget=forms.RadioSelect, initial="csv"
    )
    since = forms.DateField(
        label=gettext_lazy("From"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )
    until = forms.DateField(
        label=gettext_lazy("Until"),
        required=False,
        help_text=gettext_lazy("The day is included. Leave both empty for the whole log."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )
    user = forms.CharField(
        label=gettext_lazy("User name"),
        required=False,
        max_length=64,
        help_text=gettext_lazy("What this person did, and what was done to the account."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}),
    )
    action = forms.ChoiceField(label=gettext_lazy("Event"), required=False, choices=event_choices)


def urls(admin: ModelAdmin) -> list:
    """The addresses, below those of the log."""

    def of(view: Any) -> Any:
        def wrapped(request: HttpRequest, **found: Any) -> Any:
            if not request.user.is_superuser:
                raise PermissionDenied
            return view(admin, request, **found)

        return admin.admin_site.admin_view(wrapped)

    return [
        path("export/", of(choose), name="audit_export"),
        path("export/<id:id>/", of(job), name="audit_export_job"),
        path("export/<id:id>/progress/", of(progress), name="audit_export_progress"),
        path("export/<id:id>/download/", of(download), name="audit_export_download"),
    ]


def choose(admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """What is wanted; below it, the exports of the last days."""
    form = ExportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = {name: str(value or "") for name, value in form.cleaned_data.items() if name != "format"}
        try:
            made = actions.begin_export(request.user, form.cleaned_data["format"], **asked)
        except Refusal as refusal:
            form.add_error(None, str(refusal.message))
        else:
            soon("audit.run_export", made.pk)
            return redirect("admin:audit_export_job", made.pk)
    return page(
        admin,
        request,
        "audit/export.html",
        title=_("Export the log"),
        form=form,
        jobs=actions.list_exports(request.user),
    )


def found(request: HttpRequest, id: int) -> Any:
    """An export, else a page that does not exist."""
    try:
        return actions.get_export(request.user, id)
    except Refusal:
        raise Http404 from None


def job(admin: ModelAdmin, request: HttpRequest, id: int) -> HttpResponse:
    """Where an export stands."""
    export = found(request, id)
    return page(
        admin, request, "audit/export_job.html", title=_("Export the log"), job=export, busy=export.state in BUSY
    )


def progress(admin: ModelAdmin, request: HttpRequest, id: int) -> HttpResponse:
    """The same as data, for the page's script."""
    export = found(request, id)
    return JsonResponse({"busy": export.state in BUSY, "done": export.done, "percent": export.percent})


def download(admin: ModelAdmin, request: HttpRequest, id: int) -> Any:
    """The file; who fetched it is in the log."""
    try:
        export, path = actions.fetch_export(request.user, id)
    except Refusal:
        raise Http404 from None
    response = StreamingHttpResponse(streamed(pieces_of(path)), content_type=FORMATS[export.format].content_type)
    response["Content-Disposition"] = content_disposition_header(True, export.name)
    response["Cache-Control"] = "private, no-store"
    return response
