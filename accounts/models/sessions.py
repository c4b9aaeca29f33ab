"""Signed-in browsers and programs, and the guard at the door."""

from __future__ import annotations

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User


def new_key() -> str:
    """A random id of 192 bits."""
    return secrets.token_urlsafe(24)


class LoginSession(models.Model):
    """One sign-in, from opening to end. The Django session keeps its `key`; all tabs of a browser share it."""

    class Kind(models.TextChoices):
        COMPUTER = "computer", _("Computer")
        PHONE = "phone", _("Phone")
        GATEWAY = "gateway", _("Older client")

    class Reason(models.TextChoices):
        SIGNED_OUT = "signed_out", _("Signed out")
        DISPLACED = "displaced", _("Signed in elsewhere")
        ENDED = "ended", _("Ended from another device")
        PASSWORD = "password", _("Password changed")
        BLOCKED = "blocked", _("Account blocked")
        DELETED = "deleted", _("Account deleted")
        EXPIRED = "expired", _("Expired")

    user = models.ForeignKey(User, models.CASCADE, related_name="login_sessions", verbose_name=_("account"))
    key = models.CharField(max_length=64, unique=True, default=new_key, editable=False)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    device = models.CharField(_("device"), max_length=100, blank=True)
    ip = models.GenericIPAddressField(_("address"), null=True)
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    last_seen = models.DateTimeField(_("last seen"), auto_now_add=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    ended_reason = models.CharField(_("reason"), max_length=16, choices=Reason, blank=True)
    displaced_by = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")  # where it was signed in

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        indexes = [
            models.Index("user", "kind", name="login_session_live", condition=models.Q(ended_at=None)),
            models.Index("user", models.F("started_at").desc(), name="login_session_history"),
            models.Index(fields=["ended_at"], name="login_session_ended", condition=models.Q(ended_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at=None, ended_reason="")
                | (models.Q(ended_at__isnull=False) & ~models.Q(ended_reason="")),
                name="login_session_ended_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.device}"


class SignInGuard(models.Model):
    """Counted failures for one name (also an unknown one), device or address."""

    key = models.CharField(max_length=160, primary_key=True)  # name:<key> | device:<user>:<id> | address:<network>
    failures = models.PositiveIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)  # of an address: when its count begins anew
    last_failure = models.DateTimeField(null=True, db_index=True)


class Token(models.Model):
    """A password for programs: shown once, stored hashed."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True, editable=False)  # SHA-256, hex, of 256 random bits
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
