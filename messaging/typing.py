"""That somebody writes: told to those who look, never kept. Set-based and by SQL, because everybody who writes comes here every few seconds."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

from accounts.access import senders
from accounts.relations import closed_between
from core.refusal import Refusal
from core.registry import Caller
from core.sql import pairs, rows
from core.text import shown_name
from messaging import rights
from messaging.models import Mute
from messaging.pairs import other_of
from messaging.presence import HERE_MAX
from realtime import hints
from realtime.frames import encode

MANY_SECONDS = 1.0  # in a group above HERE_MAX one writer is told in so many: whoever looks sees that people write
_told: dict[int, float] = {}  # such a group -> when


class Place(NamedTuple):
    """A member, and what his right to write rests on."""

    conversation: int
    user: int
    role: str
    kind: str
    who_may_post: str
    pair_key: str | None
    muted: object
    invisible: bool
    size: int  # counted up to HERE_MAX and one


def tell_typing(requests: Sequence[tuple[Caller, int]]) -> list[dict | Refusal]:
    """Tell those who look at each conversation who writes there; who may not write is refused."""
    now = timezone.now()
    at = connection.ops.adapt_datetimefield_value(now)
    live = senders([caller.login_session for caller, _ in requests], at)
    values, params = pairs(list(dict.fromkeys((conversation, caller.user_id) for caller, conversation in requests)))
    places = {(place.conversation, place.user): place for place in _places(values, [at, HERE_MAX + 1, *params])}
    couples = {(p.user, other_of(p.pair_key, p.user)) for p in places.values() if p.pair_key}
    closed = closed_between(couples)
    results: list[dict | Refusal] = []
    for caller, conversation in requests:
        sender, place = live.get(caller.login_session), places.get((conversation, caller.user_id))
        if sender is None or sender.id != caller.user_id:
            results.append(Refusal("signed_out"))
        elif place is None:
            results.append(Refusal("not_found"))
        elif refusal := _refused(place, closed):
            results.append(refusal)
        else:
            if not place.invisible and _is_due(place):
                name = shown_name(sender.display_name, sender.username)
                told = {"conversation": conversation, "user": sender.id, "name": name}
                hints.signal("opened", [conversation, encode({"type": "typing", "data": told}), [sender.id]])
            results.append({})
    return results


def _places(values: str, params: list) -> list[Place]:
    return [
        Place(*row)
        for row in rows(
            "SELECT m.conversation_id, m.user_id, m.role, c.kind, c.who_may_post, c.pair_key,"  # noqa: S608
            " (SELECT s.until FROM messaging_mute s WHERE s.conversation_id = c.id AND s.user_id = m.user_id AND s.until > %s),"
            " u.options ->> 'invisible' IS NOT NULL,"
            " (SELECT COUNT(*) FROM (SELECT 1 FROM messaging_membership o WHERE o.conversation_id = c.id LIMIT %s) few)"
            " FROM messaging_membership m JOIN messaging_conversation c ON c.id = m.conversation_id"
            f" JOIN accounts_user u ON u.id = m.user_id WHERE (m.conversation_id, m.user_id) IN {values}",
            params,
        )
    ]


def _refused(place: Place, closed: dict[tuple[int, int], str]) -> Refusal | None:
    if not rights.may(place.kind, place.role, "send" if place.who_may_post == "all" else "post_when_closed"):
        return Refusal("closed", rights.CLOSED)
    try:
        if place.muted is not None:
            rights.demand_word(Mute.objects.filter(conversation=place.conversation, user=place.user).first())
        if place.pair_key:
            rights.demand_open(closed.get((place.user, other_of(place.pair_key, place.user))))
    except Refusal as refusal:
        return refusal
    return None


def _is_due(place: Place) -> bool:
    if place.size <= HERE_MAX:
        return True
    now = time.monotonic()
    if now - _told.get(place.conversation, float("-inf")) < MANY_SECONDS:
        return False
    if len(_told) > 10_000:
        _told.clear()
    _told[place.conversation] = now
    return True
