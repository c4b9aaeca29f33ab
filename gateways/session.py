"""What the sessions of all protocols ask and do by the same few calls."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.db import transaction

from core.refusal import Refusal
from gateways import access, book
from gateways.entering import Entering
from gateways.feeds import Face, FriendRequest, Invited, JoinAsked, Person, Place, Text, Waiting
from messaging import actions
from realtime import dispatch, hints
from realtime.presence import OFFLINE, merge


class Session(Entering):
    """A session with what all four do with names, histories and messages."""

    __slots__ = ()

    async def find_user(self, text: str) -> Person | None:
        """Whom this person may see, by exact name or alias."""
        return await self.run(access.find_user, text)

    async def find_group(self, text: str, *, visible: bool = False) -> Place | None:
        """A group of this person or Everyone; `visible`: also one that he may find."""
        return await self.run(access.find_group, text, visible)

    async def direct(self, person: Person) -> Place:
        """The direct conversation, made if there is none. Raises Refusal."""
        found = await self.run(actions.open_direct, person.id)
        return await book.get_place(found["id"])

    async def history(self, place: Place, count: int, before: int | None = None) -> list[Text]:
        """The newest messages of a conversation, oldest first. Raises Refusal."""
        return await self.run(access.history, place, count, before)

    async def last(self, count: int) -> list[Text]:
        """The newest messages of all conversations, oldest first."""
        return self._known(await self.run(access.last, count))

    async def unread(self, count: int) -> list[Text]:
        """The newest of what was not read, oldest first."""
        return self._known(await self.run(access.unread, count))

    def _known(self, texts: list[Text]) -> list[Text]:
        """Those that do not come as news yet: nothing is told twice."""
        return [text for text in texts if self.news is not None and self.news.knows(text)]

    async def groups(self) -> list[Place]:
        """Everyone, then the groups by name."""
        return await self.run(access.groups_of)

    async def members(self, place: Place) -> list[Person]:
        """By name. Raises Refusal."""
        return await self.run(access.members_of, place)

    async def people(self) -> list[Face]:
        """Everybody visible, oneself too, by name."""
        people, friends = await self.run(access.people_for)
        online = await self.online(person.id for person in people)
        return [Face(person, person.id in online, person.id in friends) for person in people]

    async def online(self, ids: Iterable[int]) -> set[int]:
        """Those who are shown as online; who has just come counts, and oneself always."""
        ids = set(ids)
        found = await self.look(access.shown_online, ids)
        hub = hints.hub
        if hub is not None:
            for id in ids - found:
                sockets = hub.by_user.get(id)
                if sockets and merge({socket.state for socket in sockets}) != OFFLINE:
                    found.add(id)
        return found | ({self.user.id} & ids if self.user else set())

    async def waiting(self) -> Waiting:
        """What waits for an answer by this person."""
        friends, joining = await self.run(access.waiting_for)
        await book.learn(
            [row["user"] for row in [*friends, *joining["requests"]]]
            + [row["inviter"] for row in joining["invitations"]],
            [row["conversation"] for part in ("requests", "invitations") for row in joining[part]],
        )
        return Waiting(
            [FriendRequest(await book.get_person(row["user"]), row["words"]) for row in friends],
            [
                JoinAsked(
                    row["id"],
                    await book.get_place(row["conversation"]),
                    await book.get_person(row["user"]),
                    row["words"],
                )
                for row in joining["requests"]
            ],
            [
                Invited(row["id"], await book.get_place(row["conversation"]), await book.get_person(row["inviter"]))
                for row in joining["invitations"]
            ],
        )

    def next_id(self) -> str:
        """The client id of the next message: by it this connection knows its own."""
        self.sent += 1
        return f"{self.mark}-{self.sent}"

    async def say(self, place: Place, text: str, files: Sequence[str] = ()) -> dict:
        """Send a message as this connection. Raises Refusal."""
        if self.caller is None:
            raise Refusal("signed_out")
        data = {"conversation": place.id, "client_id": self.next_id(), "body": text, "files": list(files)}
        command, checked = dispatch.validate("message.send", data)
        answer = asyncio.get_running_loop().create_future()
        dispatch.ask(command, self.caller, checked, partial(_take, answer))
        result = await answer
        if isinstance(result, Refusal):
            raise result
        return result

    async def say_to_all(self, places: Sequence[Place], text: str) -> None:
        """Send a message to each of these, or to none. Raises Refusal."""
        if len(places) == 1:
            await self.say(places[0], text)
        else:
            await self.run(_say_to_all, self.caller, [(place.id, self.next_id()) for place in places], text)

    async def say_file(self, place: Place, file: Any, caption: str = "") -> dict:
        """Send a stored file of one's own as a message. Raises Refusal."""
        return await self.say(place, caption, [file.token])

    async def offer_file(self, place: Place, file: Any) -> dict:
        """Offer a stored file of one's own to the other person of a direct conversation. Raises Refusal."""
        return await self.run(_offer, self.caller, place.id, self.next_id(), file.token)

    async def open(self, place: Place | None) -> None:
        """Which conversation this connection shows: those who have it open are told."""
        before, self.shown = self.shown, place
        if self.socket is not None and hints.hub is not None and (before or place):
            hints.hub.show(self.socket, place.id if place else None)
            if before is not None:
                hints.hub.here.touch(before.id, self.socket.user_id, at_once=True)  # he has said so, no page reloads
            await hints.hub.here.flush()  # now: whoever opens it and leaves at once has been there too


def _offer(actor: Any, caller: Any, conversation: int, client_id: str, token: str) -> dict:
    file = access.own_file(actor, token)
    return actions.offer_file(caller, conversation, client_id, file.name, file.size, file=file)


def _say_to_all(actor: Any, caller: Any, places: list[tuple[int, str]], body: str) -> None:
    with transaction.atomic():
        requests = [actions.SendRequest(caller, place, client_id, body) for place, client_id in places]
        for result in actions.send_messages(requests):
            if isinstance(result, Refusal):
                raise result


def _take(answer: asyncio.Future, result: Any) -> None:
    if not answer.done():  # the connection has gone meanwhile
        answer.set_result(result)
