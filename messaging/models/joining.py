"""Ways into a group that wait for an answer: somebody asks, or is asked."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Waiting(models.TextChoices):
    """What became of a request or an invitation. `closed`: nobody answered it, it has no object any more."""

    PENDING = "pending", _("Waiting")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    CLOSED = "closed", _("Closed")


class JoinRequest(models.Model):
    """Somebody asks to join a group. Its status leaves `pending` once, by a conditional update."""

    conversation = models.ForeignKey("messaging.Conversation", models.CASCADE, db_index=False, verbose_name=_("group"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("account"))
    words = models.CharField(_("words"), max_length=200, blank=True)
    status = models.CharField(_("state"), max_length=9, choices=Waiting.choices, default=Waiting.PENDING)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    asked_at = models.DateTimeField(_("asked"))
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered"), null=True)
    dismissed = models.BooleanField(default=False)  # the answer was seen by who had asked

    class Meta:
        verbose_name = _("join request")
        verbose_name_plural = _("join requests")
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "user"], condition=Q(status="pending"), name="join_request_one_pending"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} to {self.conversation_id}: {self.status}"


class Invitation(models.Model):
    """A member asks somebody to join. Its status leaves `pending` once, by a conditional update."""

    conversation = models.ForeignKey("messaging.Conversation", models.CASCADE, db_index=False, verbose_name=_("group"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("account"))
    inviter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("invited by")
    )
    status = models.CharField(_("state"), max_length=9, choices=Waiting.choices, default=Waiting.PENDING)
    invited_at = models.DateTimeField(_("invited"))
    answered_at = models.DateTimeField(_("answered"), null=True)
    dismissed = models.BooleanField(default=False)  # the answer was seen by the inviter

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "user"], condition=Q(status="pending"), name="invitation_one_pending"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} into {self.conversation_id}: {self.status}"
