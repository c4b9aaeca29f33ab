"""The admin's pages for importing people: a file, what it would do, how far it is, the one-time passwords."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import actions
from accounts.admin_pages import show_passwords
from accounts.report import as_csv
from accounts.requests import SignedInRequest
from accounts.sealing import new_key
from core.admin_pages import page
from core.jobs import soon
from core.refusal import Refusal

BUSY = ("waiting", "running")
DAY = 24 * 60 * 60


class FileForm(forms.Form):
    """The file, and what to do with what is not as expected."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv,text/plain"}),
    )
    create_groups = forms.BooleanField(
        label=gettext_lazy("Create groups that do not exist; you become their owner"), required=False
    )
    keep_existing = forms.BooleanField(
        label=gettext_lazy("Leave accounts that exist as they are, and only add them to the groups"), required=False
    )


def urls(admin: ModelAdmin) -> list:
    """The addresses, below those of the accounts."""

    def of(view: Any) -> Any:
        def wrapped(request: SignedInRequest, **found: Any) -> HttpResponse:
            if not admin.has_add_permission(request):
                raise PermissionDenied
            return view(admin, request, **found)

        return admin.admin_site.admin_view(wrapped)

    return [
        path("import/", of(choose), name="accounts_import"),
        path("import/<id:id>/", of(job), name="accounts_import_job"),
        path("import/<id:id>/progress/", of(progress), name="accounts_import_progress"),
        path("import/<id:id>/start/", of(start), name="accounts_import_start"),
        path("import/<id:id>/report/", of(report), name="accounts_import_report"),
    ]


def choose(admin: ModelAdmin, request: SignedInRequest) -> HttpResponse:
    """The file is read and checked; the next page says what is in it."""
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file, options = (
            form.cleaned_data["file"],
            {name: form.cleaned_data[name] for name in ("create_groups", "keep_existing")},
        )
        try:
            made = actions.begin_import(request.user, file.name, file.read(), **options)
        except Refusal as refusal:
            form.add_error("file", str(refusal.message))
        else:
            return redirect("admin:accounts_import_job", made.pk)
    return page(admin, request, "accounts/import.html", title=_("Import people"), form=form)


def own_import(request: SignedInRequest, id: int) -> Any:
    """One of one's own imports, else a page that does not exist."""
    try:
        return actions.get_import(request.user, id)
    except Refusal:
        raise Http404 from None


def job(admin: ModelAdmin, request: SignedInRequest, id: int) -> HttpResponse:
    """Where an import stands: checked, at work, done or failed."""
    import_ = own_import(request, id)
    key = cookie_of(id) in request.COOKIES
    context = {"busy": import_.state in BUSY, "job": import_, "mine": key, "percent": percent_of(import_)}
    response = page(admin, request, "accounts/import_job.html", title=_("Import people"), **context)
    if import_.state == "checked" and not key:  # before anything is made: a key that is lost on its way loses nothing
        response.set_cookie(
            cookie_of(id),
            new_key(),
            max_age=DAY,
            path=request.path,
            secure=settings.TLS,
            httponly=True,
            samesite="Strict",
        )
    return response


def percent_of(import_: Any) -> int:
    """How far it is; the last hundredth is the writing."""
    return min(99, 100 * import_.done // max(1, import_.new))


def progress(admin: ModelAdmin, request: SignedInRequest, id: int) -> HttpResponse:
    """The same as data, for the page's script."""
    import_ = own_import(request, id)
    return JsonResponse({"busy": import_.state in BUSY, "done": import_.done, "percent": percent_of(import_)})


def cookie_of(id: int) -> str:
    """Where the browser keeps the key of a report."""
    return f"import-{id}"


def start(admin: ModelAdmin, request: SignedInRequest, id: int) -> HttpResponse:
    """Have the accounts made. The key of the passwords stays in this browser."""
    if request.method == "POST":
        own_import(request, id)
        with suppress(Refusal):  # pressed twice: the first one counts
            actions.start_import(request.user, id, request.COOKIES.get(cookie_of(id), ""))
            soon("accounts.run_import", id)
    return redirect("admin:accounts_import_job", id)


def report(admin: ModelAdmin, request: SignedInRequest, id: int) -> HttpResponse:
    """The one-time passwords: as a page, or as a file; each once."""
    here = reverse("admin:accounts_import_job", args=[id])
    if request.method != "POST":
        return redirect(here)
    how = "downloaded" if "download" in request.POST else "shown"
    try:
        rows = actions.fetch_report(request.user, id, request.COOKIES.get(cookie_of(id), ""), how=how)
    except Refusal:
        return redirect(here)
    if how == "shown":
        return show_passwords(admin, request, _("One-time passwords"), rows, back=here)
    name = f"one-time-passwords-{id}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(as_csv(rows), content_type="text/csv; charset=utf-8", headers=headers)
