"""Search over the messages that somebody may see: every word of the query, newest first.

The newest messages are read through, which answers common words; what is left is asked of the index, which answers rare ones. Both only give candidates:
whether a message is a hit is decided by its text. Work is bounded; where it ended, the next page goes on (`older`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from accounts.relations import faces
from core.query import Query, parse
from core.refusal import Refusal
from core.sql import among, rows
from messaging import search_index
from messaging.events import read_messages
from messaging.files import carried_by, names_in, searched
from messaging.search_filters import Filters, read_filters

PAGE_MAX = 50
WINDOW, READ = 2000, 300  # newest messages of the site that one step reads through, and how many of one's own at most
GLANCE = 50  # how many the first step reads, which only finds out whether a word is common
STEPS, WORTH = 6, 0.02  # steps, as long as this share are hits; then the index is asked
NEEDS = 3  # words that the index is asked for at most
FIRST, MORE = 400, 4000  # candidates taken from the index at once
CHUNK, CHUNK_MAX = 30, 500  # of them read at once: few where most are hits, more when they turn out not to be
SECONDS = 0.5  # after which a page ends short
SLACK = timedelta(minutes=1)  # ids and times rise together but for what is written side by side
END = 2**53
COLUMNS = "m.id, m.conversation_id, m.seq, m.sender_id, m.kind, m.body"
NEWEST = "SELECT 0, COALESCE(MAX(id), 0) FROM messaging_message"
MINE = f"SELECT conversation_id, cleared_seq FROM messaging_membership WHERE user_id = %s UNION ALL {NEWEST}"  # noqa: S608
LIVING = "m.recalled_at IS NULL AND m.kind <> 'system'"
# Feels its way up in steps that halve: on, as long as the newest message up to there was sent before the moment.
AROUND = """
WITH RECURSIVE walk(low, step) AS (
 SELECT CAST(0 AS bigint), CAST(1099511627776 AS bigint)
 UNION ALL
 SELECT low + CASE WHEN COALESCE((SELECT m.sent_at < %s FROM messaging_message m WHERE m.id <= low + step ORDER BY m.id DESC LIMIT 1), TRUE)
  THEN step ELSE 0 END, step / 2 FROM walk WHERE step > 0
) SELECT low FROM walk WHERE step = 0
"""


@dataclass(slots=True)
class Search:
    """One search: what is wanted, of whom, and where it may look."""

    query: Query
    filters: Filters
    cleared: dict[int, int]  # conversation -> what was cleared away there
    newest: int  # message of the site
    high: int  # ids that the dates leave
    low: int = 0
    until: float = field(default_factory=lambda: monotonic() + SECONDS)

    def is_hit(self, row: tuple) -> bool:
        """Whether a row of `columns` is what was asked for."""
        _, conversation, seq, sender, kind, body, *sent_at = row
        wanted = self.filters
        return (
            seq > self.cleared.get(conversation, END)
            and (wanted.senders is None or sender in wanted.senders)
            and (not wanted.files or kind == "file")
            and (wanted.before is None or _aware(*sent_at) < wanted.before)
            and (wanted.after is None or _aware(*sent_at) >= wanted.after)
            and self.query.finds(body)
        )

    @property
    def columns(self) -> str:
        """What is read of a message; its time, which costs as much as all else, only where dates are asked for."""
        return COLUMNS + (", m.sent_at" if self.filters.before or self.filters.after else "")


def find(
    user: Any,
    text: str = "",
    *,
    conversation: int | None = None,
    sender: int | None = None,
    before: datetime | None = None,
    after: datetime | None = None,
    files: bool = False,
    older: int | None = None,
    limit: int = 20,
) -> dict:
    """A page of hits with the people in them; `older` is where the next page begins, None at the end. Raises Refusal."""
    limit = max(1, min(limit, PAGE_MAX))
    words, filters = read_filters(user, text)
    filters.narrow(conversation, sender, before, after, files)
    cleared = dict(rows(MINE, [user.pk]))
    newest = cleared.pop(0)
    if conversation is not None and conversation not in cleared:
        raise Refusal("not_found")
    if filters.places is not None:
        cleared = {id: seq for id, seq in cleared.items() if id in filters.places}
    search = Search(parse(words), filters, cleared, newest, older or newest + 1)
    if not cleared or filters.senders == set() or not (search.query.terms or filters.senders or filters.files):
        return _page(search, [], None)
    if filters.after:
        search.low = last_before(filters.after - SLACK)
    if filters.before:
        search.high = min(search.high, last_before(filters.before + SLACK) + 1)
    return _page(search, *_gather(search, limit))


def find_anywhere(
    text: str, *, conversation: int | None = None, sender: int | None = None, older: int | None = None, limit: int = 50
) -> tuple[list[int], int | None]:
    """Ids of hits in all conversations of the site or in one, for administrators, and where the next page begins. Raises Refusal."""
    filters = Filters()
    filters.narrow(conversation, sender, None, None, False)
    places = rows("SELECT id FROM messaging_conversation") if conversation is None else [(conversation,)]
    newest = rows(NEWEST)[0][1]
    search = Search(parse(text), filters, {place: 0 for (place,) in places}, newest, older or newest + 1)
    if not search.query.terms or not places:
        return [], None
    return _gather(search, limit)


def _gather(search: Search, limit: int) -> tuple[list[int], int | None]:
    """The first hits, and from where on the next page looks. Raises Refusal."""
    found: list[int] = []
    last: int | None = None  # all from here on were looked at
    try:
        for last, hit in _looked_at(search):
            if hit:
                if len(found) == limit:
                    return found, found[-1]
                found.append(last)
            elif monotonic() > search.until:
                return found, last
    except search_index.TooSlow:
        if not found:
            raise Refusal("too_slow", _("This search takes too long. Add a word, a person or a time."), 503) from None
        return found, last
    return found, None


def _looked_at(search: Search) -> Iterator[tuple[int, bool]]:
    """Ids of candidates, falling, and whether each is a hit."""
    below, read, hits = search.high, 0, 0
    for step in range(STEPS):
        newest, below = _newest(search, below, READ if step else GLANCE)
        for row in _with_names(newest):
            hit = search.is_hit(row)
            hits += hit
            yield row[0], hit
        read += len(newest)
        if hits < WORTH * read or below <= search.low:
            break
    wanted = search.filters.senders
    people = [[]] if wanted is None else [[f"{person:x}"] for person in sorted(wanted)]
    needs = search.query.needs(NEEDS)
    size, few, chunk = FIRST, needs[: search_index.FEW[connection.vendor]], CHUNK
    while below > search.low:
        ids = _candidates(search, few, people, below, size)
        full = len(ids) == size
        if full and len(few) < len(needs):  # a common word: the other ones leave less
            few, size = needs, MORE
            continue
        start = 0
        while start < len(ids):
            some = ids[start : start + chunk]
            found = {row[0]: row for row in _with_names(_read(search, some))}
            for id in some:
                yield id, id in found and search.is_hit(found[id])
            start, chunk = start + chunk, min(2 * chunk, CHUNK_MAX)
        if not full:
            return
        below, size = ids[-1], MORE


def _with_names(found: list[tuple]) -> list[tuple]:
    """Rows of `columns`; what a message carries is found by its name as well."""
    loaded = [row[0] for row in found if row[4] == "file"]
    if not loaded:
        return found
    carried = carried_by(loaded)
    return [(*r[:5], searched(r[5], names_in(carried.get(r[0], {}))), *r[6:]) if r[4] == "file" else r for r in found]


def _candidates(search: Search, needs: list, people: list[list[str]], below: int, size: int) -> list[int]:
    found: set[int] = set()
    kind = ["file"] if search.filters.files else []
    for person in people:
        found.update(search_index.candidates(list(search.cleared), needs, person + kind, search.low, below, size))
    return sorted(found, reverse=True)[:size]


def _newest(search: Search, below: int, most: int) -> tuple[list[tuple], int]:
    """The newest messages with lower ids, and the id from which on all have been read."""
    if len(search.cleared) == 1:
        (place,) = search.cleared
        found = rows(
            f"SELECT {search.columns} FROM messaging_message m WHERE m.conversation_id = %s AND m.seq <= %s AND {LIVING} ORDER BY m.seq DESC LIMIT %s",  # noqa: S608
            [place, _seq_below(place, below, search.newest), most],
        )
        return found, found[-1][0] if len(found) == most else search.low
    low = max(search.low, below - 1 - WINDOW)
    mine, places = among("m.conversation_id", search.cleared)
    found = rows(
        f"SELECT {search.columns} FROM messaging_message m WHERE m.id BETWEEN %s AND %s AND {LIVING} AND {mine}"  # noqa: S608
        " ORDER BY m.id DESC LIMIT %s",
        [low, below - 1, *places, most],
    )
    return found, found[-1][0] if len(found) == most else low


def _seq_below(place: int, id: int, newest: int) -> int:
    """The last message of a conversation with a lower id; in one conversation both rise together."""
    last = rows("SELECT last_seq FROM messaging_conversation WHERE id = %s", [place])[0][0]
    if id > newest:
        return last
    here = rows("SELECT seq - 1 FROM messaging_message WHERE id = %s AND conversation_id = %s", [id, place])
    if here:
        return here[0][0]
    low, high = 0, last
    while low < high:
        middle = (low + high + 1) // 2
        found = rows("SELECT id FROM messaging_message WHERE conversation_id = %s AND seq = %s", [place, middle])
        if not found or found[0][0] < id:  # what is not there any more was older
            low = middle
        else:
            high = middle - 1
    return low


def last_before(moment: datetime) -> int:
    """The id up to which messages were sent before this moment. One query."""
    return rows(AROUND, [connection.ops.adapt_datetimefield_value(moment)])[0][0]


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _read(search: Search, ids: list[int]) -> list[tuple]:
    these, params = among("m.id", ids)
    return rows(f"SELECT {search.columns} FROM messaging_message m WHERE {these} AND {LIVING}", params)  # noqa: S608


def _page(search: Search, ids: list[int], older: int | None) -> dict:
    """The answer of the protocol."""
    found = {m["id"]: m for m in read_messages(*among("m.id", ids))} if ids else {}
    hits: list[dict[str, Any]] = [
        {"message": found[id], "ranges": search.query.ranges(searched(found[id]["body"], names_in(found[id])))}
        for id in ids
        if id in found
    ]
    people = {hit["message"]["sender"] for hit in hits} - {None}
    return {"hits": hits, "people": faces(people) if people else [], "older": older}
