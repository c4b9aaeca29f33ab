"""The certificate of `serve --tls`, and how to make a device trust it."""

from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from chatroom.serving.authority import Authority


def authority() -> Authority:
    """The certificate authority of this data folder; 404 without one."""
    found = Authority(Path(settings.DATA_DIR) / "tls")
    if not (settings.TLS and found.ca_file.exists()):
        raise Http404
    return found


@require_safe
def trust(request: HttpRequest) -> HttpResponse:
    """How to make a device trust this site's certificate."""
    return render(request, "trust.html", {"fingerprint": authority().fingerprint()})


@require_safe
def trust_certificate(request: HttpRequest) -> HttpResponse:
    """The certificate of the authority, in the form that phones and computers install."""
    response = HttpResponse(authority().ca_file.read_bytes(), content_type="application/x-x509-ca-cert")
    response["Content-Disposition"] = content_disposition_header(True, "chatroom-ca.crt")
    return response
