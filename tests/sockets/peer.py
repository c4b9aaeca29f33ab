"""A socket client that holds every frame against the schemas of the wire."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bench.client import Client, ClosedError, frame
from realtime import wire, wire_answers

client_ids = (f"client-id-{number:08}" for number in itertools.count())


@cache
def adapter(kind: str, ok: bool | None) -> TypeAdapter:
    """The schema of a frame."""
    if kind == "reply":
        return TypeAdapter(wire.Done if ok else wire.Refused)
    return TypeAdapter(wire.EVENTS[kind])


@cache
def answer(command: str) -> TypeAdapter:
    """The schema of a command's reply."""
    return TypeAdapter(wire_answers.ANSWERS.get(command, wire_answers.Nothing))


class Peer(Client):
    """One connection of one person. Frames that are not as the schemas say are collected in `faults`."""

    def __init__(self, name: str = "", user: int = 0) -> None:
        super().__init__()
        self.name, self.user = name, user
        self.faults: list[str] = []
        self.aside: list[bytes] | None = None

    def text(self, data: bytes, start: int, stop: int) -> None:
        """Takes a frame, or puts it aside to be read later: decoding at once would make a slow reader of a hundred thousand frames."""
        if self.aside is None:
            super().text(data, start, stop)
        else:
            self.aside.append(data[start:stop])

    def read_aside(self) -> None:
        """Takes what was put aside."""
        aside, self.aside = self.aside or [], None
        for data in aside:
            self.text(data, 0, len(data))

    def event(self, event: dict[str, Any]) -> None:
        """Checks, then keeps."""
        self.check(adapter, event, event["type"], event.get("ok"))
        super().event(event)

    def check(self, schema: Callable[..., TypeAdapter], value: Any, *key: Any) -> None:
        """Notes what a value has that its schema does not, and the other way round."""
        try:
            schema(*key).validate_python(value)
        except (ValidationError, KeyError) as error:
            self.faults.append(f"{key}: {error} in {value}")

    def send(self, type: str, data: dict[str, Any], ref: int | None = None) -> None:
        """Sends a command as ASCII, in which every text has a form, also one that UTF-8 cannot write."""
        if self.closed.done():
            raise ClosedError(self.close_code)
        message = {"type": type, "data": data} | ({} if ref is None else {"ref": ref})
        self.transport.write(frame(json.dumps(message).encode()))

    async def ask(self, type: str, data: dict[str, Any], seconds: float = 15) -> dict[str, Any]:
        """The whole reply to a command."""
        reply = await super().ask(type, data, seconds)
        self.check(adapter, reply, "reply", reply["ok"])
        if reply["ok"]:
            self.check(answer, reply["data"], type)
        return reply

    async def see(self, wanted: Callable[[dict[str, Any]], bool], seconds: float = 5, since: int = 0) -> dict[str, Any]:
        """The first event after the first `since` that is wanted, whether it came already or comes yet."""
        for event in self.events[since:]:
            if wanted(event):
                return event
        try:
            return await self.until(wanted, seconds)
        except TimeoutError:
            raise AssertionError(f"{self.name} did not see it; saw {self.events[since:][-12:]}") from None

    async def say(self, conversation: int, body: str, **more: Any) -> dict[str, Any]:
        """Sends a text; the data of the reply."""
        data = {"conversation": conversation, "client_id": next(client_ids), "body": body, **more}
        return await self.command("message.send", data)

    async def refused(self, type: str, data: dict[str, Any]) -> str:
        """The code with which a command is refused."""
        reply = await self.ask(type, data)
        assert not reply["ok"], reply
        return reply["error"]["code"]

    async def settled(self) -> None:
        """Everything that the server wrote before now has come."""
        await self.command("ping", {})

    async def ended(self, seconds: float = 5) -> int:
        """The close code."""
        return await asyncio.wait_for(asyncio.shield(self.closed), seconds)

    def of(self, feed: str) -> list[dict[str, Any]]:
        """The events of a feed."""
        return [event for event in self.events if event.get("feed") == feed]

    def bodies(self, conversation: int) -> list[str]:
        """The texts that arrived, in order."""
        return [event["data"]["body"] for event in self.of(f"c:{conversation}") if event["type"] == "message"]


def message(conversation: int, body: str | None = None, **fields: Any) -> Callable[[dict[str, Any]], bool]:
    """Whether an event is such a message."""
    if body is not None:
        fields["body"] = body

    def wanted(event: dict[str, Any]) -> bool:
        if event["type"] != "message" or event["data"]["conversation"] != conversation:
            return False
        return all(event["data"][name] == value for name, value in fields.items())

    return wanted


def kind(type: str, **fields: Any) -> Callable[[dict[str, Any]], bool]:
    """Whether an event is of a type, with these data."""

    def wanted(event: dict[str, Any]) -> bool:
        return event["type"] == type and all(event.get("data", {}).get(name) == value for name, value in fields.items())

    return wanted


__all__ = ["ClosedError", "Peer", "adapter", "answer", "client_ids", "kind", "message"]
