"""Which pages may open the socket: exact origins only, scheme, host and port."""

from django.conf import settings
from django.http.request import split_domain_port, validate_host


def allowed(scope: dict) -> bool:
    """Whether the Origin header is this site's own, or one that the settings name."""
    headers = {name: value.decode("latin-1") for name, value in scope["headers"] if name in (b"origin", b"host", b"x-forwarded-proto", b"x-forwarded-host")}
    origin, host = headers.get(b"origin", ""), headers.get(b"host", "")
    secure = scope.get("scheme") == "wss"
    if settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        secure = headers.get(b"x-forwarded-proto", "") == "https" or secure
        host = headers.get(b"x-forwarded-host", host)
    domain = split_domain_port(host)[0]
    if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
        return False
    own = f"{'https' if secure else 'http'}://{host}".lower()
    return origin.lower() == own or origin in settings.ORIGINS
