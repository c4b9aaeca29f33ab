"""A client of `struct` for the terminal. A line is one frame, `typeMess typeData payload`:

  1 0 name, 1 1 password   make an account          5 0 name     make a group, and open it
  2 0 minh, 2 1 password   sign in                  5 1 lan      invite her into the open group
  2 2 password             a new password           5 2 1 name   answer an invitation (or: 5 2 0 name)
  3 0 minh                 sign out                 5 3 name     open a group, or Everyone
  0 0                      who is online; groups    5 4 text     a text to it
  4 0 lan                  open a talk with her     5 5          out of it
  4 1 text                 a text to her            5 6          ten older messages
  4 2                      out of it                5 7 name     leave a group for good
  4 3                      ten older messages       /help        this page

With NAME it asks for the password and signs in.
"""

from __future__ import annotations

import argparse
import asyncio
import struct

from gateways import terminal

LAYOUT = struct.Struct("<ii1000s")
TEXT_MAX = 999  # bytes
REFUSED = 9
MEANINGS = {
    (0, 0): "online now",
    (0, 1): "your groups",
    (1, 0): "done, sign in now",
    (1, 1): "not done",
    (2, 0): "signed in",
    (2, 1): "wrong name or password",
    (2, 2): "locked, or a browser is needed",
    (2, 3): "signed in elsewhere",
    (2, 4): "no such user",
    (2, 5): "a new password is needed: 2 2 password",
    (3, 0): "signed out",
    (3, 1): "you are not signed in by this name",
    (4, 2): "has left the talk",
    (5, 1): "invites you: 5 2 1 group, or 5 2 0 group",
    (5, 2): "has joined",
    (5, 5): "has left the chat",
}
MADE = {"0": "created", "1": "refused"}  # of 5 0


def frame(type: int, data: int, text: str = "") -> bytes:
    """One frame. Raises ValueError for what does not fit."""
    if not (type < 2**31 and data < 2**31):
        raise ValueError("a line begins with two small numbers: /help")
    payload = text.encode()
    if len(payload) > TEXT_MAX:
        raise ValueError(f"a text has at most {TEXT_MAX} bytes, this one {len(payload)}")
    return LAYOUT.pack(type, data, payload)


def request_of(line: str) -> bytes:
    """The frame of a typed line. Raises ValueError."""
    type, _, rest = line.strip("\r\n").partition(" ")
    data, _, text = rest.partition(" ")
    if not (type.isdecimal() and data.isdecimal()):
        raise ValueError("a line is: typeMess typeData payload, such as 4 1 hello; /help shows all")
    return frame(int(type), int(data), text)


def explain(type: int, data: int, text: str) -> str:
    """A frame of the server, and what it means where it is a code."""
    meaning = "refused" if data == REFUSED else MADE.get(text) if (type, data) == (5, 0) else MEANINGS.get((type, data))
    return " ".join([f"{type} {data}", *([text] if text else [])]) + (f"    ({meaning})" if meaning else "")


async def talk(given: argparse.Namespace) -> None:
    """Send what is typed, show what comes, until one side ends."""
    secret = await asyncio.to_thread(terminal.password) if given.name else ""
    reader, writer = await asyncio.open_connection(*given.address, ssl=terminal.tls_of(given))
    if given.name:
        writer.write(frame(2, 0, given.name) + frame(2, 1, secret))

    async def show() -> None:
        try:
            while True:
                type, data, payload = LAYOUT.unpack(await reader.readexactly(LAYOUT.size))
                terminal.put(explain(type, data, payload.partition(b"\0")[0].decode(errors="replace")))
        except (asyncio.IncompleteReadError, ConnectionError):
            return

    async def obey(line: str) -> bool:
        if line.strip() == "/help":
            terminal.put(str(__doc__).partition("\n\n")[2].rstrip())
        elif line.strip() != "/quit":
            writer.write(request_of(line))
            await writer.drain()
        return line.strip() == "/quit"

    await terminal.converse(writer, asyncio.create_task(show()), obey)


if __name__ == "__main__":
    terminal.run(talk, terminal.parser("struct", str(__doc__)).parse_args())
