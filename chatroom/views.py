"""The chat's page and the checks of load balancers."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language

from core.refusal import Refusal
from messaging.access import get_page
from messaging.summary import get_object
from realtime import hints, snapshot


@login_required
def chat(request: HttpRequest, conversation: int | None = None, seq: int | None = None) -> HttpResponse:
    """The chat: frame, snapshot and the open conversation's messages in one answer."""
    made, _ = snapshot.build(request.user)
    page = None
    if conversation is not None:
        try:
            page = _opening(request.user, conversation, seq)
        except Refusal:
            raise Http404 from None
    return render(
        request,
        "chat/shell.html",
        {"snapshot": made, "page": page, "catalog_url": reverse("catalog", args=[get_language()])},
    )


def _opening(user, conversation: int, seq: int | None) -> dict:
    """The page that a conversation opens with: around a linked message or the first unread one, else the newest."""
    limit = user.get_options().look_back
    if seq is None:
        here = get_object(user, conversation)
        seq = here["read_seq"] + 1 if here["unread"] > limit else None
    return get_page(user, conversation, around=seq, limit=limit)


def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """The process can serve people: not draining, database there."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        ready = not (hints.hub and hints.hub.draining)
    except DatabaseError:
        ready = False
    return JsonResponse({"ready": ready}, status=200 if ready else 503)
