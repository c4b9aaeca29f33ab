"""Tables of the card game, who is at them, their matches and what happened there.

`GameTable.state` holds all hands and the seed of the shuffle: nothing but `actions/` and `hands.py` reads it.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class GameTable(models.Model):
    """A table in a conversation. `seq` numbers what happens at it, under the row's lock; the state is the truth for all clients."""

    conversation = models.ForeignKey(
        "messaging.Conversation", models.CASCADE, db_index=False, verbose_name=_("conversation")
    )
    preset = models.CharField(_("rules"), max_length=16, blank=True)  # blank: some of the table's own
    host = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False, verbose_name=_("host")
    )
    phase = models.CharField(_("phase"), max_length=8, default="waiting")
    status = models.BigIntegerField(default=0)  # the note's integer
    match_no = models.PositiveIntegerField(_("matches"), default=0)
    seq = models.BigIntegerField(default=0)
    moved_seq = models.BigIntegerField(default=0)  # when the match last went on
    state = models.JSONField()
    deadline = models.FloatField(null=True)  # seconds since 1970; when something is due
    changed = models.FloatField(default=0.0)  # likewise
    opened_at = models.DateTimeField(_("opened"))
    closed_at = models.DateTimeField(_("closed"), null=True)

    class Meta:
        verbose_name = _("card table")
        verbose_name_plural = _("card tables")
        indexes = [
            models.Index(fields=["conversation"], name="table_of_conversation"),
            models.Index(fields=["deadline"], condition=Q(closed_at=None, deadline__isnull=False), name="table_due"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class Seat(models.Model):
    """Somebody at a table: on a seat, or (without `index`) watching. Feeds, rights and limits ask here; the rest is in the state."""

    table = models.ForeignKey(GameTable, models.CASCADE, db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    index = models.PositiveSmallIntegerField(null=True, db_column="place")
    last_seen = models.FloatField()  # seconds since 1970
    silent = models.BooleanField(default=False)  # what all were told

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["table", "user"], name="seat_of_table"),
            models.UniqueConstraint(fields=["table", "index"], condition=Q(index__isnull=False), name="seat_once"),
            models.UniqueConstraint(fields=["user"], condition=Q(index__isnull=False), name="seat_one_per_user"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.table_id}: {self.index}"


class Match(models.Model):
    """One game from the deal to its end. Deck and seed are written when it is over: before, only what binds the server to them."""

    table = models.ForeignKey(GameTable, models.CASCADE, db_index=False, verbose_name=_("card table"))
    no = models.PositiveIntegerField(_("number"))
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    options = models.JSONField()
    players = models.JSONField()  # seat -> user
    lead = models.PositiveSmallIntegerField(null=True)  # the seat that was first before
    first = models.BooleanField()  # nobody had won at this table yet
    promise = models.CharField(max_length=64)
    deck_hash = models.CharField(max_length=64)
    seed = models.CharField(max_length=64, blank=True)
    deck = models.JSONField(null=True)
    texts = models.JSONField(default=dict)
    result = models.JSONField(default=dict)  # places, points, entries, instant, cancelled, status; empty while it runs

    class Meta:
        verbose_name = _("match")
        verbose_name_plural = _("matches")
        constraints = [models.UniqueConstraint(fields=["table", "no"], name="match_no")]

    def __str__(self) -> str:
        return f"{self.table_id}/{self.no}"


class MatchEvent(models.Model):
    """One thing that happened at a table: what somebody did, or the clock, and what came of it. Never a card that was not played."""

    table = models.ForeignKey(GameTable, models.CASCADE, db_index=False)
    match = models.ForeignKey(Match, models.CASCADE, null=True)
    seq = models.BigIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    kind = models.CharField(max_length=9)
    payload = models.JSONField()  # `events`, and what was `asked` for
    at = models.DateTimeField()
    client_id = models.CharField(max_length=64, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["table", "seq"], name="match_event_seq"),
            models.UniqueConstraint(fields=["user", "client_id"], name="match_event_client_id"),
        ]

    def __str__(self) -> str:
        return f"{self.table_id}#{self.seq} {self.kind}"
