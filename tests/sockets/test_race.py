"""Between attaching, the snapshot, the rows and live nothing gets lost and nothing comes twice, however often clients come and go."""

from __future__ import annotations

import asyncio
import random

from tests.sockets.conftest import Join
from tests.sockets.follower import Follower, Model
from tests.sockets.peer import kind, message
from tests.sockets.sites import Site

VISITORS = ("ben", "cho", "dan", "eva")


async def test_coming_and_going_while_others_talk(site: Site, join: Join, group, full: bool) -> None:
    talk, times = await group("ann", *VISITORS), 500 if full else 50
    ann, running, sent = await join("ann"), True, []

    async def speak() -> None:
        while running:
            sent.append((await ann.say(talk, f"line {len(sent)}"))["seq"])
            await asyncio.sleep(0.002)

    async def visit(name: str, seed: int) -> Model:
        chance, model = random.Random(seed), Model(site.people[name])
        await come(name, chance, model, 1.0)
        model.begin(talk)
        model.merge(talk, await asyncio.to_thread(site.browser(name).history, talk))
        for _ in range(times):
            await come(name, chance, model, chance.choice([0.0, 0.0, 0.02, 0.1]))
        return model

    async def come(name: str, chance: random.Random, model: Model, stay: float) -> None:
        peer = await site.connect(name, chance.randrange(2), make=Follower)
        peer.model = model
        peer.send("hello", model.hello())
        if chance.random() < 0.8 or stay == 1.0:
            await peer.see(kind("live"), 20)
            if stay:
                await asyncio.sleep(stay)
        if chance.random() < 0.5:
            peer.close()
        else:
            peer.transport.abort()
        await peer.closed
        assert peer.faults == []

    speaking = asyncio.create_task(speak())
    models = await asyncio.gather(*(visit(name, seed) for seed, name in enumerate(VISITORS)))
    running = False
    await speaking
    history = site.browser("ann").history(talk)
    for name, model in zip(VISITORS, models, strict=True):
        last = await site.connect(name, make=Follower)
        last.model = model
        last.send("hello", model.hello())
        await last.see(kind("live"), 20)
        last.close()
        assert model.messages[talk] == {line["seq"]: line for line in history}
        seqs = [seq for feed, seq in model.applied if feed == f"c:{talk}"]
        assert seqs == list(range(seqs[0], sent[-1] + 1))
        assert model.resyncs == 0
    assert len(sent) > times


async def test_many_at_once(site: Site, join: Join, group) -> None:
    talk = await group("ann", *VISITORS)
    ann = await join("ann")
    models = [Model(site.people[VISITORS[number % 4]]) for number in range(40)]

    async def come(number: int) -> Follower:
        peer = await site.connect(VISITORS[number % 4], number, make=Follower)
        peer.model = models[number]
        peer.send("hello", {})
        await peer.see(kind("live"), 20)
        return peer

    coming = asyncio.gather(*(come(number) for number in range(40)))
    last = [await ann.say(talk, f"line {number}") for number in range(50)][-1]
    for peer in await coming:
        if peer.model.cursors[f"c:{talk}"] < last["change"]:
            await peer.see(message(talk, seq=last["seq"]))
        seqs = [seq for _, seq in peer.model.applied]
        assert (
            seqs == list(range(seqs[0], last["seq"] + 1)) if seqs else peer.model.cursors[f"c:{talk}"] == last["change"]
        )
        assert peer.model.conversations[talk]["last_seq"] == last["seq"]
        assert peer.model.conversations[talk]["unread"] == 50 and peer.faults == []
        peer.close()
