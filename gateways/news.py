"""What is new for one signed-in person: facts of his feeds, each told once."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Literal

from accounts.relations import apart_from
from gateways import access, book
from gateways.access import Standing
from gateways.feeds import (
    FriendAnswer,
    FriendAnswered,
    FriendRequest,
    Gone,
    Here,
    InviteAnswered,
    Invited,
    JoinAnswered,
    JoinAsked,
    Joined,
    Left,
    OfferChanged,
    Offered,
    Person,
    Place,
    Recalled,
    Text,
)
from gateways.sockets import Heard
from messaging import actions
from messaging.fact import read_fact, users_of
from realtime import executors

if TYPE_CHECKING:
    from gateways.base import Base

GAPS_MAX = 500
TOLD = {"joined": Joined, "left": Left, "removed": Left}
NEWS = ("message", "private", "head", "here")


class News:
    """Remembers what this connection was told: the last message of each conversation, and which requests and answers."""

    __slots__ = ("apart", "gaps", "incoming", "known", "outgoing", "seqs", "session", "standing")

    def __init__(self, session: Base, standing: Standing) -> None:
        self.session = session
        self.standing: Standing | None = standing  # until it was told
        self.seqs = standing.seqs
        self.gaps: set[tuple[int, int]] | None = None
        self.apart = standing.apart
        self.known: frozenset[tuple[str, int]] = frozenset()  # requests, invitations and answers
        self.incoming: frozenset[int] = frozenset()  # most people have none, and none costs nothing
        self.outgoing = frozenset(standing.relations["outgoing"])

    async def waiting(self) -> AsyncIterator[Any]:
        """What has waited for this person, in the order in which it came to be within each kind."""
        standing, self.standing = self.standing, None
        assert standing is not None
        async for event in self._relations(standing.relations):
            yield event
        async for event in self._joining(standing.joining):
            yield event
        for text in standing.offers:
            yield Offered(text)

    def knows(self, text: Text) -> bool:
        """Whether it is older than what is told as news."""
        return text.seq <= self.seqs.get(text.place.id, 0)

    def ready(self, heard: Heard) -> Text | Literal[False] | None:
        """A message to be told now; False: nothing to tell; None: `events` says what."""
        made = heard.made
        if (
            type(made) is Text and made.news and self.seqs.get(made.place.id) == made.seq - 1
        ):  # what many others are told too
            self.seqs[made.place.id] = made.seq
            return False if made.client_id.startswith(self.session.mark) else made
        if heard.type != "message":
            return None if heard.type in NEWS else False
        data = heard.data
        if data["kind"] not in ("text", "file"):
            return None if self._is_new(data) and data["kind"] == "system" else False
        text = book.text_at_once(heard)
        return None if text is None else self._judge(data, text)

    def _judge(self, data: dict, text: Text) -> Text | Literal[False] | None:
        if self._is_new(data):
            if data["recalled_at"] or text.client_id.startswith(self.session.mark):
                return False
            return text
        return None if data["recalled_at"] or "offer" in data else False

    def _is_new(self, data: dict) -> bool:
        """Whether it was not here before; what is read late may come in another order, by its changes."""
        where, seq = data["conversation"], data["seq"]
        last = self.seqs.get(where)
        if last is None:
            last = seq - 1
        if seq > last:
            if seq > last + 1:
                self.gaps = self.gaps or set()
                self.gaps.update((where, number) for number in range(last + 1, seq)[-GAPS_MAX:])
            self.seqs[where] = seq
            return True
        if self.gaps and (where, seq) in self.gaps:
            self.gaps.discard((where, seq))
            return True
        return False

    async def events(self, heard: Heard) -> AsyncIterator[Any]:
        """What an event means that `ready` could not tell at once."""
        if heard.type == "message":
            async for event in self._message(heard):
                yield event
        elif heard.type == "head":
            async for text in self._missed(int(heard.feed.partition(":")[2]), heard.feed[:1]):
                yield text
        elif heard.type == "here":
            shown = self.session.shown
            if shown is not None and shown.id == heard.data["conversation"]:
                yield Here(shown, await book.get_person(heard.data["user"]), heard.data["on"])
        elif heard.type == "private" and heard.data:
            async for event in self._private(heard.data):
                yield event

    async def _message(self, heard: Heard) -> AsyncIterator[Any]:
        data = heard.data
        if data["kind"] == "system":
            fact = read_fact(data["body"])
            if fact.get("code") == "renamed":
                book.forget(data["conversation"])
            kind = TOLD.get(str(fact.get("code")))
            if kind is not None:
                ids = users_of(fact)
                await book.learn(people=ids)
                yield kind(await book.get_place(data["conversation"]), tuple([await book.get_person(id) for id in ids]))
            return
        text = await book.text_of(heard)
        judged = self._judge(data, text)
        if judged:
            yield text
        elif judged is None and data["recalled_at"]:
            yield Recalled(text.place, text.seq)
        elif judged is None and "offer" in data:
            yield OfferChanged(text)

    async def _missed(self, conversation: int, kind: str) -> AsyncIterator[Text]:
        """This connection follows a conversation from now on; what was said there just before is read."""
        if kind != "c":
            return
        base = self.seqs.get(conversation)
        if base is None:
            base = self.seqs[conversation] = await executors.read(access.base_of, conversation)
        for data in await executors.read(access.rows_after, conversation, base):
            row = Heard(json.dumps({"type": "message", "feed": f"c:{conversation}", "data": data}))
            if data["kind"] not in ("text", "file"):
                self._is_new(data)
                continue
            text = await book.text_of(row)
            if self._judge(data, text):
                yield text

    async def _private(self, data: dict) -> AsyncIterator[Any]:
        listed = {conversation["id"]: conversation for conversation in data.get("conversations", ())}
        for id, conversation in listed.items():
            if id not in self.seqs:
                self.seqs[id] = 0 if conversation["kind"] == "direct" else conversation["last_seq"]
            known = book.place(id)
            if known is not None and known.kind == "group" and known.name != conversation["name"]:
                book.forget(id)
        gone = set(self.seqs) - listed.keys() if data.get("all") else set(data.get("gone", ())) & self.seqs.keys()
        for id in gone:
            del self.seqs[id]
            yield Gone(await book.get_place(id))
        if data.get("all") and self.session.user is not None:
            self.apart = frozenset(await executors.read(apart_from, self.session.user.id))
        if "relations" in data:
            async for event in self._relations(data["relations"]):
                yield event
        if "joining" in data:
            async for event in self._joining(data["joining"]):
                yield event

    async def _relations(self, relations: dict[str, list]) -> AsyncIterator[Any]:
        friends, outgoing = set(relations["friends"]), frozenset(relations["outgoing"])
        incoming = {row["user"]: row["words"] for row in relations["incoming"]}
        answered, settled = self.outgoing - outgoing, self.incoming - incoming.keys()
        new = [user for user in incoming if user not in self.incoming]
        self.outgoing, self.incoming = outgoing, frozenset(incoming)
        for user in new:
            yield FriendRequest(await book.get_person(user), incoming[user])
        for user in answered:
            if user in friends:
                yield FriendAnswer(await book.get_person(user), True)
            elif self.session.user and await executors.read(access.was_refused, self.session.user.id, user):
                yield FriendAnswer(await book.get_person(user), False)
        for user in settled:
            if user in friends:
                yield FriendAnswered(await book.get_person(user), True)
            elif self.session.user and await executors.read(access.was_refused, user, self.session.user.id):
                yield FriendAnswered(await book.get_person(user), False)

    async def _joining(self, joining: dict[str, list]) -> AsyncIterator[Any]:
        rows = {(self._key(part, row), row["id"]): (part, row) for part, some in joining.items() for row in some}
        new = [pair for key, pair in rows.items() if key not in self.known and pair[0] != "asked"]
        self.known = frozenset(rows)
        await book.learn(places=[row["conversation"] for part, row in new if part == "requests"])
        for part, row in new:
            place = book.place(row["conversation"]) or Place(row["conversation"], "group", row.get("name", ""))
            who = row.get("inviter") if part == "invitations" else row.get("user")
            person: Person | None = await book.get_person(who) if who else None
            if part == "requests" and person:
                yield JoinAsked(row["id"], place, person, row["words"])
            elif part == "invitations" and person:
                yield Invited(row["id"], place, person)
            elif part == "told" and row["kind"] == "request":
                yield JoinAnswered(row["id"], place, person, row["accepted"], row["reason"])
            elif part == "told" and person:
                yield InviteAnswered(row["id"], place, person, row["accepted"])

    @staticmethod
    def _key(part: str, row: dict) -> str:
        return row["kind"] if part == "told" else part

    async def was_told(self, event: Any) -> None:
        """An answer that this client has shown is not told again."""
        if isinstance(event, JoinAnswered):
            await self.session.run(actions.dismiss_answer, "request", event.id)
        elif isinstance(event, InviteAnswered):
            await self.session.run(actions.dismiss_answer, "invitation", event.id)
