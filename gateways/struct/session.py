"""`struct`: one conversation is open at a time, and only who has it open gets its frames."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from core.refusal import Refusal
from gateways import feeds, names, session
from gateways.connection import Connection
from gateways.errors import Malformed
from gateways.feeds import Person, Place, Text
from gateways.names import to_field
from gateways.struct.codec import Decoder, Message, Type, encode, encode_list, encode_text
from gateways.verdicts import Verdict
from messaging import actions

PAGE = 10  # messages of history
ZONE = ZoneInfo(settings.TIME_ZONE)
BEFORE = {
    (Type.SIGN_UP, 0),
    (Type.SIGN_UP, 1),
    (Type.SIGN_IN, 0),
    (Type.SIGN_IN, 1),
    (Type.SIGN_IN, 2),
    (Type.SIGN_OUT, 0),
}
CODES = {
    Verdict.SIGNED_IN: 0,
    Verdict.DISPLACED: 0,
    Verdict.WRONG_PASSWORD: 1,
    Verdict.LOCKED: 2,
    Verdict.ELSEWHERE: 3,
    Verdict.NO_SUCH_USER: 4,
    Verdict.MUST_CHANGE: 5,
}
REFUSED = 9  # (ext) typeData of a request that a rule refuses
TEXT = {"direct": (Type.DIRECT, 1), "group": (Type.GROUP, 4), "everyone": (Type.GROUP, 4)}


class Session(session.Session):
    """One client of `struct`."""

    protocol = "struct"
    Decoder = Decoder
    __slots__ = ("name", "newest", "oldest")

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.name: dict[int, str] = {}  # typeMess -> the user name that waits for its password
        self.oldest = self.newest = 0  # seq of the first and the last message that opening the conversation has shown

    async def on_message(self, message: Message) -> None:
        """One frame."""
        if self.user is None and (message.type, message.data) not in BEFORE:
            raise Malformed("before sign-in")
        await getattr(self, f"on_{Type(message.type).name.lower()}")(message)

    def on_refusal(self, message: Message, refusal: Refusal) -> None:
        """Well-formed, but not done."""
        self.answer(message.type, REFUSED, names.cut(self.reason(refusal), 999))

    def answer(self, type: int, data: int, text: str = "") -> None:
        """One frame back."""
        self.send(encode(Message(type, data, text)))

    # Signing up, in and out

    async def on_sign_up(self, message: Message) -> None:
        """The name, then the password, which is answered."""
        if message.data == 0:
            self.name[Type.SIGN_UP] = message.text
            return
        name = self.name.pop(Type.SIGN_UP, None)
        try:
            if name is None:
                raise Refusal("bad_request")
            await self.register(name, message.text)
        except Refusal as refusal:
            self.answer(Type.SIGN_UP, 1, names.cut(self.reason(refusal), 999))
        else:
            self.answer(Type.SIGN_UP, 0)

    async def on_sign_in(self, message: Message) -> None:
        """The name, then the password, which is answered; (ext) a new password where one must be chosen."""
        if message.data == 0:
            self.name[Type.SIGN_IN] = message.text
        elif message.data == 1:
            name = self.name.pop(Type.SIGN_IN, None)
            verdict = Verdict.WRONG_PASSWORD if name is None else await self.sign_in(name, message.text)
            self.answer(Type.SIGN_IN, CODES[verdict])
        else:
            try:
                verdict = await self.new_password(message.text)
            except Refusal as refusal:
                self.answer(Type.SIGN_IN, CODES[Verdict.MUST_CHANGE], names.cut(self.reason(refusal), 999))
            else:
                self.answer(Type.SIGN_IN, CODES[verdict])

    async def on_sign_out(self, message: Message) -> None:
        """The connection stays open."""
        if self.user is None or not names.is_called(message.text, self.user):
            self.answer(Type.SIGN_OUT, 1)
            return
        await self.sign_out()
        self.answer(Type.SIGN_OUT, 0)

    def farewell(self, reason: str) -> bytes:
        """Somebody else has ended the session."""
        return encode(Message(Type.SIGN_IN, CODES[Verdict.ELSEWHERE]))

    # At home

    async def on_home(self, message: Message) -> None:
        """Who is online, and one's own groups; whatever was open is left."""
        await self.open(None)
        online = sorted(to_field(face.person) for face in await self.people() if face.online)
        groups = [names.joined(to_field(place)) for place in await self.groups()]
        self.send(encode_list(Type.HOME, 0, online) + encode_list(Type.HOME, 1, groups))

    # Conversations

    async def show(self, place: Place) -> None:
        """Open a conversation, with its newest messages."""
        found = await self.history(place, PAGE)
        await self.open(place)
        self.oldest, self.newest = (found[0].seq, found[-1].seq) if found else (0, 0)
        for text in found:
            self.send(older(text))
        if found:
            self.read_up_to(place, found[-1].seq)

    async def show_older(self, place: Place) -> None:
        """The ten before those."""
        found = await self.history(place, PAGE, before=self.oldest) if self.oldest else []
        if found:
            self.oldest = found[0].seq
        for text in found:
            self.send(older(text))

    def opened(self, *kinds: str) -> Place:
        """The open conversation, if it is of these kinds. Raises Refusal."""
        if self.shown is None or self.shown.kind not in kinds:
            raise Refusal("not_found")
        return self.shown

    async def on_direct(self, message: Message) -> None:
        """A talk with one person."""
        if message.data == 0:
            person = await self.find_user(message.text)
            if person is None:
                raise Refusal("not_found")
            await self.show(await self.direct(person))
        elif message.data == 2:
            await self.open(None)
        elif message.data == 1:
            await self.say(self.opened("direct"), message.text)
        else:
            await self.show_older(self.opened("direct"))

    async def on_group(self, message: Message) -> None:
        """A talk in a group."""
        await getattr(self, f"group_{message.data}")(message.text)

    async def group_0(self, text: str) -> None:
        """A new group, opened."""
        try:
            made = await self.run(actions.create_group, names.blank(text), [])
        except Refusal as refusal:
            if refusal.code == "too_fast":
                raise
            self.answer(Type.GROUP, 0, "1")
            return
        self.answer(Type.GROUP, 0, "0")
        await self.show(Place(made["id"], "group", made["name"]))

    async def group_1(self, text: str) -> None:
        """An invitation into the open group."""
        place = self.opened("group")
        person = await self.find_user(text)
        if person is None:
            raise Refusal("not_found")
        await self.run(actions.invite_people, place.id, [person.id])

    async def group_2(self, text: str) -> None:
        """An answer to the newest invitation, or to that into the group named."""
        word, _, group = text.partition(" ")
        if word not in ("0", "1"):
            raise Refusal("bad_request")
        open_ones = (await self.waiting()).invitations
        named = [one for one in open_ones if not group or names.is_called(names.blank(group), one.place)]
        if not named:
            raise Refusal("not_found")
        await self.run(actions.answer_invitation, named[-1].id, word == "1")

    async def group_3(self, text: str) -> None:
        """Open a group."""
        place = await self.find_group(text)
        if place is None:
            raise Refusal("not_found")
        await self.show(place)

    async def group_4(self, text: str) -> None:
        """A text."""
        await self.say(self.opened("group", "everyone"), text)

    async def group_5(self, text: str) -> None:
        """Out of the chat, not of the group."""
        await self.open(None)

    async def group_6(self, text: str) -> None:
        """Older messages."""
        await self.show_older(self.opened("group", "everyone"))

    async def group_7(self, text: str) -> None:
        """(ext) Leave a group for good."""
        place = await self.find_group(text)
        if place is None or place.kind != "group":
            raise Refusal("not_found")
        await self.run(actions.leave_group, place.id)
        if self.shown is not None and self.shown.id == place.id:
            await self.open(None)

    # Pushes

    def on_text(self, text: Text) -> None:
        """Only the open conversation is seen."""
        if self.shown is not None and text.place.id == self.shown.id and text.seq > self.newest:
            self.send(text.once("struct", lambda: newer(text)))
            self.read_up_to(text.place, text.seq)

    async def on_event(self, event: Any) -> bool | None:
        """Invitations, who joined, who left the open conversation."""
        if isinstance(event, feeds.Invited):
            self.answer(Type.GROUP, 1, f"{to_field(event.inviter)} {names.joined(event.place.name)}")
        elif isinstance(event, feeds.InviteAnswered):
            if not event.accepted:
                return None  # the note has no form for a no
            if self.shown is None or self.shown.id != event.place.id:
                self.answer(Type.GROUP, 2, to_field(event.person))
        elif isinstance(event, feeds.Joined):
            self.joined(event.place, event.people)
        elif isinstance(event, feeds.Here) and not event.on:
            if event.place.kind == "direct":
                self.answer(Type.DIRECT, 2)
            else:
                self.answer(Type.GROUP, 5, to_field(event.person))
        elif isinstance(event, feeds.Gone):
            if self.shown is not None and self.shown.id == event.place.id:
                await self.open(None)
        else:
            return None
        return True

    def joined(self, place: Place, people: tuple[Person, ...]) -> None:
        """Who has come into the open group."""
        if self.shown is not None and self.shown.id == place.id:
            for person in people:
                if self.user is None or person.id != self.user.id:
                    self.answer(Type.GROUP, 2, to_field(person))


def newer(text: Text) -> bytes:
    """A text as it is said."""
    return encode_text(*TEXT[text.place.kind], f"{to_field(text.sender)}: ", text.plain)


def older(text: Text) -> bytes:
    """A text of the history."""
    at = text.at.astimezone(ZONE)
    return encode_text(*TEXT[text.place.kind], f"[{at:%Y-%m-%d %H:%M:%S} {to_field(text.sender)}] ", text.plain)
