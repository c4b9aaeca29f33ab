"""Files and offers of messages: the bytes belong to the app `files`, here is only who shows what."""

from django.db import models


class MessageFile(models.Model):
    """A file in a message. One file may be in many messages; who may read one of them may read the file."""

    message = models.ForeignKey("messaging.Message", models.CASCADE, related_name="+", db_index=False)
    file = models.ForeignKey("files.StoredFile", models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "position"], name="message_file_position"),
            models.UniqueConstraint(fields=["message", "file"], name="message_file_once"),
        ]

    def __str__(self) -> str:
        return f"file {self.file_id} in {self.message_id}"


class MessageOffer(models.Model):
    """The message in which a file is offered, until it is recalled."""

    message = models.OneToOneField("messaging.Message", models.CASCADE, related_name="+")
    offer = models.OneToOneField("files.Offer", models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"offer {self.offer_id} in {self.message_id}"
