"""The log: rows are only ever added, and each holds the hash of the one before."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import models
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
