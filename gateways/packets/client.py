"""A client of `packets` for the command line: `python -m gateways.packets.client HOST:PORT NAME [--tls]`; also a class for tests and programs.

What is typed goes to all; `@ann,ben text` and `@#group text` go to those. `/send PATH [ann,ben]` sends a file, `/get ID` fetches one into the
folder one stands in, `/back N` looks back, `/set JSON` changes settings, `/password NEW` changes the password, `/quit` ends.
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import ssl
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from gateways.packets import messages as m
from gateways.packets.codec import TO_CLIENT, Decoder, encode
from gateways.packets.messages import Code

PIECE = 64 * 1024
WORDS = {
    Code.DONE: "done",
    Code.DISPLACED: "signed in; an older sign-in was ended",
    Code.WRONG_PASSWORD: "wrong password",
    Code.NO_SUCH_USER: "no such user",
    Code.MUST_CHANGE: "the password must be changed",
    Code.NAME_TAKEN: "the name is taken",
    Code.BAD_NAME: "this name is not allowed",
    Code.BAD_PASSWORD: "this password is not allowed",
    Code.CHANGED: "changed; sign in again",
    Code.WRONG_OLD: "the old password is wrong",
    Code.BAD_NEW: "this new password is not allowed",
    Code.LOCKED: "locked; see an administrator, or sign in with a browser",
    Code.ELSEWHERE: "signed in elsewhere",
}


class Client:
    """One connection. What comes is in `heard`; files go to the disk as they come."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, folder: Path) -> None:
        self.reader, self.writer, self.folder = reader, writer, folder
        self.heard: asyncio.Queue[m.Message | None] = asyncio.Queue()  # None: the connection is gone
        self.coming: IO[bytes] | None = None
        self.left = 0  # bytes of that file
        self.task = asyncio.create_task(self._read())

    @classmethod
    async def connect(cls, host: str, port: int, tls: ssl.SSLContext | None = None, folder: str = ".") -> Client:
        """A new connection; files that are fetched go into `folder`."""
        return cls(*await asyncio.open_connection(host, port, ssl=tls), Path(folder))

    async def send(self, message: m.Message) -> None:
        """One request."""
        self.writer.write(encode(message))
        await self.writer.drain()

    async def ask(self, message: m.SignIn | m.Register | m.ChangePassword) -> m.SignedIn | m.Answer:
        """The answer of 0x80. Raises ConnectionResetError."""
        await self.send(message)
        while (found := await self.heard.get()) is not None:
            if isinstance(found, m.SignedIn | m.Answer):
                return found
        raise ConnectionResetError

    async def send_file(self, path: Path, to: Sequence[str] = ()) -> None:
        """A file, piece by piece."""
        with path.open("rb") as file:
            size = path.stat().st_size  # noqa: ASYNC240
            await self.send(m.SendFile(tuple(to), path.name, size))
            while data := file.read(PIECE):
                await self.send(m.FileBytes(data))

    async def close(self) -> None:
        """End."""
        self.writer.close()
        await self.task

    async def _read(self) -> None:
        decoder = Decoder(TO_CLIENT)
        try:
            while data := await self.reader.read(PIECE):
                for message in decoder.feed(data):
                    self._take(message)
        except ConnectionError:
            pass
        finally:
            self.heard.put_nowait(None)
            self.writer.close()

    def _take(self, message: m.Message) -> None:
        if isinstance(message, m.FileBytes):
            if self.coming is not None:
                self.coming.write(message.data)
                self.left -= len(message.data)
        else:
            self.heard.put_nowait(message)
        if isinstance(message, m.FileContent):
            name = Path(message.file_name).name or "file"
            self.coming = (self.folder / f"{message.file}-{name}").open("wb")
            self.left = message.size
        if self.coming is not None and not self.left:
            self.coming.close()
            self.coming = None


def shown(message: m.Message) -> str:
    """A line for the screen."""
    match message:
        case m.Said(name, time, text):
            return f"[{time}] {name}: {text}"
        case m.FileNote(name, time, file_name, file):
            return f"[{time}] {name} sends {file_name}: /get {file}"
        case m.FileContent(_, _, file_name, file, size):
            return f"{file}-{file_name} comes, {size} bytes"
        case m.Presence(sub, name):
            return f"{name} {'went' if sub else 'came'}"
        case m.SignedIn(sub, last, people):
            names = ", ".join(("● " if one.online else "○ ") + one.name for one in people)
            return f"{WORDS[Code(sub)]}; last time {last}\n{names}"
        case m.Answer(sub):
            return WORDS[Code(sub)]
        case m.Settings(document):
            return document.decode()
        case m.Clear():
            return "\x1b[2J\x1b[H" if sys.stdout.isatty() else "---"
        case _:
            return type(message).__name__


def put(line: str) -> None:
    """Onto the screen."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def listen(client: Client) -> None:
    """Shows what comes."""
    while (message := await client.heard.get()) is not None:
        put(shown(message))
    put("The connection is gone.")


async def obey(client: Client, name: str, line: str) -> None:
    """Does what was typed."""
    word, _, rest = line.partition(" ")
    if word == "/send":
        path, _, to = rest.partition(" ")
        await client.send_file(Path(path), tuple(filter(None, to.split(","))))
    elif word == "/get":
        await client.send(m.GetFile(int(rest)))
    elif word == "/back":
        await client.send(m.LookBack(int(rest or 20)))
    elif word == "/set":
        await client.send(m.SaveSettings(rest.encode()))
    elif word == "/password":
        old = await asyncio.to_thread(getpass.getpass, "Old password: ")
        await client.send(m.ChangePassword(name, old, rest))
    elif word.startswith("@"):
        await client.send(m.SendText(tuple(filter(None, word[1:].split(","))), rest))
    else:
        await client.send(m.SendText((), line))


async def main() -> None:
    """Sign in, then what is typed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", help="HOST:PORT")
    parser.add_argument("name")
    parser.add_argument("--tls", action="store_true", help="over TLS")
    parser.add_argument("--register", action="store_true", help="make the account first")
    given = parser.parse_args()
    host, _, port = given.address.rpartition(":")
    password = await asyncio.to_thread(getpass.getpass)
    client = await Client.connect(host, int(port), ssl.create_default_context() if given.tls else None)
    if given.register:
        put(shown(await client.ask(m.Register(given.name, password))))
    answer = await client.ask(m.SignIn(given.name, password))
    put(shown(answer))
    while isinstance(answer, m.Answer) and answer.sub == Code.MUST_CHANGE:
        new = await asyncio.to_thread(getpass.getpass, "New password: ")
        changed = await client.ask(m.ChangePassword(given.name, password, new))
        put(shown(changed))
        if changed.sub == Code.CHANGED:
            answer = await client.ask(m.SignIn(given.name, new))
            put(shown(answer))
    if not isinstance(answer, m.SignedIn):
        return
    listening = asyncio.create_task(listen(client))
    while not listening.done() and (line := await asyncio.to_thread(sys.stdin.readline)):
        if line.strip() == "/quit":
            break
        if line.strip():
            await obey(client, given.name, line.rstrip("\n"))
    await client.close()
    await listening


if __name__ == "__main__":
    asyncio.run(main())
