"""The spies of the site hear what they may, ask for what they may not, and would be found out (C3)."""

from __future__ import annotations

from tests.sockets.conftest import Join
from tests.sockets.peer import kind, message
from tests.sockets.sites import Site


async def test_spies_hear_everyone_and_nothing_else(site: Site, join: Join, group) -> None:
    talk = await group("ann", "ben")
    ann, ben = await join("ann"), await join("ben", 1)
    await ben.command("conversation.open", {"conversation": talk})
    for conversation in (site.everyone, talk):
        await ann.say(conversation, f"for whom it is {conversation}")
        await ann.command("conversation.typing", {"conversation": conversation})
    await ben.see(kind("typing", conversation=talk))
    for spy in site.spies:
        await spy.see(message(site.everyone, f"for whom it is {site.everyone}"))
        await spy.see(kind("typing", conversation=site.everyone))
        listed = next(event for event in spy.events if event["type"] == "ready")["data"]["conversations"]
        assert [conversation["id"] for conversation in listed] == [site.everyone]
        for command, data in (
            ("feed.resume", {"feed": f"c:{talk}", "after": 0}),
            ("feed.resume", {"feed": f"u:{ann.user}", "after": 0}),
            ("conversation.open", {"conversation": talk}),
            ("conversation.typing", {"conversation": talk}),
            ("conversation.read", {"conversation": talk, "seq": 1}),
            ("draft.save", {"conversation": talk, "body": "mine"}),
            ("message.send", {"conversation": talk, "client_id": f"from-a-spy-{talk}", "body": "x"}),
            (
                "message.send",
                {"conversation": site.everyone, "client_id": f"quoting-{talk}", "body": "x", "reply_to": 10**9},
            ),
            ("message.edit", {"conversation": talk, "seq": 1, "body": "x"}),
            ("message.recall", {"conversation": talk, "seq": 1}),
            ("message.react", {"conversation": talk, "seq": 1, "emoji": "👍", "on": True}),
            ("group.add", {"conversation": talk, "users": [spy.user]}),
            ("group.remove", {"conversation": talk, "user": ann.user}),
            ("group.role", {"conversation": talk, "user": spy.user, "role": "master"}),
            ("group.rename", {"conversation": talk, "name": "Stolen"}),
            ("group.leave", {"conversation": talk}),
        ):
            assert await spy.refused(command, data) == "not_found", command
    assert site.betrayed() == []
    browser = site.browser("spy")
    for path in ("messages", "messages?around=1", "members"):
        assert browser.request("GET", f"/api/conversations/{talk}/{path}")[0] == 404


async def test_a_spy_who_hears_too_much_is_found_out(site: Site, join: Join, group) -> None:
    talk = await group("ann", "ben")
    ben, ann = await join("ben", hello=False), await join("ann")
    user = site.people["ben"]
    await ben.hello()
    await ben.command("conversation.open", {"conversation": talk})
    await ann.say(talk, "secret")
    await ann.command("conversation.typing", {"conversation": talk})
    await ann.command("group.rename", {"conversation": talk, "name": f"Secret {site.shape}"})
    await ann.command("group.role", {"conversation": talk, "user": user, "role": "manager"})
    await ben.see(kind("private"))
    told = [event for event in ben.events if event["type"] in ("ready", "message", "typing", "private")]
    assert {event["type"] for event in told} == {"ready", "message", "typing", "private"}
    assert all(site.names_others(event) for event in told)
    news = {"type": "presence", "data": {"people": [{"id": user, "presence": "online", "last_seen": None}]}}
    assert site.names_others(news)
