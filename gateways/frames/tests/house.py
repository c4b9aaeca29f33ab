"""People, groups, files and connections of the tests of `frames`."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from accounts import actions as accounts
from accounts.models import User
from files import actions as files
from files.models import StoredFile
from files.parts import open_parts
from files.processing import process
from gateways.frames.tests.written import raw
from messaging import actions
from messaging.models import Conversation
from tests.cast import Person
from tests.tabs import Site

PASSWORD = "mat-khau-12c"  # 12 letters
numbers = itertools.count(1)


def padded(text: str, width: int = 16) -> bytes:
    """A name in its field."""
    return text.encode().ljust(width, b"\0")


class Peer:
    """A connection that speaks in bytes."""

    def __init__(self, wire: Any, settle: Callable[[], None]) -> None:
        self.wire, self.settle, self.closed = wire, settle, wire.closed
        self.name = ""
        self.listed = b""  # the frame that told who is online

    def send(self, *written: str | bytes) -> None:
        """As it is written out."""
        self.wire.send(b"".join(raw(one) if isinstance(one, str) else one for one in written))

    def expect(self, *written: str | bytes) -> None:
        """Exactly these bytes come."""
        for one in written:
            self.wire.expect(raw(one) if isinstance(one, str) else one)

    def silent(self, seconds: float = 0.05) -> None:
        """Nothing comes, after everything has been handed out."""
        self.settle()
        self.wire.silent(seconds)

    def frame(self) -> bytes:
        """The next frame, whatever it is."""
        head = self.wire.read(4)
        assert len(head) == 4, f"was closed after {head!r}"
        return head + self.wire.read(int.from_bytes(head[2:]) - 4)


class Browser:
    """A tab of somebody, and his requests over HTTP."""

    def __init__(self, site: Site, user: User) -> None:
        person = Person(user, accounts.open_session(user, kind="computer", displace=True))
        self.user, self.tab, self.client = user, site.enter(person), person.client

    def ask(self, command: str, /, **data: Any) -> dict:
        """A command that is done; its answer."""
        reply = self.tab.ask(command, data)
        assert reply["ok"], reply
        return reply["data"]

    def say(self, conversation: int, body: str, **more: Any) -> int:
        """A text; its seq."""
        client_id = f"browser-{next(numbers):08}"
        return self.ask("message.send", conversation=conversation, client_id=client_id, body=body, **more)["seq"]

    def message(self, **wanted: Any) -> dict:
        """The newest state of a message with these values, as soon as it is there."""

        def found() -> dict | None:
            there = [frame["data"] for frame in self.tab.of("message")]
            return next((data for data in there[::-1] if all(data.get(k) == v for k, v in wanted.items())), None)

        return self.tab.wait(found)

    def offer(self, seq: int, state: str) -> dict:
        """The message of an offer in this state."""
        return self.tab.wait(
            lambda: next(
                (
                    frame["data"]
                    for frame in self.tab.of("message")
                    if frame["data"]["seq"] == seq and frame["data"].get("offer", {}).get("state") == state
                ),
                None,
            )
        )

    def download(self, token: str) -> bytes | int:
        """A file, or the status that refuses it."""
        answer = self.client.get(f"/files/{token}/x.bin")
        return b"".join(answer.streaming_content) if answer.status_code == 200 else answer.status_code

    def store(self, name: str, content: bytes, offer: int | None = None, looked_at: bool = True) -> StoredFile:
        """Upload a file, as its pages do it."""
        upload = files.create_upload(self.user, name, len(content), offer=offer)
        parts = open_parts(upload.token, 0)
        parts.append(content)
        parts.sync()
        parts.close()
        files.confirm_bytes(upload, len(content))
        stored = files.finish(upload)
        if looked_at:
            process(stored.pk)
            stored.refresh_from_db()
            assert stored.status in ("ready", "failed")
        return stored


class House:
    """A running gateway and who is in it."""

    def __init__(self, gate: Any) -> None:
        self.gate = gate
        self.people: dict[str, User] = {}
        self.inside: list[Peer] = []
        self.everyone = Conversation.objects.get(kind="everyone").pk
        self.administrator = User.objects.get(is_superuser=True)

    def person(self, name: str, password: str = PASSWORD, **fields: Any) -> User:
        """An account."""
        if name not in self.people:
            self.people[name] = self.gate.person(name, password=password, **fields)
        return self.people[name]

    def connect(self) -> Peer:
        """Nobody yet."""
        return Peer(self.gate.connect("frames"), self.gate.settle)

    def enter(self, name: str, *waiting: str | bytes, shown: str = "") -> Peer:
        """Somebody signs in, and those who are there see him come; `waiting`: what comes behind the list, `shown`: his alias."""
        self.person(name)
        peer = self.connect()
        peer.name = shown or name
        peer.send("11000020", padded(peer.name), padded(PASSWORD, 12))
        peer.expect("71000004")
        peer.listed = peer.frame()
        assert peer.listed[0] == 0x76
        peer.expect(*waiting)
        self.told("75000020", peer.name)
        self.inside.append(peer)
        return peer

    def told(self, head: str, name: str) -> None:
        """Everybody inside is told of somebody."""
        hub = self.gate.site.hub
        self.gate.settle()

        async def now() -> None:
            hub.presence.changed.update(dict.fromkeys(hub.presence.changed, 0.0))
            await hub.presence.flush()

        self.gate.do(now())
        self.gate.settle()
        for peer in self.inside:
            if peer.name != name:
                peer.expect(head, padded(name), "00*12")

    def left(self, peer: Peer) -> None:
        """Somebody is gone, and those who are there see him go."""
        self.inside.remove(peer)
        self.told("75010020", peer.name)

    def browser(self, name: str) -> Browser:
        """A tab of somebody, who comes online by it unless he is."""
        there = any(peer.name == name for peer in self.inside)
        browser = Browser(self.gate.site, self.person(name))
        if there:
            self.gate.settle()
        else:
            self.told("75000020", name)
        return browser

    def group(self, name: str, master: str, *others: str, **settings: Any) -> int:
        """A group; its id."""
        owner = self.people[master]
        group = actions.create_group(owner, name, [self.people[other].pk for other in others])["id"]
        if settings:
            actions.change_settings(owner, group, **settings)
        self.gate.settle()
        return group

    def direct(self, one: str, other: str) -> int:
        """The conversation of two; its id."""
        place = actions.open_direct(self.person(one), self.person(other).pk)["id"]
        self.gate.settle()
        return place

    def befriend(self, one: str, other: str) -> None:
        """The first asks, the other says yes."""
        accounts.request_friend(self.person(one), self.person(other).pk)
        accounts.accept_friend(self.people[other], self.people[one].pk)
        self.gate.settle()
