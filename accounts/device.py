"""What a request tells about the device it comes from."""

from __future__ import annotations

import re

from allauth.core.internal.httpkit import get_client_ip
from django.http import HttpRequest

from accounts.models import LoginSession

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
