"""What people do over `packets`: its messages as actions, and what happens as its messages."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from core import policies
from core.refusal import Refusal
from core.text import clean_body
from files.policies import MIB, Files
from gateways import session
from gateways.errors import Malformed
from gateways.feeds import Person, Presence, Text
from gateways.incoming import Incoming, announce
from gateways.names import SYSTEM
from gateways.packets import forms, messages
from gateways.packets.codec import Decoder, encode
from gateways.packets.files import hand_out
from gateways.packets.messages import Code, Message
from gateways.packets.receivers import Receivers, deliver, find_receivers, is_own_mailing
from gateways.packets.settings import document_of, take_document

if TYPE_CHECKING:
    from gateways.connection import Connection

LOOK_BACK_MAX = 1000


def file_max() -> int:
    """The largest file that the site takes now, in bytes."""
    return policies.cached(Files).max_size * MIB


class Session(session.Session):
    """One connection."""

    protocol = "packets"
    Decoder = partial(Decoder, file_max=file_max)
    presence = True
    __slots__ = ("coming", "going", "left", "mailed", "me", "online_now", "seen", "to")

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.me = Person(0, "")
        self.online_now: set[int] = set()  # as this client was told
        self.left = 0  # bytes of a file that are still to come, wanted or not
        self.coming: Incoming | None = None  # that file
        self.to: Receivers | None = None  # and whom it is for
        self.going: asyncio.Task | None = None  # the file on its way out
        self.seen: dict[int, int] = {}  # conversation -> the last of its messages that was shown by a look back
        self.mailed: set[str] = set()  # what this connection has sent to several people

    async def on_message(self, message: Message) -> None:
        """One request. Raises Malformed."""
        if self.user is None and not isinstance(message, messages.BEFORE_SIGN_IN):
            raise Malformed(f"{type(message).__name__} before the sign-in")
        try:
            await self._handle(message)
        except Refusal as refusal:
            await self._answer(self.from_system(self.reason(refusal)))

    async def _handle(self, message: Message) -> None:
        match message:
            case messages.SignIn():
                await self._sign_in(message)
            case messages.Register():
                await self._register(message)
            case messages.ChangePassword():
                await self._change_password(message)
            case messages.SendText():
                await self._send_text(message)
            case messages.SendFile():
                await self._begin_file(message)
            case messages.FileBytes(data):
                await self._take_bytes(data)
            case messages.GetFile(file):
                await self._quiet()  # one file at a time; meanwhile requests that have no answer go on
                self.going = self.spawn(hand_out(self, file))
            case messages.LookBack(count):
                await self._look_back(count)
            case messages.SaveSettings(document):
                await self.run(take_document, document)
            case _:
                raise Malformed(type(message).__name__)

    def on_refusal(self, message: Message, refusal: Refusal) -> None:
        """One that `on_message` has not answered itself: there they wait for their turn behind a file that goes out."""
        self.send(encode(self.from_system(self.reason(refusal))))

    def on_text(self, text: Text) -> None:
        """A message: the same bytes for everybody."""
        if text.seq <= self.seen.get(text.place.id, 0) or is_own_mailing(self, text):
            return
        self.send(text.once(self.protocol, partial(forms.frames_of, text)))

    async def on_event(self, event: Any) -> bool | None:
        """Who comes and goes; the rest has no form here and waits for a browser."""
        if isinstance(event, Presence) and event.person.id != self.me.id:
            if event.online != (event.person.id in self.online_now):
                self.online_now ^= {event.person.id}
                self.send(forms.presence_frame(event.person, event.online))
            return True
        return None

    def farewell(self, reason: str) -> bytes:
        """One's own name as gone: somebody else has this account now, or nobody may."""
        return forms.presence_frame(self.me, False)

    def free(self, message: Message) -> bool:
        """The content of a file belongs to the request that announced it."""
        return isinstance(message, messages.FileBytes)

    @property
    def at_work(self) -> bool:
        """Also while a file goes out."""
        return super().at_work or (self.going is not None and not self.going.done())

    async def on_close(self) -> None:
        """What has come of a file goes."""
        coming, self.coming = self.coming, None
        if coming is not None:
            await coming.forget()

    # Accounts

    async def _sign_in(self, message: messages.SignIn) -> None:
        await self._quiet()
        verdict = await self.sign_in(message.name, message.password)
        code = forms.CODES[verdict]
        if not verdict.signed_in or self.user is None:
            await self._answer(messages.Answer(code))
            return
        self.me, self.seen, self.mailed = self.user, {}, set()
        faces = await self.people()
        self.online_now = {face.person.id for face in faces if face.online}
        listed = tuple(messages.Listed(forms.name_of(face.person), face.online) for face in faces)
        document = await self.run(document_of)
        await self._answer(
            messages.SignedIn(code, forms.moment(self.last_sign_in), listed), messages.Settings(document)
        )

    async def _register(self, message: messages.Register) -> None:
        code = Code.DONE
        try:
            await self.register(message.name, message.password)
        except Refusal as refusal:
            if refusal.code not in forms.REGISTRATION:
                raise
            code = forms.REGISTRATION[refusal.code]
        await self._answer(messages.Answer(code))

    async def _change_password(self, message: messages.ChangePassword) -> None:
        code = Code.CHANGED
        try:
            verdict = await self.replace_password(message.name, message.old, message.new)
        except Refusal as refusal:
            if refusal.code != "bad_password":
                raise
            code = Code.BAD_NEW
        else:
            if verdict is not None:
                code = forms.NEW_PASSWORD[verdict]
        await self._answer(messages.Answer(code))

    # Texts

    async def _send_text(self, message: messages.SendText) -> None:
        text = clean_body(message.text.rstrip("\0"))
        to = await find_receivers(self, message.receivers)
        await deliver(self, to, text)
        if to.echo:
            said = messages.Said(forms.name_of(self.me), forms.moment(datetime.now(UTC)), forms.outside(text))
            await self._answer(said)
        await self._report(to)

    async def _look_back(self, count: int) -> None:
        texts = await self.last(min(count, LOOK_BACK_MAX))
        await self._answer(messages.Clear())
        for text in texts:
            self.seen[text.place.id] = text.seq
            await self._quiet()
            self.send(forms.frames_of(text))
            await self.drained()

    async def _report(self, to: Receivers) -> None:
        if to.failed:
            await self._answer(self.from_system(to.report))

    # Files

    async def _begin_file(self, message: messages.SendFile) -> None:
        self.left = message.size
        to = await find_receivers(self, message.receivers)
        if not (to.places or to.people or to.echo):
            await self._report(to)
            return
        self.coming = Incoming(*await self.run(announce, message.file_name, message.size))
        self.to = to
        if self.connection.closing:  # it was gone before there was anything to forget
            await self.on_close()
            return
        await self._take_bytes(b"")

    async def _take_bytes(self, data: bytes) -> None:
        self.left -= len(data)
        coming = self.coming
        if coming is None:  # it was refused: the rest of it goes past
            return
        try:
            if data:
                await coming.take(data)
            if not self.left:
                self.coming = None
                await self._pass_on(coming)
        except BaseException:
            self.coming = None
            await coming.forget()
            raise

    async def _pass_on(self, coming: Incoming) -> None:
        file, to = await coming.stored(), self.to
        assert to is not None
        reached = await deliver(self, to, "", file)
        if to.echo:
            at, name = forms.moment(datetime.now(UTC)), forms.file_field(file.name)
            await self._answer(messages.FileNote(forms.name_of(self.me), at, name, file.pk))
        await self._report(to)
        if not (reached or to.echo):
            await coming.forget()

    # Out

    async def _quiet(self) -> None:
        """Until no file goes out: nothing may stand between its bytes."""
        if self.going is not None:
            await asyncio.wait({self.going})
            self.going = None

    async def _answer(self, *answers: Message) -> None:
        await self._quiet()
        for answer in answers:
            self.send(encode(answer))
        await self.drained()

    def from_system(self, text: str) -> messages.Said:
        """What the site itself says."""
        return messages.Said(SYSTEM, forms.moment(datetime.now(UTC)), text)
