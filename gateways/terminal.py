"""What the clients for the terminal share: the command line, plain words for what goes wrong, what is typed and shown."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import io
import re
import socket
import ssl
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

LINGER = 1.0  # seconds for the last answers where one side of the connection cannot end alone (TLS)
LAST_SECONDS = 30.0  # for the answers to what was typed before the end
NBSP = "\u00a0"
GONE = "The server has closed the connection."
UNSEEN = {**dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], "\ufffd"), 0x09: "\t", 0x0A: "\n"}


class Failed(Exception):  # noqa: N818 - a word for the person, no traceback
    """It cannot go on; the text says why."""


def parser(protocol: str, description: str, *, name: bool = False) -> argparse.ArgumentParser:
    """The command line; `name`: whether the user name must be given."""
    made = argparse.ArgumentParser(
        prog=f"python3 -m gateways.{protocol}.client",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.set_defaults(protocol=protocol)
    made.add_argument("address", type=address_of, metavar="HOST:PORT", help="where the server speaks this protocol")
    made.add_argument(
        "name", metavar="NAME", nargs=None if name else "?", help="your user name; the password is asked for"
    )
    made.add_argument("--tls", action="store_true", help="encrypted; the certificate of the server is checked")
    made.add_argument(
        "--ca", metavar="FILE", help="the site's own certificate authority, from its page /trust/; means --tls"
    )
    return made


def address_of(text: str) -> tuple[str, int]:
    """Host and port. Raises ArgumentTypeError."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdecimal() or not 0 < int(port) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is no address with a port, such as 127.0.0.1:7003")
    return host.strip("[]") or "127.0.0.1", int(port)


def tls_of(given: argparse.Namespace) -> ssl.SSLContext | None:
    """TLS as the command line wants it. Raises Failed."""
    if not (given.tls or given.ca):
        return None
    try:
        return ssl.create_default_context(cafile=given.ca)
    except (OSError, ssl.SSLError) as error:
        raise Failed(f"{given.ca} is no file with a certificate: {error.strerror or error}") from error


def run(work: Callable[[argparse.Namespace], Coroutine[Any, Any, None]], given: argparse.Namespace) -> None:
    """The whole program; ends with a sentence and code 1 when it cannot go on."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    where = "{}:{}".format(*given.address)
    try:
        asyncio.run(work(given))
    except KeyboardInterrupt:
        sys.exit(130)
    except Failed as failed:
        sys.exit(str(failed))
    except ssl.SSLCertVerificationError as error:
        sys.exit(
            f"The certificate of {where} cannot be trusted: {error.verify_message}. The site's own authority: --ca FILE"
        )
    except ssl.SSLError:
        sys.exit(f"TLS is not spoken at {where}. Try it without --tls.")
    except ConnectionRefusedError:
        sys.exit(f"Nobody listens at {where}. The server offers it by --gateway {given.protocol}={where}")
    except socket.gaierror:
        sys.exit(f"There is no machine called {given.address[0]}.")
    except ConnectionError:
        secure = "with" if given.tls or given.ca else "without"
        sys.exit(f"{GONE} Is {given.protocol} spoken at {where}, {secure} TLS?")
    except OSError as error:
        sys.exit(f"{where} cannot be reached: {error.strerror or error}")


def password(prompt: str = "Password: ") -> str:
    """Asked for at the terminal, else the next line of the input. Raises Failed at its end."""
    if sys.stdin is not None and sys.stdin.isatty():
        return getpass.getpass(prompt)
    line = _input().readline()
    if not line:
        raise Failed("The password is missing: it is the first line of the input.")
    return line.decode(errors="replace").rstrip("\r\n")


async def typed() -> AsyncIterator[str]:
    """The lines that are typed, to the end of the input; none is read while the one before is in use, so that a password is not taken for one."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    wanted = threading.Semaphore(0)

    def read() -> None:
        with suppress(RuntimeError, OSError):  # the loop has ended
            source = _input()
            while wanted.acquire() and (line := source.readline()):
                loop.call_soon_threadsafe(lines.put_nowait, line.decode(errors="replace").rstrip("\r\n"))
            loop.call_soon_threadsafe(lines.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    wanted.release()
    while (line := await lines.get()) is not None:
        yield line
        wanted.release()


def _input() -> io.FileIO:
    """Without a buffer: it holds no lock that the end of the program would have to wait for."""
    return io.FileIO(0, closefd=False)


async def converse(
    writer: asyncio.StreamWriter, listening: asyncio.Task, obey: Callable[[str], Awaitable[bool | None]]
) -> None:
    """What is typed goes to `obey`, until that says True, the input ends or the server does. `listening` ends with the server."""
    typing = asyncio.create_task(_type(obey))
    await asyncio.wait({typing, listening}, return_when=asyncio.FIRST_COMPLETED)
    if typing.done() and not typing.result() and not listening.done():
        with suppress(OSError, TimeoutError):
            if writer.can_write_eof():
                writer.write_eof()  # what was asked is answered, then the server ends
            await asyncio.wait({listening}, timeout=LAST_SECONDS if writer.can_write_eof() else LINGER)
    elif listening.done():
        put(GONE)
    typing.cancel()
    writer.close()
    await asyncio.wait({typing, listening}, timeout=LINGER)
    if listening.done() and not listening.cancelled():
        listening.result()


async def _type(obey: Callable[[str], Awaitable[bool | None]]) -> bool:
    """True where the last word was typed; False at the end of the input."""
    async for line in typed():
        if not line.strip():
            continue
        try:
            if await obey(line):
                return True
        except ConnectionError:
            return False
        except (ValueError, OSError) as error:
            put(f"! {error}")
    return False


def put(line: str) -> None:
    """Onto the screen; what would move its cursor or change its colours is shown as a sign."""
    sys.stdout.write(line.translate(UNSEEN) + "\n")
    sys.stdout.flush()


def joined(quoted: re.Match[str]) -> str:
    """A group's name that was typed between quotation marks, as it travels: its blanks would part fields."""
    return f"{quoted[1]}{quoted[2].replace(' ', NBSP)}"


def free_path(folder: Path, name: str) -> Path:
    """Where a file of this name may be kept without taking the place of another."""
    name = Path(name.replace("\\", "/")).name.lstrip(".") or "file"
    path, number = folder / name, 2
    while path.exists():
        path, number = folder / f"{Path(name).stem}-{number}{Path(name).suffix}", number + 1
    return path
