"""Reads a picture and writes what is shown of it: a clean copy, a preview, and of a moving one a still."""

from __future__ import annotations

import io
from pathlib import Path

import chunks
import gif
from PIL import Image, ImageCms, ImageOps, JpegImagePlugin

PIXELS = 28_000_000  # that are decoded at a time
JPEG_PIXELS = 200_000_000  # these can be read smaller than they are
SIDE = 32_000
SCANS = 200  # of a progressive JPEG, each of which costs a pass over the whole
FRAMES = 1_000
MOVED_PIXELS = 100_000_000  # of all frames of a moving picture together
PREVIEW = 640
PREVIEW_PIXELS = 16_000_000  # of all frames of a moving preview together
Image.MAX_IMAGE_PIXELS = JPEG_PIXELS  # twice as many are an error already when a file is opened
ORIENTATION = 0x0112
TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}


def examine(form: str, data: bytes, out: Path) -> dict:
    """Facts of the picture; `clean`, `preview` and perhaps `still` lie in `out`. Raises what Pillow raises, or ValueError."""
    moving: gif.Blocks | chunks.Moving | None
    if form == "GIF":
        moving = gif.clean(data, FRAMES)
        size = _moving(form, moving, moving.bytes(), out)
    elif form != "JPEG" and (moving := getattr(chunks, form.lower())(data)):
        size = _moving(form, moving, moving.data, out)
    else:
        moving = None
        size = _still(form, data, out)
    return {
        "kind": "image",
        "type": TYPES[form],
        "width": size[0],
        "height": size[1],
        "animated": bool(moving and moving.frames > 1),
        "frames": moving.frames if moving else 1,
        "color": _colour(out / ("still" if (out / "still").exists() else "preview")),
    }


def _moving(form: str, found: gif.Blocks | chunks.Moving, data: bytes, out: Path) -> tuple[int, int]:
    """Decodes every frame of what will be served."""
    size, area = (found.width, found.height), found.width * found.height
    if not area or found.frames > FRAMES or area > PIXELS or area * found.frames > MOVED_PIXELS:
        raise ValueError("too many pixels")
    scale = min(1.0, PREVIEW / max(size), (PREVIEW_PIXELS / found.frames / area) ** 0.5)
    small = (max(1, round(found.width * scale)), max(1, round(found.height * scale)))
    frames, times = [], []
    with Image.open(io.BytesIO(data), formats=(form,)) as image:
        first = int(getattr(image, "default_image", False))  # of a PNG: shown only by what cannot move it
        if image.size != size or getattr(image, "n_frames", 1) != found.frames + first:
            raise ValueError("other than its blocks say")
        for number in range(first, found.frames + first):
            image.seek(number)
            image.load()
            frame = image.convert("RGBA")
            frames.append(frame if scale == 1 else frame.resize(small, Image.Resampling.BILINEAR))
            time = int(image.info.get("duration", 0))
            times.append(time if time > 10 else 100)  # as browsers do
        plays = image.info.get("loop")
    if form == "GIF":  # none: once; 0: for ever; n: n times more
        plays = 1 if plays is None else plays and plays + 1
    (out / "clean").write_bytes(data)
    if len(frames) == 1:
        _save_preview(frames[0], out / "preview")
        return size
    frames[0].save(
        out / "preview",
        "WEBP",
        save_all=True,
        append_images=frames[1:],
        duration=times,
        loop=min(plays or 0, 65_535),
        quality=70,
        method=1,
    )
    _save_preview(frames[0], out / "still")
    return size


def _still(form: str, data: bytes, out: Path) -> tuple[int, int]:
    """Written anew, so that nothing but the picture is left of what was uploaded."""
    if form == "WEBP" and (plain := _plain_webp(data)):
        image = upright(form, plain)
        (out / "clean").write_bytes(plain)
    else:
        image = upright(form, data)
        options: dict = {}
        if form == "JPEG":
            if image.mode not in ("L", "RGB"):
                image = image.convert("RGB")
            options = _as_fine_as_before(image)
        elif form == "WEBP":
            options = {"quality": 95, "method": 2}
        try:
            image.save(out / "clean", form, **options)
        except OSError:  # Pillow writes the best tables of a JPEG only where there is less than a byte for each dot
            if not options.pop("optimize", False):
                raise
            image.save(out / "clean", form, **options)
    size = image.size
    _save_preview(image, out / "preview")
    return size


def _plain_webp(data: bytes) -> bytes:
    """Only what draws; nothing when it has to be turned or brought into other colours, and so to be written anew.

    Writing a WebP anew costs quality, and without loss 8 s and 470 MiB for the picture of a telephone.
    """
    with Image.open(io.BytesIO(data), formats=("WEBP",)) as image:
        same = image.getexif().get(ORIENTATION, 1) == 1 and "icc_profile" not in image.info
        return chunks.plain_webp(data) if same else b""


def upright(form: str, data: bytes, side: int = 0) -> Image.Image:
    """The picture as it is to be seen: turned, in the colours of the web, without anything but its dots.

    A JPEG with more pixels than are decoded at a time, or of which only `side` is wanted, is read smaller than it is.
    """
    with Image.open(io.BytesIO(data), formats=(form,)) as image:
        if max(image.size) > SIDE or image.width * image.height > (JPEG_PIXELS if form == "JPEG" else PIXELS):
            raise ValueError("too many pixels")
        if form == "JPEG":
            if data.count(b"\xff\xda") > SCANS:
                raise ValueError("too many scans")
            part = next((part for part in (1, 2) if image.width * image.height <= PIXELS * part * part), 4)
            if side or part > 1:
                image.draft(None, (side, side) if side else (image.width // part, image.height // part))
        profile, clear = image.info.get("icc_profile"), image.info.get("transparency")
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
        image.info = {} if clear is None else {"transparency": clear}
    if image.mode.startswith(("I", "F")):  # more than 8 bits of grey
        return image.point(lambda value: value / 256).convert("L")
    return _web_colours(image, profile) if profile else image


def _web_colours(image: Image.Image, profile: bytes) -> Image.Image:
    """As sRGB, so that no profile need be kept; unchanged where the profile cannot be used."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return image
        target = ImageCms.createProfile("sRGB")
        if image.mode == "CMYK":
            made = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
            return made or image
        if image.mode in ("RGB", "RGBA"):
            ImageCms.profileToProfile(image, source, target, inPlace=True)
            image.info.pop("icc_profile", None)  # that of the web, which goes without saying
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        pass
    return image


def _as_fine_as_before(image: Image.Image) -> dict:
    """The tables of the picture itself, so that writing it anew costs no quality."""
    tables = getattr(image, "quantization", {})
    if len(tables) not in (1, 2) or any(max(table) > 255 for table in tables.values()):
        return {"quality": 92, "optimize": True}
    sampling = JpegImagePlugin.get_sampling(image)
    return {"qtables": tables, "subsampling": sampling, "optimize": True}


def _save_preview(image: Image.Image, path: Path) -> None:
    """May make `image` itself small."""
    if image.mode not in ("RGB", "RGBA"):
        image = image.convert("RGBA" if image.mode in ("LA", "PA") or "transparency" in image.info else "RGB")
    elif "transparency" in image.info:
        image = image.convert("RGBA")
    image.thumbnail((PREVIEW, PREVIEW), Image.Resampling.LANCZOS, reducing_gap=3.0)
    image.save(path, "WEBP", quality=80, method=4)


def _colour(path: Path) -> str:
    """The mean of all dots that can be seen."""
    with Image.open(path, formats=("WEBP",)) as image:
        *colour, there = image.convert("RGBA").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))  # type: ignore[misc]
    return "#{:02x}{:02x}{:02x}".format(*colour) if there else ""
