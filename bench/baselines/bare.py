"""The limit: a uvloop loop that writes one ready frame to every socket, and knows nothing else of WebSocket than the handshake."""

import argparse
import asyncio
import base64
import hashlib
from typing import cast

import uvloop

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
sockets: set[asyncio.Transport] = set()
READY: bytes


class Bare(asyncio.Protocol):
    """One socket; any frame from it makes one fan-out to all."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.upgraded = cast(asyncio.Transport, transport), False

    def data_received(self, data: bytes) -> None:
        if self.upgraded:
            for transport in sockets:
                transport.write(READY)
            return
        self.upgraded = True
        sockets.add(self.transport)
        key = data.partition(b"Sec-WebSocket-Key: ")[2].partition(b"\r\n")[0]
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        self.transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )

    def connection_lost(self, exc: Exception | None) -> None:
        sockets.discard(self.transport)


async def main(port: int) -> None:
    """Serves for ever."""
    server = await asyncio.get_running_loop().create_server(Bare, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--size", type=int, required=True)
    options = parser.parse_args()
    text = b'{"type": "message", "data": "' + b"x" * (options.size - 31) + b'"}'
    READY = b"\x81" + (bytes([len(text)]) if len(text) < 126 else b"\x7e" + len(text).to_bytes(2, "big")) + text
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(options.port))
