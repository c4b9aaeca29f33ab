"""Makes avatars of an uploaded picture. Runs as a program of its own, with bounded memory and time: nothing of ours is imported."""

from __future__ import annotations

import io
import sys

from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
SIDE_MAX, PIXELS_MAX = 16_000, 40_000_000
SIZES = (256, 64)
MEMORY, SECONDS = 1024 * 1024 * 1024, 10


def limit() -> None:
    """Takes away from this process what a hostile picture could use up."""
    try:
        import resource
    except ImportError:  # no such limits on this system; the caller's clock still runs
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def make(data: bytes) -> list[bytes]:
    """The middle of the picture, upright, as WebP in each size. Raises ValueError, OSError and other errors for what is no picture."""
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        if max(image.size) > SIDE_MAX or image.width * image.height > PIXELS_MAX:
            raise ValueError("too many pixels")
        image.draft("RGB", (2 * SIZES[0], 2 * SIZES[0]))  # a large JPEG is decoded small
        upright = ImageOps.exif_transpose(image)
        colours = upright.convert("RGBA")
    square = ImageOps.fit(colours, (SIZES[0], SIZES[0]), Image.Resampling.LANCZOS)
    ground = Image.new("RGB", square.size, "white")
    ground.paste(square, mask=square.getchannel("A"))
    files = []
    for size in SIZES:
        file = io.BytesIO()
        ground.resize((size, size), Image.Resampling.LANCZOS).save(file, "WEBP", quality=85, method=4)
        files.append(file.getvalue())
    return files


if __name__ == "__main__":
    limit()
    for made in make(sys.stdin.buffer.read()):
        sys.stdout.buffer.write(len(made).to_bytes(4, "big") + made)
