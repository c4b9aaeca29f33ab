"""Hints get lost; facts do not."""

from __future__ import annotations

import asyncio
from time import monotonic

import pytest

from tests.sockets.conftest import Join
from tests.sockets.peer import kind, message
from tests.sockets.sites import Site

SWEEP = 12  # seconds until what no hint told of has arrived
BESIDE = """
from accounts.models import LoginSession, User
from core.registry import Caller
from messaging.actions import SendRequest, add_members, remove_member, send_messages
session = LoginSession.objects.filter(user=given["user"], ended_at=None).first()
caller, talk, other = Caller(given["user"], session.pk), given["conversation"], given["other"]
master = User.objects.get(pk=given["user"])
remove_member(master, other, given["member"])
add_members(master, other, [given["member"]])
print(json.dumps(send_messages([SendRequest(caller, talk, f"beside-{talk}-{n}", f"beside {n}") for n in range(3)])))
"""


async def test_a_command_beside_the_server(site: Site, join: Join, group) -> None:
    talk, other = await group("ann", "ben"), await group("ann", "ben")
    ann, ben = await join("ann"), await join("ben", 1)
    before = await ann.say(talk, "before")
    given = {"user": ann.user, "conversation": talk, "other": other, "member": ben.user}
    sent = await asyncio.to_thread(site.run, BESIDE, **given)
    start = monotonic()
    for peer in (ann, ben):
        await peer.see(message(talk, "beside 2"), SWEEP)
        events = peer.of(f"c:{talk}")
        assert [event["number"] for event in events] == [before["change"] + n for n in range(4)]
        assert [event["data"]["id"] for event in events[1:]] == [reply["id"] for reply in sent]
    assert not site.scaled or monotonic() - start < 2
    await ben.say(talk, "after")
    event = await ann.see(message(talk, "after"))
    assert event["prev"] == sent[-1]["change"]
    # He was removed and added again: two feeds tell of it and are read at the same time, in either order.
    await ben.see(kind("private"), SWEEP)
    await ann.see(lambda event: event["type"] == "message" and '"joined"' in event["data"]["body"], SWEEP)
    last = await ann.say(other, "you are back")
    await ben.see(lambda event: event.get("feed") == f"c:{other}" and event["number"] >= last["change"], SWEEP)
    await ann.say(other, "and hear me")
    await ben.see(message(other, "and hear me"))


@pytest.mark.parametrize("site", ["scaled"], indirect=True)
async def test_redis_goes_and_comes_back(site: Site, join: Join, group) -> None:
    talk = await group("ann", "ben")
    ann, same, ben = await join("ann", 0), await join("ben", 0), await join("ben", 1)
    await ann.say(talk, "with")
    await ben.see(message(talk, "with"))
    site.redis.stop()
    try:
        for number in range(3):
            await ann.say(talk, f"without {number}")
            await same.see(message(talk, f"without {number}"), 2)
        await ben.see(message(talk, "without 2"), SWEEP + 3)
        back = await join("ben", 1)
        await back.say(talk, "from the other side")
        await ann.see(message(talk, "from the other side"), SWEEP + 3)
    finally:
        site.redis.start()
    start, took = monotonic(), 10.0
    while took > 1 and monotonic() - start < 30:  # until hints cross again
        body = f"again {monotonic()}"
        sent = monotonic()
        await asyncio.gather(ann.say(talk, body), ben.say(talk, f"{body}, the other way"))
        await ben.see(message(talk, body), SWEEP)
        await ann.see(message(talk, f"{body}, the other way"), SWEEP)
        took = monotonic() - sent
    assert took < 1
    for peer in (ann, same, ben):
        numbers = [event["number"] for event in peer.of(f"c:{talk}")]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
