"""A client of `packets` for the terminal. What is typed goes to all, or to those who stand in front:

hello                to all              /send PATH [ann,ben]   a file to all, or to these
@ann hello           to her alone        /get NUMBER            fetch a file into this folder
@ann,ben hello       to each of them     /back [N]              the last N messages (20)
@#group hello        to a group          /settings              your settings
@#"two words" hello  to one with blanks  /set JSON              change some: /set {"theme": "dark"}
/help                this page           /password              another password
/quit                end
"""

from __future__ import annotations

import argparse
import asyncio
import re
import ssl
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from gateways import terminal
from gateways.packets import messages as m
from gateways.packets.codec import NAME, TO_CLIENT, Decoder, encode
from gateways.packets.messages import Code
from gateways.terminal import put

PIECE = 64 * 1024
QUOTED = re.compile(r'^(@(?:[^ "]*,)?#)"([^"]+)"')
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
        self.settings = b"{}"
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
        if isinstance(message, m.Settings):
            self.settings = message.document
        if isinstance(message, m.FileBytes):
            if self.coming is not None:
                self.coming.write(message.data)
                self.left -= len(message.data)
        else:
            self.heard.put_nowait(message)
        if isinstance(message, m.FileContent):
            self.coming = terminal.free_path(self.folder, f"{message.file}-{message.file_name}").open("wb")
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
            return f"{WORDS[Code(sub)] if sub else 'signed in'}; last time {last}\n{names}"
        case m.Answer(sub):
            return WORDS[Code(sub)]
        case m.Settings(document):
            return document.decode()
        case m.Clear():
            return "---"
        case _:
            return type(message).__name__


async def listen(client: Client) -> None:
    """Shows what comes."""
    while (message := await client.heard.get()) is not None:
        if isinstance(message, m.Clear) and sys.stdout.isatty():
            sys.stdout.write("\x1b[2J\x1b[H")
        elif not isinstance(message, m.Settings):
            put(shown(message))


def number_of(text: str) -> int:
    """A number that was typed. Raises ValueError."""
    if not (text.isdecimal() and int(text) < 2**32):
        raise ValueError(f"{text!r} is no number that could be meant: /help")
    return int(text)


async def obey(client: Client, name: str, line: str) -> bool:
    """Does what was typed; True for the last word. Raises ValueError, OSError."""
    word, _, rest = line.partition(" ")
    if word == "/send":
        path, _, to = rest.partition(" ")
        await client.send_file(Path(path), tuple(filter(None, to.split(","))))
        put(f"{path} is on its way")
    elif word == "/get":
        await client.send(m.GetFile(number_of(rest)))
    elif word == "/back":
        await client.send(m.LookBack(number_of(rest or "20")))
    elif word == "/settings":
        put(client.settings.decode())
    elif word == "/set":
        await client.send(m.SaveSettings(rest.encode()))
        put("sent; /settings shows it after the next sign-in")
    elif word == "/password":
        old = secret_of(await asyncio.to_thread(terminal.password, "Old password: "))
        new = secret_of(await asyncio.to_thread(terminal.password, "New password: "))
        await client.send(m.ChangePassword(name, old, new))
    elif word == "/help":
        put(str(__doc__).partition("\n\n")[2].rstrip())
    elif word == "/quit":
        return True
    elif word.startswith("/"):
        raise ValueError(f"{word} is none of the commands: /help (a text may begin so behind a blank)")
    elif word.startswith("@"):
        word, _, rest = QUOTED.sub(terminal.joined, line).partition(" ")
        await client.send(m.SendText(tuple(filter(None, word[1:].split(","))), rest))
    else:
        await client.send(m.SendText((), line))
    return False


def secret_of(text: str) -> str:
    """A password that fits. Raises ValueError."""
    if len(text.encode()) > NAME:
        raise ValueError(
            f"a password has at most {NAME} bytes here: make a password for older clients on the security page of a browser"
        )
    return text


async def enter(client: Client, name: str, register: bool) -> None:
    """Sign in, with a new password where that is asked. Raises Failed, ValueError."""
    password = secret_of(await asyncio.to_thread(terminal.password))
    if register:
        put(shown(await client.ask(m.Register(name, password))))
    answer = await client.ask(m.SignIn(name, password))
    put(shown(answer))
    if isinstance(answer, m.Answer) and answer.sub == Code.MUST_CHANGE:
        new = secret_of(await asyncio.to_thread(terminal.password, "New password: "))
        put(shown(await client.ask(m.ChangePassword(name, password, new))))
        answer = await client.ask(m.SignIn(name, new))
        put(shown(answer))
    if not isinstance(answer, m.SignedIn):
        raise terminal.Failed("Not signed in.")


async def talk(given: argparse.Namespace) -> None:
    """Sign in, then what is typed."""
    host, port = given.address
    client = await Client.connect(host, port, terminal.tls_of(given))
    try:
        await enter(client, given.name, given.register)
    except ValueError as error:
        raise terminal.Failed(f"Not signed in: {error}") from error
    listening = asyncio.create_task(listen(client))
    await terminal.converse(client.writer, listening, lambda line: obey(client, given.name, line))


if __name__ == "__main__":
    parser = terminal.parser("packets", str(__doc__), name=True)
    parser.add_argument("--register", action="store_true", help="make the account first")
    terminal.run(talk, parser.parse_args())
