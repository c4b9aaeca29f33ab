"""The first page of the admin, and its numbers for who keeps it open."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from chatroom import dashboard


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """For administrators with the dashboard, for moderators without."""
    shown: dict[str, Any] = {"dashboard": dashboard.look()} if request.user.is_superuser else {}
    return admin.site.index(request, shown)


@require_safe
def numbers(request: HttpRequest) -> JsonResponse:
    """The dashboard as it is now; the page takes over what has changed."""
    if not request.user.is_superuser:
        raise PermissionDenied
    return JsonResponse({"html": render_to_string("admin/dashboard.html", {"dashboard": dashboard.look()}, request)})


def urls() -> list[URLPattern]:
    """The addresses, before those of the admin itself."""
    return [
        path("admin/", admin.site.admin_view(start)),
        path("admin/dashboard/", admin.site.admin_view(numbers), name="dashboard_numbers"),
    ]
