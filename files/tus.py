"""The tus 1.0 server (https://tus.io/protocols/resumable-upload): announce, send, ask how far, give up.

An ASGI application beside Django's, whose handler would take in a whole body before anybody looks at it. Who asks is found as for the
socket; what is asked for goes through the same access and actions as everything else.
"""

from __future__ import annotations

import asyncio
import binascii
import io
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest
from django.middleware.csrf import CsrfViewMiddleware
from django.utils import translation
from django.utils.http import http_date

from accounts.access import Identity, socket_identity
from accounts.middleware import FIRST, TEXTS
from core import policies
from core.buckets import Buckets
from core.refusal import Refusal, unexpected
from core.registry import Caller
from files import actions
from files.access import get_upload
from files.actions.uploads import LENGTH_MAX
from files.models import StoredFile, Upload
from files.policies import MIB, Files
from files.receiving import ALGORITHMS, Checksum, Writer, aside, give_way, writing
from realtime import limits
from realtime.dispatch import actor_of
from realtime.origin import address_of, allowed

PATH = "/files/uploads/"
VERSION = b"1.0.0"
EXTENSIONS = b"creation,creation-with-upload,expiration,termination,checksum"
BODY_TYPE = "application/offset+octet-stream"
AT_ONCE = 20  # uploads of one person in one process
SEND_HEADERS = [
    (b"tus-resumable", VERSION),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"sandbox; default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
]
log = logging.getLogger("chatroom.files")
pieces = Buckets(200, 50)  # requests of one person that bring bytes or ask for the offset; what is more waits


class Answer:
    """Status, headers and body of an answer."""

    def __init__(self, status: int, headers: Mapping[str, Any] | None = None, body: bytes = b"") -> None:
        self.status, self.headers, self.body = status, dict(headers or {}), body

    async def send(self, send: Callable) -> None:
        """Over ASGI."""
        own = [(name.lower().encode(), str(value).encode("ascii")) for name, value in self.headers.items()]
        headers = [*SEND_HEADERS, *own]
        if self.status != 204:
            headers.append((b"content-length", str(len(self.body)).encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


class Tus:
    """One request."""

    def __init__(self, scope: dict, receive: Callable) -> None:
        self.scope, self.receive = scope, receive
        self.request = ASGIRequest(scope, io.BytesIO())
        self.headers = self.request.headers
        self.method = scope["method"]
        if (
            self.method == "POST"
        ):  # for networks that let nothing else through; of the others CSRF protection depends on what they are
            self.method = self.headers.get("X-HTTP-Method-Override", "POST").upper()
        self.token = scope["path"][len(PATH) :].strip("/")
        self.language = ""
        self.identity: Identity
        self.actor: Any

    async def answer(self) -> Answer:
        """What it comes to; refusals are answers too."""
        try:
            return await self._answer()
        except DisallowedHost:
            return Answer(400)
        except Refusal as refusal:
            return await self._refused(refusal)
        except Exception as error:
            log.exception("%s of an upload failed", self.method)
            return await self._refused(unexpected(error))

    async def _answer(self) -> Answer:
        self.request.get_host()
        if self.method == "OPTIONS":
            size = await aside(lambda: policies.get(Files).max_size) * MIB
            facts = {"Tus-Version": VERSION.decode(), "Tus-Extension": EXTENSIONS.decode(), "Tus-Max-Size": size}
            return Answer(204, {**facts, "Tus-Checksum-Algorithm": ",".join(ALGORITHMS)})
        run = {"HEAD": self.head, "PATCH": self.patch, "DELETE": self.delete} if self.token else {"POST": self.post}
        if self.method not in run:
            return Answer(405, {"Allow": ", ".join(["OPTIONS", *run])})
        if self.headers.get("Tus-Resumable") != VERSION.decode():
            return Answer(412, {"Tus-Version": VERSION.decode()})
        await aside(self._identify)
        if self.method != "HEAD" and not self._of_our_pages():
            raise Refusal("csrf")
        if self.method in ("POST", "DELETE"):
            if not limits.command(self.identity.user_id, 0):
                raise Refusal("too_fast")
        else:
            while not pieces.take(self.identity.user_id):  # noqa: ASYNC110 - it fills by the clock, nobody tells
                await asyncio.sleep(0.05)
        return await run[self.method]()

    async def post(self) -> Answer:
        """Announces a file; its first bytes may come along."""
        size, about = number(self.headers.get("Upload-Length")), metadata(self.headers.get("Upload-Metadata", ""))
        brings = self.headers.get("Content-Type") == BODY_TYPE
        checksum = Checksum(self.headers["Upload-Checksum"]) if brings and "Upload-Checksum" in self.headers else None
        peaks = about.get("peaks")
        numbers = {key: number(about.get(key) or "0") for key in ("duration", "width", "height")}
        facts: dict[str, Any] = {
            "voice": about.get("voice") == "1",
            "peaks": [number(peak) for peak in peaks.split(",")] if peaks else None,
            "offer": number(about["offer"]) if about.get("offer") else None,
            **{key: min(value, LENGTH_MAX) for key, value in numbers.items()},
        }
        upload = await aside(lambda: actions.create_upload(self.actor, about.get("filename", ""), size, **facts))
        if brings:
            try:
                await self._write(upload, checksum)
            except Refusal:  # nobody was told where it is: it must not take up his room for a day
                await aside(actions.cancel_upload, self.actor, upload)
                raise
        return await self._state(upload, 201, {"Location": PATH + upload.token})

    async def head(self) -> Answer:
        """How much there is. The connection that was sending is taken for dead."""
        upload = await self._stopped()
        return await self._state(upload, 200, {"Upload-Length": upload.size})

    async def patch(self) -> Answer:
        """Takes the next bytes."""
        if self.headers.get("Content-Type") != BODY_TYPE:
            return Answer(415)
        offset = number(self.headers.get("Upload-Offset"))
        checksum = Checksum(self.headers["Upload-Checksum"]) if "Upload-Checksum" in self.headers else None
        length = self.headers.get("Content-Length")
        upload = await self._stopped()
        if offset != upload.offset:
            return await self._state(upload, 409)
        if length is not None and offset + number(length) > upload.size:
            raise Refusal("too_large")
        if upload.offset < upload.size:
            await self._write(upload, checksum)
        return await self._state(upload, 204)

    async def delete(self) -> Answer:
        """Gives it up."""
        await aside(actions.cancel_upload, self.actor, await self._stopped())
        return Answer(204)

    async def _stopped(self) -> Upload:
        """The upload, to which nobody writes any more."""
        await aside(get_upload, self.actor, self.token)  # nobody else ends what is running
        await give_way(self.token)
        return await aside(get_upload, self.actor, self.token)

    async def _write(self, upload: Upload, checksum: Checksum | None) -> None:
        if writing(self.identity.user_id) >= AT_ONCE:
            raise Refusal("too_fast")
        writer = Writer(upload, self.identity.login_session_id, self.receive)
        if not await writer.run(checksum):
            raise Refusal("conflict")  # to nobody: the connection is gone, or another has taken over

    async def _state(self, upload: Upload, status: int, headers: Mapping[str, Any] | None = None) -> Answer:
        """An answer with what every client has to know; a file whose bytes are all there is finished first."""
        found = {"Upload-Offset": upload.offset, "Upload-Expires": http_date(upload.expires_at.timestamp())}
        if upload.offset == upload.size:
            upload.owner = self.actor  # with the address it comes from
            file: StoredFile = await aside(actions.finish, upload)
            found["Upload-File"] = file.token
        return Answer(status, {**found, **(headers or {})})

    def _identify(self) -> None:
        identity = socket_identity(self.request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        if identity is None:
            raise Refusal("signed_out")
        self.identity, self.language = identity, identity.language
        if code := identity.verdict:
            raise Refusal(code, TEXTS.get(code, TEXTS["session_ended"]), 403 if code in FIRST else 401)
        caller = Caller(identity.user_id, identity.login_session_id, identity.language, address_of(self.scope))
        self.actor = actor_of(caller)
        self.actor.ip = caller.ip

    def _of_our_pages(self) -> bool:
        """Whether one of our pages asks, by its exact origin, or a program that knows the token of forms."""
        if "Origin" in self.headers:
            return allowed(self.scope)
        guard: Any = CsrfViewMiddleware(lambda request: None)  # type: ignore[arg-type]
        guard.process_request(self.request)
        return guard.process_view(self.request, None, (), {}) is None

    async def _refused(self, refusal: Refusal) -> Answer:
        language = self.language or translation.get_language_from_request(self.request)
        with translation.override(language):
            error = {"code": refusal.code, "message": str(refusal.message)}
        body = json.dumps({"error": error}, ensure_ascii=False).encode()
        return Answer(refusal.status, {"Content-Type": "application/json"}, b"" if self.method == "HEAD" else body)


async def tus(scope: dict, receive: Callable, send: Callable) -> None:
    """The ASGI application at PATH."""
    answer = await Tus(scope, receive).answer()
    await answer.send(send)


def number(text: str | None) -> int:
    """A number of a header. Raises Refusal."""
    if text is None or not text.isascii() or not text.isdecimal() or len(text) > 15:
        raise Refusal("bad_request")
    return int(text)


def metadata(header: str) -> dict[str, str]:
    """`Upload-Metadata`: names and values in Base64. Raises Refusal."""
    found = {}
    for pair in header.split(",") if header.strip() else ():
        name, _, value = pair.strip().partition(" ")
        try:
            found[name] = binascii.a2b_base64(value).decode()
        except ValueError:
            raise Refusal("bad_request") from None
    return found
