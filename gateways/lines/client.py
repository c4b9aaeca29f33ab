"""A client of `lines` for the terminal: `python -m gateways.lines.client HOST:PORT [--tls]`. What is typed is sent as it is.

It asks for tagged answers, so that it can say what a code means. Try `2 name password`, `7 name`, `5 name friend hello`, `f 5 friend 10`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ssl
import sys
import threading

LINGER = 1.0  # seconds for the last answers, when what is typed came from a file
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


def explain(line: str) -> str:
    """A line of the server with what it means, where it is a code."""
    op, _, rest = line.partition(" ")
    meaning = CODES.get(op, {}).get(rest)
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
        line = await self.reader.readline()
        return line.decode().removesuffix("\n") if line else None

    async def close(self) -> None:
        """Go."""
        self.writer.close()
        await self.writer.wait_closed()


async def talk(host: str, port: int, tls: ssl.SSLContext | None) -> None:
    """Send what is typed, show what comes, until one side ends."""
    client = await Client.connect(host, port, tls)
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def read_typed() -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            for line in sys.stdin:
                loop.call_soon_threadsafe(client.send, line.rstrip("\n"))
            loop.call_soon_threadsafe(loop.call_later, LINGER, ended.set)

    async def show() -> None:
        while (line := await client.read()) is not None:
            sys.stdout.write(f"{explain(line)}\n")
            sys.stdout.flush()
        ended.set()

    threading.Thread(target=read_typed, daemon=True).start()
    showing = asyncio.create_task(show())
    await ended.wait()
    showing.cancel()
    await client.close()


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Talk to the gateway `lines`.")
    parser.add_argument("address", help="HOST:PORT")
    parser.add_argument("--tls", action="store_true", help="encrypted; the certificate is checked")
    given = parser.parse_args()
    host, _, port = given.address.rpartition(":")
    asyncio.run(talk(host.strip("[]"), int(port), ssl.create_default_context() if given.tls else None))


if __name__ == "__main__":
    main()
