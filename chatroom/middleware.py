"""Headers that depend on what is answered to whom."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.urls import reverse

from chatroom.templatetags.assets import importmap_hash

PRIVATE_TYPES = ("text/html", "application/json")
WITHOUT_TRUSTED_TYPES = dict.fromkeys(("require-trusted-types-for", "trusted-types"))


class PrivateResponses:
    """What a signed-in person is shown stays out of every cache, and other sites may not embed anything.

    Stands inside the CSP middleware, which it tells the hash of the import map; the admin's own scripts need Trusted Types off.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.gzip = GZipMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if response.headers.get("Content-Type", "").startswith(PRIVATE_TYPES):
            if getattr(getattr(request, "_cached_user", None), "is_authenticated", False):
                response.headers.setdefault("Cache-Control", "private, no-store")
            if not response.streaming:
                self.gzip.process_response(request, response)
        if request.path.startswith(reverse("admin:index")):
            response._csp_replace = WITHOUT_TRUSTED_TYPES  # type: ignore[attr-defined]
        elif source := importmap_hash():
            response._csp_update = {"script-src": [source]}  # type: ignore[attr-defined]
        return response
