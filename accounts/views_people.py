"""One's picture, whom one has blocked, and one's options as a file."""

from __future__ import annotations

import json

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST

from accounts import actions, avatars, options_file
from accounts.actions.avatars import picture_of
from accounts.requests import SignedInRequest
from core.refusal import Refusal


@require_POST
@login_required
def set_avatar(request: SignedInRequest) -> HttpResponse:
    """Take a picture that was sent. The page's script gets JSON, a plain form goes back to the settings."""
    try:
        avatar = actions.set_avatar(request.user, picture_of(request.FILES.get("picture")))
    except Refusal as refusal:
        if wants_json(request):
            error = {"code": refusal.code, "message": str(refusal.message)}
            return JsonResponse({"error": error}, status=refusal.status)
        messages.error(request, str(refusal.message))
        return redirect("account_settings")
    if wants_json(request):
        return JsonResponse({"avatar": avatar})
    messages.success(request, _("Saved."))
    return redirect("account_settings")


@require_POST
@login_required
def remove_avatar(request: SignedInRequest) -> HttpResponse:
    """Have no picture any more."""
    try:
        actions.remove_avatar(request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    return redirect("account_settings")


@require_GET
@login_required
@cache_control(private=True, max_age=31_536_000, immutable=True)
def avatar(request: HttpRequest, avatar: str, size: int) -> HttpResponse:
    """A picture, for whoever is signed in. Its name changes with it, so it may be kept."""
    try:
        return HttpResponse(avatars.read_avatar(avatar, size), content_type="image/webp")
    except Refusal:
        raise Http404 from None


@require_POST
@login_required
def unblock(request: SignedInRequest, id: int) -> HttpResponse:
    """Take one's own block back."""
    try:
        actions.unblock_person(request.user, id)
    except Refusal:
        raise Http404 from None
    return redirect("account_settings")


@require_GET
@login_required
def export_options(request: SignedInRequest) -> HttpResponse:
    """One's own options as a file."""
    text = json.dumps(options_file.export_options(request.user), ensure_ascii=False, indent=2) + "\n"
    headers = {
        "Content-Disposition": 'attachment; filename="chatroom-options.json"',
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(text, content_type="application/json", headers=headers)


@require_POST
@login_required
def import_options(request: SignedInRequest) -> HttpResponse:
    """Take over the options of a file; each one that is refused is named."""
    given = request.FILES.get("file")
    try:
        if given is None or (given.size or 0) > options_file.BYTES_MAX:
            raise Refusal("bad_options", options_file.UNREADABLE, 400)
        refused = options_file.import_options(request.user, given.read())
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
        return redirect("account_settings")
    messages.success(request, _("The options were taken over."))
    for name, reason in refused[:20]:
        messages.warning(request, _("Not taken over: %(name)s (%(reason)s)") % {"name": name, "reason": reason})
    return redirect("account_settings")


def wants_json(request: HttpRequest) -> bool:
    """Whether a script asks."""
    return request.headers.get("Accept", "") == "application/json"
