"""From connecting to live, and coming back with cursors."""

from __future__ import annotations

import asyncio

import pytest

from tests.reducer import filled
from tests.sockets.conftest import Join
from tests.sockets.peer import kind, message
from tests.sockets.sites import Site


async def test_hello_ready_live(site: Site, join: Join) -> None:
    peer = await join("ann", hello=False)
    await peer.command("ping", {})
    assert (
        await peer.refused("message.send", {"conversation": site.everyone, "client_id": "too-early", "body": "x"})
        == "bad_request"
    )
    assert await peer.refused("conversation.open", {"conversation": site.everyone}) == "bad_request"
    await peer.hello()
    assert [event["type"] for event in peer.events] == ["ready", "live"]
    ready = peer.events[0]["data"]
    assert ready["me"]["username"] == "ann" and not ready["partial"]
    everyone = next(c for c in ready["conversations"] if c["kind"] == "everyone")
    assert everyone["id"] == site.everyone and filled(everyone)["peer"] is None
    assert ready == {**site.browser("ann").api("snapshot"), "people": ready["people"]}
    assert await peer.refused("hello", {}) == "bad_request"
    await peer.command("ping", {})


async def test_cursors_bring_what_was_missed_once(site: Site, join: Join, group) -> None:
    talk = await group("ann", "ben")
    ann, ben = await join("ann"), await join("ben", server=1)
    first = await ann.say(talk, "before")
    await ben.see(message(talk, "before"))
    heads = {f"c:{c['id']}": c["last_change"] for c in ben.snapshot["conversations"] if c["id"] != talk}
    cursors = {f"u:{ben.user}": ben.snapshot["cursor"], f"c:{talk}": first["change"]}
    ben.close()
    bodies = [f"missed {number}" for number in range(5)]
    for body in bodies:
        await ann.say(talk, body)
    await ann.command("message.edit", {"conversation": talk, "seq": first["seq"], "body": "after all"})
    back = await join("ben", server=1, hello={"cursors": cursors, "heads": heads})
    assert back.snapshot["partial"] is True
    assert [c["id"] for c in back.snapshot["conversations"]] == [talk]
    types = [event["type"] for event in back.events]
    assert types == ["ready", *["message"] * 6, "live"]
    assert back.bodies(talk) == [*bodies, "after all"]
    assert [event["prev"] for event in back.of(f"c:{talk}")] == [first["change"] + n for n in range(6)]
    await ann.say(talk, "and on")
    event = await back.see(message(talk, "and on"))
    assert event["prev"] == back.of(f"c:{talk}")[-2]["number"]


async def test_nothing_missed_gives_an_empty_ready(site: Site, join: Join, group) -> None:
    talk = await group("ann", "ben")
    ben = await join("ben")
    known = {c["id"]: c["last_change"] for c in ben.snapshot["conversations"]}
    heads = {f"c:{id}": change for id, change in known.items() if id != talk}
    cursors = {f"u:{ben.user}": ben.snapshot["cursor"], f"c:{talk}": known[talk]}
    back = await join("ben", hello={"cursors": cursors, "heads": heads})
    ready = back.snapshot
    assert ready["partial"] and ready["conversations"] == [] and ready["gone"] == [] and ready["people"] == []
    assert [event["type"] for event in back.events] == ["ready", "live"]


async def test_more_than_a_thousand_missing_begin_again(site: Site, join: Join, group) -> None:
    talk, other = await group("ann", "ben"), await group("ann", "ben")
    ann, ben = await join("ann"), await join("ben")
    start = {c["id"]: c["last_change"] for c in ben.snapshot["conversations"]}
    cursors = {f"u:{ben.user}": ben.snapshot["cursor"], f"c:{talk}": start[talk], f"c:{other}": start[other]}
    await asyncio.gather(*(ann.say(talk, f"line {number}") for number in range(1000)))
    last = await ann.say(talk, "the last one")
    await ann.say(other, "only one here")
    for peer in (ann, ben):
        await peer.see(message(talk, "the last one"), 20)
    back = await join("ben", hello={"cursors": cursors})
    assert [event["type"] for event in back.events] == ["ready", "message", "resync", "live"]
    assert back.events[1]["feed"] == f"c:{other}" and back.events[2]["feed"] == f"c:{talk}"
    head = next(c["last_change"] for c in back.snapshot["conversations"] if c["id"] == talk)
    assert head == last["change"]
    assert await back.command("feed.resume", {"feed": f"c:{talk}", "after": start[talk]}) == {"resync": True}
    again = await join("ben", hello={"cursors": {**cursors, f"c:{talk}": head}})
    assert [event["type"] for event in again.events] == ["ready", "message", "live"]


async def test_a_cursor_from_the_future_begins_again(site: Site, join: Join, group) -> None:
    talk = await group("ann", "ben")
    ben = await join("ben")
    back = await join("ben", hello={"cursors": {f"u:{ben.user}": ben.snapshot["cursor"], f"c:{talk}": 10_000}})
    assert [event["type"] for event in back.events] == ["ready", "resync", "live"]
    assert await back.command("feed.resume", {"feed": f"c:{talk}", "after": 10_000}) == {"resync": True}
    ahead = await join("ben", hello={"cursors": {f"u:{ben.user}": ben.snapshot["cursor"] + 50}})
    assert ahead.snapshot["partial"] is False
    assert talk in {c["id"] for c in ahead.snapshot["conversations"]}


async def test_feed_resume(site: Site, join: Join, group) -> None:
    talk = await group("ann", "ben")
    ann, ben = await join("ann"), await join("ben", server=1)
    sent = [await ann.say(talk, f"line {number}") for number in range(4)]
    await ben.see(message(talk, "line 3"))
    seen = len(ben.events)
    answer = await ben.command("feed.resume", {"feed": f"c:{talk}", "after": sent[0]["change"]})
    assert answer == {"number": sent[3]["change"]}
    assert [event["data"]["body"] for event in ben.events[seen:]] == ["line 1", "line 2", "line 3"]
    assert [event["prev"] for event in ben.events[seen:]] == [line["change"] for line in sent[:3]]
    assert await ben.command("feed.resume", {"feed": f"c:{talk}", "after": answer["number"]}) == answer
    assert len(ben.events) == seen + 3
    for feed in ("c:999999", "table:999999", f"u:{ann.user}"):
        assert await ben.refused("feed.resume", {"feed": feed, "after": 0}) == "not_found"
    assert await ben.refused("feed.resume", {"feed": "x:1", "after": 0}) == "bad_request"


async def test_a_stale_user_cursor_gives_everything(site: Site, join: Join, group) -> None:
    talk = await group("ann", "ben")
    ben = await join("ben")
    stale = {f"u:{ben.user}": ben.snapshot["cursor"], f"c:{talk}": ben.snapshot["conversations"][0]["last_change"]}
    ben.close()
    other = await group("ann", "ben")
    back = await join("ben", hello={"cursors": stale})
    assert back.snapshot["partial"] is False
    listed = {c["id"] for c in back.snapshot["conversations"]}
    assert {talk, other, site.everyone} <= listed
    mine = await back.command("feed.resume", {"feed": f"u:{ben.user}", "after": stale[f"u:{ben.user}"]})
    private = back.of(f"u:{ben.user}")[-1]
    assert private["type"] == "private" and private["data"]["all"] and private["number"] == mine["number"]
    assert {c["id"] for c in private["data"]["conversations"]} == listed


@pytest.mark.parametrize("cursors", [{"c:0": 1}, {"c:1": -1}, {"7": 1}, {"c:1": "1"}, {"c:1": 2**60}, {"c:01": 1}, []])
async def test_wrong_cursors(site: Site, join: Join, cursors: object) -> None:
    peer = await join("ann", hello=False)
    assert await peer.refused("hello", {"cursors": cursors}) == "bad_request"
    peer.send("hello", {})
    await peer.see(kind("live"))
