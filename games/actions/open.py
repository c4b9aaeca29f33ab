"""Opening a table in a conversation."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from accounts.relations import closed_between
from audit.record import record
from core.refusal import Refusal
from games import clock, refusals
from games.access import demand_on, listing
from games.models import GameTable, Seat
from games.tienlen import seating
from games.tienlen.options import PRESETS, Options
from games.tienlen.shuffle import new_seed
from games.tienlen.status import pack
from games.tienlen.table import Table
from games.tienlen.table_view import status_of_table
from messaging import rights
from messaging.access import get_membership
from messaging.actions.system import post_system
from messaging.models import Conversation, running_mutes
from messaging.pairs import other_of
from realtime.heads import bump_user

TABLES = 3  # open ones in a conversation
OPENINGS, LATELY = 20, 600.0  # how many may be opened there in so many seconds


def open_table(
    actor: Any, conversation_id: int, preset: str = "standard", options: dict[str, Any] | None = None
) -> int:
    """Open a table; whoever opens it takes its first seat and is its host. Gives its id. Raises Refusal."""
    chosen, name = choose(preset, options)
    try:
        with transaction.atomic():
            membership = get_membership(actor, conversation_id, lock=True)
            demand_on(membership)
            conversation = membership.conversation
            demand_open(conversation, actor.pk)
            muted = running_mutes().filter(conversation=conversation, user=actor.pk)
            rights.demand_word(muted.first())  # it is told in the conversation
            now = clock.now()
            lately = GameTable.objects.filter(conversation=conversation, opened_at__gt=clock.moment(now - LATELY))
            if lately.count() >= OPENINGS:
                raise Refusal("too_fast")
            if GameTable.objects.filter(conversation=conversation, closed_at=None).count() >= TABLES:
                raise refusals.refuse("too_many_tables")
            if Seat.objects.filter(user=actor, index__isnull=False).exists():
                raise refusals.refuse("seated_elsewhere")
            table = Table(chosen)
            seating.sit(table, actor.pk, now, 0)
            seating.promise(table, new_seed())
            row = GameTable.objects.create(
                conversation=conversation, preset=name, host=actor, seq=1, state=table.to_json(), changed=now,
                status=pack(status_of_table(table)), opened_at=clock.moment(now),
            )  # fmt: skip
            Seat.objects.create(table=row, user=actor, index=0, last_seen=now)
            post_system(conversation, actor, "game_opened", table=row.pk, preset=name)
            bump_user(actor.pk, {"tables": listing(actor.pk)}, access=True)
            record(actor, "table.opened", conversation, detail={"table": row.pk, "preset": name})
    except IntegrityError:  # he sat down elsewhere at the same moment
        raise refusals.refuse("seated_elsewhere") from None
    return row.pk


def choose(preset: str, options: dict[str, Any] | None) -> tuple[Options, str]:
    """The rules of a preset with these changes, and its name if nothing differs. Raises Refusal."""
    base = PRESETS.get(preset)
    if base is None:
        raise refusals.refuse("bad_options")
    try:
        chosen = Options.make({**base.to_json(), **(options or {})})
    except (ValueError, TypeError):
        raise refusals.refuse("bad_options") from None
    return chosen, next((name for name, known in PRESETS.items() if known == chosen), "")


def demand_open(conversation: Conversation, user_id: int) -> None:
    """Raise Refusal where something stands between the two of a direct conversation, or there is only one."""
    if conversation.pair_key is None:
        return
    other = other_of(conversation.pair_key, user_id)
    if other == user_id:
        raise Refusal("not_allowed")
    rights.demand_open(closed_between([(user_id, other)]).get((user_id, other)))
