"""What the frames of a client mean: sign-in, texts and their receivers, who is online, and what comes from others."""

from __future__ import annotations

from typing import Any

from accounts.access import friends_of
from accounts.policies import People
from core import policies
from core.refusal import Refusal
from gateways import names, session
from gateways.errors import Malformed
from gateways.feeds import (
    FileFact,
    OfferChanged,
    Offered,
    OfferFact,
    Person,
    Place,
    Presence,
    Recalled,
    Text,
    file_line,
)
from gateways.frames import codec
from gateways.frames.downloads import Downloads
from gateways.frames.transfer import LARGEST
from gateways.frames.uploads import REFUSED, Uploads
from gateways.verdicts import Verdict

VERDICTS = {
    Verdict.SIGNED_IN: 0,
    Verdict.DISPLACED: 0,
    Verdict.WRONG_PASSWORD: 1,
    Verdict.NO_SUCH_USER: 2,
    Verdict.MUST_CHANGE: 3,
    Verdict.LOCKED: 4,
    Verdict.ELSEWHERE: 5,
}
SENT, NO_RECEIVER, NOT_SENT = (codec.encode(codec.SayAnswer(sub)) for sub in range(3))
RECEIVERS_MAX = 100
LISTED_MAX = 255  # names in 0x76: their number has one byte
FILES_MAX = 100  # of the unread messages whose files are offered at sign-in


def receivers_of(text: str) -> tuple[list[str], str]:
    """The leading `@name` and `#group`, each with a blank behind it, and the text after them."""
    found = []
    while text[:1] in ("@", "#"):
        token, blank, rest = text.partition(" ")
        if not blank or len(token) == 1:
            break
        found.append(token)
        text = rest
    return list(dict.fromkeys(found)), text


def said(place: Place, sender: Person, body: str) -> bytes:
    """A text as clients get it. In what goes to everyone a `#` in front gets a blank before it: there it would name a group."""
    head = f"@{names.to_field(sender, codec.NAME)} "
    if place.kind == "group":
        head += f"#{names.joined(place.name)} "
    elif place.kind == "everyone" and body.startswith("#"):
        head += " "
    return codec.encode(codec.Said(0 if place.kind == "direct" else 1, head + body))


def as_text(text: Text) -> bytes:
    """A message without its files, which are named."""
    return said(text.place, text.sender, text.plain)


def present(person: Person, online: bool) -> bytes:
    """Somebody came or went."""
    return codec.encode(codec.Presence(0 if online else 1, names.to_field(person, codec.NAME)))


class Session(session.Session):
    """A connection that speaks `frames`."""

    __slots__ = ("downloads", "online_now", "uploads")
    protocol = "frames"
    Decoder = codec.Decoder
    presence = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.downloads, self.uploads = Downloads(self), Uploads(self)
        self.online_now: set[int] = set()  # as this client was told

    @property
    def me(self) -> int:
        """The signed-in person."""
        assert self.user is not None
        return self.user.id

    # What the client sends

    async def on_message(self, message: codec.Message) -> None:
        """One frame."""
        match message:
            case codec.SignIn(name=name, password=password):
                await self.uploads.end()
                self.downloads.end()
                self._answer(await self.sign_in(name, password))
            case codec.NewPassword(password=password):
                self._answer(await self.new_password(password))
            case _ if self.user is None:
                raise Malformed("not signed in")
            case codec.Say(text=text):
                await self._say(text)
            case codec.SignOff():
                await self.sign_out()
                self.close()
            case codec.Upload():
                await self.uploads.announced(message)
            case codec.UploadPacket():
                await self.uploads.packet(message)
            case codec.Download():
                await self.downloads.wanted()
            case codec.DownloadAnswer(sub=sub):
                await self.downloads.answered(refused=sub == 1)
            case codec.DownloadReceived(number=number):
                self.downloads.received(number)

    def on_refusal(self, message: codec.Message, refusal: Refusal) -> None:
        """The row "refused"."""
        match message:
            case codec.SignIn() | codec.NewPassword():
                self.send(codec.encode(codec.SignInAnswer(1)))
            case codec.Upload() | codec.UploadPacket():
                self.send(REFUSED)
            case codec.Say():
                self.send(NOT_SENT)

    def free(self, message: codec.Message) -> bool:
        """Packets of files and their acknowledgements."""
        return isinstance(message, (codec.Packet, codec.Received))

    def _answer(self, verdict: Verdict) -> None:
        self.send(codec.encode(codec.SignInAnswer(VERDICTS[verdict])))

    async def find(self, text: str) -> Person | Place | None:
        """Whom a name means: a person, `#` a group, or everyone."""
        if text in names.EVERYONE_NAMES:
            return await self.find_group(text)
        return await (self.find_group(text[1:]) if text.startswith("#") else self.find_user(text))

    async def _say(self, text: str) -> None:
        """All receivers get it, or none: each must exist, and may be written to."""
        tokens, body = receivers_of(text.rstrip("\0"))
        if len(tokens) > RECEIVERS_MAX:
            self.send(NOT_SENT)
            return
        found = [await self.find(token.removeprefix("@")) for token in tokens or ["@" + names.EVERYONE]]
        if None in found:
            self.send(NO_RECEIVER)
            return
        places = [one if isinstance(one, Place) else await self.direct(one) for one in found if one is not None]
        await self.say_to_all(list(dict.fromkeys(places)), body)
        self.send(SENT)

    # What comes from others

    def on_text(self, text: Text) -> None:
        """A new message."""
        if not (text.files or text.offer) or not self._may_take(text) or self.downloads.full:
            self.send(text.once("frames", lambda: as_text(text)))
            return
        files: tuple[FileFact | OfferFact, ...] = text.files or ((text.offer,) if text.offer else ())
        lines = [text.body] if text.body else []
        lines += [file_line(file.name, file.size) for file in files if file.size > LARGEST]
        if lines:
            self.send(said(text.place, text.sender, "\n".join(lines)))
        self.downloads.add(text)

    def _may_take(self, text: Text) -> bool:
        """Whether its files are offered: in direct conversations, those of the other one, or what he hands himself."""
        return text.place.kind == "direct" and text.sender.id == text.place.other(self.me).id

    async def on_event(self, event: object) -> bool | None:
        """Who comes and goes; what waits, and what becomes of it."""
        match event:
            case Presence(person, online) if online != (person.id in self.online_now):
                self.online_now ^= {person.id}
                if not friends_only() or await self.run(_is_friend, person.id):
                    self.send(present(person, online))
            case Offered(text):
                self.downloads.add(text)
            case OfferChanged(text):
                self.downloads.changed(text)
            case Recalled(place, seq):
                self.downloads.recalled(place.id, seq)
        return None

    async def on_signed_in(self) -> None:
        """Who is online, friends first; the last messages; the files that came with those he has not read."""
        faces = [face for face in await self.people() if face.online and face.person.id != self.me]
        if friends_only():
            faces = [face for face in faces if face.friend]
        self.online_now = {face.person.id for face in faces}
        faces.sort(key=lambda face: not face.friend)
        listed = [f"@{names.to_field(face.person, codec.NAME)}" for face in faces[:LISTED_MAX]]
        self.send(codec.encode(codec.Online(len(listed), " ".join(listed))))
        for face in faces[LISTED_MAX:]:
            self.send(present(face.person, True))
        for text in await self.last(self.look_back):
            self.send(as_text(text))
            await self.drained()
        for text in await self.unread(FILES_MAX):
            if text.files and self._may_take(text):
                self.downloads.add(text)

    def farewell(self, reason: str) -> bytes:
        """Another has taken the place, or the session was ended."""
        return codec.encode(codec.Displaced())

    async def on_close(self) -> None:
        """The connection is gone."""
        await self.uploads.end()


def friends_only() -> bool:
    """Whether only friends write to each other here: then only they are listed."""
    return policies.cached(People).direct == "friends"


def _is_friend(actor: Any, person: int) -> bool:
    return (actor.pk, person) in friends_of([actor.pk])
