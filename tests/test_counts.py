"""Unread and mention counts are equal on three devices after any order of reading, writing, mentioning, editing, recalling and clearing."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from core import policies
from messaging import actions
from messaging.models import Conversation, Message
from messaging.summary import get_object
from realtime import hints
from tests.cast import Cast
from tests.reducer import Client, from_rows

BODIES = ("chào cả nhà", "@master xem", "@经理看一下", "@all họp", "`@master`", "@master @所有人")
WRITERS = st.sampled_from(["master", "manager", "member"])
PLACES = st.sampled_from(["group", "direct"])


class Device(Client):
    """One of the master's devices: what was told and not heard yet waits in two queues, one for each kind of feed."""

    def __init__(self, user_id: int) -> None:
        super().__init__(user_id)
        self.waiting: dict[str, list[dict]] = {"c": [], "u": []}

    def hear(self, kind: str, frames: int) -> None:
        """Take some of what waits."""
        taken, self.waiting[kind] = self.waiting[kind][:frames], self.waiting[kind][frames:]
        for frame in taken:
            self.receive(frame, from_rows)


class Counts(RuleBasedStateMachine):
    """The master has three devices; others write to him. Devices hear late, and conversations and private facts in any order.

    Each example begins with the same cast and the same snapshot, and works in a savepoint.
    """

    first_cast: Cast
    first_device: Device

    @initialize()
    def begin(self) -> None:
        self.around = transaction.atomic()
        self.around.__enter__()
        self.told: list[hints.Hint] = []
        self.publish, hints.publish_all = hints.publish_all, self.told.extend
        self.cast = copy.deepcopy(self.first_cast)
        self.devices = [copy.deepcopy(self.first_device) for _ in range(3)]
        self.heads = [dict(device.cursors) for device in self.devices]

    def teardown(self) -> None:
        if hasattr(self, "around"):
            try:
                self.all_hear_all(["u", "c"])
            finally:
                self.end()

    def end(self) -> None:
        """Nothing of it stays."""
        if hasattr(self, "around"):
            hints.publish_all = self.publish
            transaction.set_rollback(True)
            self.around.__exit__(None, None, None)

    def spread(self) -> None:
        """What was told goes to the devices' queues, as frames."""
        for hint in self.told:
            for device, heads in zip(self.devices, self.heads, strict=True):
                if hint.feed in heads and hint.number > heads[hint.feed]:
                    data = None if hint.data is None else json.loads(hint.data)
                    frame = {"type": hint.type, "feed": hint.feed, "number": hint.number, "prev": heads[hint.feed]}
                    device.waiting[hint.feed[0]].append({**frame, "data": data})
                    heads[hint.feed] = hint.number
        self.told.clear()

    def place(self, name: str) -> int:
        return getattr(self.cast, name)

    def some_seq(self, where: int, back: int) -> int:
        return max(0, Conversation.objects.get(pk=where).last_seq - back)

    @rule(who=WRITERS, body=st.sampled_from(BODIES), place=PLACES)
    def write(self, who: str, body: str, place: str) -> None:
        if place == "group" or who != "manager":
            self.cast.say(getattr(self.cast, who), body, where=self.place(place))
            self.spread()

    @rule(place=PLACES, back=st.integers(0, 5), backwards=st.booleans())
    def read(self, place: str, back: int, backwards: bool) -> None:
        where = self.place(place)
        actions.mark_read([(self.cast.master.caller, where, self.some_seq(where, back), backwards)])
        self.spread()

    def own(self, place: str, back: int) -> tuple[Any, Message] | None:
        """A text that stands, and who wrote it."""
        texts = Message.objects.filter(conversation=self.place(place), kind="text", recalled_at=None).order_by("-seq")
        found = texts[back : back + 1]
        if not found:
            return None
        return next(p.user for p in self.cast if p.id == found[0].sender_id), found[0]

    @rule(place=PLACES, back=st.integers(0, 4), body=st.sampled_from(BODIES))
    def edit(self, place: str, back: int, body: str) -> None:
        if found := self.own(place, back):
            actions.edit_message(found[0], self.place(place), found[1].seq, body)
            self.spread()

    @rule(place=PLACES, back=st.integers(0, 4))
    def recall(self, place: str, back: int) -> None:
        if found := self.own(place, back):
            actions.recall_message(found[0], self.place(place), found[1].seq)
            self.spread()

    @rule(place=PLACES, back=st.integers(0, 6))
    def clear(self, place: str, back: int) -> None:
        where = self.place(place)
        actions.clear_conversation(self.cast.master.user, where, self.some_seq(where, back))
        self.spread()

    @rule(back=st.integers(0, 3), on=st.booleans())
    def pin(self, back: int, on: bool) -> None:
        if found := self.own("group", back):
            actions.pin_message(self.cast.manager.user, self.cast.group, found[1].seq, on)
            self.spread()

    @rule(device=st.integers(0, 2), kind=st.sampled_from("cu"), frames=st.integers(1, 5))
    def hear(self, device: int, kind: str, frames: int) -> None:
        self.devices[device].hear(kind, frames)

    @rule(device=st.integers(0, 2))
    def come_back(self, device: int) -> None:
        """A device that was away begins with a snapshot."""
        self.devices[device] = Device(self.cast.master.id)
        self.heads[device] = dict(self.devices[device].cursors)

    @rule(order=st.permutations("cu"))
    def all_hear_all(self, order: list[str]) -> None:
        """Then the counts are those of a fresh snapshot."""
        for device in self.devices:
            for kind in order:
                device.hear(kind, 1000)
        for where in (self.cast.group, self.cast.direct):
            truth = get_object(self.cast.master.user, where)
            for number, device in enumerate(self.devices):
                known = device.conversations[where]
                found = (known["unread"], known["mentions"], known["read_seq"], known["cleared_seq"])
                wanted = (truth["unread"], truth["mentions"], truth["read_seq"], truth["cleared_seq"])
                assert found == wanted, f"device {number} in {where}"

    @invariant()
    def no_count_is_negative(self) -> None:
        for device in getattr(self, "devices", ()):
            assert all(c["unread"] >= c["mentions"] >= 0 for c in device.conversations.values())


@pytest.mark.timeout(3600)  # 25,000 steps with --full
def test_counts_are_equal_on_three_devices(cast: Cast, full: bool):
    for window in ("edit_minutes", "recall_minutes"):  # the first messages grow older than that while the examples run
        policies.store(f"messages.{window}", -1)
    for body in BODIES:  # so that there is something the server has counted
        cast.say(cast.member, body)
        cast.say(cast.member, body, where=cast.direct)
    Counts.first_cast, Counts.first_device = cast, Device(cast.master.id)
    kind = settings(
        max_examples=500 if full else 8,
        stateful_step_count=50 if full else 40,
        deadline=None,
        derandomize=not full,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Counts, settings=kind)
