"""Hints get lost; facts do not."""

from __future__ import annotations

import asyncio
from time import monotonic

import pytest

from tests.sockets.conftest import Join
from tests.sockets.peer import kind, message
from tests.sockets.sites import Site

SWEEP = 12  # seconds until what no hint told of has arrived
SEND = """
from accounts.models import LoginSession
from core.registry import Caller
from messaging.actions import SendRequest, send_messages
session = LoginSession.objects.filter(user=given["user"], ended_at=None).first()
caller = Caller(given["user"], session.pk)
requests = [SendRequest(caller, given["conversation"], f"beside-{given['conversation']}-{n}", f"beside {n}") for n in range(3)]
print(json.dumps(send_messages(requests)))
"""
REJOIN = """
from accounts.models import User
from messaging.actions import add_members, remove_member
master = User.objects.get(pk=given["master"])
remove_member(master, given["conversation"], given["user"])
add_members(master, given["conversation"], [given["user"]])
"""


async def test_a_command_beside_the_server(site: Site, join: Join, group) -> None:
    talk = await group("ann", "ben")
    ann, ben = await join("ann"), await join("ben", 1)
    before = await ann.say(talk, "before")
    sent = await asyncio.to_thread(site.run, SEND, user=ann.user, conversation=talk)
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


async def test_a_command_that_removes_and_adds_again(site: Site, join: Join, group) -> None:
    talk = await group("ann", "ben")
    ann, ben = await join("ann"), await join("ben", 1)
    await asyncio.to_thread(site.run, REJOIN, master=ann.user, user=ben.user, conversation=talk)
    await ben.see(kind("private"), SWEEP)
    await ann.see(lambda event: event["type"] == "message" and '"joined"' in event["data"]["body"], SWEEP)
    await asyncio.sleep(0.5)  # both feeds are read at the same time, in either order
    last = await ann.say(talk, "you are back")
    await ben.see(lambda event: event.get("feed") == f"c:{talk}" and event["number"] >= last["change"], SWEEP)
    await ann.say(talk, "and hear me")
    await ben.see(message(talk, "and hear me"))


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
        await ann.say(talk, body)
        await ben.see(message(talk, body), SWEEP)
        took = monotonic() - sent
    assert took < 1
    for peer in (ann, same, ben):
        numbers = [event["number"] for event in peer.of(f"c:{talk}")]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    body = "and the other way"
    await ben.say(talk, body)
    await ann.see(message(talk, body), 2)
