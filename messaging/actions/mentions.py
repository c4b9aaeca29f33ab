"""Mentions: which members a text names, set-based, in the transaction that writes the text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import connection

from core.sql import marks, padded, rows
from messaging import rights
from messaging.mentions import EVERYBODY, EVERYBODY_MAX, names_in
from messaging.models import Mention, Message

KEYS = 4096  # names asked for in one query


@dataclass(frozen=True, slots=True)
class Text:
    """A text and where somebody says it."""

    conversation: int
    kind: str
    role: str
    sender: int
    body: str


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a text names."""

    users: tuple[int, ...] = ()
    everybody: bool = False


NOBODY = Named()


def find_named(texts: Mapping[int, Text]) -> dict[int, Named]:
    """Whom each of these texts names; those that name nobody are left out. At most two queries, none where there is no `@`."""
    asked = {at: names for at, text in texts.items() if "@" in text.body and (names := names_in(text.body))}
    if not asked:
        return {}
    keys = sorted({key for names in asked.values() for some in names for key in some})
    members = _members({texts[at].conversation for at in asked}, keys)
    small = _small({t.conversation for at in asked if _wants_all(t := texts[at], asked[at])})
    found = {}
    for at, names in asked.items():
        text = texts[at]
        users: dict[int, None] = {}
        everybody = False
        for some in names:
            for key in some:
                if key in EVERYBODY:
                    everybody = everybody or _may_call_all(text) or text.conversation in small
                    break
                user = members.get((text.conversation, key))
                if user is not None:
                    users[user] = None
                    break
        users.pop(text.sender, None)
        if users or everybody:
            found[at] = Named(tuple(users), everybody)
    return found


def _may_call_all(text: Text) -> bool:
    return rights.may(text.kind, text.role, "mention_all")


def _wants_all(text: Text, names: list[list[str]]) -> bool:
    return text.kind != "direct" and not _may_call_all(text) and any(EVERYBODY & set(some) for some in names)


def _members(conversations: set[int], keys: list[str]) -> dict[tuple[int, str], int]:
    found = {}
    for start in range(0, len(keys), KEYS):
        some = keys[start : start + KEYS]
        for conversation, key, user in rows(
            "SELECT m.conversation_id, u.username_key, u.id FROM accounts_user u JOIN messaging_membership m ON m.user_id = u.id"  # noqa: S608
            f" WHERE u.username_key IN {marks(some)} AND m.conversation_id IN {marks(conversations)}",
            [*padded(some), *padded(conversations)],
        ):
            found[conversation, key] = user
    return found


def _small(conversations: set[int]) -> set[int]:
    if not conversations:
        return set()
    return {
        id
        for (id,) in rows(
            "SELECT conversation_id FROM messaging_membership"  # noqa: S608
            f" WHERE conversation_id IN {marks(conversations)} GROUP BY conversation_id HAVING COUNT(*) <= %s",
            [*padded(conversations), EVERYBODY_MAX],
        )
    }


def name_again(message: Message, named: Named) -> set[int] | None:
    """A text that changed names these now; answers who is named or no longer is (None: perhaps everybody)."""
    before = set(Mention.objects.filter(message=message).values_list("user_id", flat=True))
    after = set(named.users)
    all_before, message.mentions_all = message.mentions_all, named.everybody
    if before != after:
        Mention.objects.filter(message=message, user__in=before - after).delete()
        store_mentions(
            [(message.pk, message.conversation_id, message.seq, [u for u in named.users if u not in before])]
        )
    if all_before != named.everybody:
        Message.objects.filter(pk=message.pk).update(mentions_all=named.everybody)
        return None
    return set() if named.everybody else before ^ after


def store_mentions(new: Iterable[tuple[int, int, int, Iterable[int]]]) -> None:
    """Write who is named: (message, conversation, seq, users)."""
    values = [(message, conversation, seq, user) for message, conversation, seq, users in new for user in users]
    if values:
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO messaging_mention (message_id, conversation_id, seq, user_id) VALUES (%s, %s, %s, %s)",
                values,
            )
