"""What the handshake's headers say: which page opens the socket (exact origins only) and whose cookie it carries."""

from django.conf import settings
from django.http import parse_cookie
from django.http.request import split_domain_port, validate_host


def allowed(scope: dict) -> bool:
    """Whether the Origin header is this site's own, or one that the settings name."""
    headers = {
        name: value.decode("latin-1")
        for name, value in scope["headers"]
        if name in (b"origin", b"host", b"x-forwarded-proto", b"x-forwarded-host")
    }
    origin, host = headers.get(b"origin", ""), headers.get(b"host", "")
    secure = scope.get("scheme") in ("wss", "https")
    if settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        secure = headers.get(b"x-forwarded-proto", "") == "https" or secure
        host = headers.get(b"x-forwarded-host", host)
    domain = split_domain_port(host)[0]
    if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
        return False
    own = f"{'https' if secure else 'http'}://{host}".lower()
    return origin.lower() == own or origin in settings.ORIGINS


def address_of(scope: dict) -> str:
    """The client's address; behind so many trusted proxies, the one that the outermost of them saw."""
    count = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    if count:
        forwarded = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
        hops = [hop.strip() for hop in ",".join(forwarded).split(",") if hop.strip()]
        if len(hops) >= count:
            return hops[-count]
    return (scope.get("client") or ("",))[0] or ""


def session_key(scope: dict) -> str | None:
    """The key of the Django session, read as Django's pages read it: whatever else lies in the cookies of this host."""
    cookies = "; ".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie")
    return parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME)
