"""The chat's page, and what browsers and developers ask about the site."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language

from accounts.options import FIELDS
from accounts.policies import Site
from core import policies
from core.refusal import Refusal
from messaging.access import get_page
from messaging.first_rows import first_rows, title
from messaging.summary import DEFAULTS, get_object
from realtime import snapshot

COLOURS = (
    *("ground", "surface", "surface-2", "surface-3", "line", "line-strong", "text", "text-2"),
    *("accent", "accent-strong", "accent-fill", "accent-soft", "bubble-own"),
    *("danger", "danger-fill", "danger-soft", "success", "success-soft", "warning", "warning-soft"),
)  # tokens of base.css that the style page shows
# Bars of a voice message on the style page: place, upper end, height
WAVE = [(bar * 3, 12 - height // 2, height) for bar in range(64) for height in (2 + bar * 7 % 19 // 2 * 2,)]


@login_required
def chat(
    request: HttpRequest,
    conversation: int | None = None,
    seq: int | None = None,
    table: int | None = None,
    no: int | None = None,
) -> HttpResponse:
    """The chat: frame, snapshot and the open conversation's messages in one answer. A card table or a match is put over it by a script."""
    made, _ = snapshot.build(request.user)
    context = {"snapshot": made, "page": None, "catalog_url": reverse("catalog", args=[get_language()])}
    if conversation is not None:
        try:
            context |= _opened(request.user, made, conversation, seq)
        except Refusal:
            raise Http404 from None
    return render(request, "chat/shell.html", context)


def _opened(user: Any, made: dict, conversation: int, seq: int | None) -> dict[str, Any]:
    """What stands in the pane before any script has come: the page's rows, and the head over them. Raises Refusal."""
    page = _opening(user, conversation, seq)
    found = next((c for c in made["conversations"] if c["id"] == conversation), None)
    if found is None:  # joined in this moment
        return {"page": page}
    here, compact = {**DEFAULTS, **found}, user.get_options().density == "compact"
    rows = [] if seq else first_rows(page, here, user.pk, compact)
    cut = rows and rows[-1].message["seq"] != page["messages"][-1]["seq"]  # there is more below them
    drawn = {"title": title(here, made["people"], user.pk), "rows": rows, "cut": cut, "compact": compact}
    return {"page": page, "writes": here["can_post"], **drawn}


def _opening(user, conversation: int, seq: int | None) -> dict:
    """The page that a conversation opens with: around a linked message or the first unread one, else the newest."""
    limit = user.get_options().look_back
    if seq is None:
        here = get_object(user, conversation)
        seq = here["read_seq"] + 1 if here["unread"] > limit else None
    return get_page(user, conversation, around=seq, limit=limit)


def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to keep the site among its apps."""
    name = policies.get(Site).name
    icons = [
        {"src": static("icons/favicon.svg"), "type": "image/svg+xml", "sizes": "any"},
        {"src": static("icons/app-192.png"), "type": "image/png", "sizes": "192x192"},
        {"src": static("icons/app-512.png"), "type": "image/png", "sizes": "512x512"},
        {"src": static("icons/app-maskable-512.png"), "type": "image/png", "sizes": "512x512", "purpose": "maskable"},
    ]
    colours = {"theme_color": "#ffffff", "background_color": "#f3f4f8"}
    data = {"name": name, "short_name": name[:24], "id": "/", "start_url": "/", "display": "standalone", **colours}
    return JsonResponse({**data, "icons": icons}, content_type="application/manifest+json")


def style(request: HttpRequest) -> HttpResponse:
    """Every part of the screen in both themes, for developers and administrators."""
    if not (settings.DEBUG or (request.user.is_authenticated and request.user.is_admin)):
        raise Http404
    shown = {"accents": FIELDS["accent"].metadata["choices"], "hues": range(8), "colours": COLOURS, "wave": WAVE}
    return render(request, "style.html", shown)
