"""Makes an avatar: the middle of a picture, square, in two sizes."""

from __future__ import annotations

from pathlib import Path

import facts
import pictures
from PIL import Image, ImageOps

SIZES = (256, 64)


def make(source: Path, out: Path) -> None:
    """Writes `256` and `64` (WebP) into `out`. Raises ValueError and what Pillow raises."""
    data = source.read_bytes()
    form = facts.picture(data)
    if not form:
        raise ValueError("no picture")
    colours = pictures.upright(form, data, 2 * SIZES[0]).convert("RGBA")
    square = ImageOps.fit(colours, (SIZES[0], SIZES[0]), Image.Resampling.LANCZOS)
    ground = Image.new("RGB", square.size, "white")
    ground.paste(square, mask=square.getchannel("A"))
    for size in SIZES:
        ground.resize((size, size), Image.Resampling.LANCZOS).save(out / str(size), "WEBP", quality=85, method=4)
