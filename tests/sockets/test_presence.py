"""Presence: told to friends, partners of direct conversations and those who look at a conversation with that person; to nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic

import pytest

from tests.sockets.conftest import Join
from tests.sockets.peer import Peer
from tests.sockets.sites import Site

BEFRIEND = """
from accounts.models import Friendship
low, high = sorted(given["pair"])
Friendship.objects.create(low_id=low, high_id=high, asked_by_id=low, status="accepted")
"""


def shows(user: int, presence: str) -> Callable[[dict], bool]:
    """Whether an event tells that somebody is this now."""

    def wanted(event: dict) -> bool:
        people = event["data"]["people"] if event["type"] == "presence" else ()
        return any(person["id"] == user and person["presence"] == presence for person in people)

    return wanted


def told(peer: Peer, user: int) -> list[str]:
    """What a socket was told of somebody's presence."""
    events = [event for event in peer.events if event["type"] == "presence"]
    return [person["presence"] for event in events for person in event["data"]["people"] if person["id"] == user]


async def test_presence_reaches_those_it_is_for(site: Site, join: Join, group) -> None:
    name = next(site.extras)
    who = site.people[name]
    site.run(BEFRIEND, pair=[who, site.people["cho"]])
    talk = await group("dan", "eva", name)
    partner, friend, viewer = await join("ben", 1), await join("cho"), await join("dan", 1)
    member, nobody = await join("eva"), await join("fay", 1)
    await partner.command("direct.open", {"user": who})
    await viewer.command("conversation.open", {"conversation": talk})
    await nobody.command("conversation.open", {"conversation": site.everyone})
    first = await join(name)
    second, third = await join(name, 1, device="phone"), await join(name)
    listeners, states = (partner, friend, viewer), ["online"]

    async def becomes(state: str, seconds: float = 4) -> None:
        states.append(state)
        for listener in listeners:
            await listener.see(shows(who, state), seconds, since=marks[listener])
            marks[listener] = len(listener.events)

    marks = dict.fromkeys(listeners, 0)
    states.clear()
    await becomes("online")
    person = next(p for p in site.browser("ben").api(f"people?ids={who}")["people"] if p["id"] == who)
    assert person["presence"] == "online" and person["last_seen"] is None
    third.close()  # the others hold him online, longer than the grace
    await second.command("presence.set", {"state": "away"})
    await first.command("presence.set", {"state": "away"})
    await becomes("away")
    await first.command("presence.set", {"state": "busy"})
    await becomes("busy")
    await second.command("presence.set", {"state": "invisible"})
    await becomes("offline")
    await second.command("presence.set", {"state": "online"})
    await first.command("presence.set", {"state": "online"})
    await becomes("online")
    first.close()
    second.close()
    await becomes("offline", 8)
    for listener in listeners:
        heard = told(listener, who)
        assert [state for at, state in enumerate(heard) if heard[at - 1 : at] != [state]] in (
            states,
            [*states[:4], "busy", *states[4:]],
        )
    for outsider in (member, nobody):
        await outsider.settled()
        assert told(outsider, who) == []
    assert viewer.snapshot["people"]
    person = next(p for p in site.browser("ben").api(f"people?ids={who}")["people"] if p["id"] == who)
    assert person["presence"] == "offline" and person["last_seen"]


async def test_who_was_removed_sees_presence_no_more(site: Site, join: Join, group) -> None:
    name = next(site.extras)
    who = site.people[name]
    talk = await group("ann", "eva", name)
    ann, eva = await join("ann"), await join("eva", 1)
    for peer in (ann, eva):
        await peer.command("conversation.open", {"conversation": talk})
    await ann.command("group.remove", {"conversation": talk, "user": eva.user})
    await eva.see(lambda event: event["type"] == "private" and event["data"].get("gone") == [talk])
    came = await join(name)
    await ann.see(shows(who, "online"))
    await came.command("conversation.open", {"conversation": talk})
    assert eva.user not in (await ann.command("conversation.open", {"conversation": talk}))["here"]
    await eva.settled()
    assert told(eva, who) == []


@pytest.mark.full
@pytest.mark.parametrize("site", ["scaled"], indirect=True)
async def test_presence_when_a_process_dies(site: Site, join: Join) -> None:
    name = next(site.extras)
    who = site.people[name]
    ben = await join("ben")
    await ben.command("direct.open", {"user": who})
    server = await asyncio.to_thread(site.one_more)
    peer = await join(name, server=2)
    await ben.see(shows(who, "online"))
    server.process.kill()
    site.servers.pop()
    await peer.ended()
    start = monotonic()
    while monotonic() - start < 60 and told(ben, who)[-1] != "offline":
        await ben.settled()
        await asyncio.sleep(1)
    assert told(ben, who)[-1] == "offline"
    people = site.browser("ben").api(f"people?ids={who}")["people"]
    assert people[0]["presence"] == "offline"
