"""Django's requests on threads that stay: each keeps its database connection from one request to the next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from time import monotonic
from typing import Any

from asgiref.sync import ThreadSensitiveContext
from django.core.handlers.asgi import ASGIHandler
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from core import metrics
from files.serving import FileAnswer

LANES = 16  # threads kept; more requests at once get threads of their own
DOOR, AT_THE_DOOR = "/accounts/login/", 4  # sign-ins at once: a school's two hundred wait here, not in the chat's way
FILES, FILES_AT_ONCE = "/files/", 8  # a page of pictures asks for dozens at once; their bytes go out outside of this
WITH_BODY = (b"content-length", b"transfer-encoding")  # nobody keeps such a place by sending slowly

AREAS = {"admin", "api", "accounts", "files", "avatars", "static", "healthz", "readyz", "metrics"}  # others are pages

_bodies: ContextVar[list[Callable]] = ContextVar("bodies")  # of this request, sent when its lane is free again


def counted(path: str, send: Callable) -> Callable:
    """`send`, and the request in the metrics when its answer begins."""
    began = monotonic()
    first = path.split("/", 2)[1] if "/" in path else ""
    area = first if first in AREAS else "pages"

    async def sending(message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            metrics.requests.labels(area, f"{message['status'] // 100}xx").inc()
            metrics.request_time.labels(area).observe(monotonic() - began)
        await send(message)

    return sending


class LaneHandler(ASGIHandler):
    """Stock Django starts a thread, and opens a connection, for every request (measured: 0.8 ms of CPU on SQLite)."""

    def __init__(self) -> None:
        super().__init__()
        self.lanes: list[ThreadPoolExecutor] = []
        self.door = asyncio.Semaphore(AT_THE_DOOR)
        self.files = asyncio.Semaphore(FILES_AT_ONCE)

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        bodies: list[Callable] = []
        _bodies.set(bodies)
        if scope["path"].startswith(FILES) and not any(name in WITH_BODY for name, _ in scope["headers"]):
            held: list[Mapping[str, Any]] = []  # a head and a few bytes: nobody keeps such a place by not reading

            async def hold(message: Mapping[str, Any]) -> None:
                held.append(message)

            async with self.files:
                await self.in_a_lane(scope, receive, hold)
            for message in held:
                await send(message)
        else:
            await self.in_a_lane(scope, receive, send)
        for send_body in bodies:
            await send_body(receive, send)

    async def in_a_lane(self, scope: dict, receive: Callable, send: Callable) -> None:
        """All that Django does."""
        lane = self.lanes.pop() if self.lanes else ThreadPoolExecutor(1, thread_name_prefix="request")
        answered = counted(scope["path"], send)
        try:
            async with ThreadSensitiveContext(executor=lane):
                await self.handle(scope, receive, answered)
        finally:
            if len(self.lanes) < LANES:
                self.lanes.append(lane)
            else:
                await asyncio.wrap_future(lane.submit(connections.close_all))
                lane.shutdown(wait=False)

    async def send_response(self, response: HttpResponseBase, send: Callable) -> None:
        """Of a file only the head: a slow reader must not keep a lane, and a connection to the database with it."""
        if not isinstance(response, FileAnswer):
            await super().send_response(response, send)
            return
        head = HttpResponse(status=response.status_code)
        head.headers, head.cookies = response.headers, response.cookies

        async def send_head(message: Mapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                await send(message)

        await super().send_response(head, send_head)
        _bodies.get().append(response.take_over())

    async def run_get_response(self, request: HttpRequest) -> HttpResponseBase:
        """After the body has come, so that nobody keeps the door by sending slowly."""
        if not request.path.startswith(DOOR):
            return await super().run_get_response(request)
        async with self.door:
            return await super().run_get_response(request)
