"""Messages: the row is the message, whatever happens to hints and sockets."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Message(models.Model):
    """A message. `seq` is its place, `change` the number of the last thing that happened to it; both without holes when given."""

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        SYSTEM = "system", _("Notice of the system")
        FILE = "file", _("File")
        GAME = "game", _("Game")

    conversation = models.ForeignKey(
        "messaging.Conversation", models.CASCADE, db_index=False, verbose_name=_("conversation")
    )
    seq = models.BigIntegerField(_("number"))
    change = models.BigIntegerField()
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False, verbose_name=_("sender")
    )
    login_session = models.BigIntegerField(null=True)
    client_id = models.CharField(max_length=64, null=True)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices, default=Kind.TEXT)
    body = models.TextField(_("text"), blank=True)
    html = models.TextField(null=True)  # null: plain text
    renderer = models.SmallIntegerField(default=0)
    reply_to = models.BigIntegerField(null=True)  # a seq: the quote is drawn from that row, so a recall reaches it
    mentions_all = models.BooleanField(default=False, db_default=False)
    forwarded_from = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    mailing = models.ForeignKey("messaging.Mailing", models.SET_NULL, null=True, db_index=False)
    sent_at = models.DateTimeField(_("sent"))
    edited_at = models.DateTimeField(_("edited"), null=True)
    recalled_at = models.DateTimeField(_("recalled"), null=True)
    recalled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("recalled by"),
    )

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="message_seq_unique"),
            models.UniqueConstraint(fields=["conversation", "change"], name="message_change_unique"),
            models.UniqueConstraint(fields=["sender", "client_id"], name="message_client_id_unique"),
        ]
        indexes = [
            models.Index(fields=["conversation", "seq"], condition=Q(mentions_all=True), name="message_mentions_all"),
            models.Index(fields=["conversation", "seq"], condition=Q(kind="file"), name="message_with_files"),
            models.Index(fields=["conversation", "seq"], condition=Q(html__contains="<a "), name="message_with_links"),
            models.Index(fields=["mailing"], condition=Q(mailing__isnull=False), name="message_of_mailing"),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id}/{self.seq}"


class Reaction(models.Model):
    """An emoji that somebody put under a message."""

    message = models.ForeignKey(Message, models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    emoji = models.CharField(max_length=32)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "user", "emoji"], name="reaction_unique")]

    def __str__(self) -> str:
        return f"{self.emoji} {self.message_id}"


class RemovedText(models.Model):
    """Text that was recalled or edited away: for moderators alone, for 30 days."""

    message = models.ForeignKey(Message, models.CASCADE)
    body = models.TextField()
    removed_at = models.DateTimeField(auto_now_add=True)
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return f"removed from {self.message_id}"


class Mention(models.Model):
    """A member who is named in a message. `conversation` and `seq` are the message's: what is unread is counted by this index alone."""

    message = models.ForeignKey(Message, models.CASCADE, db_index=False)
    conversation = models.ForeignKey("messaging.Conversation", models.CASCADE, db_index=False)
    seq = models.BigIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "conversation", "seq"], name="mention_unique"),
            models.UniqueConstraint(fields=["message", "user"], name="mention_of_message"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.conversation_id}/{self.seq}"


class Pin(models.Model):
    """A message that is kept in sight for everybody in the conversation."""

    message = models.OneToOneField(Message, models.CASCADE)
    conversation = models.ForeignKey("messaging.Conversation", models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"pin on {self.message_id}"
