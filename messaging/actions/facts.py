"""What the verdicts on a batch of sends rest on, read set-based under the conversations' locks, by hand-written SQL.

Measured on one send: 2.2 ms of CPU when the ORM builds these queries, a quarter of it so (docs/decisions.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection

from accounts.access import Sender, senders
from accounts.relations import closed_between
from core.sql import for_update, marks, padded, pairs, rows
from messaging import search_index
from messaging.actions.mentions import store_mentions
from messaging.files import carried_by, searched
from messaging.models import Message
from messaging.pairs import other_of

if TYPE_CHECKING:
    from messaging.actions.send import SendRequest


@dataclass(slots=True)
class Place:
    """A locked conversation and the last numbers given in it."""

    id: int
    kind: str
    pair_key: str | None
    who_may_post: str
    slow_mode: int
    last_seq: int
    last_change: int


@dataclass(slots=True)
class Sent:
    """A message that has its numbers; `id` comes with the insert."""

    conversation: int
    seq: int
    change: int
    sender: int
    client_id: str
    body: str
    sent_at: datetime
    changed: bool = False  # edited or recalled since
    carries: tuple = ()  # tokens of its files, or name and size of what it offers
    id: int | None = None


@dataclass(slots=True)
class Facts:
    """Everything a verdict asks for."""

    places: dict[int, Place]
    people: dict[int, Sender]  # by login session
    roles: dict[tuple[int, int], str]  # (conversation, user)
    muted: set[tuple[int, int]]
    closed: dict[tuple[int, int], str]  # (writer, reader) who may not, and why
    replies: set[tuple[int, int]]  # (conversation, seq) that exist
    known: dict[tuple[int, str], Sent]  # (sender, client id)
    sent: set[tuple[int, int]] = field(default_factory=set)  # (conversation, user) who have sent in this batch


def read_facts(requests: list[SendRequest], now: datetime) -> Facts:
    """Lock the conversations in id order, then read what the verdicts need."""
    ids = {request.conversation for request in requests}
    places = {
        row[0]: Place(*row)
        for row in rows(
            "SELECT id, kind, pair_key, who_may_post, slow_mode, last_seq, last_change FROM messaging_conversation"  # noqa: S608
            f" WHERE id IN {marks(ids)} ORDER BY id{for_update()}",
            padded(ids),
        )
    }
    members = {(r.conversation, r.caller.user_id) for r in requests}
    values, params = pairs(members)
    at = connection.ops.adapt_datetimefield_value(now)
    roles, muted = {}, set()
    for conversation, user, role, mute in rows(
        "SELECT m.conversation_id, m.user_id, m.role, u.id FROM messaging_membership m LEFT JOIN messaging_mute u"  # noqa: S608
        " ON u.conversation_id = m.conversation_id AND u.user_id = m.user_id AND u.until > %s"
        f" WHERE (m.conversation_id, m.user_id) IN {values}",
        [at, *params],
    ):
        roles[conversation, user] = role
        if mute is not None:
            muted.add((conversation, user))
    couples = set()
    for conversation, user in members:
        place = places.get(conversation)
        if place is not None and place.pair_key is not None:
            couples.add((user, other_of(place.pair_key, user)))
    replies = {(r.conversation, r.reply_to) for r in requests if r.reply_to}
    return Facts(
        places=places,
        people=senders([r.caller.login_session for r in requests], at),
        roles=roles,
        muted=muted,
        closed=closed_between(couples),
        replies=_existing(replies) if replies else set(),
        known=_known(requests),
    )


def _existing(wanted: set[tuple[int, int]]) -> set[tuple[int, int]]:
    values, params = pairs(wanted)
    return set(
        rows(f"SELECT conversation_id, seq FROM messaging_message WHERE (conversation_id, seq) IN {values}", params)  # noqa: S608
    )


def _known(requests: list[SendRequest]) -> dict[tuple[int, str], Sent]:
    values, params = pairs({(r.caller.user_id, r.client_id) for r in requests})
    there = rows(f"SELECT id FROM messaging_message WHERE (sender_id, client_id) IN {values}", params)  # noqa: S608
    found = list(Message.objects.filter(pk__in=[id for (id,) in there])) if there else []
    loaded = [m.pk for m in found if m.kind == Message.Kind.FILE]
    carried = carried_by(loaded) if loaded else {}
    return {
        (m.sender_id or 0, m.client_id or ""): Sent(
            m.conversation_id, m.seq, m.change, m.sender_id or 0, m.client_id or "", m.body, m.sent_at,
            bool(m.edited_at or m.recalled_at), _carries(carried.get(m.pk, {})), m.pk,
        )
        for m in found
    }  # fmt: skip


def _carries(carried: dict) -> tuple:
    if "offer" in carried:
        return (carried["offer"]["name"], carried["offer"]["size"])
    return tuple(file["token"] for file in carried.get("files", ()))


COLUMNS = (
    "conversation_id", "seq", "change", "sender_id", "login_session", "client_id", "kind", "body", "html", "renderer", "reply_to", "sent_at",
)  # fmt: skip
RARE = (
    "mentions_all",
    "forwarded_from_id",
    "mailing_id",
)  # most batches have none: the statement stays as short as it was
CHUNK = 64  # messages in one INSERT


def insert(new: list[tuple[Sent, SendRequest, int]]) -> None:
    """Write new messages and the numbers of their conversations; fills in the ids. (Sent, request, renderer version)."""
    for start in range(0, len(new), CHUNK):
        chunk = new[start : start + CHUNK]
        rare = any(request.rare for _, request, _ in chunk)
        columns = COLUMNS + RARE if rare else COLUMNS
        params: list = []
        at = connection.ops.adapt_datetimefield_value(chunk[0][0].sent_at)  # of all in a batch
        for sent, request, renderer in chunk:
            params += [
                sent.conversation, sent.seq, sent.change, sent.sender, request.caller.login_session, sent.client_id, request.kind, sent.body,
                request.html, renderer, request.reply_to, at,
            ]  # fmt: skip
            if rare:
                origin = request.forwarded
                params += [request.named.everybody, origin and origin[0], request.mailing]
        one = "(" + ",".join(["%s"] * len(columns)) + ")"
        found = rows(
            f"INSERT INTO messaging_message ({','.join(columns)}) VALUES {','.join([one] * len(chunk))} RETURNING conversation_id, seq, id",  # noqa: S608
            params,
        )
        ids = {(conversation, seq): id for conversation, seq, id in found}
        for sent, _, _ in chunk:
            sent.id = ids[sent.conversation, sent.seq]
        search_index.add(
            [
                search_index.Entry(
                    s.id or 0, s.conversation, s.sender, kind := r.kind, s.body if kind == "text" else _searched(s, r)
                )
                for s, r, _ in chunk
            ]
        )
    store_mentions(
        [(s.id or 0, s.conversation, s.seq, request.named.users) for s, request, _ in new if request.named.users]
    )


def _searched(sent: Sent, request: SendRequest) -> str:
    return searched(
        sent.body, [file.name for file in request.stored] or ([request.offer.name] if request.offer else [])
    )


def store_numbers(numbers: Iterable[tuple[int, int, int]]) -> None:
    """Write (last_seq, last_change, conversation id) that were given under the rows' locks."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE messaging_conversation SET last_seq = %s, last_change = %s WHERE id = %s", list(numbers)
        )
