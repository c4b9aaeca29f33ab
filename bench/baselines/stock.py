"""Stock Channels: a JSON consumer in groups of the in-memory layer, under uvicorn or daphne; and an echo for idle sockets."""

import argparse
import asyncio
import sys
from typing import Any

from django.conf import settings

settings.configure(
    SECRET_KEY="bench",
    INSTALLED_APPS=["channels"],
    CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
)

import django  # noqa: E402

django.setup()

from channels.generic.websocket import AsyncJsonWebsocketConsumer  # noqa: E402

SIZE = FEEDS = 0


class Stock(AsyncJsonWebsocketConsumer):
    """Joins its groups; any frame from it is one `group_send` to a group that holds all."""

    async def connect(self) -> None:
        for feed in range(FEEDS):
            await self.channel_layer.group_add(f"feed.{feed}", self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        for feed in range(FEEDS):
            await self.channel_layer.group_discard(f"feed.{feed}", self.channel_name)

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        event = {"type": "chat.message", "data": "x" * (SIZE - 31)}
        await self.channel_layer.group_send("feed.0", event)

    async def chat_message(self, event: dict[str, Any]) -> None:
        """Passes the event to the browser."""
        await self.send_json({"type": "message", "data": event["data"]})


async def echo(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """A plain ASGI socket that sends back what it hears."""
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] != "websocket.disconnect":
        await send({"type": "websocket.send", "text": event["text"]})


async def stock(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The stock consumer as an application."""
    await Stock.as_asgi()(scope, receive, send)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--size", type=int, default=500)
    parser.add_argument("--feeds", type=int, default=20)
    parser.add_argument("--server", choices=["uvicorn", "daphne", "echo"], default="uvicorn")
    options = parser.parse_args()
    SIZE, FEEDS = options.size, options.feeds
    if options.server == "daphne":
        from daphne.server import Server

        Server(stock, endpoints=[f"tcp:port={options.port}:interface=127.0.0.1"], signal_handlers=True).run()
        sys.exit()
    import uvicorn

    app = echo if options.server == "echo" else stock
    config = uvicorn.Config(
        app, host="127.0.0.1", port=options.port, loop="uvloop", ws="websockets-sansio", ws_per_message_deflate=False,
        ws_ping_interval=None, lifespan="off", backlog=4096, log_level="warning", access_log=False,
    )  # fmt: skip
    asyncio.run(uvicorn.Server(config).serve())
