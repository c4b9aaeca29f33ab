"""One text to several people."""

from django.conf import settings
from django.db import models


class Mailing(models.Model):
    """What somebody has sent to several people at once: the text is in the messages, so that a recall reaches it."""

    sender = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    client_id = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    digest = models.CharField(
        max_length=64
    )  # SHA-256, hex, of text and receivers: the same `client_id` with others is a mistake
    refused = models.JSONField(default=dict)  # user id -> code, for those who got nothing

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sender", "client_id"], name="mailing_client_id_unique")]

    def __str__(self) -> str:
        return f"mailing {self.pk}"
