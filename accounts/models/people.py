"""Who knows whom, and who wants to hear nothing of whom."""

from __future__ import annotations

from django.db import models

from accounts.models.user import User


class Friendship(models.Model):
    """A request, a refused one, or a friendship; one row per unordered pair, the lower id first."""

    class Status(models.TextChoices):
        PENDING = "pending"
        ACCEPTED = "accepted"
        REFUSED = "refused"  # kept so that the same person does not ask again at once

    low = models.ForeignKey(User, models.CASCADE, related_name="+")
    high = models.ForeignKey(User, models.CASCADE, related_name="+")
    asked_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    status = models.CharField(max_length=8, choices=Status, default=Status.PENDING)
    words = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index("high", "status", name="friendship_of_high"),
            models.Index("low", "status", name="friendship_of_low"),
        ]
        constraints = [
            models.UniqueConstraint("low", "high", name="friendship_pair"),
            models.CheckConstraint(condition=models.Q(low__lt=models.F("high")), name="friendship_ordered"),
            models.CheckConstraint(
                condition=models.Q(asked_by=models.F("low")) | models.Q(asked_by=models.F("high")),
                name="friendship_asked_by_one_of_them",
            ),
        ]


class Block(models.Model):
    """One person wants to hear nothing of another; it works both ways."""

    blocker = models.ForeignKey(User, models.CASCADE, related_name="blocks")
    blocked = models.ForeignKey(User, models.CASCADE, related_name="blocked_by")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("blocker", "blocked", name="block_pair"),
            models.CheckConstraint(condition=~models.Q(blocker=models.F("blocked")), name="block_not_oneself"),
        ]
