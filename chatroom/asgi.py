"""The application that servers run: pages by Django, the socket by one consumer, start and stop by lifespan."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatroom.settings")
django.setup(set_prefix=False)

import chatroom.celery  # noqa: E402, F401 - what pages ask of workers goes through it
from accounts.access import socket_identity  # noqa: E402 - apps must be ready
from chatroom import incidents  # noqa: E402
from chatroom.lanes import LaneHandler  # noqa: E402
from files import tus  # noqa: E402
from gateways import running as gateways  # noqa: E402
from realtime import server  # noqa: E402
from realtime.consumer import SocketConsumer  # noqa: E402

sys.setswitchinterval(0.001)  # a page that is being made keeps the event loop waiting for so long, not for 5 ms

django_application = LaneHandler()
socket = SocketConsumer.as_asgi(identify=socket_identity)


async def application(scope, receive, send):
    """Route a connection by its type."""
    if scope["type"] == "http" and scope["path"].startswith(tus.PATH):
        await tus.tus(scope, receive, send)
    elif scope["type"] == "http":
        await django_application(scope, receive, send)
    elif scope["type"] == "websocket":
        if scope["path"] == "/ws/":
            await socket(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close"})
    elif scope["type"] == "lifespan":
        await lifespan(receive, send)


async def lifespan(receive, send):
    """Start the hub before the first request, end it after the last."""
    await receive()
    incidents.begin()
    await server.start()
    await gateways.start()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await gateways.stop()
    await server.stop()
    await send({"type": "lifespan.shutdown.complete"})
