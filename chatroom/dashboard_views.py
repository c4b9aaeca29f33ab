"""The first page of the admin, and its numbers for who keeps it open."""

from __future__ import annotations

from time import monotonic
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from chatroom import dashboard

FRESH_FOR = 2.0  # seconds
_boards: dict[str, tuple[float, SafeString]] = {}  # by language


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """For administrators with the dashboard, for moderators without."""
    shown: dict[str, Any] = {"board": board()} if request.user.is_superuser else {}
    return admin.site.index(request, shown)


@require_safe
def numbers(request: HttpRequest) -> JsonResponse:
    """The dashboard as it is now; the page takes over what has changed."""
    if not request.user.is_superuser:
        raise PermissionDenied
    return JsonResponse({"html": board()})


def board() -> SafeString:
    """The numbers in the language of whoever looks, made anew after a moment: many who look cost as much as one."""
    language = get_language()
    made, html = _boards.get(language, (-FRESH_FOR, SafeString()))
    if monotonic() - made > FRESH_FOR:
        html = render_to_string("admin/dashboard.html", {"dashboard": dashboard.look()})
        _boards[language] = (monotonic(), html)
    return html


def urls() -> list[URLPattern]:
    """The addresses, before those of the admin itself."""
    return [
        path("admin/", admin.site.admin_view(start)),
        path("admin/dashboard/", admin.site.admin_view(numbers), name="dashboard_numbers"),
    ]
