"""What a request tells about the device it comes from."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta

from allauth.core.internal.httpkit import get_client_ip
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import LoginSession, User

COOKIE = "__Host-device" if settings.TLS else "device"
COOKIE_SECONDS = 400 * 24 * 3600  # no browser keeps one longer
COOKIE_SALT = "accounts.device"
PEOPLE = 20  # that one browser is remembered for, the latest
ADDRESS_KNOWN = timedelta(days=30)

PHONE = re.compile(r"Mobi|Android|iPhone|iPad|iPod|HarmonyOS", re.IGNORECASE)
BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Zalo", "Zalo"),
    ("coc_coc_browser", "Cốc Cốc"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("MiuiBrowser", "Mi Browser"),
    ("QQBrowser", "QQ"),
    ("UCBrowser", "UC"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def kind_of(user_agent: str) -> str:
    """Phone or computer, by the User-Agent."""
    return LoginSession.Kind.PHONE if PHONE.search(user_agent) else LoginSession.Kind.COMPUTER


def label_of(user_agent: str) -> str:
    """Browser and system in two words, such as `Firefox · Linux`; empty when unknown."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return " · ".join(part for part in (browser, system) if part)


def ip_of(request: HttpRequest | None) -> str | None:
    """The address asked from, through the trusted proxies."""
    return (get_client_ip(request) or None) if request is not None else None


def _read(cookie: str) -> tuple[str, list[int]]:
    try:
        id, people = signing.loads(cookie, salt=COOKIE_SALT, max_age=COOKIE_SECONDS)
    except (signing.BadSignature, ValueError):
        return secrets.token_urlsafe(12), []
    return id, people


def known_to(cookie: str, user: User) -> str | None:
    """The id of this browser, if the person has signed in with it before."""
    id, people = _read(cookie)
    return id if user.pk in people else None


def known_address(ip: str | None, user: User) -> str | None:
    """The same for an older client, which has no cookie: an address from which the person has signed in lately."""
    since = timezone.now() - ADDRESS_KNOWN
    known = bool(ip) and LoginSession.objects.filter(user=user, ip=ip, started_at__gt=since).exists()
    return f"ip:{ip}" if known else None


def remember(cookie: str, user: User) -> str:
    """The cookie of a browser in which this person has just signed in, besides those before him."""
    id, people = _read(cookie)
    return signing.dumps([id, [*(pk for pk in people if pk != user.pk), user.pk][-PEOPLE:]], salt=COOKIE_SALT)


def keep_cookie(request: HttpRequest, response: HttpResponse) -> None:
    """Hand the browser the cookie that a sign-in during this request left on it."""
    if value := getattr(request, "device_cookie", ""):
        response.set_cookie(COOKIE, value, COOKIE_SECONDS, httponly=True, secure=settings.TLS, samesite="Lax", path="/")
