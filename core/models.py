"""Site policies, a row for each setting that differs from its default; and what the site keeps about itself."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Policy(models.Model):
    """One site policy, `section.name`, with its JSON value."""

    key = models.CharField(max_length=64, primary_key=True)
    value = models.JSONField()
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("policy")
        verbose_name_plural = _("policies")

    def __str__(self) -> str:
        return self.key


class Mark(models.Model):
    """One thing that the site remembers about itself, such as how far the messages are counted, or for a person's older client."""

    key = models.CharField(max_length=64, primary_key=True)
    value = models.JSONField()
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.key


class DayCount(models.Model):
    """How many of something there were on one day of the site's time zone."""

    day = models.DateField()
    name = models.CharField(max_length=32)
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "day"], name="day_count_unique")]

    def __str__(self) -> str:
        return f"{self.day} {self.name}: {self.count}"


class Incident(models.Model):
    """Something that went wrong inside: an unexpected exception, or a slow query. Never texts, names or addresses of people."""

    class Kind(models.TextChoices):
        ERROR = "error"
        SLOW = "slow"

    at = models.DateTimeField()
    kind = models.CharField(max_length=5, choices=Kind)
    place = models.CharField(max_length=300)  # the route, task or logger; of a query its text without values
    what = models.CharField(max_length=100, blank=True)  # class of the exception
    milliseconds = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index("kind", models.F("id").desc(), name="incident_latest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.place}"
