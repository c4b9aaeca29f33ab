"""Runs the ASGI application on uvicorn (default) or daphne."""

import logging
import socket
from collections.abc import Callable
from typing import Any

import uvicorn as uvicorn_package
from uvicorn._types import ASGIApplication

from chatroom.serving.http_protocol import HttpProtocol
from chatroom.serving.server import Server, watch_exit
from chatroom.serving.websocket_protocol import WebSocketProtocol

MAX_FRAME = 64 * 1024
BACKLOG = 2048
DRAIN = 8  # seconds for running requests at the end
SPARE_FILES = 200  # kept for the database, static files and the like

Certificate = tuple[str, str] | None


def uvicorn(
    app: ASGIApplication,
    listener: socket.socket,
    certificate: Certificate,
    files: int,
    on_ready: Callable[[], None],
    on_drain: Callable[[], None],
) -> None:
    """Serves until a signal and drains."""
    HttpProtocol.max_connections = min(HttpProtocol.max_connections, max(files - SPARE_FILES, 100))
    config = uvicorn_package.Config(
        app,
        http=HttpProtocol,
        ws=WebSocketProtocol,
        loop="uvloop",
        ws_max_size=MAX_FRAME,
        ws_ping_interval=None,
        ws_ping_timeout=None,
        ws_per_message_deflate=False,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=DRAIN,
        ssl_certfile=certificate[0] if certificate else None,
        ssl_keyfile=certificate[1] if certificate else None,
    )
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    Server(config, on_ready, on_drain).run(sockets=[listener])


def daphne(
    app: ASGIApplication,
    listener: socket.socket,
    certificate: Certificate,
    on_ready: Callable[[], None],
    on_drain: Callable[[], None],
) -> None:
    """Serves with daphne, which has none of our limits: for comparison and small tests."""
    from daphne.server import Server as DaphneServer
    from twisted.internet import reactor

    if certificate:
        raise SystemExit("serve: daphne is offered without HTTPS; put a proxy in front of it")

    stopping: Any = reactor  # its declared types lack this form of the call
    stopping.addSystemEventTrigger("before", "shutdown", watch_exit)
    stopping.addSystemEventTrigger("before", "shutdown", on_drain)
    listener.listen(BACKLOG)
    endpoint = f"fd:fileno={listener.fileno()}"
    DaphneServer(app, endpoints=[endpoint], ready_callable=on_ready, websocket_timeout=-1, server_name="").run()
