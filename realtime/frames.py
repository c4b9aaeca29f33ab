"""Events as text, encoded once for everybody, and as the WebSocket frame that carries them."""

from __future__ import annotations

import json
import struct
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

ALIVE = '{"type":"ping"}'  # a client's answer to our `ping`
_encoder = DjangoJSONEncoder(ensure_ascii=False, separators=(",", ":"))
encode = _encoder.encode


def stamp(at: datetime | str | None) -> str | None:
    """A time in UTC with milliseconds; SQLite gives its times as text."""
    if at is None:
        return None
    if isinstance(at, str):
        return f"{at[:10]}T{at[11:19]}.{at[20:23] or '000'}Z"
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


FINAL_TEXT, TWO_BYTES, EIGHT_BYTES = 0x81, 126, 127


def frame_text(data: bytes) -> bytes:
    """The WebSocket text frame of a server (RFC 6455 §5.2: final, unmasked) around UTF-8 bytes; one serves all sockets."""
    size = len(data)
    if size < TWO_BYTES:
        return bytes((FINAL_TEXT, size)) + data
    if size <= 0xFFFF:
        return struct.pack("!BBH", FINAL_TEXT, TWO_BYTES, size) + data
    return struct.pack("!BBQ", FINAL_TEXT, EIGHT_BYTES, size) + data


class Frame:
    """One text for many sockets: `text` for any server, `wire` (framed by RFC 6455, unmasked) for our own."""

    __slots__ = ("_wire", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._wire: bytes | None = None

    @property
    def wire(self) -> bytes:
        if self._wire is None:
            self._wire = frame_text(self.text.encode("utf-8", "replace"))
        return self._wire


def event(type: str, data: Any = None) -> Frame:
    """An event without a number."""
    return Frame(encode({"type": type} if data is None else {"type": type, "data": data}))


def numbered(type: str, feed: str, number: int, prev: int | None, data: str | None) -> Frame:
    """An event of a feed; `data` is JSON already."""
    return Frame(f'{{"type":"{type}","feed":"{feed}","number":{number},"prev":{prev},"data":{data}}}')


def reply(ref: int | None, data: Any) -> Frame:
    """The answer to a command that was done."""
    body = encode(data) if data else "{}"
    return Frame(f'{{"type":"reply","ref":{"null" if ref is None else ref},"ok":true,"data":{body}}}')


def refusal(ref: Any, code: str, message: str) -> Frame:
    """The answer to a command that was refused."""
    return Frame(encode({"type": "reply", "ref": ref, "ok": False, "error": {"code": code, "message": message}}))


def parse(text: str) -> dict:
    """A client's frame as an object. Raises ValueError."""
    frame = json.loads(text, parse_constant=_refuse_constant)
    if not isinstance(frame, dict) or not isinstance(frame.get("type"), str):
        raise ValueError("not an envelope")
    return frame


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
