"""Card tables and their matches in the admin: who played when and how it ended. Hands, decks and seeds are on no page of it."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin_lists import ReadOnly, link, relate
from games.access import names_by_id
from games.models import GameTable, Match
from messaging.models import Conversation

PHASES = {
    "waiting": gettext_lazy("waits for players"),
    "playing": gettext_lazy("a match is played"),
    "result": gettext_lazy("a match is over"),
}


@admin.register(GameTable)
class GameTableAdmin(ReadOnly):
    """To read. Managers of the group clear tables away, and the policy does away with all of them."""

    list_display = ("id", "where", "whose", "preset", "what", "match_no", "opened_at", "closed_at")
    list_select_related = ("conversation", "host")
    narrow = ("conversation",)
    fields = ("where", "whose", "preset", "what", "match_no", "opened_at", "closed_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[GameTable]:
        return super().get_queryset(request).defer("state")

    def title_of(self, thing: GameTable) -> str:
        """What a table is called on its page."""
        return _("Table %(number)s") % {"number": thing.pk}

    @admin.display(description=gettext_lazy("conversation"))
    def where(self, table: GameTable) -> str:
        return link(table.conversation)

    @admin.display(description=gettext_lazy("host"))
    def whose(self, table: GameTable) -> str:
        return link(table.host)

    @admin.display(description=gettext_lazy("state"))
    def what(self, table: GameTable) -> str:
        return str(PHASES.get(table.phase, table.phase)) if table.closed_at is None else _("Closed")


@admin.register(Match)
class MatchAdmin(ReadOnly):
    """Who played and how it ended."""

    list_display = ("id", "table_id", "no", "started_at", "ended_at", "ended")
    narrow = ("table",)
    fields = ("table_id", "no", "started_at", "ended_at", "ended", "status", "promise", "deck_hash")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Match]:
        return super().get_queryset(request).defer("deck", "seed", "texts", "options")

    @admin.display(description=gettext_lazy("places"))
    def ended(self, match: Match) -> str:
        result = match.result
        if not result:
            return "–"
        if result["cancelled"]:
            return _("Called off")
        names = names_by_id(match.players.values())
        users = [match.players[str(seat)] for seat in result["places"]]
        points = [result["points"][seat] for seat in result["places"]]
        return ", ".join(f"{names.get(user, '–')} {n:+d}" for user, n in zip(users, points, strict=True))

    @admin.display(description=gettext_lazy("state, as in exports"))
    def status(self, match: Match) -> str:
        return match.result["status"] if match.result else "–"


relate(Conversation, gettext_lazy("Card tables"), "admin:games_gametable_changelist", "conversation")
relate(GameTable, gettext_lazy("Matches"), "admin:games_match_changelist", "table")
