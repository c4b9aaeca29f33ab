"""One HTTP connection for load of files, and the uploads that go on beside the chat as a process of their own."""

import argparse
import asyncio
import base64
import io
from dataclasses import dataclass
from typing import Any

import uvloop
from PIL import Image

from bench.client import clock

MIB = 2**20
PIECE = 256 * 1024
PATH = "/files/uploads/"


@dataclass
class Answer:
    """Of a request over a bare connection."""

    status: int
    headers: dict[str, str]
    size: int  # bytes of the body


class Line:
    """One HTTP connection that costs the measuring process as little as possible."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self.port, self.cookie = port, cookie

    async def __aenter__(self) -> "Line":
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=PIECE)
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.writer.close()

    async def ask(self, method: str, path: str, headers: dict[str, Any], body: Any = (), pause: float = 0.0) -> Answer:
        """One request; `body`: its pieces, between which `pause` seconds pass."""
        own = {"Host": f"127.0.0.1:{self.port}", "Origin": f"http://127.0.0.1:{self.port}", "Cookie": self.cookie}
        lines = [f"{method} {path} HTTP/1.1", *(f"{key}: {value}" for key, value in {**own, **headers}.items())]
        self.writer.write("\r\n".join([*lines, "", ""]).encode())
        start = clock()
        for number, piece in enumerate(body, 1):
            self.writer.write(piece)
            await self.writer.drain()
            if pause:
                await asyncio.sleep(start + number * pause - clock())
        return await self._answer()

    async def _answer(self) -> Answer:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        left = size = int(headers.get("content-length", 0))
        while left:
            left -= len(await self.reader.read(min(PIECE, left)))
        return Answer(int(head[0].split()[1]), headers, size)

    async def upload(self, size: int, seconds: float = 0.0, data: bytes = b"", name: str = "a.bin") -> str:
        """A file in one piece, perhaps at a pace that takes so many seconds; its token."""
        size = len(data) or size
        about = f"filename {base64.b64encode(name.encode()).decode()}"
        announced = {"Tus-Resumable": "1.0.0", "Upload-Length": size, "Upload-Metadata": about, "Content-Length": 0}
        made = await self.ask("POST", PATH, announced)
        sent = {"Tus-Resumable": "1.0.0", "Upload-Offset": 0, "Content-Type": "application/offset+octet-stream"}
        pieces = [data] if data else [bytes(PIECE)] * (size // PIECE)
        pause = seconds / len(pieces)
        answer = await self.ask("PATCH", made.headers["location"], {**sent, "Content-Length": size}, pieces, pause)
        assert answer.status == 204, answer
        return answer.headers["upload-file"]


def picture() -> bytes:
    """A photo of a telephone: 12 million pixels."""
    file = io.BytesIO()
    Image.effect_noise((4000, 3000), 40).convert("RGB").save(file, "JPEG", quality=80)
    return file.getvalue()


async def traffic(port: int, cookies: list[str], size: int, seconds: float, pictures: int) -> None:
    """A large upload of each person but the last, who sends pictures; all of it lasts so long."""
    data = picture()

    async def large(cookie: str) -> None:
        async with Line(port, cookie) as line:
            await line.upload(size, seconds)

    async def small() -> None:
        for _ in range(pictures):
            async with Line(port, cookies[-1]) as line:
                await line.upload(0, data=data, name="a.jpg")
            await asyncio.sleep(seconds / pictures)

    await asyncio.gather(*(large(cookie) for cookie in cookies[:-1]), small())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for name in ("port", "size", "pictures"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("cookies", nargs="+")
    options = parser.parse_args()
    uvloop.run(traffic(options.port, options.cookies, options.size, options.seconds, options.pictures))
