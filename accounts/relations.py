"""Who knows whom, who wants to hear nothing of whom, and who may write to whom; and people as others see them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from accounts.models import Block, Friendship, User
from accounts.policies import People
from core import policies
from core.sql import among, padded, rows, stored_now
from core.text import shown_name
from realtime.frames import stamp
from realtime.presence import LIVING, RANK, shown_as

# A block between `u` and the viewer (twice a parameter).
APART = (
    "EXISTS (SELECT 1 FROM accounts_block b WHERE (b.blocker_id = u.id AND b.blocked_id = %s)"
    " OR (b.blocked_id = u.id AND b.blocker_id = %s))"
)
# Only what differs from the default is stored: an option that is there says no.
TELLS_LAST_SEEN = "u.options ->> 'show_last_seen' IS NULL AND u.options ->> 'invisible' IS NULL"
BLOCKED, FRIENDS_ONLY = "person", "friends"  # why one may not write to somebody


def relations_of(user_id: int) -> dict[str, list]:
    """The friends, requests and blocks of one person, for his own eyes alone. One query."""
    found: dict[str, list] = {"friends": [], "incoming": [], "outgoing": [], "blocked": []}
    for other, status, mine, words, at in rows(
        "SELECT CASE WHEN low_id = %s THEN high_id ELSE low_id END, status, asked_by_id, words, asked_at FROM accounts_friendship"
        " WHERE (low_id = %s OR high_id = %s) AND status <> 'refused'"
        " UNION ALL SELECT blocked_id, 'blocked', blocker_id, '', at FROM accounts_block WHERE blocker_id = %s ORDER BY 5, 1",
        [user_id] * 4,
    ):
        if status == "pending" and mine != user_id:
            found["incoming"].append({"user": other, "words": words, "at": stamp(at)})
        else:
            found[{"accepted": "friends", "pending": "outgoing", "blocked": "blocked"}[status]].append(other)
    return found


def apart_from(user_id: int) -> set[int]:
    """Everybody with a block between him and this person, in either direction. One query."""
    blocks = Block.objects.filter(Q(blocker=user_id) | Q(blocked=user_id)).values_list("blocker_id", "blocked_id")
    return {other for pair in blocks for other in pair} - {user_id}


def concerned(user_id: int) -> set[int]:
    """Who has just come into this person's view, or left it: everybody behind a block, and those who want to be friends. Two queries."""
    asked = Friendship.objects.filter(Q(low=user_id) | Q(high=user_id), status="pending").exclude(asked_by=user_id)
    return apart_from(user_id) | set(asked.values_list("asked_by_id", flat=True))


def blocked_by(user: User) -> list[User]:
    """Whom this person has blocked, the last one first."""
    return [block.blocked for block in Block.objects.filter(blocker=user).select_related("blocked").order_by("-pk")]


def closed_between(couples: Iterable[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """Which of these (writer, reader) may not write, and why: a block, or messages between friends only. One query."""
    wanted = [(*pair, min(pair), max(pair)) for pair in couples if pair[0] != pair[1]]
    if not wanted:
        return {}
    wanted = padded(wanted)
    everybody = policies.get(People).direct == "friends"
    choosy = "" if everybody else "u.options ->> 'who_may_write' = 'friends' AND "
    found = rows(
        f"WITH w(writer, reader, low, high) AS (VALUES {','.join(['(%s,%s,%s,%s)'] * len(wanted))})"  # noqa: S608
        " SELECT w.writer, w.reader, EXISTS (SELECT 1 FROM accounts_block b WHERE (b.blocker_id = w.low AND b.blocked_id = w.high)"
        " OR (b.blocker_id = w.high AND b.blocked_id = w.low)),"
        f" {choosy}NOT EXISTS (SELECT 1 FROM accounts_friendship f"
        " WHERE f.low_id = w.low AND f.high_id = w.high AND f.status = 'accepted')"
        " FROM w JOIN accounts_user u ON u.id = w.reader",
        [value for row in wanted for value in row],
    )
    return {
        (writer, reader): BLOCKED if blocked else FRIENDS_ONLY
        for writer, reader, blocked, kept_out in found
        if blocked or kept_out
    }


def people_objects(viewer_id: int, ids: Iterable[int]) -> list[dict[str, Any]]:
    """People of the protocol with their presence, as this person sees them. One query."""
    these, params = among("u.id", set(ids))
    people = []
    for pk, username, display_name, avatar, status, last_seen, apart, rank in rows(
        "SELECT u.id, u.username, u.display_name, u.avatar, u.status,"  # noqa: S608
        f" CASE WHEN {TELLS_LAST_SEEN} THEN u.last_seen END, {APART}, {RANK} FROM accounts_user u WHERE {these}",
        [viewer_id, viewer_id, stored_now(), *params],
    ):
        presence = "offline" if apart else shown_as(rank)
        people.append({
            "id": pk, "username": username, "name": shown_name(display_name, username), "avatar": avatar, "presence": presence,
            "status": "" if apart else status, "last_seen": stamp(last_seen) if presence == "offline" and not apart else None,
        })  # fmt: skip
    return people


def presences(viewer_id: int, ids: set[int]) -> list[tuple[int, str]]:
    """How these people are, as this person sees them. One query."""
    if not ids:
        return []
    these, params = among("c.user_id", ids)
    now = stored_now()
    found = rows(
        f"SELECT u.id, {APART}, {RANK} FROM accounts_user u"  # noqa: S608 - of those who are there alone: most are not
        f" WHERE u.id IN (SELECT c.user_id FROM {LIVING} AND {these})",
        [viewer_id, viewer_id, now, now, *params],
    )
    shown = {id: shown_as(rank) for id, apart, rank in found if not apart}
    return [(id, shown.get(id, "offline")) for id in sorted(ids)]


def faces(ids: Iterable[int]) -> list[dict[str, Any]]:
    """What everybody may know of these people: names and pictures. One query."""
    these, params = among("id", set(ids))
    return [
        {"id": pk, "username": username, "name": name or username, "avatar": avatar}
        for pk, username, name, avatar in rows(
            f"SELECT id, username, display_name, avatar FROM accounts_user WHERE {these} ORDER BY id",  # noqa: S608
            params,
        )
    ]
