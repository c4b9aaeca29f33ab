"""Pages instead of the one that was asked for: why somebody cannot come in, or is out."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from allauth.account.utils import get_next_redirect_url
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts import actions
from accounts.access import live_sessions
from accounts.models import LoginSession
from core.refusal import Refusal

STOPS = {"locked", "locked_for_good", "address_locked", "blocked", "not_approved", "password_expired"}


class Elsewhere(NamedTuple):
    """The sign-in that ended a session: when and from where. Empty where it is not known."""

    at: datetime
    device: str
    ip: str

    def __str__(self) -> str:
        values = {"time": date_format(localtime(self.at), "DATETIME_FORMAT"), "device": self.place}
        return _("You signed in on another device (%(device)s; %(time)s), so this session has ended.") % values

    @property
    def place(self) -> str:
        """Device and address."""
        return ", ".join(part for part in (self.device, self.ip) if part) or "?"


def elsewhere(login_session: LoginSession) -> Elsewhere:
    """Who displaced a session."""
    by = login_session.displaced_by
    device = (by.device or str(by.get_kind_display())) if by else ""
    return Elsewhere(login_session.ended_at or login_session.last_seen, device, (by.ip or "") if by else "")


def stopped(request: HttpRequest, code: str, status: int = 403, **context: Any) -> HttpResponse:
    """The page that says why, with what can be done about it."""
    response = render(request, "accounts/stopped.html", {"code": code, **context}, status=status)
    if seconds := context.get("seconds"):
        response["Retry-After"] = str(seconds)
    return response


def refused(request: HttpRequest, refusal: Refusal, name: str = "", stays: bool = True) -> HttpResponse:
    """The page for a sign-in that was refused. `name` is what was typed; `stays`: wants to stay signed in."""
    person, seconds = getattr(refusal, "person", None), getattr(refusal, "seconds", None)
    context: dict[str, Any] = {"person": person, "seconds": seconds, "name": name}
    context["next"] = get_next_redirect_url(request) or "/"
    if person is not None and refusal.code == "signed_in_elsewhere":
        context.update(proof=actions.prove(person), other=live_sessions(person).first(), stays=stays)
    return stopped(request, refusal.code, refusal.status, **context)
