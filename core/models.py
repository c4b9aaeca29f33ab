"""Site policies are rows: one per setting that differs from its default."""

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
