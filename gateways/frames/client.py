"""A client of `frames` for the command line: `python -m gateways.frames.client HOST:PORT NAME`; also a class for tests and programs.

What is typed is sent as it stands (`@name text`, `#group text`, or to everyone). `/send NAME PATH` sends a file, `/get` takes the offered one
into the folder one stands in, `/no` refuses it, `/password NEW` changes the password, `/quit` ends.
"""

from __future__ import annotations

import asyncio
import getpass
import ssl
import sys
from pathlib import Path

from gateways.frames import codec
from gateways.frames.transfer import WINDOW, packets_of

VERDICTS = (
    "signed in",
    "wrong password",
    "no such user",
    "the password must be changed",
    "locked",
    "signed in elsewhere",
)
SENT = ("sent", "no such receiver", "refused")


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
        self._send(codec.Download())
        return await self.files.get()

    def refuse(self) -> None:
        """Not that file."""
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
        case _:
            return type(message).__name__


def put(line: str) -> None:
    """Onto the screen."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def listen(client: Client) -> None:
    """Shows what comes."""
    while (message := await client.heard.get()) is not None:
        put(show(message))
    put("The connection is gone.")


async def obey(client: Client, line: str) -> None:
    """Does what was typed."""
    word, _, rest = line.partition(" ")
    if word == "/send":
        who, _, path = rest.partition(" ")
        data = await asyncio.to_thread(Path(path).read_bytes)
        put("sent" if await client.upload(who, Path(path).name, data) else "refused")
    elif word == "/get":
        name, data = await client.take()
        await asyncio.to_thread(Path(Path(name).name or "file").write_bytes, data)
        put(f"{name}: {len(data)} bytes")
    elif word == "/no":
        client.refuse()
    elif word == "/password":
        put("changed" if await client.new_password(rest) == 0 else "refused")
    elif word == "/quit":
        client.sign_off()
    else:
        put(SENT[await client.say(line)])


async def main(address: str, name: str) -> None:
    """Until the end of the input or of the connection."""
    host, _, port = address.rpartition(":")
    client = await Client.connect(host, int(port))
    verdict = await client.sign_in(name, await asyncio.to_thread(getpass.getpass))
    put(VERDICTS[verdict])
    ears = asyncio.create_task(listen(client))
    while not ears.done() and (line := await asyncio.to_thread(sys.stdin.readline)):
        if line.strip():
            await obey(client, line.rstrip("\n"))
    await client.close()
    await ears


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))
