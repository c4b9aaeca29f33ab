"""A client of `frames` for the terminal. What is typed goes to everyone, or to those who stand in front:

hello               to everyone          /send lan PATH   a file to her (or to #group); at most 20 MiB
@lan hello          to her alone         /get             fetch the file that is offered, into this folder
@lan @minh hello    to each of them      /no              refuse it
#group hello        to a group           /password        another password, of at most 12 bytes
#"two words" hello  to one with blanks   /help            this page
 @lan hello         to everyone: with a  /quit            sign off
                    blank before it
"""

from __future__ import annotations

import argparse
import asyncio
import re
import ssl
from pathlib import Path

from gateways import terminal
from gateways.frames import codec
from gateways.frames.transfer import WINDOW, packets_of
from gateways.terminal import put

VERDICTS = (
    "signed in",
    "wrong password",
    "no such user",
    "the password must be changed",
    "locked, or a browser is needed",
    "signed in elsewhere",
)
MUST_CHANGE = 3
QUOTED = re.compile(r'^((?:[@#][^ "]+ )*@?#)"([^"]+)"(?= )')
SENT = ("sent", "no such receiver: nobody got it", "refused: nobody got it")


class Client:
    """One connection. Answers are awaited; all else is in `heard`, whole files in `files`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.heard: asyncio.Queue[codec.Message | None] = asyncio.Queue()  # None: the connection is gone
        self.answers: asyncio.Queue[codec.Message | None] = asyncio.Queue()
        self.files: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
        self.on_their_way = 0  # packets without their acknowledgement
        self.sending = self.stopped = False
        self.moved = asyncio.Event()
        self.offer: codec.Offered | None = None  # that was not answered yet
        self.coming: codec.DownloadBegins | None = None
        self.pieces: dict[int, bytes] = {}
        self.task = asyncio.create_task(self._read())

    @classmethod
    async def connect(cls, host: str, port: int, tls: ssl.SSLContext | None = None) -> Client:
        """A new connection."""
        return cls(*await asyncio.open_connection(host, port, ssl=tls))

    async def close(self) -> None:
        """End without a word."""
        self.writer.close()
        await self.task

    async def sign_in(self, name: str, password: str) -> int:
        """The verdict."""
        return (await self._ask(codec.SignIn(name=name, password=password))).sub

    async def new_password(self, password: str) -> int:
        """0 changed, 1 refused."""
        return (await self._ask(codec.NewPassword(password=password))).sub

    async def say(self, text: str) -> int:
        """0 sent, 1 no such receiver, 2 refused."""
        return (await self._ask(codec.Say(text=text))).sub

    async def upload(self, who: str, name: str, data: bytes) -> bool:
        """Whether the file was taken as a whole."""
        packets = packets_of(len(data))
        if (await self._ask(codec.Upload(who=who, size=len(data), packets=packets, name=name))).sub:
            return False
        self.sending, self.stopped, self.on_their_way = True, False, 0
        for number in range(packets):
            await self._until_fewer(WINDOW)
            if self.stopped:
                break
            self.on_their_way += 1
            self._send(codec.UploadPacket(who=who, number=number, data=data[number * 1000 : (number + 1) * 1000]))
            await self.writer.drain()
        await self._until_fewer(1)
        self.sending = False
        return not self.stopped

    async def take(self) -> tuple[str, bytes]:
        """The file that is offered."""
        self.fetch()
        return await self.files.get()

    def fetch(self) -> None:
        """That file, please; it comes into `files`."""
        self.offer = None
        self._send(codec.Download())

    def refuse(self) -> None:
        """Not that file."""
        self.offer = None
        self._send(codec.DownloadAnswer(1))

    def sign_off(self) -> None:
        """The server closes."""
        self._send(codec.SignOff())

    def _send(self, message: codec.Message) -> None:
        self.writer.write(codec.encode(message))

    async def _ask(self, message: codec.Message) -> codec.Message:
        self._send(message)
        if (answer := await self.answers.get()) is None:
            raise ConnectionResetError
        return answer

    async def _until_fewer(self, packets: int) -> None:
        """Until fewer are on their way, or the server has refused the file after all."""
        while self.on_their_way >= packets and not self.stopped:
            self.moved.clear()
            await self.moved.wait()

    async def _read(self) -> None:
        decoder = codec.Decoder(codec.OF_SERVERS)
        try:
            while data := await self.reader.read(65536):
                for message in decoder.feed(data):
                    self._take(message)
        except ConnectionError:
            pass
        finally:
            self.stopped = True
            self.moved.set()
            self.heard.put_nowait(None)
            self.answers.put_nowait(None)
            self.writer.close()

    def _take(self, message: codec.Message) -> None:
        match message:
            case codec.UploadAnswer() if self.sending:
                self.stopped = True
                self.moved.set()
            case codec.SignInAnswer() | codec.SayAnswer() | codec.UploadAnswer():
                self.answers.put_nowait(message)
            case codec.UploadReceived():
                self.on_their_way -= 1
                self.moved.set()
            case codec.DownloadBegins():
                self.coming, self.pieces = message, {}
                self._send(codec.DownloadAnswer(0))
                self._finish()
            case codec.DownloadPacket(number=number, data=data):
                self._send(codec.DownloadReceived(number=number))
                self.pieces[number] = data
                self._finish()
            case _:
                if isinstance(message, codec.Offered):
                    self.offer = message
                self.heard.put_nowait(message)

    def _finish(self) -> None:
        if self.coming is not None and len(self.pieces) == self.coming.packets:
            whole = b"".join(data for _, data in sorted(self.pieces.items()))
            self.files.put_nowait((self.coming.name, whole))
            self.coming = None


def show(message: codec.Message) -> str:
    """A line for the screen."""
    match message:
        case codec.Said(sub=sub, text=text):
            return f"{'*' if sub else '>'} {text}"
        case codec.Presence(sub=sub, name=name):
            return f"{name} {'went' if sub else 'came'}"
        case codec.Online(text=text):
            return f"online: {text}"
        case codec.Offered(who=who, name=name, size=size):
            return f"{who} offers {name} ({size} bytes): /get or /no"
        case codec.Displaced():
            return "You are signed in elsewhere, or the session was ended."
        case _:
            return type(message).__name__


async def listen(client: Client) -> None:
    """Shows what comes."""
    while (message := await client.heard.get()) is not None:
        put(show(message))


async def keep(client: Client, folder: Path) -> None:
    """Keeps the files that come."""
    while True:
        name, data = await client.files.get()
        path = terminal.free_path(folder, name)
        await asyncio.to_thread(path.write_bytes, data)
        put(f"{path}: {len(data)} bytes")


def secret_of(text: str) -> str:
    """A password that fits. Raises ValueError."""
    if len(text.encode()) > codec.PASSWORD:
        raise ValueError(
            f"a password has at most {codec.PASSWORD} bytes here: make a password for older clients on the security page of a browser"
        )
    return text


async def enter(client: Client, name: str) -> None:
    """Sign in, with a new password where that is asked. Raises Failed, ValueError."""
    verdict = await client.sign_in(name, secret_of(await asyncio.to_thread(terminal.password)))
    put(VERDICTS[verdict])
    if verdict == MUST_CHANGE:
        verdict = await client.new_password(secret_of(await asyncio.to_thread(terminal.password, "New password: ")))
        put("refused by the rules of the site" if verdict else "changed, signed in")
    if verdict:
        raise terminal.Failed("Not signed in.")


async def obey(client: Client, line: str) -> bool:
    """Does what was typed; True for the last word. Raises ValueError, OSError."""
    word, _, rest = line.partition(" ")
    if word == "/send":
        who, _, path = rest.partition(" ")
        data = await asyncio.to_thread(Path(path).read_bytes)
        put(f"{path}: " + ("sent" if await client.upload(who, Path(path).name, data) else "refused"))
    elif word in ("/get", "/no"):
        if client.offer is None:
            raise ValueError("nobody offers a file now")
        client.fetch() if word == "/get" else client.refuse()
    elif word == "/password":
        new = secret_of(await asyncio.to_thread(terminal.password, "New password: "))
        put("refused by the rules of the site" if await client.new_password(new) else "changed")
    elif word == "/help":
        put(str(__doc__).partition("\n\n")[2].rstrip())
    elif word == "/quit":
        client.sign_off()
        return True
    elif word.startswith("/"):
        raise ValueError(f"{word} is none of the commands: /help (a text may begin so behind a blank)")
    else:
        put(SENT[await client.say(QUOTED.sub(terminal.joined, line))])
    return False


async def talk(given: argparse.Namespace) -> None:
    """Until the end of the input or of the connection."""
    host, port = given.address
    client = await Client.connect(host, port, terminal.tls_of(given))
    try:
        await enter(client, given.name)
    except ValueError as error:
        raise terminal.Failed(f"Not signed in: {error}") from error
    keeping = asyncio.create_task(keep(client, Path()))
    await terminal.converse(client.writer, asyncio.create_task(listen(client)), lambda line: obey(client, line))
    keeping.cancel()


if __name__ == "__main__":
    terminal.run(talk, terminal.parser("frames", str(__doc__), name=True).parse_args())
