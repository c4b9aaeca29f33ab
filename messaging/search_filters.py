"""What narrows a search: `from:`, `in:`, `before:`, `after:` and `has:file`, read out of what was typed or given as parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import islice
from typing import Any

from django.utils import timezone

from accounts.access import people_for
from core.query import QUERY_MAX, parse
from core.refusal import Refusal
from core.sql import rows
from core.text import NOT_STORABLE, TOO_LONG, UNSTORABLE, name_key

FILTER = re.compile(r'(?<!\S)(from|in|before|after|has):(?:"([^"]*)"|(\S+))', re.IGNORECASE)
NAMED_MAX = 20  # people that one `from:` may mean
FILTERS_MAX = 8
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Filters:
    """None: not narrowed. Sets may be empty: then nothing fits."""

    places: set[int] | None = None
    senders: set[int] | None = None
    before: datetime | None = None  # sent earlier
    after: datetime | None = None  # sent then or later
    files: bool = False

    def narrow(
        self, place: int | None, sender: int | None, before: datetime | None, after: datetime | None, files: bool
    ) -> None:
        """As parameters say, in addition."""
        if place is not None:
            self.places = _both(self.places, {place})
        if sender is not None:
            self.senders = _both(self.senders, {sender})
        if before is not None:
            self.before = min(self.before or aware(before), aware(before))
        if after is not None:
            self.after = max(self.after or aware(after), aware(after))
        self.files = self.files or files


def _both(one: set[int] | None, other: set[int]) -> set[int]:
    return other if one is None else one & other


def aware(moment: datetime) -> datetime:
    """A moment without a zone is meant in that of the person. What is too far away to reckon with becomes the nearest that is not."""
    if not EARLIEST.year <= moment.year < LATEST.year:
        return EARLIEST if moment.year < EARLIEST.year else LATEST
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def read_filters(user: Any, text: str) -> tuple[str, Filters]:
    """The words that are left, and the filters among them. What looks like a filter but is none stays a word. Raises Refusal."""
    if len(text) > QUERY_MAX:
        raise Refusal("too_long", TOO_LONG, 400, limit=QUERY_MAX)
    if UNSTORABLE.search(text):
        raise Refusal("bad_text", NOT_STORABLE, 400)
    filters, words, at = Filters(), "", 0
    for found in islice(FILTER.finditer(text), FILTERS_MAX):
        if _apply(user, filters, found[1].lower(), found[2] or found[3] or ""):
            words += text[at : found.start()] + " "
            at = found.end()
    return words + text[at:], filters


def _apply(user: Any, filters: Filters, name: str, value: str) -> bool:
    if name == "has":
        filters.files = filters.files or value == "file"
        return value == "file"
    if name == "from":
        filters.senders = _both(filters.senders, _people(user, value))
    elif name == "in":
        filters.places = _both(filters.places, _places(user, value))
    else:
        day = _day(value)
        if day is None:
            return False
        filters.narrow(None, None, day if name == "before" else None, day if name == "after" else None, False)
    return True


def _day(value: str) -> datetime | None:
    try:
        return aware(datetime.combine(date.fromisoformat(value), time.min))
    except (ValueError, OverflowError):
        return None


def _people(user: Any, value: str) -> set[int]:
    """Those meant by a name: the one whose user name it is, else those whose names have it."""
    found = people_for(user, value, limit=NAMED_MAX)
    key = name_key(value.lstrip("@"))
    return {user.pk} if value == "me" else {p.pk for p in found if p.username_key == key} or {p.pk for p in found}


def _places(user: Any, value: str) -> set[int]:
    """One's conversations whose name, or whose partner's, has these words."""
    wanted = parse(value)
    named = rows(
        "SELECT c.id, c.name, u.username, u.display_name FROM messaging_membership s JOIN messaging_conversation c ON c.id = s.conversation_id"
        " LEFT JOIN messaging_membership o ON c.kind = 'direct' AND o.conversation_id = c.id AND o.user_id <> s.user_id"
        " LEFT JOIN accounts_user u ON u.id = o.user_id WHERE s.user_id = %s",
        [user.pk],
    )
    return {id for id, *names in named if wanted.terms and any(name and wanted.finds(name) for name in names)}
