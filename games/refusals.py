"""Why something at a table is not done, in words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.refusal import TEXTS as COMMON
from core.refusal import Refusal
from games.tienlen.state import Illegal

TEXTS: dict[str, Any] = {
    # the engine's own, as docs/tienlen.md lists them
    "not_playing": _("There is no match that you play in."),
    "not_in_hand": _("These are not cards of your hand."),
    "not_a_combo": _("These cards do not go together."),
    "not_your_turn": _("It is not your turn."),
    "must_include_3s": _("The first play must contain the lowest card."),
    "does_not_beat": _("This does not beat the cards on the table."),
    "ends_on_two": _("At this table one may not finish with a 2."),
    "leader_cannot_pass": _("You lead: play something."),
    "already_seated": _("You sit at this table already."),
    "table_full": _("All seats are taken."),
    "seat_taken": _("This seat is taken."),
    "too_many_watchers": _("Too many people are watching already."),
    "not_here": _("You are not at this table."),
    "not_seated": _("You do not sit at this table."),
    "match_running": _("Not while a match is played."),
    "text_too_long": _("This text is too long."),
    "no_promise": _("The shuffle is not ready. Try again, please."),
    "not_host": _("Only the host of the table may do that."),
    "not_allowed": COMMON["not_allowed"],
    "too_few": _("At least two have to be ready."),
    "not_all_ready": _("Not everybody is ready yet."),
    # of the tables around it
    "tables_off": _("Card tables are switched off here."),
    "too_many_tables": _("There are as many tables here as there may be. Close one first."),
    "seated_elsewhere": _("You sit at another table. Leave it first."),
    "bad_options": _("These rules do not exist."),
    "client_id_reused": _("This was already done as something else."),
}


def refuse(code: str) -> Refusal:
    """The refusal with this code."""
    return Refusal(code, TEXTS.get(code), 409 if code != "not_allowed" else None)


def of(illegal: Illegal) -> Refusal:
    """What the rules say no to."""
    return refuse(illegal.code)
