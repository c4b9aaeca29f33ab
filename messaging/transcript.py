"""A conversation as a document: read page by page, written in one of four forms, so that memory stays flat however long it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from files.names import clean_file_name
from messaging.events import read_messages
from messaging.fact import read_fact
from messaging.models import Conversation

PAGE = 200  # messages held at a time
STEM_BYTES = 150  # of a file's name, so that an ending and a number fit behind it


@dataclass(frozen=True)
class Place:
    """The conversation of a transcript."""

    id: int
    kind: str
    title: str
    stem: str  # of the file: `张三-李四`, or the name of the group
    last: int  # the newest message in it
    zone: ZoneInfo
    after: int = 0  # what somebody has cleared from his screen is not in his transcript


def place_of(conversation: Conversation, zone: ZoneInfo, after: int = 0) -> Place:
    """What a transcript says of its conversation, as of now."""
    title = title_of(conversation)
    stem = clean_file_name(title)
    while len(stem.encode()) > STEM_BYTES:
        stem = stem[:-1]
    return Place(conversation.pk, conversation.kind, title, stem, conversation.last_seq, zone, after)


def title_of(conversation: Conversation) -> str:
    """The name of the group, or the user names of the two."""
    if conversation.pair_key:
        ids = [int(id) for id in conversation.pair_key.split(":")]
        names = dict(get_user_model()._default_manager.filter(pk__in=ids).values_list("pk", "username"))
        return "-".join(names.get(id, f"~{id}") for id in ids)
    if conversation.kind == Conversation.Kind.EVERYONE:
        return _("Everyone")
    return conversation.name


def messages(place: Place, step: Callable[[int], None] = lambda seq: None) -> Iterator[dict[str, Any]]:
    """Its messages from the first, each with the user name of who wrote it, and files as names. A recalled one has no text."""
    after = place.after
    while after < place.last:
        page = read_messages(
            "m.conversation_id = %s AND m.seq > %s AND m.seq <= %s ORDER BY m.seq LIMIT %s",
            [place.id, after, place.last, PAGE],
        )
        if not page:
            return
        senders = {message["sender"] for message in page}
        names = dict(get_user_model()._default_manager.filter(pk__in=senders).values_list("pk", "username"))
        for message in page:
            name = names.get(message["sender"], "")
            message["username"] = "" if name.startswith("~") else name
            if message["recalled_at"]:
                message |= {"body": "", "html": None, "reply_to": None}
                message.pop("files", None)
            if message["kind"] == "system":
                message["fact"] = read_fact(message["body"])
            yield message
        after = page[-1]["seq"]
        step(after)


def files_in(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The files of a message; of an offer that was not taken, its name."""
    offer = message.get("offer")
    return message.get("files") or ([{"name": offer["name"], "size": offer["size"], "token": ""}] if offer else [])


def pieces(found: Iterable[str], some: int = 32 * 1024) -> Iterator[str]:
    """Text gathered to pieces of some size."""
    waiting: list[str] = []
    size = 0
    for text in found:
        waiting.append(text)
        size += len(text)
        if size >= some:
            yield "".join(waiting)
            waiting, size = [], 0
    yield "".join(waiting)
