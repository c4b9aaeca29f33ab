"""The settings: what the environment says of names, HTTPS, proxies and time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from chatroom.doctor import Check, Finding, error, ok, warning
from chatroom.serving import network

SOON = timedelta(days=14)  # until a certificate ends


def debug() -> Iterator[Finding]:
    """Off, where others can reach it."""
    if settings.DEBUG:
        yield error(
            _("CHATROOM_DEBUG is on: errors show the inside of the site to everybody."),
            _("Unset CHATROOM_DEBUG and restart."),
        )
    else:
        yield ok(_("CHATROOM_DEBUG is off."))


def hosts() -> Iterator[Finding]:
    """Under which names the site answers."""
    given = [host.strip() for host in os.environ.get("CHATROOM_ALLOWED_HOSTS", "").split(",") if host.strip()]
    if "*" in given:
        yield error(
            _("CHATROOM_ALLOWED_HOSTS is *: links and redirects could be led to other sites."),
            _("Name the hosts: CHATROOM_ALLOWED_HOSTS=chat.example"),
        )
    elif bad := [host for host in given if "/" in host or "://" in host]:
        yield error(
            _("CHATROOM_ALLOWED_HOSTS has an address where a name belongs: %(host)s") % {"host": bad[0]},
            _("Write the name alone: CHATROOM_ALLOWED_HOSTS=chat.example"),
        )
    elif settings.ALLAUTH_TRUSTED_PROXY_COUNT and not given:
        yield error(
            _("The site is behind a proxy, and does not know its own name."),
            _("Set CHATROOM_ALLOWED_HOSTS to the name that people open."),
        )
    else:
        yield ok(_("The site answers to %(hosts)s") % {"hosts": ", ".join(given or network.machine_names()[:3])})


def origins() -> Iterator[Finding]:
    """Exact, and as people open the site."""
    for origin in settings.ORIGINS:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path or parts.query:
            yield error(
                _("CHATROOM_ORIGINS has %(origin)s, which no browser sends.") % {"origin": origin},
                _("An origin is scheme and host without a slash at the end: https://chat.example"),
            )
        elif settings.TLS and parts.scheme == "http":
            yield warning(
                _("CHATROOM_ORIGINS has %(origin)s, though the site speaks HTTPS.") % {"origin": origin},
                _("Write https:// there, or leave it out."),
            )


def proxies() -> Iterator[Finding]:
    """HTTPS and the addresses of people come from the proxy, if there is one."""
    own = (Path(settings.DATA_DIR) / "tls" / "server.pem").exists()
    if settings.ALLAUTH_TRUSTED_PROXY_COUNT and not settings.TLS:
        yield warning(
            _("The site is behind a proxy, without HTTPS."),
            _("Let the proxy speak HTTPS (deploy/nginx.conf) and set CHATROOM_TLS=1."),
        )
    elif settings.TLS and not settings.ALLAUTH_TRUSTED_PROXY_COUNT and not own:
        yield warning(
            _("CHATROOM_TLS is on, and no proxy is trusted."),
            _(
                "Behind a proxy set CHATROOM_TRUSTED_PROXIES=1, or all people seem to be one address. Ignore this with --tls-cert."
            ),
        )
    elif not settings.TLS and not own:
        yield warning(
            _("People reach the site without HTTPS: everybody on the network can read along."),
            _("Start with --tls, or put a proxy with HTTPS in front (docs/operate.md)."),
        )
    else:
        yield ok(_("People reach the site by HTTPS."))


def certificate() -> Iterator[Finding]:
    """Of `--tls`: not about to end."""
    path = Path(settings.DATA_DIR) / "tls" / "server.pem"
    if not path.exists():
        return
    end = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    if end - datetime.now(UTC) < SOON:
        yield error(
            _("The certificate of --tls ends on %(day)s.") % {"day": end.date()},
            _("Restart the site: it makes a new one."),
        )
    else:
        yield ok(_("The certificate of --tls is good until %(day)s.") % {"day": end.date()})


def time_zone() -> Iterator[Finding]:
    """Days of the log and of charts are counted in it."""
    now = timezone.localtime(timezone=timezone.get_default_timezone())
    yield ok(_("Time zone %(zone)s: it is %(time)s there.") % {"zone": settings.TIME_ZONE, "time": f"{now:%H:%M}"})


def language() -> Iterator[Finding]:
    """One of those the site speaks."""
    known = dict(settings.LANGUAGES)
    if settings.LANGUAGE_CODE not in known:
        yield error(
            _("CHATROOM_LANGUAGE is %(language)s, which the site does not speak.")
            % {"language": settings.LANGUAGE_CODE},
            _("Choose one of %(languages)s.") % {"languages": ", ".join(known)},
        )


def metrics() -> Iterator[Finding]:
    """A token that nobody guesses."""
    if settings.METRICS_TOKEN and len(settings.METRICS_TOKEN) < 20:
        yield warning(_("CHATROOM_METRICS_TOKEN is short enough to be guessed."), _("Make one of 30 letters or more."))


CHECKS: list[Check] = [debug, hosts, origins, proxies, certificate, time_zone, language, metrics]
