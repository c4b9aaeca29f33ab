"""The way in for the first administrator."""

from django.db import models


class SetupLink(models.Model):
    """The one-time set-up link: at most one row, gone once an administrator exists."""

    digest = models.CharField(max_length=64)  # SHA-256, hex, of 256 random bits
    made_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="setup_link_single")]
