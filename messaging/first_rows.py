"""The rows that a conversation opens with, for templates/chat/_rows.html: they stand before any script has come.

static/js/chat/message.js draws them again a moment later, with all that belongs to them; what is written here has the same place and size.
A row whose size only the browser knows ends them: what stands above it is left out.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from core.faces import HUES, Face
from core.text import is_emoji

SHOWN, BEFORE = 20, 6  # rows; of them above the first new one
TOGETHER = timedelta(minutes=5)
LINES, LINE = 34, 40  # of a text that is folded on a phone
UNBROKEN = re.compile(r"\S{200}")
JOINER = "\u200d"


@dataclass
class Row:
    """A message with what stands above it: the line for its day, the line over what is new."""

    message: dict[str, Any]
    own: bool
    face: Face
    day: bool
    divider: bool
    named: bool  # whether name and picture belong to it
    first: bool = True
    last: bool = True
    large: bool = False
    unbroken: str = ""
    reply: tuple[Face, str] | None = None  # whose words it answers
    reactions: list[tuple[str, int, bool]] = field(default_factory=list)
    room: tuple[int, int] | None = None  # width and height of its pictures
    colours: list[str] = field(default_factory=list)  # one for each picture
    cards: list[str] = field(default_factory=list)  # what kind of place each other file takes
    look: str = ""


def title(conversation: dict, people: list[dict], me: int) -> Face:
    """What a conversation is called, and its picture, as in static/js/chat/header.js."""
    if conversation["kind"] == "everyone":
        return Face(5, gettext("Everyone"), icon="megaphone")
    if conversation["kind"] == "group":
        return Face(conversation["id"] % HUES, conversation["name"], conversation.get("avatar", ""))
    if conversation["peer"] == me:
        return Face(0, gettext("Saved messages"), icon="bookmark")
    person = next((person for person in people if person["id"] == conversation["peer"]), {})
    return Face(conversation["peer"] % HUES, person.get("name") or gettext("Deleted account"), person.get("avatar", ""))


def first_rows(page: dict, conversation: dict, me: int, compact: bool) -> list[Row]:
    """The rows of a page around its first new message, or at its end."""
    messages = page["messages"]
    new = _first_new(messages, conversation, me)
    end = len(messages) if new is None else new + SHOWN
    start = len(messages) - SHOWN if new is None else min(new - BEFORE, len(messages) - SHOWN)
    carriers = {message["seq"] for message in [*page["quoted"], *messages] if message["kind"] == "file"}
    odd = [at for at, m in enumerate(messages[:end]) if m["reply_to"] in carriers or not _is_simple(m)]
    if page["more_after"] if new is None else odd[-1:] >= [new]:
        return []
    named = {False: compact or conversation["kind"] != "direct", True: compact}
    return _rows(page, me, named, new)[max(0, start, *(at + 1 for at in odd)) : end]


def _first_new(messages: list[dict], conversation: dict, me: int) -> int | None:
    if conversation["unread"]:
        for at, m in enumerate(messages):
            if (
                m["seq"] > conversation["read_seq"]
                and m["sender"] != me
                and m["kind"] != "system"
                and not m["recalled_at"]
            ):
                return at
    return None


def _is_simple(message: dict) -> bool:
    """Nothing that is folded, no head over code, no names that are called."""
    if message["kind"] == "system" or message["recalled_at"]:
        return True
    lines = sum(max(1, -(-_width(line) // LINE)) for line in message["body"].split("\n"))
    return (
        message["kind"] in ("text", "file") and lines <= LINES
        and "<pre" not in (message["html"] or "")
        and not any(message.get(field) for field in ("forwarded_from", "mentions", "mentions_all", "pinned"))
    )  # fmt: skip


def _width(text: str) -> int:
    return len(text) if text.isascii() else sum(1 + (unicodedata.east_asian_width(sign) in "WF") for sign in text)


def _rows(page: dict, me: int, named: dict[bool, bool], new: int | None) -> list[Row]:
    """All messages of the page, grouped by who wrote them; `named`: whether mine and those of others bear names."""
    people = {person["id"]: person for person in page["people"]}
    held = {message["seq"]: message for message in [*page["quoted"], *page["messages"]]}
    rows: list[Row] = []
    day, until, writer = None, None, None  # the day of the row before, and until when who may go on beneath it

    def face_of(message: dict) -> Face:
        person = people.get(message["sender"], {})
        name = person.get("name") or message["sender_name"] or gettext("Deleted account")
        return Face((message["sender"] or 0) % HUES, name, person.get("avatar", ""))

    def quote(message: dict | None) -> tuple[Face, str]:
        if message is None:
            return Face(0, ""), ""
        return face_of(message), "" if message["kind"] == "system" or message["recalled_at"] else message["body"][:200]

    for at, message in enumerate(page["messages"]):
        sent = timezone.localtime(datetime.fromisoformat(message["sent_at"]))
        own = message["sender"] == me
        row = Row(message, own, face_of(message), sent.date() != day, at == new, named[own])
        system, recalled = message["kind"] == "system", message["recalled_at"]
        if until and sent < until and writer == message["sender"] and not (row.day or row.divider or system):
            row.first, rows[-1].last = False, False
        if not (system or recalled):
            row.large = message["kind"] == "text" and message["reply_to"] is None and _is_large(message["body"])
            row.unbroken = "unbroken" if UNBROKEN.search(message["body"]) else ""
            row.reactions = [(r["emoji"], len(r["users"]), me in r["users"]) for r in message["reactions"]]
            if message["reply_to"]:
                row.reply = quote(held.get(message["reply_to"]))
            _add_files(row)
        rows.append(row)
        day, until, writer = sent.date(), None if system else sent + TOGETHER, message["sender"]
    return rows


def _add_files(row: Row) -> None:
    """The room that its files take, as static/js/chat/message.js reserves it."""
    files = row.message.get("files", [])
    pictures = [file for file in files if _is_picture(file)]
    others = [file for file in files if not _is_picture(file)]
    row.cards = ["sounds" if file["kind"] == "audio" and file["status"] != "failed" else "" for file in others]
    if "offer" in row.message and not files:
        row.cards = ["offered"]
    if pictures:
        row.room = room_of(pictures)
        row.colours = [file.get("color", "") for file in pictures[:5]]
    if pictures or row.cards:
        bare = pictures and not (others or row.message["body"])
        row.look = f"with-files{' pictured' if pictures else ''}{' bare' if bare else ''}"


def _is_picture(file: dict) -> bool:
    return file["kind"] in ("image", "video") and file["status"] != "failed"


def room_of(pictures: list[dict]) -> tuple[int, int]:
    """Width and height that pictures take in a row, as in static/js/core/rows.js."""
    if len(pictures) > 1:
        return 360, (200, 240, 360, 300)[min(len(pictures), 5) - 2]
    video = pictures[0]["kind"] == "video"
    width, height = pictures[0].get("width", 0), pictures[0].get("height", 0)
    if not (width and height):
        return (360, 202) if video else (280, 210)
    scale = min(1, 360 / width, 420 / height)
    least = (240, 135) if video else (140, 84)
    return (
        max(least[0], min(360, int(width * scale + 0.5))),
        max(least[1], min(420, int(height * scale + 0.5))),
    )


def _is_large(body: str) -> bool:
    """One to three emoji and nothing else."""
    signs = "".join(body.split())
    if not is_emoji(signs, 16) or not (signs[0] >= "\U0001f000" or signs[1:2] == "\ufe0f"):
        return False
    pictures = sum(
        before != JOINER and unicodedata.category(sign) in ("So", "Cn")
        for before, sign in zip(" " + signs, signs, strict=False)
    )
    flags = sum("\U0001f1e6" <= sign <= "\U0001f1ff" for sign in signs)  # two make one
    return pictures - flags // 2 <= 3
