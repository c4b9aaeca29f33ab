"""Links that bring people in."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class InviteLink(models.Model):
    """A way into the site, and into a group if one is named. The link itself is shown when it is made; only its hash is kept."""

    digest = models.CharField(max_length=64, unique=True, editable=False)  # SHA-256, hex, of 128 random bits
    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="invite_links", verbose_name=_("made by")
    )
    conversation = models.ForeignKey("messaging.Conversation", models.CASCADE, null=True, verbose_name=_("group"))
    made_at = models.DateTimeField(_("made"), auto_now_add=True)
    expires_at = models.DateTimeField(_("valid until"))
    max_uses = models.PositiveIntegerField(_("at most"), null=True)
    uses = models.PositiveIntegerField(_("used"), default=0)
    revoked_at = models.DateTimeField(_("revoked"), null=True)

    class Meta:
        verbose_name = _("invite link")
        verbose_name_plural = _("invite links")
        constraints = [
            models.CheckConstraint(
                condition=Q(max_uses=None) | Q(uses__lte=models.F("max_uses")), name="invite_link_uses"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.conversation or self.maker} {self.made_at:%Y-%m-%d}"
