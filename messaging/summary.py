"""Conversations as a person sees them in the list: a fixed number of queries however many there are, by SQL (every `ready` comes here)."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from accounts.relations import closed_between, concerned, people_objects, presences
from core import policies
from core.moment import one_moment
from core.refusal import Refusal
from core.sql import marks, padded, rows
from messaging import rights
from messaging.events import stamp
from messaging.pairs import other_of
from messaging.policies import Messages
from realtime.frames import encode

DEFAULTS = {  # fields that have these values do not travel: half of a long list
    "name": "", "peer": None, "role": "member", "notice": "", "read_seq": 0, "cleared_seq": 0, "unread": 0,
    "mention": False, "level": "all", "pinned": False, "can_post": True, "closed": "", "members": 2, "peer_read_seq": 0, "draft": "", "preview": None,
}  # fmt: skip
PERSON_DEFAULTS = {"avatar": "", "presence": "offline", "status": "", "last_seen": None}
PREVIEW = 100  # letters
RECEIPTS_MAX = 200  # members; above that receipts are given on demand
UNREAD_MAX = 1000  # counted at most
NAMED = 3  # people named in the preview of a system message


# Only what differs from the default is stored: an option that is there takes no part in receipts.
PEER_READ = (
    "SELECT p.read_seq FROM messaging_membership p JOIN accounts_user u ON u.id = p.user_id"
    " WHERE c.kind = 'direct' AND p.conversation_id = c.id AND p.user_id <> m.user_id"
    " AND u.options ->> 'receipts' IS NULL AND u.options ->> 'invisible' IS NULL"
)


def mine(user_id: int, ids: Collection[int] | None = None) -> list[tuple]:
    """The user's memberships with their conversations and drafts."""
    some = "" if ids is None else f" AND m.conversation_id IN {marks(ids)}"
    return rows(
        "SELECT m.conversation_id, m.role, m.read_seq, m.cleared_seq, m.level, m.pinned, c.kind, c.name, c.notice, c.pair_key, c.who_may_post,"  # noqa: S608
        f" c.last_seq, c.last_change, ({PEER_READ}), d.body FROM messaging_membership m"
        " JOIN messaging_conversation c ON c.id = m.conversation_id"
        " LEFT JOIN messaging_draft d ON d.conversation_id = m.conversation_id AND d.user_id = m.user_id"
        f" WHERE m.user_id = %s{some}",
        [user_id, *padded(ids or ())],
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
    unread = unread_counts(user_id, [row[0] for row in own if row[11] > row[2]])
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
    ) in own:
        preview = previews.get(id)
        closed = shut.get((user_id, peers.get(id, 0)), "")
        objects.append({
            "id": id, "kind": kind, "name": name, "peer": peers.get(id), "role": role, "notice": notice,
            "last_seq": last, "last_change": change, "read_seq": read_seq, "cleared_seq": cleared, "unread": unread.get(id, 0),
            "mention": False, "level": level, "pinned": bool(pinned), "members": sizes[id], "draft": draft or "",
            "can_post": not closed and rights.may(kind, role, "send" if posting == "all" else "post_when_closed"),
            "closed": closed,
            "peer_read_seq": peer_read or 0,
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
    """How many members each conversation has, and its last message, a hundred letters of it. One query."""
    found = rows(
        "SELECT c.id, (SELECT COUNT(*) FROM messaging_membership s WHERE s.conversation_id = c.id), m.seq, m.sender_id, m.kind,"  # noqa: S608
        " CASE WHEN m.kind = 'system' THEN m.body ELSE substr(m.body, 1, %s) END, m.sent_at, m.recalled_at"
        " FROM messaging_conversation c LEFT JOIN messaging_message m ON m.conversation_id = c.id AND m.seq = c.last_seq"
        f" WHERE c.id IN {marks(ids)}",
        [PREVIEW, *padded(ids)],
    )
    previews = {
        id: {
            "seq": seq,
            "sender": sender,
            "kind": kind,
            "text": _shortened(body) if kind == "system" else body,
            "sent_at": stamp(sent),
            "recalled": recalled is not None,
        }
        for id, _, seq, sender, kind, body, sent, recalled in found
        if seq is not None
    }
    return {row[0]: row[1] for row in found}, previews


def _shortened(body: str) -> str:
    """A system message that names few people, however many it is about."""
    if len(body) <= 4 * PREVIEW:
        return body
    fact = json.loads(body)
    return encode({**fact, "users": fact["users"][:NAMED]}) if "users" in fact else body


def unread_counts(user_id: int, ids: list[int]) -> dict[int, int]:
    """How many messages of others came after the read mark, at most about a thousand each."""
    if not ids:
        return {}
    return dict(
        rows(
            "SELECT m.conversation_id, COUNT(*) FROM messaging_membership s JOIN messaging_conversation c ON c.id = s.conversation_id"  # noqa: S608
            " JOIN messaging_message m ON m.conversation_id = s.conversation_id"
            " AND m.seq > CASE WHEN s.read_seq > c.last_seq - %s THEN s.read_seq ELSE c.last_seq - %s END"
            f" WHERE s.user_id = %s AND s.conversation_id IN {marks(ids)} AND m.kind <> 'system'"
            " AND (m.sender_id IS NULL OR m.sender_id <> %s) GROUP BY m.conversation_id",
            [UNREAD_MAX, UNREAD_MAX, user_id, *padded(ids), user_id],
        )
    )


def count_unread(spans: Mapping[tuple[int, int], tuple[int, int]]) -> dict[tuple[int, int], int]:
    """The same for (conversation, user) pairs, each after one message up to another. One query."""
    some = [(*pair, max(after, until - UNREAD_MAX), until) for pair, (after, until) in spans.items() if after < until]
    if not some:
        return {}
    found = rows(
        f"WITH w(conversation, person, low, high) AS (VALUES {','.join(['(%s,%s,%s,%s)'] * len(some))})"  # noqa: S608
        " SELECT w.conversation, w.person, COUNT(*) FROM w JOIN messaging_message m ON m.conversation_id = w.conversation"
        " AND m.seq > w.low AND m.seq <= w.high WHERE m.kind <> 'system' AND (m.sender_id IS NULL OR m.sender_id <> w.person)"
        " GROUP BY w.conversation, w.person",
        [value for span in some for value in span],
    )
    return {(conversation, person): count for conversation, person, count in found}


def snapshot_part(user: Any, snapshot: dict, heads: dict[str, int], known: dict[str, int]) -> None:
    """The conversations, those unchanged left out of a partial snapshot, and the people in them.

    How partners are comes always: presence has no number, and may have changed while nobody listened.
    """
    partial = snapshot["partial"]
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
        | {user.pk}
    )
    found = people_objects(user.pk, people - {None}) if objects or not partial else []
    snapshot["people"] = [_without(PERSON_DEFAULTS, person) for person in found]
    if partial:
        snapshot["partners"] = presences(user.pk, {other_of(row[9], user.pk) for row in own if row[9]})


def receipts(user_id: int, conversation_id: int) -> list[tuple[str, dict]]:
    """How far the others have read, in conversations of at most 200. One query."""
    reads = rows(
        "SELECT p.user_id, p.read_seq FROM messaging_membership p JOIN accounts_user u ON u.id = p.user_id"
        " WHERE p.conversation_id = %s AND p.user_id <> %s AND p.read_seq > 0 AND u.options ->> 'receipts' IS NULL"
        " AND u.options ->> 'invisible' IS NULL"
        " AND (SELECT COUNT(*) FROM messaging_membership s WHERE s.conversation_id = p.conversation_id) <= %s ORDER BY 1",
        [conversation_id, user_id, RECEIPTS_MAX],
    )
    return [("receipts", {"conversation": conversation_id, "reads": [list(read) for read in reads]})] if reads else []


def site_facts() -> dict:
    """How long one may change one's mind."""
    policy = policies.get(Messages)
    return {"recall_minutes": policy.recall_minutes, "edit_minutes": policy.edit_minutes}


def private_part(user_id: int) -> dict:
    """The present state of a user's conversations."""
    objects = conversation_objects(user_id)
    people = {c["peer"] for c in objects} | {c["preview"]["sender"] for c in objects if c["preview"]} | {user_id}
    people |= concerned(user_id)
    return {"all": True, "conversations": objects, "people": people_objects(user_id, people - {None})}
