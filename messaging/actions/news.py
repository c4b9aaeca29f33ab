"""The private facts of one action, told together: the heads of all its people are numbered once, in id order."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from messaging.joining import joining_of, named_in, people_seen_by
from realtime.heads import bump_users


class News:
    """Collects who is told what; `tell` comes after the last write and before the log."""

    def __init__(self, access: bool = False) -> None:
        self.access = access  # somebody comes or goes: the hub looks again
        self.facts: dict[int, list[dict]] = {}
        self.waiting: set[int] = set()  # whose `joining` part is another now
        self.about: set[int] | None = set()  # the people in it that they may not know; None: any

    def add(self, user_ids: Iterable[int], fact: dict) -> None:
        """The same fact for each of these people."""
        for id in user_ids:
            self.facts.setdefault(id, []).append(fact)

    def joining(self, user_ids: Iterable[int], about: Collection[int] | None = ()) -> None:
        """What waits for these people, or for what they wait, has changed."""
        self.waiting |= set(user_ids)
        self.about = None if about is None or self.about is None else self.about | set(about)

    def told(self) -> set[int]:
        """Everybody concerned, for an action that tells them itself."""
        return {*self.facts, *self.waiting}

    def tell(self) -> None:
        """Number and publish, one fact a person."""
        parts = joining_of(self.waiting)
        about = self.about
        named = {id: named_in(part) if about is None else named_in(part) & about for id, part in parts.items()}
        people = people_seen_by(named) if any(named.values()) else {}
        for id, part in parts.items():
            self.add([id], {"joining": part, **({"people": people[id]} if named[id] else {})})
        bump_users({id: self._one(facts) for id, facts in self.facts.items()}, access=self.access)

    @staticmethod
    def _one(facts: list[dict]) -> dict:
        if len(facts) == 1:
            return facts[0]  # many people may share it: it is encoded once
        merged: dict[str, Any] = {}
        for fact in facts:
            for key, value in fact.items():
                merged[key] = merged[key] + value if isinstance(value, list) and key in merged else value
        return merged
