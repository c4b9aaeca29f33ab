"""Files over HTTP, each time after the right to see them was asked for."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from core.refusal import Refusal
from files import serving
from files.access import get_file


@require_safe
@login_required
def stored(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """The file itself; the name at the end of the address is for people."""
    return _answer(request, token, "")


@require_safe
@login_required
def made(request: HttpRequest, token: str, part: str) -> HttpResponseBase:
    """The preview of a file, or the still of one that moves."""
    return _answer(request, token, part)


def _answer(request: HttpRequest, token: str, part: str) -> HttpResponseBase:
    try:
        file = get_file(request.user, token)
        if file.name == part and (not file.preview or "download" in request.GET):
            part = ""  # that is how it is called
        return serving.answer(request, file, f".{part}" if part else "")
    except Refusal:
        raise Http404 from None
