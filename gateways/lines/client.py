"""A client of `lines` for the terminal. What is typed is sent as it is, one request a line:

  1 name password        make an account            7 minh                 your friends
  2 minh password        sign in                    9 minh group           make a group
  3 minh group text      to a group, or Everyone    a minh group           ask to join a group
  4 minh lan             ask her to be a friend     b minh                 your groups
  5 minh lan text        to her alone               c group                who is in it
  6 minh lan yes         answer her (or: no)        d minh lan group yes   let her in (or: no)
  e old new              change the password        f 5 lan 10             the last ten with her
  /help                  this page                  f 3 group 10           … of a group

The name of a group that has blanks stands between quotation marks: 3 minh "class 10A" hello
With NAME it asks for the password and signs in. It asks for tagged answers, so that it can say what a code means.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import ssl

from gateways import terminal

CODES = {
    "1": {"0": "done, sign in now", "1": "refused", "2": "server error"},
    "2": {
        "0": "no such user",
        "1": "signed in elsewhere",
        "2": "signed in",
        "3": "wrong name or password",
        "4": "locked, or a browser is needed",
        "5": "the password must be changed: e old new",
    },
    "4": {"0": "no such user", "1": "sent", "2": "friends already", "3": "kept until he comes", "4": "not signed in"},
    "5": {"0": "kept until he comes", "1": "not friends, or no such user"},
    "7": {"0": "no friends yet"},
    "9": {"0": "done", "1": "there is one of this name", "2": "failed"},
    "a": {"0": "no such group", "1": "a member already", "2": "kept until a manager comes", "3": "sent"},
    "e": {"0": "changed, signed in", "1": "refused"},
}
QUOTED = re.compile(r'^(3 \S+ |f 3 |d \S+ \S+ )"([^"]+)"(?= )')
NOTHING = {"c": "nobody, or you are no member"}  # what an empty list means


def explain(line: str) -> str:
    """A line of the server with what it means, where it is a code."""
    op, _, rest = line.partition(" ")
    meaning = CODES.get(op, {}).get(rest) if rest else NOTHING.get(op)
    return f"{line}    ({meaning})" if meaning else line


class Client:
    """One connection; answers are tagged."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def connect(cls, host: str, port: int, tls: ssl.SSLContext | None = None) -> Client:
        """Connect, and ask for tagged answers."""
        client = cls(*await asyncio.open_connection(host, port, ssl=tls, limit=2**24))
        client.send("v tagged")
        return client

    def send(self, line: str) -> None:
        """One request."""
        self.writer.write(f"{line}\n".encode())

    async def read(self) -> str | None:
        """The next line of the server; None when it has closed."""
        try:
            line = await self.reader.readline()
        except ConnectionError:
            return None
        return line.decode().removesuffix("\n") if line else None

    async def close(self) -> None:
        """Go."""
        self.writer.close()
        await self.writer.wait_closed()


async def talk(given: argparse.Namespace) -> None:
    """Send what is typed, show what comes, until one side ends."""
    secret = await asyncio.to_thread(terminal.password) if given.name else ""
    host, port = given.address
    client = await Client.connect(host, port, terminal.tls_of(given))
    if given.name:
        client.send(f"2 {given.name} {secret}")

    async def show() -> None:
        while (line := await client.read()) is not None:
            terminal.put(explain(line))

    async def obey(line: str) -> bool:
        if line.strip() == "/help":
            terminal.put(str(__doc__).partition("\n\n")[2].rstrip())
        elif line.strip() != "/quit":
            client.send(QUOTED.sub(terminal.joined, line))
            await client.writer.drain()
        return line.strip() == "/quit"

    await terminal.converse(client.writer, asyncio.create_task(show()), obey)


if __name__ == "__main__":
    terminal.run(talk, terminal.parser("lines", str(__doc__)).parse_args())
