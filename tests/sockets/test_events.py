"""Facts reach every member once, in order; what is private reaches one person's devices."""

from __future__ import annotations

import asyncio
import json

from tests.sockets.conftest import Join
from tests.sockets.peer import Peer, client_ids, kind, message
from tests.sockets.sites import Site


async def test_events_in_order_with_prev_and_number(site: Site, join: Join, group) -> None:
    talk = await group("ann", "ben", "cho")
    peers = [await join(name, server) for name in ("ann", "ben", "cho") for server in (0, 1)]
    start = next(c["last_change"] for c in peers[0].snapshot["conversations"] if c["id"] == talk)
    for number in range(20):
        await peers[number % 6].say(talk, f"line {number}")
    for peer in peers:
        await peer.see(message(talk, "line 19"))
        events = peer.of(f"c:{talk}")
        assert [event["number"] for event in events] == list(range(start + 1, start + 21))
        assert [event["prev"] for event in events] == list(range(start, start + 20))
        assert peer.bodies(talk) == [f"line {number}" for number in range(20)]
    assert len({json.dumps(peer.of(f"c:{talk}")) for peer in peers}) == 1


async def test_reply_and_event_say_the_same(site: Site, join: Join, group) -> None:
    talk = await group("ann", "ben")
    ann, tab = await join("ann"), await join("ann", server=1)
    data = {"conversation": talk, "client_id": next(client_ids), "body": "  Hello *there*\r\n"}
    reply = await ann.command("message.send", data)
    for peer in (ann, tab):
        event = await peer.see(message(talk, client_id=data["client_id"]))
        assert {name: event["data"][name] for name in reply} == reply
        assert event["number"] == reply["change"] and event["data"]["sender"] == ann.user
        assert event["data"]["body"] == "Hello *there*" and event["data"]["html"] == "<p>Hello <em>there</em></p>"
    assert await tab.command("message.send", data) == reply
    assert await tab.refused("message.send", {**data, "body": "other"}) == "client_id_reused"
    await asyncio.gather(ann.settled(), tab.settled())
    assert len(ann.bodies(talk)) == len(tab.bodies(talk)) == 1
    assert site.browser("ann").history(talk)[-1] == event["data"]


async def test_a_burst_arrives_complete_and_in_order(site: Site, join: Join, group, full: bool) -> None:
    count, names = 2000 if full else 500, ("ann", "ben", "cho", "dan", "eva")
    talk = await group(*names)
    peers = [await join(names[number % 5], number) for number in range(50)]
    senders = peers[:5]
    for peer in peers[5:]:
        peer.aside = []

    async def send(peer, own: int) -> list[dict]:
        return await asyncio.gather(*(peer.say(talk, f"{own} {number}") for number in range(count // 5)))

    replies = await asyncio.gather(*(send(peer, own) for own, peer in enumerate(senders)))
    last = max(reply["change"] for some in replies for reply in some)
    assert len({reply["seq"] for some in replies for reply in some}) == count
    async with asyncio.timeout(60):
        while any(len(peer.aside) < count for peer in peers[5:]):
            await asyncio.sleep(0.05)
    for peer in peers:
        peer.read_aside()
        await peer.see(lambda event: event["type"] == "message" and event["number"] == last, 60)
        # What a socket's own process had not heard of when it came may follow its snapshot: old numbers, which clients ignore
        events = [event for event in peer.of(f"c:{talk}") if event["number"] > last - count]
        assert [event["number"] for event in events] == list(range(last - count + 1, last + 1))
        assert [event["prev"] + 1 for event in events] == [event["number"] for event in events]
        for own in range(5):
            mine = [body for body in peer.bodies(talk) if body.startswith(f"{own} ")]
            assert mine == [f"{own} {number}" for number in range(count // 5)]


async def test_changes_are_upserts(site: Site, join: Join, group) -> None:
    talk = await group("ann", "ben")
    ann, ben = await join("ann"), await join("ben", server=1)
    sent = await ann.say(talk, "first")
    reply = await ben.say(talk, "yes", reply_to=sent["seq"])
    where = {"conversation": talk, "seq": sent["seq"]}
    edited = await ann.command("message.edit", {**where, "body": "second"})
    liked = await ben.command("message.react", {**where, "emoji": "👍", "on": True})
    unliked = await ben.command("message.react", {**where, "emoji": "👍", "on": False})
    recalled = await ann.command("message.recall", where)
    changes = [sent["change"], reply["change"], *(done["change"] for done in (edited, liked, unliked, recalled))]
    assert changes == list(range(changes[0], changes[0] + 6))
    for peer in (ann, ben):
        await peer.see(message(talk, change=recalled["change"]))
        versions = [
            event["data"]
            for event in peer.of(f"c:{talk}")
            if event["type"] == "message" and event["data"]["seq"] == sent["seq"]
        ]
        assert [version["body"] for version in versions] == ["first", "second", "second", "second", ""]
        assert [version["reactions"] for version in versions][2] == [{"emoji": "👍", "users": [ben.user]}]
        assert versions[4]["recalled_by"] == ann.user and versions[4]["reactions"] == [] and versions[4]["edited_at"]
    assert await ben.refused("message.edit", {**where, "body": "third"}) == "recalled"
    assert site.browser("ben").history(talk)[-2] == versions[4]


async def test_read_marks_and_receipts(site: Site, join: Join) -> None:
    ann, ben, phone = await join("ann"), await join("ben"), await join("ben", server=1)
    talk = (await ann.command("direct.open", {"user": ben.user}))["id"]
    sent = [await ann.say(talk, f"line {number}") for number in range(3)]
    await ann.command("conversation.open", {"conversation": talk})
    await ben.see(message(talk, "line 2"))
    seq = sent[1]["seq"]
    assert await ben.command("conversation.read", {"conversation": talk, "seq": seq}) == {"read_seq": seq}
    reads = {"conversation": talk, "read_seq": seq, "unread": 1, "mentions": 0, "last_seq": sent[2]["seq"]}
    event = await phone.see(lambda event: event["type"] == "private" and "reads" in event["data"])
    assert event["data"]["reads"] == [reads] and event["prev"] + 1 == event["number"]
    receipts = await ann.see(kind("receipts", conversation=talk))
    assert receipts["data"]["reads"] == [[ben.user, seq]]
    late = await join("ann", server=1)
    await late.command("conversation.open", {"conversation": talk})
    assert (await late.see(kind("receipts", conversation=talk)))["data"] == receipts["data"]
    assert await ben.command("conversation.read", {"conversation": talk, "seq": 1}) == {"read_seq": seq}
    assert (
        next(c for c in site.browser("ann").api("snapshot")["conversations"] if c["id"] == talk)["peer_read_seq"] == seq
    )
    await phone.settled()
    assert len([event for event in phone.events if event["type"] == "private" and "reads" in event["data"]]) == 1
    back = {"conversation": talk, "seq": seq - 1, "back": True}
    assert await ben.command("conversation.read", back) == {"read_seq": seq - 1}
    event = await phone.see(lambda event: event["type"] == "private" and "back" in event["data"].get("reads", [{}])[0])
    assert event["data"]["reads"] == [{**reads, "read_seq": seq - 1, "unread": 2, "back": True}]
    receipts = await ann.see(lambda event: event["type"] == "receipts" and event["data"].get("back"))
    assert receipts["data"] == {"conversation": talk, "reads": [[ben.user, seq - 1]], "back": True}


async def test_receipts_do_not_reach_who_takes_no_part(site: Site, join: Join, group) -> None:
    talk = await group("ann", "ben", "cho")
    ann, ben, cho = await join("ann"), await join("ben"), await join("cho", 1)
    direct = (await ben.command("direct.open", {"user": ann.user}))["id"]
    assert (await ben.command("options.save", {"options": {"receipts": False}}))["options"]["receipts"] is False
    for peer in (ann, ben, cho):
        await peer.command("conversation.open", {"conversation": talk})
    for peer, where in ((cho, talk), (ben, direct)):
        seq = (await peer.say(where, "read me"))["seq"]
        await ann.see(message(where, "read me"))
        await ann.command("conversation.read", {"conversation": where, "seq": seq})
        if where == talk:
            assert (await cho.see(kind("receipts", conversation=talk)))["data"]["reads"] == [[ann.user, seq]]
    await ann.see(  # by now the mark is written, and told to whom it may be told
        lambda event: event["type"] == "private" and event["data"].get("reads", [{}])[0].get("conversation") == direct
    )
    await ann.say(talk, "after all of it")
    await ben.see(message(talk, "after all of it"))
    assert not [event for event in ben.events if event["type"] == "receipts"]


async def test_typing_reaches_tabs_that_show_the_conversation(site: Site, join: Join, group) -> None:
    talk, other = await group("ann", "ben", "cho"), await group("ann", "ben")
    ann, looking, elsewhere, nowhere = await join("ann"), await join("ben", 1), await join("ben"), await join("cho", 1)
    await ann.command("conversation.open", {"conversation": talk})
    assert (await looking.command("conversation.open", {"conversation": talk}))["here"]
    await elsewhere.command("conversation.open", {"conversation": other})
    await ann.command("conversation.typing", {"conversation": talk})
    event = await looking.see(kind("typing"))
    assert event["data"] == {"conversation": talk, "user": ann.user, "name": "Ann"}
    await ann.say(talk, "done")
    for peer in (elsewhere, nowhere, ann):
        await peer.see(message(talk, "done"))
        assert not [event for event in peer.events if event["type"] == "typing"]


async def test_pins_and_levels_reach_the_other_devices_only(site: Site, join: Join, group) -> None:
    talk = await group("ann", "ben")
    ann, phone, ben = await join("ann"), await join("ann", server=1, device="phone"), await join("ben")
    own = {"conversation": talk, "pinned": True, "level": "all", "cleared_seq": 0}
    await ann.command("conversation.pin", {"conversation": talk, "on": True})
    await phone.see(lambda event: event["type"] == "private" and event["data"].get("memberships") == [own])
    await ann.command("conversation.level", {"conversation": talk, "level": "mentions"})
    own["level"] = "mentions"
    await phone.see(lambda event: event["type"] == "private" and event["data"].get("memberships") == [own])
    await ben.settled()
    assert not [event for event in ben.events if event["type"] == "private" and "memberships" in event["data"]]


async def test_drafts_and_options_reach_the_other_devices(site: Site, join: Join, group) -> None:
    talk = await group("ann", "ben")
    ann, phone, ben = await join("ann"), await join("ann", server=1, device="phone"), await join("ben")
    await ann.command("draft.save", {"conversation": talk, "body": "not yet"})
    draft = [{"conversation": talk, "body": "not yet"}]
    await phone.see(lambda event: event["type"] == "private" and event["data"].get("drafts") == draft)
    await ann.command("draft.save", {"conversation": talk, "body": "  "})
    draft = [{"conversation": talk, "body": ""}]
    await phone.see(lambda event: event["type"] == "private" and event["data"].get("drafts") == draft)
    options = (await ann.command("options.save", {"options": {"look_back": 80}}))["options"]
    event = await phone.see(lambda event: event["type"] == "private" and "options" in event["data"], seconds=1)
    assert event["data"]["options"] == options and options["look_back"] == 80
    numbers = [event["number"] for event in phone.of(f"u:{ann.user}")]
    assert numbers == list(range(phone.snapshot["cursor"] + 1, phone.snapshot["cursor"] + 4))
    await ben.settled()
    assert not [event for event in ben.events if event["type"] == "private"]


async def test_nobody_stands_in_anybodys_way(site: Site, join: Join, group) -> None:
    talks = [await group("ann", "ben"), await group("ben", "ann")]
    peers = [await join(name, server) for name in ("ann", "ben") for server in (0, 1)]

    async def act(peer: Peer, number: int) -> list[str]:
        seen = []
        for turn in range(15):
            talk = talks[(turn + number) % 2]
            for command, data in (
                ("options.save", {"options": {"look_back": 20 + (turn * 7 + number) % 90}}),
                ("draft.save", {"conversation": talk, "body": f"draft {turn} {number}"}),
                ("group.rename", {"conversation": talk, "name": f"{site.shape} {turn} {number}"}),
                ("message.send", {"conversation": talk, "client_id": next(client_ids), "body": "on"}),
                ("group.role", {"conversation": talk, "user": peers[2 - number // 2 * 2].user, "role": "manager"}),
            ):
                reply = await peer.ask(command, data)
                seen.append("ok" if reply["ok"] else reply["error"]["code"])
        return seen

    codes = [code for some in await asyncio.gather(*(act(peer, n) for n, peer in enumerate(peers))) for code in some]
    assert set(codes) <= {"ok", "not_allowed", "bad_request", "name_taken"} and codes.count("ok") > 180
