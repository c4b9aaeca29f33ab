"""Who comes into a conversation hears it from then on; who goes hears that he goes, and nothing more."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from time import monotonic

import pytest

from tests.reducer import filled
from tests.sockets.conftest import Join
from tests.sockets.peer import Peer, kind, message
from tests.sockets.sites import Site


def fact(event: dict) -> dict:
    """What a system message says."""
    return json.loads(event["data"]["body"])


def follows(conversation: int) -> Callable[[dict], bool]:
    """The event from which on a peer hears a conversation; what was said before it has to be asked for."""
    return lambda event: event["type"] == "head" and event["feed"] == f"c:{conversation}"


async def test_a_newcomer_is_told_and_then_hears(site: Site, join: Join, group) -> None:
    talk = await group("ann", "ben")
    ann, cho, tab = await join("ann"), await join("cho", 1), await join("cho", 0)
    for number in range(3):
        await ann.say(talk, f"before {number}")
    await ann.command("group.add", {"conversation": talk, "users": [cho.user]})
    joined = await ann.see(message(talk, kind="system"))
    assert fact(joined) == {"code": "joined", "users": [{"id": cho.user, "name": "Cho"}]}
    for peer in (cho, tab):
        private = await peer.see(kind("private"))
        head = await peer.see(follows(talk))
        assert head["number"] == head["prev"] == joined["number"]
        told = private["data"]["conversations"][0]
        fresh = next(c for c in site.browser("cho").api("snapshot")["conversations"] if c["id"] == talk)
        assert filled(told) == filled(fresh)
        assert told["role"] == "member" and told["last_change"] == joined["number"] and told["members"] == 3
    await ann.say(talk, "welcome")
    for peer in (cho, tab):
        event = await peer.see(message(talk, "welcome"))
        assert event["prev"] == joined["number"]
    assert [m["body"] for m in site.browser("cho").history(talk)][-1] == "welcome"
    await tab.say(talk, "thanks")
    await ann.see(message(talk, "thanks"))


async def test_a_new_group_and_a_new_direct_conversation(site: Site, join: Join, group) -> None:
    ann, ben = await join("ann"), await join("ben", server=1)
    talk = await group("ann", "ben", name=f"Chess {site.shape}")
    private = await ben.see(kind("private"))
    assert private["data"]["conversations"][0]["name"] == f"Chess {site.shape}"
    await ben.see(kind("head"))
    assert await ann.refused("group.create", {"name": f"chess {site.shape}", "users": []}) == "name_taken"
    fay = await join("fay", server=1)
    opened = await ann.command("direct.open", {"user": fay.user})
    assert opened["peer"] == fay.user and opened["kind"] == "direct"
    theirs = (await fay.see(kind("private")))["data"]["conversations"][0]
    assert theirs["peer"] == ann.user and theirs["id"] == opened["id"]
    assert await ann.command("direct.open", {"user": fay.user}) == opened
    await asyncio.gather(*(peer.see(follows(opened["id"])) for peer in (ann, fay)))
    await ann.say(opened["id"], "hi")
    await fay.see(message(opened["id"], "hi"))
    oneself = await ann.command("direct.open", {"user": ann.user})
    assert oneself["peer"] == ann.user and oneself["members"] == 1
    await ann.see(follows(oneself["id"]))
    await ann.say(oneself["id"], "note")
    await ann.see(message(oneself["id"], "note"))
    assert talk not in {opened["id"], oneself["id"]}


@pytest.mark.parametrize("how", ["removed", "left"])
async def test_who_goes_hears_nothing_more(site: Site, join: Join, group, how: str) -> None:
    talk = await group("ann", "ben", "cho")
    ann, cho = await join("ann"), await join("cho")
    tabs: list[Peer] = [await join("ben", 0), await join("ben", 1)]
    cursor = (await ann.say(talk, "all here"))["change"]
    for tab in tabs:
        await tab.see(message(talk, "all here"))
    await tabs[1].command("conversation.open", {"conversation": talk})
    if how == "removed":
        await ann.command("group.remove", {"conversation": talk, "user": tabs[0].user})
    else:
        await tabs[0].command("group.leave", {"conversation": talk})
    for number in range(20):
        await ann.say(talk, f"among us {number}")
    await ann.command("conversation.typing", {"conversation": talk})
    await ann.command("message.react", {"conversation": talk, "seq": 1 + 2, "emoji": "👋", "on": True})
    await cho.see(message(talk, "among us 19"))
    for tab in tabs:
        gone = await tab.see(lambda event: event["type"] == "private" and event["data"].get("gone") == [talk])
        assert gone["feed"] == f"u:{tab.user}"
        await tab.settled()
        last = tab.of(f"c:{talk}")[-1]
        assert last["type"] == "message" and fact(last)["code"] == how and last["number"] == cursor + 1
        assert not [event for event in tab.events if event["type"] in ("typing", "receipts")]
        for command, data in (
            ("feed.resume", {"feed": f"c:{talk}", "after": cursor}),
            ("conversation.open", {"conversation": talk}),
            ("message.send", {"conversation": talk, "client_id": "too-late-now", "body": "x"}),
            ("message.react", {"conversation": talk, "seq": 1, "emoji": "👍", "on": True}),
            ("conversation.read", {"conversation": talk, "seq": 1}),
            ("conversation.typing", {"conversation": talk}),
            ("draft.save", {"conversation": talk, "body": "x"}),
            ("group.add", {"conversation": talk, "users": [tab.user]}),
        ):
            assert await tab.refused(command, data) == "not_found", command
    back = await join("ben", hello={"cursors": {f"u:{tabs[0].user}": gone["number"], f"c:{talk}": cursor}})
    assert back.snapshot["gone"] == [talk] and not back.of(f"c:{talk}")
    assert site.browser("ben").request("GET", f"/api/conversations/{talk}/messages")[0] == 404


async def test_who_comes_back_hears_again(site: Site, join: Join, group) -> None:
    talk = await group("ann", "ben")
    ann, ben = await join("ann"), await join("ben", server=1)
    for _ in range(5):
        await ann.command("group.remove", {"conversation": talk, "user": ben.user})
        await ann.command("group.add", {"conversation": talk, "users": [ben.user]})
    head = (await ann.say(talk, "back"))["change"]

    def heard(event: dict) -> bool:
        return event.get("feed") == f"c:{talk}" and event["number"] >= head

    await ben.see(heard)
    await ann.say(talk, "again")
    await ben.see(message(talk, "again"))


async def test_roles_and_names(site: Site, join: Join, group) -> None:
    talk = await group("ann", "ben", "cho")
    ann, ben, cho = await join("ann"), await join("ben", 1), await join("cho")
    assert await ben.refused("group.rename", {"conversation": talk, "name": "Mine"}) == "not_allowed"
    await ann.command("group.role", {"conversation": talk, "user": ben.user, "role": "manager"})
    private = await ben.see(kind("private"))
    assert private["data"]["conversations"][0]["role"] == "manager"
    name = f"Ours {site.shape}"
    await ben.command("group.rename", {"conversation": talk, "name": name})
    event = await cho.see(lambda event: event["type"] == "message" and "renamed" in event["data"]["body"])
    assert fact(event) == {"code": "renamed", "name": name}
    assert await ann.refused("group.leave", {"conversation": talk}) == "transfer_first"
    await ann.command("group.role", {"conversation": talk, "user": cho.user, "role": "master"})
    await ann.see(lambda e: e["type"] == "private" and e["data"]["conversations"][0]["role"] == "manager")
    await ann.command("group.leave", {"conversation": talk})
    await asyncio.gather(ben.settled(), cho.settled())
    members = site.browser("ben").api(f"conversations/{talk}/members")["members"]
    assert {m["id"]: m["role"] for m in members} == {ben.user: "manager", cho.user: "master"}


async def test_a_group_ends_for_all_its_members(site: Site, join: Join, group) -> None:
    talk = await group("ann", "ben", "cho")
    ann, tabs = await join("ann"), [await join("ben", 0), await join("ben", 1), await join("cho", 1)]
    await tabs[0].command("conversation.open", {"conversation": talk})
    cursor = (await ann.say(talk, "all here"))["change"]
    for tab in tabs:
        await tab.see(message(talk, "all here"))
    assert await tabs[0].refused("group.dissolve", {"conversation": talk}) == "not_allowed"
    start = monotonic()
    await ann.command("group.dissolve", {"conversation": talk})
    for tab in (ann, *tabs):
        await tab.see(lambda event: event["type"] == "private" and event["data"].get("gone") == [talk])
        await tab.settled()
        last = tab.of(f"c:{talk}")[-1]
        assert fact(last) == {"code": "dissolved"} and last["number"] == cursor + 1
        for command in ("conversation.open", "group.join", "group.leave", "conversation.typing"):
            assert await tab.refused(command, {"conversation": talk}) == "not_found", command
        assert await tab.refused("feed.resume", {"feed": f"c:{talk}", "after": 0}) == "not_found"
    assert monotonic() - start < 2
    assert site.browser("ben").request("GET", f"/api/conversations/{talk}/messages")[0] == 404


async def test_a_request_waits_for_who_is_away_and_the_answer_for_who_asked(site: Site, join: Join, group) -> None:
    talk = await group("ann", "ben")
    ann = await join("ann")
    await ann.command("group.settings", {"conversation": talk, "join_policy": "request", "discoverable": True})
    await ann.command("group.role", {"conversation": talk, "user": site.people["ben"], "role": "manager"})
    dan = await join("dan", server=1)
    assert await dan.command("group.join", {"conversation": talk, "words": "请让我加入"}) == {"joined": False}
    told = await ann.see(lambda event: event["type"] == "private" and "joining" in event["data"])
    assert [person["username"] for person in told["data"]["people"]] == ["dan"]
    ben = await join("ben", server=1)  # was not here
    [request] = [row for row in ben.snapshot["joining"]["requests"] if row["conversation"] == talk]
    assert (request["user"], request["words"]) == (dan.user, "请让我加入")
    assert dan.user in {person["id"] for person in ben.snapshot["people"]}
    dan.transport.abort()
    await dan.closed
    await ben.command("request.answer", {"request": request["id"], "accept": False, "reason": "人满了"})
    await ann.see(
        lambda event: event["type"] == "private" and event["data"].get("joining", {"requests": 1})["requests"] == []
    )
    back = await join("dan")
    [answer] = [row for row in back.snapshot["joining"]["told"] if row["conversation"] == talk]
    assert (answer["accepted"], answer["reason"], answer["user"]) == (False, "人满了", ben.user)
    await back.command("joining.dismiss", {"kind": "request", "id": answer["id"]})
    assert talk not in {c["id"] for c in back.snapshot["conversations"]}
