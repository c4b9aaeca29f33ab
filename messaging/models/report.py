"""Messages that somebody has reported, and what became of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Report(models.Model):
    """One person finds one message wrong; without a reporter it was the site's list of words. It leaves `open` once, by a conditional update."""

    class Reason(models.TextChoices):
        SPAM = "spam", _("Spam or advertising")
        HARASSMENT = "harassment", _("Harassment or hate")
        VIOLENCE = "violence", _("Violence or danger")
        PRIVATE = "private", _("Private data of somebody")
        OTHER = "other", _("Something else")
        WORDS = "words", _("Word list")

    class State(models.TextChoices):
        OPEN = "open", _("Waiting")
        DISMISSED = "dismissed", _("Dismissed")
        ACTED = "acted", _("Acted on")

    class Outcome(models.TextChoices):
        RECALLED = "recalled", _("message recalled")
        MUTED = "muted", _("sender muted")
        BLOCKED = "blocked", _("account blocked")

    message = models.ForeignKey("messaging.Message", models.CASCADE, db_index=False, related_name="+")
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")  # of the message
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    reason = models.CharField(max_length=10, choices=Reason.choices)
    words = models.CharField(max_length=500, blank=True)
    made_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    handled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.UniqueConstraint(fields=["message", "reporter"], name="report_unique"),
            models.UniqueConstraint(fields=["message"], condition=Q(reporter=None), name="report_one_of_the_site"),
        ]
        indexes = [models.Index(fields=["message"], condition=Q(state="open"), name="report_open")]

    def __str__(self) -> str:
        return f"{self.reporter_id} on {self.message_id}: {self.state}"
