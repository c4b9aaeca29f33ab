"""Nobody hears of a conversation he is not in (C3): every frame that a test's sockets were given is checked at its end.

A test records what its sockets received with `spies.heard(user id, text)`; sockets of outsiders are the spies that matter.
Who was in which conversation up to which number is told by `history()` from the rows, never by the frames themselves.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

NEVER, STILL = 0, 2**53
History = dict[
    tuple[int, int], int
]  # (conversation, user) -> the last number that he may be given; STILL: a member now


Seats = set[tuple[int, int]]  # (table, user)


@dataclass
class Spies:
    """What each socket of a test was given."""

    frames: list[tuple[int, str]] = field(default_factory=list)
    history: Callable[[], History] | None = None  # socket tests against a server of their own set another source

    def heard(self, user_id: int, text: str) -> None:
        """A socket of this user was given this frame."""
        self.frames.append((user_id, text))

    def indiscretions(self, history: History, seats: Seats | None = None) -> list[str]:
        """What was told to people whom it was not for; `seats`: who has ever sat at which table, where it is known."""
        cards = [
            f"user {user_id} was shown a hand of table {table}: {text[:300]}"
            for user_id, text in self.frames
            if seats is not None and '"hands"' in text
            for table in map(int, (json.loads(text).get("data") or {}).get("hands") or ())
            if (table, user_id) not in seats
        ]
        return [*cards, *self.out_of_place(history)]

    def out_of_place(self, history: History) -> Iterator[str]:
        """Frames of conversations that he may not know, or not any more. Behind the last of his facts no table of it speaks to him."""
        heard: dict[tuple[int, int], int] = {}
        for user_id, text in self.frames:
            frame = json.loads(text)
            at_table = str(frame.get("feed", "")).startswith("table:")
            for conversation, number in named(frame):
                place = conversation, user_id
                if at_table and heard.get(place) == history.get(place):
                    number = STILL
                if number > history.get(place, NEVER) or place not in history:
                    yield f"user {user_id} was told of conversation {conversation} (number {number}): {text[:300]}"
                if frame.get("feed") == f"c:{conversation}":
                    heard[place] = max(number, heard.get(place, 0))


def named(frame: dict[str, Any]) -> Iterator[tuple[int, int]]:
    """The conversations a frame names, each with the number of the fact; 0 where the fact has none."""
    kind, _, id = str(frame.get("feed", "")).partition(":")
    number = frame.get("number", 0)
    if kind == "c":
        yield int(id), number
    yield from inside(frame.get("data"), number if kind == "c" else 0)


def inside(data: Any, number: int) -> Iterator[tuple[int, int]]:
    """The same for any part of a frame's data."""
    if isinstance(data, list):
        for item in data:
            yield from inside(item, number)
    elif isinstance(data, dict):
        if isinstance(data.get("conversation"), int):
            yield data["conversation"], data.get("change", number)
        for item in data.get("conversations", ()):
            yield item["id"], item.get("last_change", 0)
        for key, value in data.items():
            if key == "joining":  # invitations, own requests and answers are for people outside
                yield from inside(value["requests"], number)
            elif key != "conversations":
                yield from inside(value, number)


def history() -> History:
    """From the rows: the members, and those who left with the number at which they did."""
    from messaging.models import Membership, Message

    found: History = {}
    fact: dict[str, Any]
    for conversation, body, change, sender in (
        Message.objects.filter(kind="system").order_by("seq").values_list("conversation", "body", "change", "sender")
    ):
        fact = json.loads(body)
        if fact["code"] == "created":
            found[conversation, sender] = STILL
        for user in fact.get("users", ()):
            found[conversation, user["id"]] = STILL if fact["code"] == "joined" else change
        if fact["code"] == "dissolved":
            found |= {place: change for place, last in found.items() if place[0] == conversation and last == STILL}
    for conversation, user in Membership.objects.values_list("conversation", "user"):
        found[conversation, user] = STILL
    return found


def seats() -> Seats:
    """From the rows: who sits at a table, or has played there."""
    from games.models import Match, Seat

    played = Match.objects.values_list("table", "players")
    return {
        *Seat.objects.exclude(index=None).values_list("table", "user"),
        *((table, user) for table, players in played for user in players.values()),
    }


@pytest.fixture
def spies() -> Iterator[Spies]:
    """Recorder of a test; at its end the test fails when an outsider was told something."""
    spies = Spies()
    yield spies
    if spies.frames:
        told = spies.indiscretions(spies.history()) if spies.history else spies.indiscretions(history(), seats())
        assert told == []
