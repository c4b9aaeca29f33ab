"""What the seals in the log say of messages, and whether the messages still are so.

A seal (the event `messages.sealed`) covers up to 10,000 messages in the order of their ids: a SHA-256 over all that never changes of them,
three bytes of each message's own hash, which name the one that differs, and four bytes of a keyed hash of each text. A legal edit or recall
leaves an event of its own, which says what the text is since then; the key is derived from the site's, so nobody can guess at a recalled text.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import groupby
from typing import Any

from django.conf import settings

from audit.chain import pruned_to
from audit.models import Event
from core.sql import rows

PAGE = 500  # messages held at a time: a text has up to 10,000 letters
SEAL_MAX = 10_000  # messages in one seal
SEALED, EXPIRED, EDITED, RECALLED = "messages.sealed", "messages.expired", "message.edited", "message.recalled"
UNKNOWN = "text not checked: sealed with another secret_key"
SELECT = (
    "SELECT id, conversation_id, seq, sender_id, login_session, client_id, kind, reply_to, forwarded_from_id, mailing_id, sent_at, body"
    " FROM messaging_message WHERE id > %s AND id <= %s ORDER BY id LIMIT %s"
)
REMOVED = "removed"
OWN, TEXT = 3, 4  # bytes of the marks
Found = tuple[str, int, int, str, bool]


@dataclass(slots=True)
class Seal:
    """The marks of some messages, one after the other."""

    ids: list[list[int]] = field(default_factory=list)  # spans, first and last
    count: int = 0
    whole: Any = field(default_factory=hashlib.sha256)
    own: bytearray = field(default_factory=bytearray)
    texts: bytearray = field(default_factory=bytearray)

    def add(self, row: tuple) -> None:
        """One more message."""
        id, line = row[0], line_of(row)
        if self.ids and self.ids[-1][1] == id - 1:
            self.ids[-1][1] = id
        else:
            self.ids.append([id, id])
        self.count += 1
        self.whole.update(line)
        self.own += own_mark(line)
        self.texts += text_mark(id, row[-1], keys()[0])

    def detail(self) -> dict[str, Any]:
        """What the event says."""
        return {
            "first": self.ids[0][0],
            "last": self.ids[-1][1],
            "count": self.count,
            "hash": self.whole.hexdigest(),
            "ids": self.ids,
            "marks": b64encode(self.own).decode(),
            "texts": b64encode(self.texts).decode(),
            "key": key_name(keys()[0]),
        }


def read(after: int, last: int = 2**63 - 1) -> Iterator[tuple]:
    """Messages in the order of their ids, some at a time."""
    while page := rows(SELECT, [after, last, PAGE]):
        yield from page
        after = page[-1][0]


def when(at: datetime | str) -> str:
    """A time to the microsecond in UTC, whatever the database gives; SQLite leaves a fraction of nothing out."""
    if isinstance(at, str):
        return at[:10] + "T" + (at[11:26] if len(at) > 19 else at[11:19] + ".000000")
    return (at.astimezone(UTC) if at.tzinfo else at).strftime(
        "%Y-%m-%dT%H:%M:%S.%f"
    )  # SQLite's are in UTC and do not say so


def line_of(row: tuple) -> bytes:
    """All of a message that no legal action changes."""
    *fixed, sent_at, _ = row
    return json.dumps([*fixed, when(sent_at)], separators=(",", ":")).encode() + b"\n"


def own_mark(line: bytes) -> bytes:
    return hashlib.sha256(line).digest()[:OWN]


def text_mark(id: int, body: str, key: bytes) -> bytes:
    """Of the text that a message has now."""
    return hmac.digest(key, f"{id}\n{body}".encode(), "sha256")[:TEXT]


def mark_of(message: Any) -> str:
    """For the event of an edit: what the text is from now on."""
    key = keys()[0]
    return key_name(key) + text_mark(message.pk, message.body, key).hex()


def keys() -> list[bytes]:
    """The key of text marks, and those of former keys of the site."""
    return [
        hashlib.sha256(b"marks of messages\n" + str(secret).encode()).digest()
        for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]


def key_name(key: bytes) -> str:
    """Tells keys apart, and says nothing of them."""
    return hashlib.sha256(key).hexdigest()[:8]


def expired_to() -> int:
    """The id up to which messages were deleted because the site keeps them for so long only."""
    newest = Event.objects.filter(action=EXPIRED).order_by("-id").first()
    pruned = pruned_to()
    return max(newest.detail["last"] if newest else 0, pruned.detail.get("expired", 0) if pruned else 0)


def prunable(before: datetime) -> tuple[int, dict[str, int]]:
    """The event up to which the log may be deleted, and what the rest of it must know: seals go as a whole, and the newest stays.

    Up to a seal, because an edit that was told just before it may be later than what it has sealed.
    """
    end = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
    kept = (
        Event.objects.filter(at__gte=before, id__lte=end).order_by("id").first()
    )  # older ones after it: the clock was behind
    last = kept.id - 1 if kept else end
    newest = last_seal()
    if newest is None:
        return last, {}
    seal = Event.objects.filter(action=SEALED, id__lte=last, id__lt=newest.id).order_by("-id").first()
    return (seal.id, {"messages": seal.detail["last"], "expired": expired_to()}) if seal else (0, {})


def last_seal() -> Event | None:
    """The newest."""
    return Event.objects.filter(action=SEALED).order_by("-id").first()


def check(step: Callable[[float, int], None]) -> Iterator[Found]:
    """Messages that are not as the seals say. Memory does not grow with them."""
    known = {key_name(key): key for key in keys()}
    gone = cache(_account_gone)
    pruned = pruned_to()
    before, at, done = (pruned.detail.get("messages", 0), pruned.detail["last"], 0) if pruned else (0, 0, 0)
    newest = last_seal()
    while seal := Event.objects.filter(action=SEALED, id__gt=at).order_by("id").first():
        at, detail = seal.id, seal.detail
        try:
            last, expected = detail["last"], _expected(detail)
            told = _told(detail["first"], last)  # before the rows: see `_asked_again`
            found = list(_span(seal, expected, read(before, last), Texts(detail["key"], known, told, gone)))
        except (KeyError, ValueError, TypeError, IndexError):
            yield ("event", seal.id, seal.id, "is no seal that can be read", True)
            continue
        yield from _gathered(_without_expired(found))
        before, done = last, done + len(expected)
        step(at / max(1, newest.id if newest else 1), done)


def _told(first: int, last: int) -> dict[int | None, tuple[str, str]]:
    """What the log says of edits and recalls of these messages: of each the last, and the mark of its text since then."""
    events = Event.objects.filter(target_type="message", target_id__range=(first, last), action__in=(EDITED, RECALLED))
    found = events.order_by("target_id", "id").values_list("target_id", "action", "detail")
    return {
        id: (action, detail.get("mark", ""))
        for id, action, detail in found.iterator(PAGE)
        if action == RECALLED or detail.get("mark")  # an edit without one came before the first seal
    }


@dataclass(slots=True)
class Texts:
    """The texts of one seal, and all that is known of them."""

    key: str  # name of the one they were sealed with
    known: dict[str, bytes]
    told: dict[int | None, tuple[str, str]]
    gone: Callable[[int | None], bool]

    def fault(self, row: tuple, sealed: bytes) -> str:
        """Why a text is not the one that the seal or, when that was later or at the same time, its last edit or recall made it."""
        why = self._fault(row, sealed, self.told.get(row[0]))
        if why in ("", UNKNOWN):
            return why
        return "" if not row[-1] and self.gone(row[3]) else self._asked_again(row[0], sealed)

    def _fault(self, row: tuple, sealed: bytes, told: tuple[str, str] | None) -> str:
        id, body = row[0], row[-1]
        action, mark = told or ("", self.key + sealed.hex())
        if action == RECALLED:
            return "text is there again after its recall" if body else ""
        key = self.known.get(mark[:8])
        if key is None:
            return UNKNOWN
        if text_mark(id, body, key).hex() == mark[8:]:
            return ""
        return "text changed since its last edit" if action else "text changed"

    def _asked_again(self, id: int, sealed: bytes) -> str:
        """It may have been edited between the reading of the log and that of the rows."""
        told = _told(id, id)
        while True:
            [row] = list(read(id - 1, id)) or [(id, "")]
            before, told = told, _told(id, id)
            if told == before:
                return self._fault(row, sealed, told.get(id))


def _expected(detail: dict[str, Any]) -> list[tuple[int, bytes, bytes]]:
    own, texts = b64decode(detail["marks"]), b64decode(detail["texts"])
    ids = [id for first, last in detail["ids"] for id in range(first, last + 1)]
    if not len(ids) == detail["count"] == len(own) // OWN == len(texts) // TEXT:
        raise ValueError("marks and ids do not match")
    return [(id, own[at * OWN : (at + 1) * OWN], texts[at * TEXT : (at + 1) * TEXT]) for at, id in enumerate(ids)]


def _span(
    seal: Event, expected: list[tuple[int, bytes, bytes]], present: Iterable[tuple], texts: Texts
) -> Iterator[Found]:
    """One seal against the rows of its span; both come in the order of ids."""
    whole, sound = hashlib.sha256(), True
    waiting = iter(expected)
    wanted = next(waiting, None)
    for row in present:
        id, line = row[0], line_of(row)
        while wanted is not None and wanted[0] < id:
            sound = False
            yield ("message", wanted[0], wanted[0], REMOVED, True)
            wanted = next(waiting, None)
        if wanted is None or wanted[0] != id:
            sound = False
            yield ("message", id, id, "inserted later", True)
            continue
        whole.update(line)
        if own_mark(line) != wanted[1]:
            sound = False
            yield ("message", id, id, "changed", True)
        if why := texts.fault(row, wanted[2]):
            yield ("message", id, id, why, why != UNKNOWN)
        wanted = next(waiting, None)
    while wanted is not None:
        sound = False
        yield ("message", wanted[0], wanted[0], REMOVED, True)
        wanted = next(waiting, None)
    if sound and whole.hexdigest() != seal.detail["hash"]:
        yield ("message", seal.detail["first"], seal.detail["last"], "one of these was changed", True)


def _without_expired(found: list[Found]) -> list[Found]:
    """What is gone because it was old is no fault. Asked after the rows were read: more may have gone meanwhile."""
    if not any(reason == REMOVED for _, _, _, reason, _ in found):
        return found
    last = expired_to()
    return [one for one in found if one[3] != REMOVED or one[2] > last]


def _account_gone(sender: int | None) -> bool:
    """Whether somebody's account was deleted, and his messages with it."""
    of = Event.objects.filter(action="account.deleted", target_type="user", target_id=sender)
    return any(event.detail.get("messages_go") for event in of)


def _gathered(found: list[Found]) -> Iterator[Found]:
    """Neighbours with the same fault in one line."""
    for (_, what, reason, sure), some in groupby(
        enumerate(found), lambda pair: (pair[1][1] - pair[0], pair[1][0], pair[1][3], pair[1][4])
    ):
        spans = [one for _, one in some]
        yield (what, spans[0][1], spans[-1][2], reason, sure)
