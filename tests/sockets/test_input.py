"""What clients should not send: refused in order, with one answer, and the connection goes on. Only exact origins come in (C21)."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from typing import Any

import pytest

from bench.client import BINARY, TEXT, ClosedError, frame
from core import registry
from realtime.own import OWN
from tests.sockets.conftest import Join
from tests.sockets.peer import Peer
from tests.sockets.sites import Site


async def upgrade(port: int, cookie: str, host: str, origin: str | None) -> int:
    """The status that a handshake is answered with."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = ["GET /ws/ HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade"]
    lines += ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", f"Cookie: {cookie}"]
    if origin is not None:
        lines.append(f"Origin: {origin}")
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    status = int((await reader.readline()).split()[1])
    writer.close()
    return status


async def test_only_the_exact_origin(site: Site) -> None:
    port, cookie = site.servers[0].port, (await asyncio.to_thread(site.browser, "ann")).cookie
    own = f"127.0.0.1:{port}"
    for host in (own, f"localhost:{port}"):
        assert await upgrade(port, cookie, host, f"http://{host}") == 101
    wrong = [
        "http://evil.example",
        f"http://evil.example:{port}",
        f"http://127.0.0.1:{port + 1}",
        "http://127.0.0.1",
        f"https://{own}",
        f"ws://{own}",
        f"http://sub.{own}",
        f"http://{own}.evil.example",
        f"http://{own}/",
        f"http://{own}@evil.example",
        f"http://localhost:{port}",
        f"http://{own}, http://evil.example",
        own,
        "null",
        "",
        None,
    ]
    for origin in wrong:
        assert await upgrade(port, cookie, own, origin) == 403, origin
    assert await upgrade(port, cookie, f"localhost:{port}", f"http://sub.localhost:{port}") == 403
    assert await upgrade(port, cookie, "evil.example", "http://evil.example") == 403


MALFORMED = [
    "",
    " ",
    "{",
    "[]",
    "null",
    "12",
    '"ping"',
    "{}",
    '{"type": 5}',
    '{"type": null, "ref": 1}',
    '{"ref": 1}',
    '{"type": "ping", "data": NaN}',
    '{"type": "ping", "data": {"a": Infinity}}',
    "[" * 30_000,
    '{"type":' * 8_000,
    '{"type": "ping", "data": ' + "[" * 20_000 + "]" * 20_000 + "}",
    '{"type": "ping", "ref": ' + "9" * 5_000 + "}",
    '{"type": "ping"} {"type": "ping"}',
    "\x00",
]


@pytest.mark.parametrize("text", MALFORMED, ids=[text[:16].strip() or "blank" for text in MALFORMED])
async def test_malformed_frames(join: Join, text: str) -> None:
    ann = await join("ann")
    since = len(ann.events)
    ann.transport.write(frame(text.encode()))
    await ann.settled()
    errors = [event for event in ann.events[since:] if event["type"] == "reply"]
    assert [error["error"]["code"] for error in errors] == ["bad_request"]
    assert errors[0]["ref"] is None and errors[0]["error"]["message"]


async def test_unknown_commands_and_refs(join: Join, site: Site) -> None:
    ann = await join("ann")
    for name in ("", "no.such", "__class__", "message", "HELLO", "x" * 50_000, "message.send\x00", "reply"):
        assert await ann.refused(name, {}) == "bad_request"
    since = len(ann.events)
    for ref in ("1", 1.5, True, None, [1], 10**30, {}):
        ann.transport.write(frame(json.dumps({"type": "ping", "ref": ref, "data": {}}).encode()))
    await ann.settled()
    assert [(event["ref"], event["ok"]) for event in ann.events[since:] if event["type"] == "reply"] == [
        (None, True)
    ] * 7


async def test_frames_that_are_no_text_or_too_large(join: Join, site: Site) -> None:
    ann = await join("ann")
    ann.transport.write(frame(b'{"type":"ping"}', BINARY))
    await ann.see(lambda event: event["type"] == "reply" and not event["ok"])
    data = {"conversation": site.everyone, "client_id": "large-enough", "body": "x" * 60_000}
    assert await ann.refused("message.send", data) == "too_long"
    largest = json.dumps({"type": "ping", "ref": 77, "data": {}}).encode()
    ann.transport.write(frame(largest + b" " * (64 * 1024 - len(largest))))
    await ann.see(lambda event: event["type"] == "reply" and event["ref"] == 77)
    ann.transport.write(frame(largest + b" " * (64 * 1024 - len(largest) + 1)))
    assert await ann.ended() == 1009
    wrong = await join("ann")
    wrong.transport.write(frame(b'{"type":"ping","data":"\xff\xfe"}', TEXT))
    assert await wrong.ended() == 1007


async def test_who_only_errs_is_put_out(join: Join) -> None:
    ann = await join("ann")
    while not ann.closed.done() and len(ann.events) < 300:
        ann.transport.write(frame(b"{"))
        with contextlib.suppress(ClosedError):
            await ann.see(lambda event: event["type"] == "reply", since=len(ann.events))
    assert await ann.ended() == 4008 and 200 <= len(ann.events) < 290


JUNK: list[Any] = [
    None, True, 0, -1, 1.0, 1e300, 2**53, 2**63, 2**64, "", "1", "\x00", "\ud800", "x" * 20_000, [], [[]], [None], {}, {"id": 1}, "' OR 1=1 --",
]  # fmt: skip


def valid(site: Site, talk: int) -> dict[str, dict[str, Any]]:
    """Good data for each command, as far as it does not go away with itself."""
    where, user = {"conversation": talk}, site.people["ben"]
    return {
        "ping": {},
        "hello": {"cursors": {}, "heads": {}, "device": "computer"},
        "feed.resume": {"feed": f"c:{talk}", "after": 0},
        "conversation.open": where,
        "presence.set": {"state": "online"},
        "message.send": {**where, "client_id": "junk-junk-junk", "body": "x", "reply_to": 1, "files": []},
        "message.edit": {**where, "seq": 3, "body": "y"},
        "message.recall": {**where, "seq": 3},
        "message.react": {**where, "seq": 3, "emoji": "👍", "on": True},
        "message.pin": {**where, "seq": 3, "on": True},
        "message.forward": {**where, "seq": 3, "to": talk, "client_id": "junk-junk-junk"},
        "message.readers": {**where, "seq": 3},
        "message.report": {**where, "seq": 3, "reason": "spam", "words": "Quảng cáo 广告"},
        "file.offer": {**where, "client_id": "junk-junk-junk", "name": "x.pdf", "size": 1},
        "offer.answer": {**where, "seq": 3, "accept": True},
        "offer.withdraw": {**where, "seq": 3},
        "mailing.send": {"client_id": "junk-junk-junk", "users": [user], "body": "x"},
        "mailing.list": {},
        "mailing.status": {"mailing": 1},
        "conversation.clear": {**where, "seq": 1},
        "conversation.read": {**where, "seq": 1},
        "conversation.pin": {**where, "on": True},
        "conversation.level": {**where, "level": "none"},
        "conversation.typing": where,
        "draft.save": {**where, "body": "x"},
        "direct.open": {"user": user},
        "group.create": {"name": "Junk", "users": [user]},
        "group.add": {**where, "users": [user]},
        "group.remove": {**where, "user": user},
        "group.role": {**where, "user": user, "role": "manager"},
        "group.rename": {**where, "name": "Junk"},
        "group.leave": where,
        "group.dissolve": where,
        "group.join": {**where, "words": "x"},
        "group.invite": {**where, "users": [user]},
        "group.mute": {**where, "user": user, "minutes": 5},
        "group.settings": {**where, "slow_mode": 5, "posting": "all"},
        "group.notice": {**where, "notice": "x"},
        "request.answer": {"request": 1, "accept": True, "reason": "x"},
        "request.withdraw": {"request": 1},
        "invitation.list": where,
        "invitation.answer": {"invitation": 1, "accept": True},
        "invitation.withdraw": {"invitation": 1},
        "joining.dismiss": {"kind": "request", "id": 1},
        "options.save": {"options": {"look_back": 50}},
        "friend.request": {"user": user, "words": "x"},
        **{f"friend.{name}": {"user": user} for name in ("withdraw", "accept", "refuse", "remove")},
        "block.add": {"user": user},
        "block.remove": {"user": user},
        "invite.make": {**where, "days": 1, "max_uses": 3},
        "invite.list": where,
        "invite.revoke": {**where, "invite": 1},
        "table.open": {**where, "preset": "family", "options": {"last": 1}},
        "table.follow": {"table": 1},
        "table.unfollow": {"table": 1},
        "table.act": {
            "table": 1,
            "client_id": "junk-junk-junk",
            "kind": "play",
            "cards": [0],
            "seat": 1,
            "options": {},
        },
    }


async def test_type_confusion_of_every_command(site: Site, join: Join, group) -> None:
    talk = await group("ann", "ben")
    commands = valid(site, talk)
    assert set(commands) == {*registry.commands, *OWN}
    for name, data in commands.items():
        ann = await join("ann")
        await ann.say(talk, "something")
        tries: list[Any] = [{**data, field: junk} for field in data for junk in JUNK]
        tries += [{**data, "user_id": 1}, {**data, "__proto__": {}}, *JUNK]
        tries += [{key: value for key, value in data.items() if key != field} for field in data]
        for answers in await asyncio.gather(*(verdicts(ann, name, part) for part in (tries[::2], tries[1::2]))):
            assert "server_error" not in answers, (name, answers)
        await ann.settled()
        ann.close()


ACTS: list[dict[str, Any]] = [
    {"cards": cards} for cards in ([], [52], [-1], [0.0], ["0"], [None], [True], [[0]], [2**63], [0, 0], list(range(13)), list(range(14)), "0", {"0": 1}, None)
] + [
    {"kind": kind} for kind in ("", "PLAY", "tick", "timeout", "close\x00", "cancel", "leave", "deal", None, 1, ["play"])
] + [
    {"seq": -1}, {"seq": 2**63}, {"seq": "1"}, {"seat": 4}, {"seat": -1}, {"kind": "sit", "seat": 1.5}, {"table": 0}, {"table": -1}, {"table": 2**63},
    {"client_id": ""}, {"client_id": "x" * 65}, {"kind": "ready", "text": "x" * 65}, {"kind": "vote", "what": "win"}, {"kind": "say", "phrase": "x" * 17},
    {"kind": "set", "options": {"last": -1}}, {"kind": "set", "options": {"last": 1e9}}, {"kind": "set", "options": {"x" * 33: 1}},
    {"kind": "set", "preset": "poker"}, {"kind": "unseat", "user": -1},
    {"hand": [0]}, {"user_id": 1}, {"seed": "0" * 64}, {"deck": list(range(52))}, {"by_server": True},
]  # fmt: skip


async def test_junk_in_a_match_and_a_frame_of_ten_megabytes(site: Site, join: Join, group) -> None:
    talk = await group("dan", "eva")
    players = [await join(name) for name in ("dan", "eva")]
    dan, eva = players
    table = (await dan.command("table.open", {"conversation": talk, "options": {"instant": []}}))["table"]
    act = {"table": table, "seq": 2**40}
    ids = (f"junk-at-a-table-{site.shape}-{number:04}" for number in itertools.count())
    for peer, kind in ((eva, "sit"), (eva, "ready"), (dan, "ready"), (dan, "start")):
        await peer.command("table.act", {**act, "kind": kind, "client_id": next(ids)})

    async def held(peer: Peer) -> tuple[Any, Any, Any]:
        found = await peer.command("table.follow", {"table": table})
        return found["hand"], found["view"]["game"]["counts"], found["view"]["game"]["number"]

    before = [await held(peer) for peer in players]
    assert [len(hand) for hand, *_ in before] == [13, 13] and before[0][2] == 0
    for number, junk in enumerate(ACTS):
        data = {**act, "kind": "play", "cards": [], "client_id": next(ids), **junk}
        assert await players[number % 2].refused("table.act", data) != "server_error", junk
    large = json.dumps(
        {"type": "table.act", "ref": 1, "data": {**act, "kind": "play", "client_id": next(ids)}}
    ).encode()
    dan.transport.write(frame(large[:-2] + b', "cards": [' + b"0," * 5_000_000 + b"0]}}"))
    assert await dan.ended(20) == 1009
    dan = await join("dan")
    assert [await held(peer) for peer in (dan, eva)] == before
    lead, lowest = min(
        ((peer, min(hand)) for peer, (hand, *_) in zip((dan, eva), before, strict=True)), key=lambda of: of[1]
    )
    answer = await lead.command("table.act", {**act, "kind": "play", "cards": [lowest], "client_id": next(ids)})
    assert answer["done"] and lowest not in answer["hand"]
    await dan.command("table.act", {**act, "kind": "close", "client_id": next(ids)})


async def verdicts(peer: Peer, name: str, tries: list[Any]) -> list[str]:
    """The codes of the answers, one for each."""
    replies = [await peer.ask(name, data) for data in tries]
    return ["ok" if reply["ok"] else reply["error"]["code"] for reply in replies]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "blank"),
        (" \n\t\u3000", "blank"),
        ("\u200b\u200d", "blank"),
        ("a\x00b", "bad_text"),
        ("a\ud800b", "bad_text"),
        ("x" * 10_001, "too_long"),
    ],
)
async def test_texts_that_cannot_be_sent(site: Site, join: Join, body: str, code: str) -> None:
    ann = await join("ann")
    data = {"conversation": site.everyone, "client_id": "text-to-refuse", "body": body}
    raw = json.dumps({"type": "message.send", "ref": 500, "data": data}).encode()
    ann.transport.write(frame(raw))
    reply = await ann.see(lambda event: event["type"] == "reply" and event["ref"] == 500)
    assert reply["error"]["code"] == code and reply["error"]["message"]
    status, answer = site.browser("ann").command("message.send", **data)
    assert status == 400 and answer["error"]["code"] == code
    await ann.settled()
    assert not [event for event in ann.events if event["type"] == "message"]
    longest = {**data, "client_id": f"longest-{code}-{site.shape}-{len(body)}", "body": "x" * 10_000}
    assert (await ann.command("message.send", longest))["seq"]
