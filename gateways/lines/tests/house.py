"""People, groups and connections of the tests of `lines`."""

from __future__ import annotations

import itertools
from typing import Any

from accounts import actions as accounts
from accounts.access import first_administrator
from messaging import actions
from messaging.joining import joining_of
from tests.cast import PASSWORD

numbers = itertools.count(1)


class Line:
    """A connection that reads lines."""

    def __init__(self, wire: Any) -> None:
        self.wire = wire
        self.send, self.closed, self.silent = wire.send, wire.closed, wire.silent

    def expect(self, *lines: str | bytes) -> None:
        """Exactly these bytes come."""
        for line in lines:
            self.wire.expect(line)

    def line(self) -> str:
        """The next line, whatever it is."""
        data = b""
        while not data.endswith(b"\n"):
            byte = self.wire.read(1)
            assert byte, f"was closed after {data!r}"
            data += byte
        return data.decode().removesuffix("\n")

    def refused(self, head: str) -> None:
        """The next line begins with these bytes, and goes on with a text for who reads it."""
        begin = bytes.fromhex(head).decode()
        line = self.line()
        assert line.startswith(begin)
        assert len(line) > len(begin)


class Browser:
    """A tab of somebody."""

    def __init__(self, tab: Any) -> None:
        self.tab = tab

    def say(self, conversation: int, body: str) -> int:
        """A text; its seq."""
        data = {"conversation": conversation, "client_id": f"browser-{next(numbers):08}", "body": body}
        return self.tab.ask("message.send", data)["data"]["seq"]


class House:
    """A running gateway and who is in it."""

    def __init__(self, gate: Any) -> None:
        self.gate = gate
        self.people: dict[str, Any] = {}
        self.groups: dict[str, int] = {}
        self.administrator: Any = first_administrator()

    def person(self, name: str, **fields: Any) -> Any:
        """An account."""
        if name not in self.people:
            self.people[name] = self.gate.person(name, **fields)
        return self.people[name]

    def connect(self) -> Line:
        """Nobody yet."""
        return Line(self.gate.connect("lines"))

    def enter(self, name: str, more: str | bytes = b"") -> Line:
        """Somebody signs in; `more`: what waited for him."""
        self.person(name)
        line = self.connect()
        line.send(f"2 {name} {PASSWORD}\n".encode())
        line.expect(b"2\n", *([more] if more else []))
        self.gate.settle()
        return line

    def browser(self, name: str) -> Browser:
        """A tab of somebody."""
        return Browser(self.gate.browser(self.person(name)))

    def group(self, name: str, master: str, *others: str, **settings: Any) -> int:
        """A group; its id."""
        owner = self.people[master]
        self.groups[name] = actions.create_group(owner, name, [self.people[other].pk for other in others])["id"]
        if settings:
            actions.change_settings(owner, self.groups[name], **settings)
        self.gate.settle()
        return self.groups[name]

    def direct(self, one: str, other: str) -> int:
        """The conversation of two; its id."""
        return actions.open_direct(self.person(one), self.person(other).pk)["id"]

    def ask_friend(self, one: str, other: str) -> None:
        """The first asks."""
        accounts.request_friend(self.person(one), self.person(other).pk)

    def befriend(self, one: str, other: str) -> None:
        """The first asks, the other says yes."""
        self.ask_friend(one, other)
        accounts.accept_friend(self.people[other], self.people[one].pk)
        self.gate.settle()

    def join_request(self, asker: str) -> int:
        """The open request of somebody to join a group."""
        return joining_of([self.people[asker].pk])[self.people[asker].pk]["asked"][0]["id"]

    def mute(self, manager: str, group: int, member: str) -> None:
        """Somebody may not write for an hour."""
        actions.mute_member(self.people[manager], group, self.people[member].pk, 60)
        self.gate.settle()
