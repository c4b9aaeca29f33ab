"""An import of people from a file: checked, then made by a job while its page shows how far it is."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models.user import User


class AccountImport(models.Model):
    """One file. The one-time passwords are in `sealed`, which only the browser that started the import can open."""

    class State(models.TextChoices):
        CHECKED = "checked"
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    by = models.ForeignKey(User, models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.CHECKED)
    file_name = models.CharField(max_length=100, blank=True)
    lines = models.JSONField(default=list)  # what the file says; emptied when the accounts are made
    problems = models.JSONField(default=list)  # [line, reason]
    unused = models.JSONField(default=list)  # columns that mean nothing to us
    new_groups = models.JSONField(default=list)
    new = models.PositiveIntegerField(default=0)
    there = models.PositiveIntegerField(default=0)
    create_groups = models.BooleanField(default=False)
    keep_existing = models.BooleanField(default=False)
    done = models.PositiveIntegerField(default=0)  # passwords hashed so far
    attempt = models.PositiveIntegerField(default=0)  # the job that works on it, for one that comes back late
    seal = models.CharField(max_length=64, blank=True)  # public key; the private one is a cookie
    sealed = models.TextField(blank=True)
    shown = models.BooleanField(default=False)
    downloaded = models.BooleanField(default=False)
    made_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"{self.pk} {self.file_name} {self.state}"
