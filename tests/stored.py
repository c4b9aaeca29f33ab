"""Files as rows: for tests that ask who sees them, not what is in them."""

from __future__ import annotations

import itertools
from typing import Any

from files.models import Offer, StoredFile
from messaging import actions
from messaging.models import Message, MessageOffer
from tests.cast import Cast, Person

numbers = itertools.count(1)


def stored(who: Person, name: str = "Bài tập 作业.pdf", **fields: Any) -> StoredFile:
    """A file of his."""
    values = {"size": 1200, "status": "ready", "content_type": "application/pdf", **fields}
    return StoredFile.objects.create(token=f"token-{next(numbers):016}", owner=who.user, name=name, **values)


def picture(who: Person, name: str = "ảnh.jpg", **fields: Any) -> StoredFile:
    """A picture of his."""
    shape = {"width": 640, "height": 480, "color": "#336699", "preview": True}
    return stored(who, name, **{"kind": "image", "content_type": "image/jpeg", **shape, **fields})


def offer(cast: Cast, who: Person | None = None, name: str = "Phim 电影.mp4", **fields: Any) -> int:
    """A file that the master, or somebody, offers the other one of the direct conversation; the message's seq."""
    sent = actions.offer_file(
        (who or cast.master).caller, cast.direct, f"offer-{next(numbers):08}", name, fields.pop("size", 5000), **fields
    )
    return sent["seq"]


def offer_in(conversation: int, seq: int) -> Offer:
    """The offer of a message, as it is now."""
    return MessageOffer.objects.get(message__conversation=conversation, message__seq=seq).offer


def message_at(conversation: int, seq: int) -> Message:
    """The message's row."""
    return Message.objects.get(conversation=conversation, seq=seq)
