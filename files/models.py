"""Files: what was uploaded, what is on its way, and what one person offers another."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class StoredFile(models.Model):
    """A file whose bytes are all there. Its name is data only; where it lies is told by `token`, which nobody guesses."""

    class Kind(models.TextChoices):
        IMAGE = "image", _("Picture")  # our decoder read it: shown in place
        AUDIO = "audio", _("Sound")
        VIDEO = "video", _("Video")
        FILE = "file", _("File")  # everything else: downloaded, never shown

    class Status(models.TextChoices):
        PROCESSING = "processing", _("Being read")
        READY = "ready", _("Ready")
        FAILED = (
            "failed",
            _("Could not be read"),
        )  # it claims to be a picture and cannot be read as one: downloaded like any file
        REFUSED = (
            "refused",
            _("Removed: not allowed"),
        )  # its name said what may be sent, its bytes did not, or (without a type) could not be read; they are gone

    token = models.CharField(max_length=32, unique=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("owner")
    )
    name = models.CharField(_("name"), max_length=255)
    size = models.BigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64, blank=True)  # hex; empty until it was processed
    kind = models.CharField(_("kind"), max_length=5, choices=Kind.choices, default=Kind.FILE)
    status = models.CharField(_("state"), max_length=10, choices=Status.choices, default=Status.PROCESSING)
    content_type = models.CharField(
        _("type"), max_length=100, default="application/octet-stream"
    )  # as it is served; ours, never the client's
    width = models.PositiveIntegerField(default=0)  # pixels, upright
    height = models.PositiveIntegerField(default=0)
    duration = models.PositiveIntegerField(default=0)  # milliseconds
    animated = models.BooleanField(default=False)
    color = models.CharField(max_length=7, blank=True)  # "#rrggbb", shown until the picture is there
    preview = models.BooleanField(default=False)  # there is a preview (and, when animated, a still)
    peaks = models.JSONField(null=True)  # 64 heights 0..100 of a voice message
    tries = models.PositiveSmallIntegerField(default=0)  # at processing
    created_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    touched_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        indexes = [models.Index(fields=["touched_at"], condition=Q(status="processing"), name="file_to_process")]

    def __str__(self) -> str:
        return self.name


class Offer(models.Model):
    """A file that is transferred only after its receiver has agreed."""

    class State(models.TextChoices):
        OFFERED = "offered"
        ACCEPTED = "accepted"  # the sender may upload it now
        DONE = "done"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"
        EXPIRED = "expired"

    sender = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    receiver = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.OFFERED)
    file = models.ForeignKey(
        StoredFile, models.SET_NULL, null=True, related_name="+"
    )  # there already where an older client offers
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(state__in=["offered", "accepted"]), name="offer_open")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.state}"


class Upload(models.Model):
    """A file on its way (tus 1.0): `offset` bytes are stored for good."""

    token = models.CharField(max_length=32, unique=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    offset = models.BigIntegerField(default=0)
    voice = models.BooleanField(default=False)
    duration = models.PositiveIntegerField(default=0)  # milliseconds, as the client says
    peaks = models.JSONField(null=True)
    width = models.PositiveIntegerField(default=0)  # as the client says: room is kept for it until it was decoded
    height = models.PositiveIntegerField(default=0)
    offer = models.ForeignKey(Offer, models.CASCADE, null=True, related_name="+")
    file = models.ForeignKey(StoredFile, models.CASCADE, null=True, related_name="+")  # set when it is complete
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(offset__lte=F("size")), name="upload_offset_within_size")]

    def __str__(self) -> str:
        return f"{self.name} {self.offset}/{self.size}"
