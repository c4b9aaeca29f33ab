"""Conversations as a person sees them in the list: a fixed number of queries however many there are, by SQL (every `ready` comes here)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from django.db import connection

from accounts.relations import closed_between, concerned, people_objects, presences
from core import policies
from core.moment import one_moment
from core.refusal import Refusal
from core.sql import greatest, marks, padded, rows, stored_now
from messaging import rights
from messaging.access import get_membership, get_message
from messaging.events import read_messages, stamp
from messaging.fact import read_fact
from messaging.files import carried_by, preview_of
from messaging.joining import joining_of, named_in
from messaging.pairs import other_of
from messaging.policies import Messages
from realtime.frames import encode

DEFAULTS = {  # fields that have these values do not travel: half of a long list
    "name": "", "peer": None, "role": "member", "notice": "", "read_seq": 0, "cleared_seq": 0, "unread": 0,
    "mentions": 0, "level": "all", "pinned": False, "can_post": True, "closed": "", "members": 2, "peer_read_seq": 0, "draft": "", "preview": None,
    "join_policy": "invitation", "discoverable": False, "posting": "all", "slow_mode": 0, "members_invite": True, "muted_until": None, "notice_seq": 0,
    "avatar": "", "tables": True,
}  # fmt: skip
PERSON_DEFAULTS = {"avatar": "", "presence": "offline", "status": "", "last_seen": None}
PREVIEW = 100  # letters
RECEIPTS_MAX = 200  # members; above that receipts are given on demand
UNREAD_MAX = 1000  # counted at most
NAMED = 3  # people named in the preview of a system message


# Only what differs from the default is stored: an option that is there takes no part in receipts.
TAKES_PART = "u.options ->> 'receipts' IS NULL AND u.options ->> 'invisible' IS NULL"
PEER_READ = (
    "SELECT p.read_seq FROM messaging_membership p JOIN accounts_user u ON u.id = p.user_id"  # noqa: S608
    " WHERE c.kind = 'direct' AND p.conversation_id = c.id AND p.user_id <> m.user_id"
    f" AND {TAKES_PART} AND EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = m.user_id AND {TAKES_PART})"
)
MUTED = "SELECT s.until FROM messaging_mute s WHERE s.conversation_id = c.id AND s.user_id = m.user_id AND s.until > %s"


class Own(NamedTuple):
    """A membership with its conversation, the draft, and the last message of the conversation (`preview`: a hundred letters of it)."""

    id: int
    role: str
    read_seq: int
    cleared_seq: int
    level: str
    pinned: bool
    kind: str
    name: str
    notice: str
    pair_key: str | None
    posting: str
    last_seq: int
    last_change: int
    peer_read_seq: int | None
    draft: str | None
    join_policy: str
    discoverable: bool
    slow_mode: int
    members_invite: bool
    muted_until: Any
    notice_seq: int
    avatar: str
    tables: bool
    members: int
    message: int | None
    seq: int
    sender: int | None
    message_kind: str
    preview: str
    sent_at: Any
    recalled_at: Any


OWN = (
    "SELECT m.conversation_id, m.role, m.read_seq, m.cleared_seq, m.level, m.pinned, c.kind, c.name, c.notice, c.pair_key, c.who_may_post,"  # noqa: S608
    f" c.last_seq, c.last_change, ({PEER_READ}), d.body, c.join_policy, c.discoverable, c.slow_mode, c.members_invite, ({MUTED}), c.notice_seq, c.avatar,"
    " c.tables, (SELECT COUNT(*) FROM messaging_membership s WHERE s.conversation_id = c.id), l.id, l.seq, l.sender_id, l.kind,"
    " CASE WHEN l.kind = 'system' THEN l.body ELSE substr(l.body, 1, %s) END, l.sent_at, l.recalled_at"
    " FROM messaging_membership m"
    " JOIN messaging_conversation c ON c.id = m.conversation_id"
    " LEFT JOIN messaging_draft d ON d.conversation_id = m.conversation_id AND d.user_id = m.user_id"
    " LEFT JOIN messaging_message l ON l.conversation_id = c.id AND l.seq = c.last_seq"
    " WHERE m.user_id = %s"
)


def conversation_objects(user_id: int, ids: Collection[int] | None = None) -> list[dict]:
    """The conversation objects of the protocol for one user, all or some."""
    some = "" if ids is None else f" AND m.conversation_id IN {marks(ids)}"
    own = [Own._make(row) for row in rows(OWN + some, [stored_now(), PREVIEW, user_id, *padded(ids or ())])]
    previews = _previews(own)
    unread = unread_counts(user_id, [row.id for row in own if row.last_seq > max(row.read_seq, row.cleared_seq)])
    peers = {row.id: other_of(row.pair_key, user_id) for row in own if row.pair_key}
    shut = closed_between([(user_id, peer) for peer in peers.values()])
    objects = []
    for row in own:
        preview = previews.get(row.id)
        closed = shut.get((user_id, peers.get(row.id, 0)), "")
        count, mentions = unread.get(row.id, NONE)
        may_post = rights.may(row.kind, row.role, "send" if row.posting == "all" else "post_when_closed")
        objects.append({
            "id": row.id, "kind": row.kind, "name": row.name, "peer": peers.get(row.id), "role": row.role, "notice": row.notice,
            "last_seq": row.last_seq, "last_change": row.last_change, "read_seq": row.read_seq, "cleared_seq": row.cleared_seq,
            "unread": count, "mentions": mentions, "level": row.level, "pinned": bool(row.pinned), "members": row.members,
            "draft": row.draft or "", "can_post": not closed and may_post, "closed": closed, "join_policy": row.join_policy,
            "discoverable": bool(row.discoverable), "posting": row.posting, "slow_mode": row.slow_mode,
            "members_invite": bool(row.members_invite), "muted_until": stamp(row.muted_until), "notice_seq": row.notice_seq,
            "avatar": row.avatar, "tables": bool(row.tables), "peer_read_seq": row.peer_read_seq or 0,
            "preview": preview if preview and preview["seq"] > row.cleared_seq else None,
        })  # fmt: skip
    return objects


# Only how far the user's conversations are.
STANDING = (
    "SELECT c.id, c.last_change, c.pair_key FROM messaging_membership m JOIN messaging_conversation c ON c.id = m.conversation_id"
    " WHERE m.user_id = %s"
)


def _without(defaults: dict, data: dict) -> dict:
    return {name: value for name, value in data.items() if name not in defaults or value != defaults[name]}


def get_object(user: Any, conversation_id: int) -> dict:
    """One conversation object. Raises Refusal."""
    with one_moment():
        objects = conversation_objects(user.pk, [conversation_id])
    if not objects:
        raise Refusal("not_found")
    return objects[0]


def _previews(own: list[Own]) -> dict[int, dict]:
    """The last message of each conversation that has one. One query where such a message has files."""
    loaded = [row.message for row in own if row.message_kind == "file" and row.recalled_at is None and row.message]
    carried = carried_by(loaded) if loaded else {}
    return {
        row.id: {
            "seq": row.seq,
            "sender": row.sender,
            "kind": row.message_kind,
            "text": _shortened(row.preview) if row.message_kind == "system" else row.preview,
            "sent_at": stamp(row.sent_at),
            "recalled": row.recalled_at is not None,
            **(preview_of(carried[row.message]) if row.message in carried else {}),
        }
        for row in own
        if row.message is not None
    }


def _shortened(body: str) -> str:
    """A system message that names few people, however many it is about."""
    if len(body) <= 4 * PREVIEW:
        return body
    fact = read_fact(body)
    if isinstance(fact.get("users"), list):
        fact["users"] = fact["users"][:NAMED]
    if isinstance(fact.get("notice"), str):
        fact["notice"] = fact["notice"][:PREVIEW]
    short = encode(fact)
    return short if len(short) <= 20 * PREVIEW else encode({"code": ""})


# Unread is what others wrote; a mention counts once, whether by name or by @all. Bounds and the reader are columns of `w`.
COUNTED = (
    " (SELECT COUNT(*) FROM messaging_message m WHERE m.conversation_id = w.conversation AND m.seq > w.low AND m.seq <= w.high"
    " AND m.kind <> 'system' AND (m.sender_id IS NULL OR m.sender_id <> w.person)),"
    " (SELECT COUNT(*) FROM messaging_mention n JOIN messaging_message m ON m.id = n.message_id WHERE n.user_id = w.person"
    " AND n.conversation_id = w.conversation AND n.seq > w.low AND n.seq <= w.high AND NOT m.mentions_all)"
    " + (SELECT COUNT(*) FROM messaging_message m WHERE m.mentions_all AND m.conversation_id = w.conversation"
    " AND m.seq > w.low AND m.seq <= w.high AND (m.sender_id IS NULL OR m.sender_id <> w.person))"
)
Counts = tuple[int, int]  # unread, mentions
NONE: Counts = (0, 0)


def unread_counts(user_id: int, ids: list[int]) -> dict[int, Counts]:
    """How many messages of others came after the read mark (at most about a thousand each), and how many of them mention him."""
    if not ids:
        return {}
    found = rows(
        "WITH w AS (SELECT s.conversation_id AS conversation, s.user_id AS person, c.last_seq AS high,"  # noqa: S608
        f" {greatest('s.read_seq', 's.cleared_seq', 'c.last_seq - %s')} AS low"
        " FROM messaging_membership s JOIN messaging_conversation c ON c.id = s.conversation_id"
        f" WHERE s.user_id = %s AND s.conversation_id IN {marks(ids)}) SELECT w.conversation, {COUNTED} FROM w",
        [UNREAD_MAX, user_id, *padded(ids)],
    )
    return {conversation: (unread, mentions) for conversation, unread, mentions in found}


def count_unread(spans: Mapping[tuple[int, int], tuple[int, int]]) -> dict[tuple[int, int], Counts]:
    """The same for (conversation, user) pairs, each after one message up to another. One query."""
    some = [(*pair, max(after, until - UNREAD_MAX), until) for pair, (after, until) in spans.items() if after < until]
    if not some:
        return {}
    found = rows(
        f"WITH w(conversation, person, low, high) AS (VALUES {','.join(['(%s,%s,%s,%s)'] * len(some))})"  # noqa: S608
        f" SELECT w.conversation, w.person, {COUNTED} FROM w",
        [value for span in some for value in span],
    )
    return {(conversation, person): (unread, mentions) for conversation, person, unread, mentions in found}


def snapshot_part(user: Any, snapshot: dict, heads: dict[str, int], known: dict[str, int]) -> None:
    """The conversations, those unchanged left out of a partial snapshot, and the people in them.

    How partners are comes always: presence has no number, and may have changed while nobody listened.
    """
    partial = snapshot["partial"]
    if not partial:
        snapshot["joining"] = joining_of([user.pk])[user.pk]
    if partial:
        own = rows(STANDING, [user.pk])
        heads.update({f"c:{id}": change for id, change, _ in own})
        changed = [id for id, change, _ in own if known.get(f"c:{id}") != change]
        objects = conversation_objects(user.pk, changed) if changed else []
        snapshot["gone"] = [int(key[2:]) for key in known if key.startswith("c:") and key not in heads]
        snapshot["partners"] = presences(user.pk, {other_of(pair, user.pk) for _, _, pair in own if pair})
    else:
        objects = conversation_objects(user.pk)
        heads.update({f"c:{found['id']}": found["last_change"] for found in objects})
    snapshot["conversations"] = [_without(DEFAULTS, found) for found in objects]
    senders = {c["preview"]["sender"] for c in objects if c["preview"]}
    people = (
        senders
        | {c["peer"] for c in objects}
        | {asked["user"] for asked in snapshot.get("relations", {}).get("incoming", ())}
        | named_in(snapshot.get("joining"))
        | {user.pk}
    )
    found = people_objects(user.pk, people - {None}) if objects or not partial else []
    snapshot["people"] = [_without(PERSON_DEFAULTS, person) for person in found]


def receipts(user_id: int, conversation_id: int) -> list[tuple[str, dict]]:
    """How far the others have read, in conversations of at most 200; nothing for who tells nothing. One query."""
    reads = rows(
        "SELECT p.user_id, p.read_seq FROM messaging_membership p JOIN accounts_user u ON u.id = p.user_id"  # noqa: S608
        f" WHERE p.conversation_id = %s AND p.user_id <> %s AND p.read_seq > 0 AND {TAKES_PART}"
        " AND (SELECT COUNT(*) FROM messaging_membership s WHERE s.conversation_id = p.conversation_id) <= %s"
        f" AND EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = %s AND {TAKES_PART}) ORDER BY 1",
        [conversation_id, user_id, RECEIPTS_MAX, user_id],
    )
    return [("receipts", {"conversation": conversation_id, "reads": [list(read) for read in reads]})] if reads else []


def pins(user_id: int, conversation_id: int) -> list[tuple[str, dict]]:
    """The pinned messages, the one pinned last first; also none, for who holds others. One query, two where there are some."""
    found = read_messages("p.conversation_id = %s ORDER BY p.id DESC", [conversation_id])
    return [("pins", {"conversation": conversation_id, "pins": found})]


def get_readers(user: Any, conversation_id: int, seq: int) -> dict:
    """Who has read a message, of those who take part in receipts and were there, its sender left out. Raises Refusal."""
    message = get_message(get_membership(user, conversation_id), seq)
    own = user.get_options()
    if not own.receipts or own.invisible:  # who tells nothing is told nothing
        return {"read": [], "of": 0}
    found = rows(
        "SELECT p.user_id, p.read_seq FROM messaging_membership p JOIN accounts_user u ON u.id = p.user_id"  # noqa: S608
        f" WHERE p.conversation_id = %s AND {TAKES_PART} AND u.deleted_at IS NULL AND u.blocked_at IS NULL"
        " AND u.approved_at IS NOT NULL AND p.joined_at <= %s ORDER BY p.user_id",
        [conversation_id, connection.ops.adapt_datetimefield_value(message.sent_at)],
    )
    others = [(id, read_seq) for id, read_seq in found if id != message.sender_id]
    return {"read": [id for id, read_seq in others if read_seq >= seq], "of": len(others)}


def site_facts() -> dict:
    """How long one may change one's mind."""
    policy = policies.get(Messages)
    return {"recall_minutes": policy.recall_minutes, "edit_minutes": policy.edit_minutes}


def private_part(user_id: int) -> dict:
    """The present state of a user's conversations."""
    objects = conversation_objects(user_id)
    people = {c["peer"] for c in objects} | {c["preview"]["sender"] for c in objects if c["preview"]} | {user_id}
    joining = joining_of([user_id])[user_id]
    people |= concerned(user_id) | named_in(joining)
    return {
        "all": True,
        "conversations": objects,
        "joining": joining,
        "people": people_objects(user_id, people - {None}),
    }
