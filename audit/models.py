"""The log: rows are only ever added, and each holds the hash of the one before."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """One thing that happened. Names stand beside ids, so that it stays readable when accounts are gone."""

    id = models.BigIntegerField(primary_key=True)  # given by the chain, without holes
    at = models.DateTimeField(_("at"), db_index=True)
    actor_id = models.BigIntegerField(_("actor id"), null=True)
    actor_name = models.CharField(_("actor"), max_length=64, blank=True)
    action = models.CharField(_("action"), max_length=64)
    target_type = models.CharField(_("target type"), max_length=32, blank=True)
    target_id = models.BigIntegerField(_("target id"), null=True)
    target_name = models.CharField(_("target"), max_length=64, blank=True)
    ip = models.GenericIPAddressField(_("address"), null=True)
    detail = models.JSONField(_("detail"), default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ("-id",)
        indexes = [
            models.Index("actor_id", "id", name="event_actor"),
            models.Index("action", "id", name="event_action"),
            models.Index("target_type", "target_id", "id", name="event_target"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.action}"

    def content(self) -> dict[str, Any]:
        """What the hash covers."""
        return {
            "id": self.id,
            "at": self.at.isoformat(),
            "actor": [self.actor_id, self.actor_name],
            "action": self.action,
            "target": [self.target_type, self.target_id, self.target_name],
            "ip": self.ip,
            "detail": self.detail,
            "previous": self.previous_hash,
        }

    def digest(self) -> str:
        """SHA-256 of the content, hex."""
        return hashlib.sha256(
            json.dumps(self.content(), sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()
        ).hexdigest()


class ChainHead(models.Model):
    """The one row that says where the chain ends; writers take its lock in turn."""

    number = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="chain_head_single")]


class ExportJob(models.Model):
    """An export of the log that a worker writes; its file is kept for a week."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    format = models.CharField(max_length=8)
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    user = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=200, blank=True)  # names or patterns, between blanks
    ends = models.JSONField(default=dict)  # the last id of each source when it was asked for
    name = models.CharField(max_length=64)
    token = models.CharField(max_length=22)  # part of the file's name
    done = models.BigIntegerField(default=0)  # entries written
    percent = models.PositiveSmallIntegerField(default=0)
    size = models.BigIntegerField(default=0)
    problem = models.CharField(max_length=200, blank=True)
    attempt = models.PositiveIntegerField(default=0)  # the worker, for one that comes back late
    made_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"{self.pk} {self.name} {self.state}"
