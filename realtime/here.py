"""Who has a conversation open: told where few people are, to those who have it open too. Nobody hears of who is invisible."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from core import registry
from realtime import executors, frames, hints
from realtime.hub import Hub
from realtime.models import ServerProcess

GRACE_SECONDS = 2.0  # a page that reloads does not leave
Fact = tuple[int, int, bool]  # conversation, user, whether he has it open


class Here:
    """What this process tells of its own tabs, and what all processes have told."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.due: dict[tuple[int, int], float] = {}  # (conversation, user) -> not before (loop time)
        self.told: set[tuple[int, int]] = set()  # by this process
        self.known: defaultdict[int, dict[int, set[str]]] = defaultdict(dict)  # conversation -> user -> processes
        hub.signals["here"] = self.take
        hub.looks.append(self.touch)

    def touch(self, conversation: int, user_id: int, at_once: bool = False) -> None:
        """A tab of this user opened the conversation, left it, or wants to be seen otherwise."""
        wait = 0.0 if at_once or self._shows(conversation, user_id) else GRACE_SECONDS
        self.due[conversation, user_id] = self.hub.loop.time() + wait

    def _shows(self, conversation: int, user_id: int) -> bool:
        tabs = self.hub.by_user.get(user_id, ())
        return any(tab.opened == conversation and tab.state != "invisible" for tab in tabs)

    async def flush(self) -> None:
        """Tell what changed."""
        now = self.hub.loop.time()
        ripe = [pair for pair, at in self.due.items() if at <= now]
        for pair in ripe:
            del self.due[pair]
        changed = [pair for pair in ripe if self._shows(*pair) != (pair in self.told)]
        if not changed:
            return
        small = await executors.read(small_among, {conversation for conversation, _ in changed})
        facts: list[Fact] = []
        for pair in changed:
            on = self._shows(*pair)  # as it is after the question
            if on != (pair in self.told) and (pair[0] in small or not on):
                facts.append((*pair, on))
                (self.told.add if on else self.told.discard)(pair)
        if facts:
            hints.signal("here", [self.hub.key, facts, False])

    def begin(self) -> None:
        """Ask the other processes who is there."""
        hints.signal("here", [self.hub.key, [], True])

    def take(self, payload: list) -> None:
        """What a process tells: pass on what is new; a process that has just begun is told all."""
        key, facts, asks = payload
        if asks and key != self.hub.key and self.told:
            hints.signal("here", [self.hub.key, [(*pair, True) for pair in self.told], False])
        self._learn(key, facts)

    def _learn(self, key: str, facts: list) -> None:
        news: list[Fact] = []
        for conversation, user_id, on in facts:
            people = self.known[conversation]
            keys = people.setdefault(user_id, set())
            before = bool(keys)
            (keys.add if on else keys.discard)(key)
            if bool(keys) != before:
                news.append((conversation, user_id, on))
            if not keys:
                del people[user_id]
            if not people:
                del self.known[conversation]
        if any(conversation in self.hub.opened for conversation, _, _ in news):
            self.hub.spawn(self._tell(news))

    async def _tell(self, news: list[Fact]) -> None:
        pairs = {(user, tab.user_id) for conversation, user, _ in news for tab in self.hub.opened.get(conversation, ())}
        apart = await executors.read(hidden_among, {(user, viewer) for user, viewer in pairs if user != viewer})
        for conversation, user, on in news:
            feed = self.hub.feeds.get(f"c:{conversation}")
            event = frames.event("here", {"conversation": conversation, "user": user, "on": on})
            tabs = self.hub.opened.get(conversation, ())
            told = [t for t in tabs if t.user_id != user and (user, t.user_id) not in apart]
            self.hub.send([tab for tab in told if feed is not None and tab in feed.sockets], event)

    def people(self, conversation: int) -> set[int]:
        """Who has it open, as far as this process knows."""
        tabs: Any = self.hub.opened.get(conversation, ())
        return {tab.user_id for tab in tabs if tab.state != "invisible"} | set(self.known.get(conversation, ()))

    async def prune(self) -> None:
        """Processes that ended without a word."""
        living = await executors.read(_living)
        for key in {key for people in self.known.values() for keys in people.values() for key in keys} - living:
            if key != self.hub.key:
                self._learn(
                    key,
                    [
                        (c, user, False)
                        for c, people in self.known.items()
                        for user, keys in people.items()
                        if key in keys
                    ],
                )


def small_among(conversations: set[int]) -> set[int]:
    """Those in which it is told who is here."""
    return {id for small in registry.small_places for id in small(conversations)}


def hidden_among(pairs: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those (user, viewer) who do not see each other."""
    return {pair for hide in registry.hidden for pair in hide(pairs)} if pairs else set()


def _living() -> set[str]:
    return set(ServerProcess.objects.values_list("key", flat=True))
