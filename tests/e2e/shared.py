"""Files for the browser tests: made here, uploaded as a program would, sent through the HTTP API."""

from __future__ import annotations

import base64
import io
import itertools
import math
import struct
import wave
from typing import Any

from PIL import Image, ImageDraw

from tests.e2e.person import Person

numbers = itertools.count(1)


def photo(width: int = 1200, height: int = 900, colour: str = "#3b6ea5", kind: str = "JPEG") -> bytes:
    """A picture with a circle on it."""
    image = Image.new("RGB", (width, height), colour)
    ImageDraw.Draw(image).ellipse([width // 4, height // 4, width // 2, height // 2], fill="#f2c14e")
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def moving(frames: int = 8) -> bytes:
    """A GIF: each frame is of another colour."""
    images = [Image.new("RGB", (240, 160), (30 * number, 60, 220 - 25 * number)) for number in range(frames)]
    out = io.BytesIO()
    images[0].save(out, "GIF", save_all=True, append_images=images[1:], duration=90, loop=0)
    return out.getvalue()


def sound(seconds: int = 8) -> bytes:
    """A tone that swells."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        values = (int(8000 * math.sin(n / 3) * abs(math.sin(n / 9000))) for n in range(8000 * seconds))
        file.writeframes(b"".join(struct.pack("<h", value) for value in values))
    return out.getvalue()


def upload(person: Person, name: str, data: bytes, **facts: Any) -> str:
    """One file through tus in one request; its token."""
    named = {"filename": name, **facts}
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(len(data)),
        "Upload-Metadata": ",".join(
            f"{key} {base64.b64encode(str(value).encode()).decode()}" for key, value in named.items()
        ),
        "Content-Type": "application/offset+octet-stream",
        "Origin": person.base,
        "X-CSRFToken": next(c["value"] for c in person.context.cookies(person.base) if "csrf" in c["name"]),
    }
    answer = person.context.request.post("/files/uploads/", data=data, headers=headers)
    assert answer.status == 201, answer.text()
    return answer.headers["upload-file"]


def send(person: Person, conversation: int, *tokens: str, body: str = "") -> int:
    """A message with these files; its number."""
    client_id = f"files-{next(numbers):06}"
    return int(
        person.post("message.send", conversation=conversation, client_id=client_id, body=body, files=tokens)["seq"]
    )


def offer(person: Person, conversation: int, name: str, size: int = 5_000_000) -> int:
    """An offer to the other one; its number."""
    client_id = f"offer-{next(numbers):06}"
    return int(person.post("file.offer", conversation=conversation, client_id=client_id, name=name, size=size)["seq"])
