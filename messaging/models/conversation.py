"""Conversations and who is in them."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.names import KEY_MAX, search_key


class Conversation(models.Model):
    """A place to talk. `last_seq` numbers its messages, `last_change` everything that happens to them; both under the row's lock."""

    class Kind(models.TextChoices):
        DIRECT = "direct", _("Direct conversation")
        GROUP = "group", _("Group")
        EVERYONE = "everyone", _("Everyone")

    class JoinPolicy(models.TextChoices):
        OPEN = "open", _("Anybody")
        REQUEST = "request", _("On request")
        INVITATION = "invitation", _("By invitation")

    class Posting(models.TextChoices):
        ALL = "all", _("All members")
        MANAGERS = "managers", _("Only managers")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=64, blank=True)
    name_key = models.CharField(max_length=256, null=True, unique=True, editable=False)
    search_key = models.CharField(max_length=KEY_MAX, default="", editable=False)
    pair_key = models.CharField(max_length=48, null=True, unique=True, editable=False)  # "3:7", ids in order
    notice = models.CharField(_("notice"), max_length=2000, blank=True)
    avatar = models.CharField(max_length=22, blank=True)  # of its picture; empty: none
    join_policy = models.CharField(
        _("who may join"), max_length=10, choices=JoinPolicy.choices, default=JoinPolicy.INVITATION
    )
    who_may_post = models.CharField(_("who may write"), max_length=10, choices=Posting.choices, default=Posting.ALL)
    slow_mode = models.PositiveIntegerField(
        _("seconds between two messages"), default=0
    )  # seconds between two messages of a member
    discoverable = models.BooleanField(_("can be found"), default=False)  # found by who is not in it
    members_invite = models.BooleanField(_("members may invite"), default=True)
    tables = models.BooleanField(_("card tables"), default=True, db_default=True)
    notice_seq = models.BigIntegerField(default=0)  # of the system message that set the notice
    last_seq = models.BigIntegerField(default=0)
    last_change = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        constraints = [
            models.UniqueConstraint(fields=["kind"], condition=Q(kind="everyone"), name="conversation_one_everyone"),
            models.CheckConstraint(
                condition=Q(kind="direct", pair_key__isnull=False) | ~Q(kind="direct") & Q(pair_key__isnull=True),
                name="conversation_pair_if_direct",
            ),
            models.CheckConstraint(
                condition=Q(last_change__gte=models.F("last_seq")), name="conversation_change_covers_seq"
            ),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.kind} {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if (fields := kwargs.get("update_fields")) is None or "name" in fields:
            self.search_key = search_key(self.name) if self.name else ""
            if fields is not None:
                kwargs["update_fields"] = {*fields, "search_key"}
        super().save(*args, **kwargs)


class Membership(models.Model):
    """A person in a conversation, and what he has seen of it. Deleted on leaving."""

    class Role(models.TextChoices):
        MASTER = "master", _("Owner")
        MANAGER = "manager", _("Manager")
        MEMBER = "member", _("Member")

    class Level(models.TextChoices):
        ALL = "all"
        MENTIONS = "mentions"
        NONE = "none"

    conversation = models.ForeignKey(Conversation, models.CASCADE, db_index=False, verbose_name=_("conversation"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("account"))
    role = models.CharField(_("role"), max_length=8, choices=Role.choices, default=Role.MEMBER)
    read_seq = models.BigIntegerField(_("read up to number"), default=0)
    cleared_seq = models.BigIntegerField(default=0)
    level = models.CharField(max_length=8, choices=Level.choices, default=Level.ALL)
    pinned = models.BooleanField(default=False)
    joined_at = models.DateTimeField(_("joined"), auto_now_add=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["conversation", "user"], name="membership_unique"),
            models.UniqueConstraint(fields=["conversation"], condition=Q(role="master"), name="membership_one_master"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.conversation_id}: {self.role}"


class Mute(models.Model):
    """A member who may not write for a while. A row of its own: it survives leaving and joining again."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "user"], name="mute_unique")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.conversation_id} until {self.until}"


def running_mutes() -> models.QuerySet[Mute]:
    """The mutes that are not over."""
    return Mute.objects.filter(until__gt=timezone.now())


class Draft(models.Model):
    """What somebody has begun to write."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    body = models.TextField()
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "user"], name="draft_unique")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.conversation_id}"
