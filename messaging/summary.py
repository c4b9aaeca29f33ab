"""Conversations as a person sees them in the list: a fixed number of queries however many there are, by SQL (every `ready` comes here)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.relations import closed_between, concerned, people_objects, presences
from core import policies
from core.moment import one_moment
from core.refusal import Refusal
from core.sql import greatest, marks, padded, rows
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


def mine(user_id: int, ids: Collection[int] | None = None) -> list[tuple]:
    """The user's memberships with their conversations and drafts."""
    some = "" if ids is None else f" AND m.conversation_id IN {marks(ids)}"
    return rows(
        "SELECT m.conversation_id, m.role, m.read_seq, m.cleared_seq, m.level, m.pinned, c.kind, c.name, c.notice, c.pair_key, c.who_may_post,"  # noqa: S608
        f" c.last_seq, c.last_change, ({PEER_READ}), d.body, c.join_policy, c.discoverable, c.slow_mode, c.members_invite, ({MUTED}), c.notice_seq, c.avatar,"
        " c.tables"
        " FROM messaging_membership m"
        " JOIN messaging_conversation c ON c.id = m.conversation_id"
        " LEFT JOIN messaging_draft d ON d.conversation_id = m.conversation_id AND d.user_id = m.user_id"
        f" WHERE m.user_id = %s{some}",
        [connection.ops.adapt_datetimefield_value(timezone.now()), user_id, *padded(ids or ())],
    )


def conversation_objects(
    user_id: int, ids: Collection[int] | None = None, own: list[tuple] | None = None
) -> list[dict]:
    """The conversation objects of the protocol for one user, all or some."""
    own = mine(user_id, ids) if own is None else own
    found = [row[0] for row in own]
    if not found:
        return []
    sizes, previews = get_sizes_and_previews(found)
    unread = unread_counts(user_id, [row[0] for row in own if row[11] > max(row[2], row[3])])
    peers = {row[0]: other_of(row[9], user_id) for row in own if row[9]}
    shut = closed_between([(user_id, peer) for peer in peers.values()])
    objects = []
    for (
        id,
        role,
        read_seq,
        cleared,
        level,
        pinned,
        kind,
        name,
        notice,
        _,
        posting,
        last,
        change,
        peer_read,
        draft,
        join_policy,
        discoverable,
        slow_mode,
        members_invite,
        muted_until,
        notice_seq,
        avatar,
        tables,
    ) in own:
        preview = previews.get(id)
        closed = shut.get((user_id, peers.get(id, 0)), "")
        count, mentions = unread.get(id, NONE)
        objects.append({
            "id": id, "kind": kind, "name": name, "peer": peers.get(id), "role": role, "notice": notice,
            "last_seq": last, "last_change": change, "read_seq": read_seq, "cleared_seq": cleared, "unread": count,
            "mentions": mentions, "level": level, "pinned": bool(pinned), "members": sizes[id], "draft": draft or "",
            "can_post": not closed and rights.may(kind, role, "send" if posting == "all" else "post_when_closed"),
            "closed": closed, "join_policy": join_policy, "discoverable": bool(discoverable), "posting": posting, "slow_mode": slow_mode,
            "members_invite": bool(members_invite), "muted_until": stamp(muted_until), "notice_seq": notice_seq,
            "avatar": avatar, "tables": bool(tables), "peer_read_seq": peer_read or 0,
            "preview": preview if preview and preview["seq"] > cleared else None,
        })  # fmt: skip
    return objects


def _without(defaults: dict, data: dict) -> dict:
    return {name: value for name, value in data.items() if name not in defaults or value != defaults[name]}


def get_object(user: Any, conversation_id: int) -> dict:
    """One conversation object. Raises Refusal."""
    with one_moment():
        objects = conversation_objects(user.pk, [conversation_id])
    if not objects:
        raise Refusal("not_found")
    return objects[0]


def get_sizes_and_previews(ids: list[int]) -> tuple[dict[int, int], dict[int, dict]]:
    """How many members each conversation has, and its last message, a hundred letters of it. One query; two where a last message has files."""
    found = rows(
        "SELECT c.id, (SELECT COUNT(*) FROM messaging_membership s WHERE s.conversation_id = c.id), m.seq, m.sender_id, m.kind,"  # noqa: S608
        " CASE WHEN m.kind = 'system' THEN m.body ELSE substr(m.body, 1, %s) END, m.sent_at, m.recalled_at, m.id"
        " FROM messaging_conversation c LEFT JOIN messaging_message m ON m.conversation_id = c.id AND m.seq = c.last_seq"
        f" WHERE c.id IN {marks(ids)}",
        [PREVIEW, *padded(ids)],
    )
    loaded = [row[8] for row in found if row[4] == "file" and row[7] is None]
    carried = carried_by(loaded) if loaded else {}
    previews = {
        id: {
            "seq": seq,
            "sender": sender,
            "kind": kind,
            "text": _shortened(body) if kind == "system" else body,
            "sent_at": stamp(sent),
            "recalled": recalled is not None,
            **(preview_of(carried[message]) if message in carried else {}),
        }
        for id, _, seq, sender, kind, body, sent, recalled, message in found
        if seq is not None
    }
    return {row[0]: row[1] for row in found}, previews


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
    own = mine(user.pk)
    heads.update({f"c:{row[0]}": row[12] for row in own})
    wanted = [row for row in own if known.get(f"c:{row[0]}") != row[12]] if partial else own
    objects = conversation_objects(user.pk, own=wanted)
    snapshot["conversations"] = [_without(DEFAULTS, found) for found in objects]
    snapshot["gone"] = [int(key[2:]) for key in known if key.startswith("c:") and key not in heads] if partial else []
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
    if partial:
        snapshot["partners"] = presences(user.pk, {other_of(row[9], user.pk) for row in own if row[9]})


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
