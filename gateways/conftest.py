"""A running gateway on loopback with a real database, and clients that speak in bytes."""

from __future__ import annotations

import asyncio
import fcntl
import importlib.util
import socket
import struct
import termios
import time
from collections.abc import Iterator
from typing import Any

import pytest

from accounts import actions as accounts
from accounts.models import User
from core import policies
from gateways import book, server, signin, turns
from gateways.addresses import Address
from tests.cast import PASSWORD, Person
from tests.spies import Spies
from tests.tabs import Site, Tab

SECONDS = 20.0  # that anything may take
ARRIVAL_SECONDS = 0.5  # on loopback; what takes longer is sent to a server that does not read
ADMINISTRATOR = "quản-trị"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The rows that a test shows go into the results: bin/count_rows reads them there."""
    for item in items:
        for mark in item.iter_markers("row"):
            item.user_properties += [("row", label) for label in mark.args]


def octets(data: str | bytes) -> bytes:
    """Bytes, or what is written as hex with blanks."""
    return data if isinstance(data, bytes) else bytes.fromhex(data)


class Wire:
    """A client that knows no protocol: it sends bytes and compares what comes."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
        self.held = b""

    def send(self, *pieces: str | bytes) -> None:
        """All of it at once."""
        self.socket.sendall(b"".join(octets(piece) for piece in pieces))

    def waiting(self) -> int:
        """Bytes that the other end of the connection has not got yet."""
        if self.socket.fileno() < 0:
            return 0
        return struct.unpack("i", fcntl.ioctl(self.socket, termios.TIOCOUTQ, bytes(4)))[0]

    def read(self, count: int) -> bytes:
        """Exactly so many bytes; fewer where the server closes before."""
        while len(self.held) < count:
            data = self.socket.recv(65536)
            if not data:
                break
            self.held += data
        found, self.held = self.held[:count], self.held[count:]
        return found

    def expect(self, *pieces: str | bytes) -> None:
        """The next bytes are these."""
        wanted = b"".join(octets(piece) for piece in pieces)
        try:
            found = self.read(len(wanted))
        except TimeoutError:
            found = self.held
        assert found == wanted, f"came {found!r}, not {wanted!r}; behind it {self.held[:200]!r}"

    def ask(self, request: str | bytes, *answer: str | bytes) -> None:
        """A request and its answer."""
        self.send(request)
        self.expect(*answer)

    def silent(self, seconds: float = 0.3) -> None:
        """Nothing comes for so long."""
        assert not self.held, f"came {self.held!r}"
        self.socket.settimeout(seconds)
        try:
            found = self.socket.recv(65536)
            raise AssertionError(f"came {found!r}" if found else "was closed")
        except TimeoutError:
            pass
        finally:
            self.socket.settimeout(SECONDS)

    def closed(self) -> None:
        """The server closes, and nothing more came before."""
        try:
            found = self.held + self.socket.recv(65536)
        except ConnectionResetError:
            found = self.held
        except TimeoutError:
            raise AssertionError("is still open") from None
        assert found == b"", f"came {found!r} before the end"

    def connected(self, data: bytes = b"") -> bool:
        """Whether the server still holds the connection: sends, and passes over what has come."""
        self.socket.settimeout(0.01)
        try:
            if data:
                self.socket.sendall(data)
            return self.socket.recv(65536) != b""
        except TimeoutError:
            return True
        except OSError:
            return False
        finally:
            self.socket.settimeout(SECONDS)

    def close(self) -> None:
        """The client goes."""
        self.socket.close()


class Gate:
    """The gateways of all protocols that there are, the hub behind them and the people who use them."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.wires: list[Wire] = []
        self.server: server.Server = site.do(_start())
        self.ports: dict[str, int] = {}

    def connect(self, protocol: str) -> Wire:
        """A connection that has said nothing yet."""
        if protocol not in self.ports:
            self.ports[protocol] = self.do(self.server.listen(Address(protocol, "127.0.0.1", 0)))
        wire = Wire(self.ports[protocol])
        self.wires.append(wire)
        return wire

    def person(self, name: str, password: str = PASSWORD, **fields: Any) -> User:
        """An account."""
        return accounts.make_account(None, name, password, **fields)

    def browser(self, user: User) -> Tab:
        """A tab of this person that is live."""
        return self.site.enter(Person(user, login_session=None))  # type: ignore[arg-type] # its browser signs in

    def policy(self, **values: Any) -> None:
        """Policies of the site, in force at once: `gate.policy(**{"signin.errors": "explicit"})`."""
        accounts.set_policies(None, values)
        policies.refresh()

    def do(self, work: Any) -> Any:
        """Run a coroutine on the gateway's event loop."""
        return self.site.do(work)

    def settle(self) -> None:
        """Until what clients have sent is read, everything that was committed has been handed out, and no session is at work."""
        until = time.monotonic() + SECONDS
        arrived = time.monotonic() + ARRIVAL_SECONDS
        while any(wire.waiting() for wire in self.wires) and time.monotonic() < arrived:
            time.sleep(0.001)
        self.do(_look_at_sockets())
        while True:
            at_work = bool(self.server.tasks)  # what it commits is handed out behind it
            self.site.settle()
            if not (at_work or self.server.tasks):
                return
            assert time.monotonic() < until, self.server.tasks
            time.sleep(0.005)

    def gone(self, wire: Wire) -> None:
        """The client goes; waits until the server knows."""
        before = len(self.server.connections)
        wire.close()
        until = time.monotonic() + SECONDS
        while len(self.server.connections) >= before:
            assert time.monotonic() < until, "the server has not noticed"
            time.sleep(0.005)
        self.settle()

    def end(self) -> None:
        """Everybody goes, nothing is left."""
        for wire in self.wires:
            wire.close()
        self.do(self.server.stop())
        signin.idle()
        assert not self.server.connections


async def _look_at_sockets() -> None:
    """Two rounds of the event loop: what has arrived is read in the first one."""
    for _round in range(2):
        await asyncio.sleep(0)


async def _start() -> server.Server:
    book.forget()
    return server.Server()


@pytest.fixture
def gate(
    site: Site, spies: Spies, fast_passwords: None, plain_static: None, fresh_policies: None, prompt_batches: None
) -> Iterator[Gate]:
    """A running gateway. The site has an administrator; its policies are those of a new one."""
    signin.sign_ups.held.clear()
    turns.strangers.held.clear()
    accounts.make_account(None, ADMINISTRATOR, PASSWORD, is_admin=True)
    gate = Gate(site)
    yield gate
    gate.end()


def landed(protocol: str) -> bool:
    """Whether the protocol can be spoken yet."""
    return importlib.util.find_spec(f"gateways.{protocol}.session") is not None
