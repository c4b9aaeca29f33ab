"""Files as answers: which bytes, under which headers. The bytes themselves go out after Django has let go of the request."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import IO, Any

from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header, parse_etags

from core.refusal import Refusal
from files.models import StoredFile
from files.storage import STILL, on_s3, stored_name

CHUNK = 128 * 1024
IN_A_ROW = 4  # pieces until others have their turn: 0.3 ms
SIGNED_SECONDS = 60  # after this a copied link to the S3 server is dead
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
PLAYED = ("audio/", "video/")
UNKNOWN = "application/octet-stream"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",  # kept, but the right to see it is asked for again each time
}
RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")

_room = bytearray(CHUNK)  # of the event loop: fresh memory of this size for each piece costs more than reading it
_readers = ThreadPoolExecutor(4, thread_name_prefix="files-read")


class FileAnswer(StreamingHttpResponse):
    """Bytes `begin` to `end` of an open file. The site's ASGI handler takes them over; anybody else may iterate."""

    def __init__(self, file: IO[bytes], begin: int, end: int, **kwargs: Any) -> None:
        self.file, self.begin, self.end = file, begin, end
        super().__init__(self._read(), **kwargs)
        self.taken_over = False
        self.headers["Content-Length"] = str(end - begin)

    def _read(self) -> Iterator[bytes]:
        self.file.seek(self.begin)
        left = self.end - self.begin
        while left > 0 and (data := self.file.read(min(CHUNK, left))):
            left -= len(data)
            yield data

    async def _piece(self, at: int) -> bytes:
        """What is in memory is taken at once, the disk is waited for in a thread."""
        descriptor, size = self.file.fileno(), min(CHUNK, self.end - at)
        with suppress(OSError, AttributeError):  # not in memory, or a system that does not tell
            if found := os.preadv(descriptor, [memoryview(_room)[:size]], at, os.RWF_NOWAIT):
                return bytes(memoryview(_room)[:found])
        return await asyncio.get_running_loop().run_in_executor(_readers, os.pread, descriptor, size, at)

    def close(self) -> None:
        """The request has ended; the file stays open for whoever took the body over."""
        super().close()
        if not self.taken_over:
            self.file.close()

    def take_over(self) -> Callable[[Callable, Callable], Any]:
        """What sends the body over ASGI when everything else about the request has ended."""
        self.taken_over = True
        return self._send

    async def _send(self, receive: Callable, send: Callable) -> None:
        gone = asyncio.ensure_future(receive())  # nothing but the end of the connection can come
        at, turns = self.begin, 0
        try:
            while at < self.end and not gone.done() and (data := await self._piece(at)):
                at, turns = at + len(data), turns + 1
                await send({"type": "http.response.body", "body": data, "more_body": True})
                if turns % IN_A_ROW == 0:
                    await asyncio.sleep(0)  # `send` does not wait as long as the client reads fast; others would
            await send({"type": "http.response.body"})
        finally:
            gone.cancel()
            self.file.close()


def answer(request: HttpRequest, file: StoredFile, part: str = "") -> HttpResponseBase:
    """A file, or what was made of it (`part`: PREVIEW or STILL). Raises Refusal."""
    if file.status == StoredFile.Status.REFUSED:
        raise Refusal("not_found")
    if part:
        if not file.preview or (part == STILL and not file.animated):
            raise Refusal("not_found")
        kind, shown, name = "image/webp", True, f"{file.name}.webp"
    else:
        if file.status == StoredFile.Status.PROCESSING and file.owner_id != request.user.pk:
            raise Refusal("not_found")  # it may hold what its owner does not know of, such as where he took the picture
        shown = is_shown(file)
        kind, name = (file.content_type if shown else UNKNOWN), file.name
        shown = shown and "download" not in request.GET
    disposition = content_disposition_header(not shown, name) or "inline"
    if on_s3():
        return redirect(stored_name(file.token, part), kind, disposition)
    etag = f'"{file.sha256[:32] or file.token}{part}"'
    headers = {**HEADERS, "ETag": etag}
    if _matches(request.headers.get("If-None-Match"), etag):
        return HttpResponseNotModified(headers=headers)
    headers |= {"Content-Type": kind, "Content-Disposition": disposition, "Accept-Ranges": "bytes"}
    try:
        opened = default_storage.open(stored_name(file.token, part))
    except FileNotFoundError:
        raise Refusal("not_found") from None
    return _ranged(request, opened, os.fstat(opened.fileno()).st_size, headers)


def is_shown(file: StoredFile) -> bool:
    """Whether browsers may show or play it in place: only what our own decoder found to be a picture, sound or video."""
    known = file.content_type in PICTURES or file.content_type.startswith(PLAYED)
    return file.status == StoredFile.Status.READY and file.kind != StoredFile.Kind.FILE and known


def redirect(name: str, kind: str, disposition: str) -> HttpResponse:
    """To the S3 server, by an address that is good for a minute, with the type and the disposition forced."""
    storage: Any = default_storage
    address = storage.bucket.meta.client.generate_presigned_url(
        "get_object",
        Params={
            "Bucket": storage.bucket_name,
            "Key": name,
            "ResponseContentType": kind,
            "ResponseContentDisposition": disposition,
            "ResponseCacheControl": "private, no-store",
        },
        ExpiresIn=SIGNED_SECONDS,
    )
    return HttpResponseRedirect(address, headers={**HEADERS, "Cache-Control": "private, no-store"})


def _matches(header: str | None, etag: str) -> bool:
    return header is not None and any(tag in ("*", etag, f"W/{etag}") for tag in parse_etags(header))


def _ranged(request: HttpRequest, file: Any, size: int, headers: dict[str, str]) -> HttpResponseBase:
    begin, end, status = 0, size, 200
    wanted = RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if wanted and any(wanted.groups()) and request.headers.get("If-Range", headers["ETag"]) == headers["ETag"]:
        first, last = wanted.groups()
        begin, end = (int(first), min(int(last or size) + 1, size)) if first else (max(0, size - int(last)), size)
        if begin >= end:
            file.close()
            refused = {name: headers[name] for name in (*HEADERS, "ETag")}
            return HttpResponse(status=416, headers={**refused, "Content-Range": f"bytes */{size}"})
        status, headers = 206, {**headers, "Content-Range": f"bytes {begin}-{end - 1}/{size}"}
    if request.method == "HEAD":
        file.close()
        return HttpResponse(status=status, headers={**headers, "Content-Length": str(end - begin)})
    return FileAnswer(file, begin, end, status=status, headers=headers)
