"""A client of the tus server without a network: the site's ASGI application is called as a server would."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterable
from typing import Any

from chatroom.asgi import application
from files import receiving
from files.tus import PATH
from tests.cast import Person

OWN = "http://testserver"


class Reply:
    """Status, headers and body of an answer; status 0 when the connection was cut before it."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""

    async def take(self, message: Any) -> None:
        """The `send` of ASGI."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.body += message.get("body", b"")

    @property
    def code(self) -> str:
        """`ok`, or the code of the refusal."""
        return json.loads(self.body)["error"]["code"] if self.status >= 400 and self.body else "ok"


class Phone:
    """Of one person, or of nobody."""

    def __init__(self, person: Person | None, **headers: str) -> None:
        self.headers = {"Tus-Resumable": "1.0.0", "Origin": OWN, "Host": "testserver"}
        if person is not None:
            self.headers["Cookie"] = f"sessionid={person.cookie}"
        self.headers |= {name.replace("_", "-"): value for name, value in headers.items()}

    def ask(self, method: str, path: str = PATH, pieces: Iterable[Any] = (), cut: bool = False, **more: Any) -> Reply:
        """One request; `cut`: the connection ends after these pieces of the body. A piece may be something to do meanwhile."""
        headers = {**self.headers, **{name.replace("_", "-"): str(value) for name, value in more.items()}}
        pieces = list(pieces)
        events: list[dict] = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
        if cut:
            events.append({"type": "http.disconnect"})
        elif events:
            events[-1]["more_body"] = False
        else:
            events.append({"type": "http.request", "body": b"", "more_body": False})
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "scheme": "http",
            "http_version": "1.1",
            "client": ("127.0.0.1", 1),
            "server": ("testserver", 80),
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items() if value],
        }
        reply = Reply()

        async def receive() -> dict:
            while events:
                event = events.pop(0)
                if not callable(event.get("body")):
                    return event
                await asyncio.get_running_loop().run_in_executor(receiving._pool, event["body"])
            await asyncio.Event().wait()
            raise AssertionError

        work: Any = receiving._pool  # that of the fixture one_thread
        work.run(application(scope, receive, reply.take))
        return reply

    def announce(self, size: int, name: str = "bài tập 作业.bin", **about: Any) -> Reply:
        """POST: the file that is to come."""
        return self.ask("POST", Upload_Length=size, Upload_Metadata=metadata(filename=name, **about))

    def send(self, path: str, offset: int, *pieces: Any, cut: bool = False, **headers: Any) -> Reply:
        """PATCH: bytes from this offset on."""
        kind = {"Content_Type": "application/offset+octet-stream", "Upload_Offset": offset}
        return self.ask("PATCH", path, pieces, cut, **kind, **headers)

    def upload(self, data: bytes, name: str = "bài tập 作业.bin", **about: Any) -> str:
        """A whole file; its token."""
        made = self.announce(len(data), name, **about)
        assert made.status == 201, made.body
        if not data:
            return made.headers["upload-file"]
        sent = self.send(made.headers["location"], 0, data)
        assert sent.status == 204, sent.body
        return sent.headers["upload-file"]


def metadata(**values: Any) -> str:
    """The header `Upload-Metadata`."""
    return ",".join(f"{name} {base64.b64encode(str(value).encode()).decode()}" for name, value in values.items())
