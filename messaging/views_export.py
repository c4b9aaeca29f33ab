"""Transcripts for members."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from core.refusal import Refusal
from core.streaming import streamed
from messaging import actions
from messaging.transcript_forms import FORMS

ZIP = (None, "zip", "application/zip")


@require_GET
@login_required
def export(request: HttpRequest, conversation: int, form: str) -> HttpResponseBase:
    """The conversation as a file, sent while it is read. Its files are addresses of this site, or in the archive."""
    base = request.build_absolute_uri("/").rstrip("/")
    zone: Any = timezone.get_current_timezone()

    def link(message: dict, number: int, file: dict) -> str:
        return base + reverse("file", args=[file["token"], "x"])[:-1] + quote(file["name"])

    try:
        place, found = actions.export_conversation(
            request.user, conversation, form, zone if isinstance(zone, ZoneInfo) else ZoneInfo(settings.TIME_ZONE), link
        )
    except Refusal as refusal:
        if refusal.code == "too_fast":
            return render(request, "429.html", status=429)
        raise Http404 from None
    _, ending, content_type = ZIP if form == "zip" else FORMS[form]
    response = StreamingHttpResponse(streamed(found), content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, f"{place.stem}.{ending}") or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response
