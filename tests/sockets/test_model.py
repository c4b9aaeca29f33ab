"""Old state and events give the freshly fetched state, whatever people do and however often their connections break."""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import Any

import pytest

from tests import reducer
from tests.sockets.browser import NotFoundError
from tests.sockets.follower import Follower, Model
from tests.sockets.peer import ClosedError, client_ids, kind
from tests.sockets.sites import Site

EXPECTED = {
    "not_found", "not_allowed", "recalled", "too_late", "transfer_first", "name_taken", "conflict", "bad_request", "too_many", "client_id_reused",
    "closed", "muted", "slow_mode", "invitation_only", "ask_later", "answered", "too_fast",
}  # fmt: skip
DOORS = {
    "group.join", "group.invite", "group.settings", "group.notice", "group.mute", "request.answer", "invitation.answer", "joining.dismiss",
}  # fmt: skip
SEEDS = 12
DONE: set[str] = set()  # in all runs so far
RUN: set[tuple[str, int]] = set()


class Device:
    """A person's device that does things at random and loses its connection at random."""

    def __init__(self, site: Site, name: str, people: list[int], seed: str, places: set[int]) -> None:
        self.site, self.name, self.people, self.places = site, name, people, places
        self.chance = random.Random(seed)
        self.model = Model(site.people[name])
        self.peer: Follower | None = None
        self.refused: dict[str, int] = {}
        self.done: set[str] = set()

    async def connect(self) -> Follower:
        """Comes back with what it holds."""
        if self.peer is None or self.peer.closed.done():
            self.peer = await self.site.connect(self.name, self.chance.randrange(2), make=Follower)
            self.peer.model = self.model
            self.peer.send("hello", self.model.hello())
            await self.peer.see(kind("live"), 20)
        return self.peer

    async def leave(self) -> None:
        """The connection breaks."""
        if self.peer is not None and not self.peer.closed.done():
            self.peer.transport.abort()
            await self.peer.closed
            assert self.peer.faults == []

    async def live(self, steps: int) -> None:
        """Does that many things."""
        for _ in range(steps):
            if self.chance.random() < 0.12:
                await self.leave()
            peer = await self.connect()
            if self.chance.random() < 0.1:
                await self.load()
            command, data = self.choose()
            try:
                reply = await peer.ask(command, data)
            except ClosedError:
                continue
            if reply["ok"]:
                self.done.add(command)
            else:
                code = reply["error"]["code"]
                assert code in EXPECTED, (command, data, reply)
                self.refused[code] = self.refused.get(code, 0) + 1
            await asyncio.sleep(self.chance.choice([0, 0, 0.005, 0.05]))

    async def load(self) -> None:
        """Fetches the messages of all conversations that it does not hold."""
        browser = self.site.browser(self.name)
        for id in [id for id in self.model.conversations if id not in self.model.messages or id in self.model.loading]:
            self.model.begin(id)
            with contextlib.suppress(NotFoundError):  # somebody may have put us out, before or between two pages
                self.model.merge(id, await asyncio.to_thread(browser.history, id))

    def choose(self) -> tuple[str, dict[str, Any]]:
        """A command that makes sense for what the device knows."""
        chance, people = self.chance, self.people
        known = list(self.model.conversations.values())
        groups = [c for c in known if c["kind"] == "group"] or known
        where, group = chance.choice(known), chance.choice(groups)
        seq = max(1, where["last_seq"] - chance.randrange(8))
        message = {"conversation": where["id"], "seq": seq}
        member = {"conversation": group["id"], "user": chance.choice(people)}
        name = f"{self.site.shape} {self.name} {chance.randrange(10**6)}"
        sending: dict[str, Any] = {
            "conversation": where["id"],
            "client_id": next(client_ids),
            "body": f"*{chance.random()}*",
        }
        if chance.random() < 0.2:
            sending["reply_to"] = seq
        choices: list[tuple[int, str, dict[str, Any]]] = [
            (12, "message.send", sending),
            (4, "message.edit", {**message, "body": f"edited {chance.random()}"}),
            (3, "message.recall", message),
            (5, "message.react", {**message, "emoji": chance.choice("👍🎉🙈"), "on": chance.random() < 0.6}),
            (5, "conversation.read", message),
            (1, "conversation.read", {**message, "back": True}),
            (2, "draft.save", {"conversation": where["id"], "body": chance.choice(["", "to be", "or not"])}),
            (1, "options.save", {"options": {"look_back": chance.randrange(10, 200)}}),
            (1, "direct.open", {"user": chance.choice(people)}),
            (1, "group.create", {"name": name, "users": chance.sample(people, 2)}),
            (3, "group.add", {"conversation": group["id"], "users": [member["user"]]}),
            (2, "group.remove", member),
            (1, "group.leave", {"conversation": group["id"]}),
            (2, "group.role", {**member, "role": chance.choice(["master", "manager", "member"])}),
            (1, "group.rename", {"conversation": group["id"], "name": name}),
        ]
        choices += self.doors(group, member)
        _, command, data = chance.choices(choices, [weight for weight, _, _ in choices])[0]
        return command, data

    def doors(self, group: dict[str, Any], member: dict[str, Any]) -> list[tuple[int, str, dict[str, Any]]]:
        """What concerns joining and governing; `places` are the groups that anybody here has seen."""
        chance, joining = self.chance, self.model.joining
        self.places |= {c["id"] for c in self.model.conversations.values() if c["kind"] == "group"}
        here, yes = {"conversation": group["id"]}, chance.random() < 0.7
        outside = sorted(self.places - {c["id"] for c in self.model.conversations.values()}) or sorted(self.places)
        setting: dict[str, Any] = chance.choice(
            [
                {"join_policy": chance.choice(["open", "request", "request", "invitation"])},
                {"join_policy": "request"},
                {"discoverable": chance.random() < 0.8},
                {"posting": chance.choice(["all", "all", "managers"])},
                {"slow_mode": chance.choice([0, 0, 5])},
                {"members_invite": yes},
            ]
        )
        found: list[tuple[int, str, dict[str, Any]]] = [
            (5, "group.join", {"conversation": chance.choice(outside), "words": "让我进"}),
            (3, "group.invite", {**here, "users": [member["user"]]}),
            (3, "group.settings", {**here, **setting}),
            (2, "group.notice", {**here, "notice": chance.choice(["", f"notice {chance.random()}"])}),
            (2, "group.mute", {**member, "minutes": chance.choice([0, 0, 600, 1440])}),  # longer than all seeds take
            (1, "invitation.list", here),
        ]
        if len(self.places) > 4 and chance.random() < 0.1:
            found.append((3, "group.dissolve", here))
        for weight, part, command, key in (
            (16, "requests", "request.answer", "request"),  # few wait for long: so that each run has some answered
            (3, "asked", "request.withdraw", "request"),
            (4, "invitations", "invitation.answer", "invitation"),
        ):
            if rows := joining.get(part):
                data = {key: chance.choice(rows)["id"]}
                found.append((weight, command, data if part == "asked" else {**data, "accept": yes}))
        if told := joining.get("told"):
            answer = chance.choice(told)
            found.append((3, "joining.dismiss", {"kind": answer["kind"], "id": answer["id"]}))
        return found

    def fresh(self) -> Model:
        """What a new device would hold."""
        browser, model = self.site.browser(self.name), Model(self.model.user_id)
        model.ready(browser.api("snapshot"))
        for id in model.conversations:
            model.load(browser, id)
        return model


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=[pytest.mark.full] if seed else []) for seed in range(SEEDS)]
)
async def test_old_state_and_events_are_the_fresh_state(site: Site, group, seed: int, full: bool) -> None:
    names = site.four()
    for others in (names, names[1:], [*names[2:], names[0]]):
        await group(*others)
    people = [site.people[name] for name in names]
    places: set[int] = set()
    devices = [Device(site, name, people, f"{seed} {name} {number}", places) for name in names for number in range(2)]
    for device in devices:
        await device.connect()
        await device.load()
    await asyncio.gather(*(device.live(150 if full else 40) for device in devices))
    for device in devices:
        await device.connect()
        await device.load()
    for device in devices:
        for attempt in range(30):
            fresh = await asyncio.to_thread(device.fresh)
            if device.model.state() == fresh.state():
                break
            await asyncio.sleep(0.5 if attempt < 29 else 0)
        reducer.same(device.model, fresh)
        assert len(device.model.applied) > 40 and len(device.model.conversations) > 1
    done = set().union(*(device.done for device in devices))
    assert len(done) > 12
    DONE.update(done)
    RUN.add((site.shape, seed))
    if full and {(site.shape, number) for number in range(SEEDS)} <= RUN:  # a single run may lack one of them by chance
        assert DONE >= DOORS
    for device in devices:
        await device.leave()
