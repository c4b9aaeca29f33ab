"""A connection of `lines`: requests become actions, what happens to its person becomes forwarded lines."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from accounts import actions as accounts
from accounts.relations import relations_of
from core.refusal import Refusal
from core.text import clean_body
from gateways import names
from gateways.access import direct_with, find_apart, friend_answers, people_of
from gateways.errors import Malformed
from gateways.feeds import FriendAnswer, FriendAnswered, FriendRequest, JoinAnswered, JoinAsked, Person, Place, Text
from gateways.lines.codec import TELLTALE, Answer, Code, Decoder, Forwarded, Listing, Refused, Request, encode
from gateways.session import Session as Base
from gateways.verdicts import Verdict
from messaging import actions
from messaging.access import get_members
from messaging.actions.entering import governors

SITE = Person(0, names.SYSTEM)  # where nobody else stands behind an answer
YES, NO = "同意", "拒绝"
WORDS = {YES: True, "1": True, "yes": True, NO: False, "0": False, "no": False}
VERDICTS = {
    Verdict.NO_SUCH_USER: "0",
    Verdict.ELSEWHERE: "1",
    Verdict.SIGNED_IN: "2",
    Verdict.DISPLACED: "2",
    Verdict.WRONG_PASSWORD: "3",
    Verdict.LOCKED: "4",
    Verdict.MUST_CHANGE: "5",
}
STRANGERS = set("124e")  # what may be asked before sign-in; 4 has a code for it
NAMELESS = set("12cef")  # requests without the name of who asks, or with one that is only now to be proved
WORDS_KEPT, HISTORY_MAX = 1000, 200
log = logging.getLogger("chatroom.gateways")
_words: dict[tuple[int, ...], str] = {}  # in which word somebody answered, for who asked


class Session(Base):
    """`tagged`: answers name their request. `begun`: something was asked already. `answered`: whom he has answered here just now."""

    __slots__ = ("answered", "begun", "tagged")
    protocol = "lines"
    Decoder = Decoder

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.begun = self.tagged = False
        self.answered: set[int] = set()

    async def on_message(self, request: Request) -> None:
        """One request."""
        first, self.begun = not self.begun, True
        if request.op == "v":
            if not first or request["form"] != "tagged":
                raise Malformed("the form comes first")
            self.tagged = True
            return
        if self.user is None and request.op not in STRANGERS:
            raise Malformed("not signed in")
        if request.op not in NAMELESS and not self._is_me(request["name"]):
            if request.op != "4":
                raise Malformed("another's name")
            self._answer(Code("4", "4"))
            return
        await HANDLERS[request.op](self, request)

    def on_refusal(self, request: Request, refusal: Refusal) -> None:
        """Where the note has no code: ours, and its text for who reads it."""
        self._answer(Refused(request.op, f"{refusal.code} {self.reason(refusal)}"))

    async def on_signed_in(self) -> None:
        """What was written to him, and answered, while he was away."""
        for text in await self.unread(self.look_back):
            self.on_text(text)
            await self.drained()
        if self.last_seen is not None:
            for person, accepted in await self.look(friend_answers, self._me.id, self.last_seen):
                if self.news is not None and person.id not in self.news.outgoing:  # else it comes as news
                    await self.on_event(FriendAnswer(person, accepted))

    def on_text(self, text: Text) -> None:
        """A message for him; what he was sent counts as read."""
        self.send(text.once("lines", lambda: encode(line_of(text))))
        self.read_up_to(text.place, text.seq)

    async def on_event(self, event: Any) -> bool | None:
        """Requests for him to answer, and answers to his own."""
        if isinstance(event, FriendRequest):
            self._forward("4", event.person, self._me)
        elif isinstance(event, FriendAnswer):
            self._forward("6", event.person, self._me, _word(event.accepted, event.person.id, self._me.id))
        elif isinstance(event, FriendAnswered):
            if event.person.id in self.answered:
                self.answered.remove(event.person.id)  # it was told as the answer to his request
            else:
                self._forward("6", self._me, event.person, _word(event.accepted, self._me.id, event.person.id))
        elif isinstance(event, JoinAsked):
            self._forward("a", event.person, event.place)
        elif isinstance(event, JoinAnswered):
            by = event.by or SITE
            self._forward("d", by, self._me, event.place, _word(event.accepted, by.id, self._me.id, event.place.id))
        else:
            return None
        return True

    @property
    def _me(self) -> Person:
        assert self.user is not None
        return self.user

    def _is_me(self, name: str) -> bool:
        return self.user is not None and names.is_called(name, self.user)

    def _answer(self, answer: Answer) -> None:
        self.send(encode(answer, self.tagged))

    def _forward(self, op: str, *who: Person | Place | str) -> None:
        self.send(encode(Forwarded(op, tuple(map(called, who)))))

    async def _person(self, name: str) -> Person:
        person = await self.find_user(name)
        if person is None:
            raise Refusal("not_found")
        return person

    async def _group(self, name: str) -> Place:
        group = await self.find_group(name)
        if group is None:
            raise Refusal("not_found")
        return group

    # Accounts

    async def sign_up(self, request: Request) -> None:
        """`1`: a new account."""
        try:
            await self.register(request["name"], request["password"])
        except Refusal:
            code = "1"
        except Exception:
            log.exception("An account could not be made")
            code = "2"
        else:
            code = "0"
        self._answer(Code("1", code))

    async def enter(self, request: Request) -> None:
        """`2`: sign in."""
        self.answered.clear()
        self._answer(Code("2", VERDICTS[await self.sign_in(request["name"], request["password"])]))

    async def change_password(self, request: Request) -> None:
        """`e`: a new password."""
        try:
            done = (await self.new_password(request["new"], request["old"])).signed_in
        except Refusal:
            done = False
        self._answer(Code("e", "0" if done else "1"))

    async def stay(self, request: Request) -> None:
        """`8`: the connection is the session."""

    # Messages

    async def write_group(self, request: Request) -> None:
        """`3`: to a group; his own copy is the acknowledgement."""
        group = await self._group(request["group"])
        await self.say(group, request["text"])
        self.send(encode(Forwarded("3", (called(self._me), called(group)), clean_body(request["text"]))))

    async def write_person(self, request: Request) -> None:
        """`5`: to a person; no answer when it was forwarded."""
        person = await self.find_user(request["receiver"])
        if person is None:
            code = "0" if await self.run(find_apart, request["receiver"]) else "1"
        else:
            try:
                await self.say(await self.direct(person), request["text"])
                code = "" if await self.online([person.id]) else "0"
            except Refusal as refusal:
                code = {"blocked": "0", "friends_only": "1", "not_found": "1"}.get(refusal.code, "")
                if not code:
                    raise
        if code:
            self._answer(Code("5", code))

    async def read_history(self, request: Request) -> None:
        """`f`: older messages."""
        if request["op"] not in ("3", "5") or not request["n"].isdecimal():
            raise Refusal("bad_request")
        if request["op"] == "3":
            place = await self._group(request["who"])
        else:
            place = await self.run(direct_with, await self._person(request["who"]))
        count = min(int(request["n"][:5]), HISTORY_MAX)
        for text in await self.history(place, count) if place else ():
            self._answer(line_of(text, asked="f"))
            await self.drained()

    # Friends

    async def ask_friend(self, request: Request) -> None:
        """`4`: ask somebody to be a friend."""
        person = await self.find_user(request["friend"])
        if person is None:
            return self._answer(Code("4", "0"))
        known = await self.look(relations_of, self._me.id)
        meeting = any(asked["user"] == person.id for asked in known["incoming"])
        if person.id not in known["friends"]:
            await self.run(accounts.request_friend, person.id)
        if person.id in known["friends"] or meeting:
            self._answer(Code("4", "2"))
            if meeting:  # he had asked too: this says yes to him
                self.answered.add(person.id)
                self._forward("6", self._me, person, YES)
        else:
            self._answer(Code("4", "1" if await self.online([person.id]) else "3"))
        return None

    async def answer_friend(self, request: Request) -> None:
        """`6`: told to both, in his own word."""
        person, word = await self._person(request["requester"]), request["answer"]
        if word not in WORDS:
            return self._answer(Refused("6", "answer"))
        _remember(word, self._me.id, person.id)
        await self.run(accounts.accept_friend if WORDS[word] else accounts.refuse_friend, person.id)
        self.answered.add(person.id)
        return self._forward("6", self._me, person, word)

    async def list_friends(self, request: Request) -> None:
        """`7`: friends."""
        friends = await self.look(people_of, (await self.look(relations_of, self._me.id))["friends"])
        named = sorted(map(called, friends.values()))
        self._answer(Listing("7", tuple(named), none="0"))

    # Groups

    async def create_group(self, request: Request) -> None:
        """`9`: a new group."""
        try:
            await self.run(actions.create_group, names.blank(request["group"]), [])
            code = "0"
        except Refusal as refusal:
            exists = refusal.code == "name_taken" or request["group"] in names.EVERYONE_NAMES
            code = "1" if exists else "2"
        self._answer(Code("9", code))

    async def ask_to_join(self, request: Request) -> None:
        """`a`: ask to join a group."""
        group = await self.find_group(request["group"], visible=True)
        if group is None:
            return self._answer(Code("a", "0"))
        if await self.find_group(request["group"]) is not None:
            return self._answer(Code("a", "1"))
        try:
            inside = await self.run(actions.join_group, group.id)
        except Refusal as refusal:
            if refusal.code not in ("not_found", "invitation_only"):
                raise
            return self._answer(Code("a", "0"))
        if inside:
            self._answer(Code("a", "3"))
            masters = [row for row in await self.run(get_members, group.id) if row["role"] == "master"]
            master = Person(masters[0]["id"], masters[0]["username"]) if masters else SITE  # his account may be blocked
            return self._forward("d", master, self._me, group, YES)
        return self._answer(Code("a", "3" if await self.online(await self.look(governors, group.id)) else "2"))

    async def answer_join(self, request: Request) -> None:
        """`d`: told to who asked, in his own word."""
        person, group = await self._person(request["requester"]), await self._group(request["group"])
        word = request["answer"]
        if word not in WORDS:
            return self._answer(Refused("d", "answer"))
        asked = [
            row.id for row in (await self.waiting()).requests if (row.place.id, row.person.id) == (group.id, person.id)
        ]
        if not asked:
            raise Refusal("not_found")
        _remember(word, self._me.id, person.id, group.id)
        return await self.run(actions.answer_request, asked[0], WORDS[word])

    async def list_groups(self, request: Request) -> None:
        """`b`: the groups he is in."""
        self._answer(Listing("b", tuple(map(called, await self.groups()))))

    async def list_members(self, request: Request) -> None:
        """`c`: who is in a group."""
        group = await self.find_group(request["group"])
        members = await self.members(group) if group else []
        self._answer(Listing("c", tuple(map(called, members))))


HANDLERS: dict[str, Callable[[Session, Request], Awaitable[None]]] = {
    "1": Session.sign_up,
    "2": Session.enter,
    "3": Session.write_group,
    "4": Session.ask_friend,
    "5": Session.write_person,
    "6": Session.answer_friend,
    "7": Session.list_friends,
    "8": Session.stay,
    "9": Session.create_group,
    "a": Session.ask_to_join,
    "b": Session.list_groups,
    "c": Session.list_members,
    "d": Session.answer_join,
    "e": Session.change_password,
    "f": Session.read_history,
}


def called(who: Person | Place | str) -> str:
    """The name of somebody or something in a line; nothing that a list could be mistaken by."""
    return who if isinstance(who, str) else names.joined(names.to_field(who, alias=who.name in TELLTALE))


def line_of(text: Text, asked: str = "") -> Forwarded:
    """A message as the request that it was, or would have been."""
    if text.place.kind == "direct":
        return Forwarded("5", (called(text.sender), called(text.place.other(text.sender.id))), text.plain, asked)
    return Forwarded("3", (called(text.sender), called(text.place)), text.plain, asked)


def _remember(word: str, *who: int) -> None:
    """In which word one of these answers the other; before it is done, because the other may hear of it at once."""
    _words[who] = word
    if len(_words) > WORDS_KEPT:
        del _words[next(iter(_words))]


def _word(accepted: bool, *who: int) -> str:
    word = _words.get(who, "")
    return word if WORDS.get(word) == accepted else YES if accepted else NO
