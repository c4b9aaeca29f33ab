"""The limit for files: a uvloop server that writes a body to a file and reads it back, and knows nothing else of HTTP than lengths."""

import argparse
import asyncio
import os
from pathlib import Path

import uvloop

PIECE = 256 * 1024
FOLDER = Path()


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """PATCH stores the body and syncs it, GET sends it back."""
    while head := await reader.readuntil(b"\r\n\r\n"):
        file = FOLDER / "plain.bin"
        if head.startswith(b"PATCH"):
            left = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            with file.open("wb") as out:
                while left:
                    data = await reader.read(min(PIECE, left))
                    if not data:
                        return
                    out.write(data)
                    left -= len(data)
                out.flush()
                os.fdatasync(out.fileno())
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        else:
            size = file.stat().st_size
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
            with file.open("rb") as source:
                while data := source.read(PIECE):
                    writer.write(data)
                    await writer.drain()
        await writer.drain()


async def main(port: int) -> None:
    """Serves until it is ended."""
    server = await asyncio.start_server(serve, "127.0.0.1", port, limit=PIECE)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    FOLDER = options.folder
    uvloop.run(main(options.port))
