"""Headers that depend on what is answered to whom."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.urls import reverse
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

from chatroom.templatetags.assets import importmap_hash

PRIVATE_TYPES = ("text/html", "application/json")
WITHOUT_TRUSTED_TYPES = dict.fromkeys(("require-trusted-types-for", "trusted-types"))


class StaticFiles(WhiteNoiseMiddleware):
    """Static files as plain responses: WhiteNoise streams them, which Django, under ASGI, reads whole after a warning and a hop."""

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        """The file, or the part of it that was asked for."""
        found = static_file.get_response(request.method, request.META)
        content = b""
        if found.file is not None:
            with found.file as file:
                content = file.read()
        response = HttpResponse(content, status=int(found.status))
        del response.headers["Content-Type"]
        for name, value in found.headers:
            response.headers[name] = value
        if "immutable" in response.headers.get("Cache-Control", ""):  # not asked for again
            del response.headers["Last-Modified"], response.headers["ETag"]
        return response


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
