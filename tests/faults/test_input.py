"""C21 and C22: handshakes from other pages, and commands that make no sense."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from typing import Any

import pytest
import uvloop
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bench.client import BINARY, CLOSE, PING, TEXT, Address, Client, HandshakeError, connect, frame, run
from bench.server import Load, Server

COMMANDS = [
    "hello", "ping", "feed.resume", "message.send", "message.edit", "message.recall", "message.react", "message.report",
    "conversation.read", "conversation.open", "conversation.pin", "conversation.level", "conversation.typing",
    "draft.save", "direct.open", "group.create", "group.add", "group.remove", "group.rename", "group.leave",
    "presence.set", "options.save", "group.join", "group.invite", "group.settings", "group.mute", "group.notice", "group.dissolve",
    "request.answer", "request.withdraw", "invitation.answer", "invitation.withdraw", "invitation.list", "joining.dismiss",
    "file.offer", "offer.answer", "offer.withdraw", "table.open", "table.follow", "table.unfollow", "table.act",
    "websocket.disconnect", "http.request", "reply", "",
]  # fmt: skip
FIELDS = [
    "conversation", "client_id", "body", "seq", "reply_to", "emoji", "on", "user", "users", "name", "feed", "after", "cursors", "state",
    "options", "role", "level", "sender", "is_staff", "created_at", "type", "__class__",
    "words", "request", "accept", "reason", "invitation", "kind", "id", "minutes", "join_policy", "posting", "slow_mode", "notice",
    "files", "size", "table", "cards", "seat", "text", "what", "phrase", "preset",
]  # fmt: skip


def origins(port: int) -> dict[str, tuple[str | None, bool]]:
    """Origin -> may it come in."""
    return {
        "own": (f"http://127.0.0.1:{port}", True),
        "other host": ("http://evil.example", False),
        "other host, same port": (f"http://evil.example:{port}", False),
        "other port": (f"http://127.0.0.1:{port + 1}", False),
        "no port": ("http://127.0.0.1", False),
        "other scheme": (f"https://127.0.0.1:{port}", False),
        "other name of this host": (f"http://localhost:{port}", False),
        "sub-domain": (f"http://evil.127.0.0.1:{port}", False),
        "host as prefix": (f"http://127.0.0.1:{port}.evil.example", False),
        "user part": (f"http://127.0.0.1:{port}@evil.example", False),
        "path": (f"http://127.0.0.1:{port}/", False),
        "null": ("null", False),
        "empty": (" ", False),
        "none": (None, False),
    }


def test_c21_origins(shared: tuple[Server, Load]) -> None:
    """Only the page's own origin may open the socket; all others get 403 before anything else."""
    server, load = shared

    async def scenario() -> None:
        for name, (origin, allowed) in origins(server.port).items():
            address = dataclasses.replace(Address(server.port), origin=origin)
            try:
                client = await connect(Client, address, load.cookies[0])
            except HandshakeError as refused:
                assert not allowed, name
                assert refused.status == 403, name
            else:
                assert allowed, name
                assert (await client.hello())["me"]["id"] == load.users[0]

    run(scenario())


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False), st.text(max_size=40),
    st.sampled_from(["\x00", "", " ", "a" * 300, "‮", "1e999", "c:1", "u:1", "c:-1", "c:999999999999999999999", "c:x", "🀄", "load-0001"]),
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
    max_leaves=12,
)
data = st.dictionaries(st.sampled_from(FIELDS), values, max_size=6) | values
refs = st.one_of(st.none(), st.integers(0, 2**53), values)
envelopes = st.one_of(
    st.fixed_dictionaries({"type": st.sampled_from(COMMANDS), "data": data}, optional={"ref": refs, "extra": values}),
    st.fixed_dictionaries({}, optional={"type": values, "data": values, "ref": refs}),
    values,
)
raw = st.one_of(
    envelopes.map(lambda value: json.dumps(value).encode()),
    st.binary(max_size=60),
    st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from(
        [
            b"[" * 20_000,
            b'{"a":' * 9_000,
            b'{"type":NaN}',
            b'{"type":"ping","ref":1,"data":{}}x',
            b'"\\ud800"',
            b"1" * 5_000,
            b"\xff\xfe",
        ]
    ),
)
opcodes = st.sampled_from([TEXT] * 20 + [BINARY, PING, 0x8A, 0x01, 0x83, 0xC1])


class Fuzzer:
    """One socket that sends nonsense, opened again when the server closes it."""

    def __init__(self, runner: asyncio.Runner, server: Server, load: Load) -> None:
        self.runner, self.server, self.load = runner, server, load
        self.client: Client | None = None
        self.reopened = self.frames = 0
        self.codes: set[int] = set()

    def send(self, payload: bytes, first: int) -> None:
        """One frame; then a ping must be answered or the close must be a proper one."""
        self.frames += 1
        self.runner.run(self._send(payload, first))

    async def _send(self, payload: bytes, first: int) -> None:
        if self.client is None or self.client.closed.done():
            self.client = await connect(
                Client, self.server.address, self.load.cookies[self.reopened % len(self.load.cookies)]
            )
            await self.client.hello()
            self.reopened += 1
        client = self.client
        client.transport.write(frame(payload, first))
        pong = asyncio.ensure_future(client.ask("ping", {}, 10))
        await asyncio.wait([pong, client.closed], return_when=asyncio.FIRST_COMPLETED)
        if pong.done() and not pong.exception():
            assert pong.result()["type"] == "reply"
        else:
            code = await asyncio.wait_for(client.closed, 10)
            self.codes.add(code)
            assert code in {1000, 1002, 1003, 1007, 1009, 4008}, f"closed with {code} after {payload[:200]!r}"
        for event in client.events:
            check_answer(event)
        client.events.clear()
        if first == CLOSE:
            self.client = None


def check_answer(event: dict[str, Any]) -> None:
    """An error is structured and tells nothing of the inside."""
    if event["type"] == "reply" and not event["ok"]:
        assert set(event["error"]) == {"code", "message"}, event
        assert event["error"]["code"] != "server_error", event
        assert "Traceback" not in event["error"]["message"] and "Error" not in event["error"]["message"], event


@pytest.mark.timeout(900)
def test_c22_nonsense(shared: tuple[Server, Load], full: bool) -> None:
    """Wrong types, wrong forms, wrong frames: a structured error or a proper close; no traceback; the process lives."""
    server, load = shared
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        fuzzer = Fuzzer(runner, server, load)

        @settings(
            max_examples=10_000 if full else 600, deadline=None, derandomize=not full, database=None,
            suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate],
        )  # fmt: skip
        @given(raw, opcodes)
        def nonsense(payload: bytes, first: int) -> None:
            fuzzer.send(payload, first)

        nonsense()
        assert fuzzer.frames >= (10_000 if full else 600)
        assert server.process.popen.poll() is None
        fuzzer.send(b'{"type":"ping","ref":5,"data":{}}', TEXT)
    log = server.log.read_text()
    assert "Traceback" not in log, log[-4000:]
