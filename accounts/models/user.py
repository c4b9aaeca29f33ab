"""The account of a person, or of a bot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.options import Options
from core.faces import HUES, Face
from core.names import KEY_MAX, search_key
from core.text import USERNAME_MAX, clean_username, name_key

if TYPE_CHECKING:
    from accounts.models.sessions import LoginSession


class Users(UserManager["User"]):
    """Finds people by the key of their name, never by its letters."""

    use_in_migrations = False

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username_key=name_key(username or ""))

    async def aget_by_natural_key(self, username: str | None) -> User:
        return await self.aget(username_key=name_key(username or ""))

    def _create_user_object(self, username: str, email: str | None, password: str | None, **extra: Any) -> User:
        extra.setdefault("approved_at", timezone.now())
        return self.model(username=clean_username(username), password=make_password(password), **extra)


class User(AbstractUser):
    """One account. Missing `approved_at` means that nobody has let it in yet."""

    email = first_name = last_name = None  # type: ignore[assignment]
    username = models.CharField(_("user name"), max_length=USERNAME_MAX, unique=True)
    username_key = models.CharField(max_length=128, unique=True, editable=False)
    search_key = models.CharField(max_length=KEY_MAX, editable=False)
    display_name = models.CharField(_("name"), max_length=64, blank=True)
    status = models.CharField(_("status"), max_length=100, blank=True)
    language = models.CharField(_("language"), max_length=16, blank=True, choices=settings.LANGUAGES)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    must_change_password = models.BooleanField(_("must change the password"), default=False)
    password_expires = models.DateTimeField(_("password expires"), null=True, blank=True)
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    blocked_at = models.DateTimeField(_("blocked"), null=True, blank=True)
    blocked_reason = models.CharField(_("reason of the block"), max_length=200, blank=True)
    is_bot = models.BooleanField(_("bot"), default=False)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)
    erase_messages = models.BooleanField(
        default=False, editable=False
    )  # deleted, and the messages are on their way out
    last_seen = models.DateTimeField(_("last seen"), null=True, blank=True)
    avatar = models.CharField(max_length=32, blank=True, editable=False)  # the name that its files bear; empty: none
    options = models.JSONField(default=dict, blank=True)  # only what differs from the defaults of `Options`
    older_password = models.CharField(max_length=128, blank=True, editable=False)  # hashed; for gateways alone
    older_password_at = models.DateTimeField(null=True, editable=False)

    _login_session: LoginSession  # noted by the entrance that let the person in
    ip: str | None  # the address asked from, likewise

    EMAIL_FIELD = ""
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = Users()  # type: ignore[misc]

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        indexes = [
            models.Index("search_key", name="user_search", condition=models.Q(deleted_at=None, blocked_at=None)),
            models.Index(
                "date_joined",
                name="user_waiting",
                condition=models.Q(approved_at=None, deleted_at=None, blocked_at=None),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(blocked_at__isnull=False) | models.Q(blocked_reason=""),
                name="user_reason_only_when_blocked",
            ),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.username_key = name_key(self.username)
        self.search_key = search_key(self.username, self.display_name)
        if (fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*fields, "username_key", "search_key"}
        super().save(*args, **kwargs)

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What others read."""
        return self.display_name or self.username

    @property
    def face(self) -> Face:
        """What is shown for this person."""
        return Face((self.pk or 0) % HUES, self.name, self.avatar)

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    def clean(self) -> None:
        self.username = clean_username(self.username)

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Whether the account may be used at all; a derived fact, so that it cannot disagree with its grounds."""
        return self.approved_at is not None and self.blocked_at is None and self.deleted_at is None

    @property
    def is_admin(self) -> bool:
        """Administrators may do everything on the site."""
        return self.is_superuser

    @property
    def site_role(self) -> str:
        """`administrator`, `moderator` or `member`."""
        return "administrator" if self.is_superuser else "moderator" if self.is_staff else "member"

    def get_options(self) -> Options:
        """All options, the defaults filled in."""
        return Options.of(self.options)
