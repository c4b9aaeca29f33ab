"""The fast path and the limits of the WebSocket protocol, over real connections."""

import contextlib
import socket
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from chatroom.serving.websocket_protocol import WebSocketProtocol
from chatroom.tests import live as running
from chatroom.tests.live import Live, wait_for
from realtime.frames import frame_text


class Brisk(WebSocketProtocol):
    """Does not wait long for those it refuses."""

    linger = 0.2


def live() -> contextlib.AbstractContextManager[Live]:
    """A server for the tests below."""
    return running.live(ws=Brisk)


@contextlib.contextmanager
def client(server: Live) -> Iterator[ClientConnection]:
    """An open socket."""
    with connect(f"ws://127.0.0.1:{server.port}/ws/", max_size=None, compression=None, close_timeout=1) as opened:
        yield opened


def closed_with(opened: ClientConnection) -> int:
    """The close code the server sends."""
    with pytest.raises(ConnectionClosed) as caught:
        while True:
            opened.recv(timeout=5)
    assert caught.value.rcvd
    return caught.value.rcvd.code


def test_frames_of_every_length() -> None:
    with live() as server, client(server) as opened:
        wait_for(lambda: server.app.transports)
        transport = server.app.transports[0]
        for size in (0, 1, 125, 126, 65_535, 65_536, 200_000):
            text = "ă" * (size // 2) + "x" * (size % 2)
            transport.loop.call_soon_threadsafe(transport.send_frame, frame_text(text.encode()))
            assert opened.recv(timeout=5) == text


def test_echo_and_close() -> None:
    with live() as server:
        with client(server) as opened:
            opened.send("xin chào 你好")
            assert opened.recv(timeout=5) == "xin chào 你好"
        wait_for(lambda: server.app.received[-1]["type"] == "websocket.disconnect")
        assert server.app.transports[0].send_frame(frame_text(b"late")) is False


def test_a_large_frame_closes_with_1009() -> None:
    with live() as server, client(server) as opened:
        opened.send("x" * 65_536)
        assert len(opened.recv(timeout=5)) == 65_536
        opened.send("x" * 65_537)
        assert closed_with(opened) == 1009


def test_many_fragments_close_with_1009() -> None:
    with live() as server, client(server) as opened:
        opened.send(iter(["a", "b", "c"]))
        assert opened.recv(timeout=5) == "abc"
        with contextlib.suppress(ConnectionClosed):
            opened.send(iter([""] * 200))
        assert closed_with(opened) == 1009


def test_a_flood_of_pings_closes_with_4008() -> None:
    with live() as server, client(server) as opened:
        assert opened.ping().wait(5)
        with contextlib.suppress(ConnectionClosed):
            for _ in range(200):
                opened.ping()
        assert closed_with(opened) == 4008


def test_bad_text_closes_with_1007() -> None:
    with live() as server, client(server) as opened:
        opened.send(b"\xff\xfe", text=True)
        assert closed_with(opened) == 1007


def test_a_reader_that_stalls_shows_and_can_be_aborted() -> None:
    with live() as server, socket.socket() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.connect(("127.0.0.1", server.port))
        raw.sendall(
            b"GET /ws/ HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        wait_for(lambda: server.app.transports)
        transport, frame = server.app.transports[0], frame_text(b"x" * 1000)
        assert transport.writable
        sent = 0
        while transport.writable:
            transport.loop.call_soon_threadsafe(transport.send_frame, frame)
            sent += 1
            assert sent < 100_000
        assert transport.buffered() > 0
        transport.loop.call_soon_threadsafe(transport.abort)
        wait_for(lambda: not server.server.server_state.connections)
        wait_for(lambda: server.app.received)


def test_the_end_of_the_server_closes_with_1012() -> None:
    with live() as server, client(server) as opened:
        wait_for(lambda: server.app.transports)
        server.server.should_exit = True
        assert closed_with(opened) == 1012
