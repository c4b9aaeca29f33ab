"""Read marks, drafts, pins and notification levels: private facts of a member, told to his other devices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.access import senders
from core.refusal import Refusal
from core.registry import Caller
from core.sql import for_update, marks, padded, pairs, rows
from core.text import BODY_MAX, UNSTORABLE
from messaging.access import get_membership
from messaging.models import Conversation, Draft, Membership
from messaging.summary import NONE, RECEIPTS_MAX, TAKES_PART, conversation_objects, count_unread
from realtime import hints
from realtime.frames import encode
from realtime.heads import bump_user, bump_users

CHUNK = 100  # marks in one transaction: others wait for it
COUNTED = 500  # members whose messages are counted in one query


Mark = tuple[Caller, int, int] | tuple[Caller, int, int, bool]  # who, conversation, seq; also backwards?


@dataclass(slots=True)
class Reader:
    """A member, how far he has read, and how far his conversation goes."""

    id: int
    conversation: int
    user: int
    read_seq: int
    cleared_seq: int
    last_seq: int
    shown: bool  # takes part in receipts


def _readers(where: str, params: Sequence[Any], lock: bool = False) -> list[Reader]:
    """By SQL, as sending is: people read more often than they write."""
    of = for_update()
    return [
        Reader(*row)
        for row in rows(
            f"SELECT m.id, m.conversation_id, m.user_id, m.read_seq, m.cleared_seq, c.last_seq, {TAKES_PART}"  # noqa: S608
            " FROM messaging_membership m JOIN messaging_conversation c ON c.id = m.conversation_id"
            f" JOIN accounts_user u ON u.id = m.user_id WHERE {where}{' ORDER BY m.id' + of + ' OF m' if lock and of else ''}",
            params,
        )
    ]


def mark_read(requests: Sequence[Mark]) -> list[dict | Refusal]:
    """Move read marks forward, or back to leave later messages unread; a hundred in a transaction, one event a user in each."""
    chunks = [requests[start : start + CHUNK] for start in range(0, len(requests), CHUNK)]
    return [result for chunk in chunks for result in _mark_read(chunk)]


def _mark_read(requests: Sequence[Mark]) -> list[dict | Refusal]:
    wanted: defaultdict[tuple[int, int], list[tuple[int, bool]]] = defaultdict(list)
    members: dict[tuple[int, int], Reader] = {}
    with transaction.atomic():
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        live = senders([caller.login_session for caller, *_ in requests], now)
        for caller, conversation_id, seq, *back_too in requests:
            if caller.login_session in live:
                wanted[conversation_id, caller.user_id].append((seq, any(back_too)))
        if wanted:
            values, params = pairs(list(wanted))
            found = _readers(f"(m.conversation_id, m.user_id) IN {values}", params)
            members = {(reader.conversation, reader.user): reader for reader in found}
        moved: list[Reader] = []
        returned: list[Reader] = []
        for key, reader in members.items():
            before = reader.read_seq
            for seq, backwards in wanted[key]:  # in the order in which they were asked for
                reader.read_seq = (min if backwards else max)(min(seq, reader.last_seq), reader.read_seq)
            if reader.read_seq != before:
                (moved if reader.read_seq > before else returned).append(reader)
        if moved or returned:
            _write(moved, returned)
    results: list[dict | Refusal] = []
    for caller, conversation_id, *_ in requests:
        mine = members.get((conversation_id, caller.user_id))
        if caller.login_session not in live:
            results.append(Refusal("signed_out"))
        else:
            results.append(Refusal("not_found") if mine is None else {"read_seq": mine.read_seq})
    return results


def _write(moved: list[Reader], returned: list[Reader]) -> None:
    """Store the marks, tell the readers' own devices, then the others."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE messaging_membership SET read_seq = %s WHERE id = %s AND (read_seq < %s OR %s)",
            [(m.read_seq, m.id, m.read_seq, m in returned) for m in sorted(moved + returned, key=lambda m: m.id)],
        )
    reads: defaultdict[int, list[dict]] = defaultdict(list)
    for some, extra in ((moved, {}), (returned, {"back": True})):
        for reader, mark in _marks_of(some):
            reads[reader.user].append({**mark, **extra})
    bump_users({user_id: {"reads": marks} for user_id, marks in reads.items()})
    for some, backwards in ((moved, False), (returned, True)):
        _tell_receipts([reader for reader in some if reader.shown], backwards)


def _marks_of(readers: Sequence[Reader]) -> list[tuple[Reader, dict]]:
    """The read marks with what is unread after them. One query, or none."""
    spans = {(r.conversation, r.user): (max(r.read_seq, r.cleared_seq), r.last_seq) for r in readers}
    counts = count_unread(spans)
    told = []
    for reader in readers:
        unread, mentions = counts.get((reader.conversation, reader.user), NONE)
        # `last_seq`: what was counted; messages after it may reach the client before this does
        mark = {"conversation": reader.conversation, "read_seq": reader.read_seq, "last_seq": reader.last_seq}
        told.append((reader, {**mark, "unread": unread, "mentions": mentions}))
    return told


def tell_mentions(
    conversation: Conversation, seq: int, users: Collection[int] | None, also: Iterable[int] = ()
) -> None:
    """A message that counts as unread names others than before (None: perhaps everybody): their counts are told anew.

    The members' rows are locked before anything is counted: a read mark that moves at the same moment is told before or after, in order.
    `also` are told their present state besides: heads are numbered at once.
    """
    if users is not None and not users:
        bump_users(dict.fromkeys(also))
        return
    some = "" if users is None else f" AND m.user_id IN {marks(users)}"
    params = [conversation.pk, seq, *padded(users or ())]
    readers = _readers(f"m.conversation_id = %s AND m.read_seq < %s{some}", params, lock=True)
    facts: dict[int, dict | None] = {}
    for start in range(0, len(readers), COUNTED):
        facts |= {r.user: {"reads": [mark]} for r, mark in _marks_of(readers[start : start + COUNTED])}
    bump_users(facts | dict.fromkeys(also))


def _tell_receipts(moved: list[Reader], back: bool) -> None:
    if not moved:
        return
    by_conversation: defaultdict[int, list[list[int]]] = defaultdict(list)
    for reader in moved:
        by_conversation[reader.conversation].append([reader.user, reader.read_seq])
    sizes = rows(
        "SELECT conversation_id, COUNT(*) FROM messaging_membership"  # noqa: S608
        f" WHERE conversation_id IN {marks(by_conversation)} GROUP BY conversation_id HAVING COUNT(*) <= %s",
        [*padded(by_conversation), RECEIPTS_MAX],
    )
    if not sizes:
        return
    silent: defaultdict[int, list[int]] = defaultdict(list)  # who tells nothing is told nothing
    for conversation_id, user_id in rows(
        "SELECT m.conversation_id, m.user_id FROM messaging_membership m JOIN accounts_user u ON u.id = m.user_id"  # noqa: S608
        f" WHERE m.conversation_id IN {marks(sizes)} AND NOT ({TAKES_PART})",
        padded([conversation_id for conversation_id, _ in sizes]),
    ):
        silent[conversation_id].append(user_id)
    for conversation_id, size in sizes:
        data: dict = {"conversation": conversation_id, "reads": by_conversation[conversation_id]}
        if back:
            data["back"] = True
        text = encode({"type": "receipts", "data": data})
        # Two people hear of it wherever they are; in groups those who look at the conversation
        kind = "followers" if size <= 2 else "opened"
        transaction.on_commit(partial(hints.signal, kind, [conversation_id, text, silent[conversation_id]]))


def pin_conversation(actor: Any, conversation_id: int, on: bool) -> None:
    """Keep a conversation at the top of one's own list, or no longer. Raises Refusal."""
    _set_own(actor, conversation_id, pinned=on)


def set_level(actor: Any, conversation_id: int, level: str) -> None:
    """Choose what of a conversation one is notified of: `all`, `mentions` or `none`. Raises Refusal."""
    if level not in Membership.Level.values:
        raise Refusal("bad_request")
    _set_own(actor, conversation_id, level=level)


def _set_own(actor: Any, conversation_id: int, **fields: Any) -> None:
    with transaction.atomic():
        membership = get_membership(actor, conversation_id)
        if not Membership.objects.filter(pk=membership.pk).exclude(**fields).update(**fields):
            return
        membership.refresh_from_db(fields=["pinned", "level", "cleared_seq"])
        bump_user(actor.pk, {"memberships": [_own(membership)]})


def _own(membership: Membership) -> dict:
    return {
        "conversation": membership.conversation_id,
        "pinned": membership.pinned,
        "level": membership.level,
        "cleared_seq": membership.cleared_seq,
    }


def clear_conversation(actor: Any, conversation_id: int, seq: int) -> int:
    """Hide everything up to a message from oneself; a lower number, or 0, shows it again. Answers the number that holds. Raises Refusal."""
    with transaction.atomic():
        membership = get_membership(actor, conversation_id)
        cleared = min(seq, membership.conversation.last_seq)
        if not Membership.objects.filter(pk=membership.pk).exclude(cleared_seq=cleared).update(cleared_seq=cleared):
            return cleared
        membership.refresh_from_db(fields=["pinned", "level", "read_seq", "cleared_seq"])
        facts = {
            "conversations": conversation_objects(actor.pk, [conversation_id]),  # the preview comes and goes with it
            "memberships": [_own(membership)],
            "reads": [mark for _, mark in _marks_of(_readers("m.id = %s", [membership.pk]))],
        }
        bump_user(actor.pk, facts)
    return cleared


def save_draft(actor: Any, conversation_id: int, body: str) -> None:
    """Keep what somebody has begun to write; blank forgets it. Raises Refusal."""
    if len(body) > BODY_MAX or UNSTORABLE.search(body):
        raise Refusal("bad_request")
    with transaction.atomic():
        get_membership(actor, conversation_id)
        if body.strip():
            Draft.objects.update_or_create(conversation_id=conversation_id, user=actor, defaults={"body": body})
        else:
            Draft.objects.filter(conversation_id=conversation_id, user=actor).delete()
        bump_user(actor.pk, {"drafts": [{"conversation": conversation_id, "body": body if body.strip() else ""}]})
