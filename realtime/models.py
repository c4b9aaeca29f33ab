"""Numbers of user feeds, and the leases that presence rests on."""

from django.conf import settings
from django.db import models


class UserHead(models.Model):
    """The number of the last private fact of a user."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    number = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"u:{self.user_id} at {self.number}"


class ServerProcess(models.Model):
    """A server process with its lease: when it runs out, the process is dead and so are its connections."""

    key = models.CharField(max_length=32, unique=True)
    started_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key


class Connection(models.Model):
    """A signed-in connection of one process. It counts only while the lease of its process is running."""

    class State(models.TextChoices):
        ONLINE = "online"
        AWAY = "away"
        BUSY = "busy"
        INVISIBLE = "invisible"

    process = models.ForeignKey(ServerProcess, models.CASCADE)
    number = models.BigIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    login_session = models.BigIntegerField(db_index=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ONLINE)
    opened_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["process", "number"], name="connection_number_unique")]

    def __str__(self) -> str:
        return f"{self.process_id}/{self.number}"
