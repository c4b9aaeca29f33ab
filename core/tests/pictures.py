"""Pictures for tests, made by code: good ones with all that ought to be taken from them, and hostile ones."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence

from PIL import Image, PngImagePlugin

SECRET = b"SECRET-21.0285N-105.8542E"
PNG = b"\x89PNG\r\n\x1a\n"


def photo(size: tuple[int, int] = (400, 300), kind: str = "JPEG", mode: str = "RGB", **more) -> bytes:
    """Left half red, right half blue."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    file = io.BytesIO()
    image.convert(mode).save(file, kind, **more)
    return file.getvalue()


def exif(turn: int = 1) -> Image.Exif:
    """What a telephone writes: where it was, and how it was held."""
    made = Image.Exif()
    made[0x0112] = turn
    made[0x010E] = SECRET.decode()
    made[0x8825] = {1: "N", 2: (21.0, 1.0, 42.0), 3: "E", 4: (105.0, 51.0, 15.0)}
    return made


def moving(
    kind: str = "GIF",
    size: tuple[int, int] = (120, 80),
    times: Sequence[int] = (100, 40, 250, 70),
    loop: int = 3,
    **more,
) -> bytes:
    """A white square that goes from left to right."""
    frames = []
    for number in range(len(times)):
        frame = Image.new("RGB", size, "navy")
        frame.paste("white", (10 * number, 10, 10 * number + 10, 20))
        frames.append(frame)
    file = io.BytesIO()
    frames[0].save(file, kind, save_all=True, append_images=frames[1:], duration=list(times), loop=loop, **more)
    return file.getvalue()


def times_of(data: bytes) -> tuple[int, list[int], int | None]:
    """Frames, their times and the loop of a moving picture, as Pillow reads them."""
    with Image.open(io.BytesIO(data)) as image:
        times = []
        for number in range(image.n_frames):
            image.seek(number)
            image.load()
            times.append(round(image.info["duration"]))
        return image.n_frames, times, image.info.get("loop")


def chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_with(*chunks: bytes, data: bytes | None = None) -> bytes:
    """A good PNG with more chunks behind its head."""
    data = data or photo((60, 40), "PNG")
    return data[:33] + b"".join(chunks) + data[33:]


def grey_png(width: int, height: int, rows: int | None = None) -> bytes:
    """A PNG of one bit a dot, whose head may promise more than is there."""
    packed = zlib.compressobj(9)
    body = b"".join(packed.compress(b"\0" * (1 + (width + 7) // 8)) for _ in range(height if rows is None else rows))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return PNG + head + chunk(b"IDAT", body + packed.flush()) + chunk(b"IEND", b"")


def bomb(size: int) -> bytes:
    """`size` zero bytes, packed small."""
    packed = zlib.compressobj(9)
    return b"".join(packed.compress(bytes(2**20)) for _ in range(size // 2**20)) + packed.flush()


def gif_comment(text: bytes) -> bytes:
    """A comment of a GIF."""
    return b"\x21\xfe" + b"".join(bytes([len(part)]) + part for part in _pieces(text)) + b"\0"


def gif_xmp(text: bytes) -> bytes:
    """XMP as Adobe puts it into a GIF: text that only looks like blocks, with a ramp of 258 bytes behind it."""
    return b"\x21\xff\x0bXMP DataXMP" + text + b"\x01" + bytes(range(255, -1, -1)) + b"\0"


def gif_with(*blocks: bytes, data: bytes | None = None) -> bytes:
    """A good GIF with more blocks in front of its first frame."""
    data = data or moving()
    at = 13 + (3 << ((data[10] & 7) + 1) if data[10] & 0x80 else 0)
    return data[:at] + b"".join(blocks) + data[at:]


def gif_of(canvas: tuple[int, int], frames: Sequence[tuple[int, int, int, int]]) -> bytes:
    """A GIF of frames (left, top, width, height) of one colour each, whose dots need not be there."""
    head = b"GIF89a" + struct.pack("<HHBBB", *canvas, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    dots = b"\x02\x02\x4c\x01\0"  # clear, one dot, end
    body = b"".join(b"\x21\xf9\x04\x04\x05\0\0\0\x2c" + struct.pack("<HHHHB", *frame, 0) + dots for frame in frames)
    return head + body + b"\x3b"


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    """A WebP of these chunks."""
    body = b"WEBP" + b"".join(
        kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) & 1) for kind, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def jpeg_segment(marker: int, data: bytes) -> bytes:
    """One segment of a JPEG."""
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def telling() -> dict[str, bytes]:
    """Pictures that tell SECRET wherever their format has a place for it."""
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + SECRET + b"</x:xmpmeta>"
    text = PngImagePlugin.PngInfo()
    text.add_text("Location", SECRET.decode())
    text.add_text("Long", SECRET.decode(), zip=True)
    text.add_itxt("XML:com.adobe.xmp", xmp.decode())
    jpeg = photo(exif=exif(), comment=SECRET, xmp=xmp)
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(SECRET) + 5) + b"\x1c\x02\x5a\0" + SECRET
    jpeg = jpeg[:2] + jpeg_segment(0xED, iptc) + jpeg_segment(0xEB, SECRET) + jpeg[2:]
    noted = [gif_comment(SECRET), gif_xmp(xmp), b"\x21\xff\x0bICCRGBG1012" + bytes([len(SECRET)]) + SECRET + b"\0"]
    return {
        "JPEG": jpeg + b"MotionPhoto_Data" + SECRET,
        "PNG": png_with(chunk(b"seCr", SECRET), data=photo(kind="PNG", pnginfo=text, exif=exif())) + SECRET,
        "WEBP": photo(kind="WEBP", exif=exif(), xmp=xmp),
        "GIF": gif_with(*noted) + SECRET,
        "moving WEBP": moving("WEBP", exif=exif().tobytes(), xmp=xmp) + SECRET,
        "moving PNG": png_with(chunk(b"tEXt", b"Where\0" + SECRET), data=moving("PNG", exif=exif().tobytes())) + SECRET,
    }


def in_boxes(brand: bytes = b"heic") -> bytes:
    """A picture as telephones store it, which tells SECRET in its Exif and its XMP. (AVIF within: it can be made and read here.)"""
    made = photo(kind="AVIF", exif=exif(), xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + SECRET + b"</x:xmpmeta>")
    return made[:8] + brand + made[12:]


def _pieces(text: bytes) -> list[bytes]:
    return [text[at : at + 255] for at in range(0, len(text), 255)]


SCRIPT = b"<html><script>alert(1)</script></html>"


def hostile() -> dict[str, tuple[str, bytes]]:
    """What is uploaded as a picture to do harm -> (name, bytes)."""
    good = photo(kind="PNG")
    packed = bomb(64 * 2**20)
    script = gif_with(gif_comment(SCRIPT), data=moving())
    eps = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9999 9999\n%%EndComments\n{} loop\n"
    fits = b"".join(
        line.ljust(80) for line in (b"SIMPLE  = T", b"BITPIX  = 8", b"NAXIS   = 2", b"NAXIS1  = 99999", b"END")
    )
    many = [(0, 0, 1, 1)] * 10_000
    return {
        "png of 50k x 50k": ("a.png", grey_png(50_000, 50_000)),
        "png that promises 2^31 dots a side": ("a.png", grey_png(2**31 - 1, 2**31 - 1, 1)),
        "png of half its rows": ("a.png", grey_png(4_000, 4_000, 2_000)),
        "zTXt bomb": ("a.png", png_with(chunk(b"zTXt", b"Comment\0\0" + packed))),
        "many zTXt bombs": ("a.png", png_with(*[chunk(b"zTXt", b"Comment\0\0" + bomb(2**20))] * 200)),
        "iCCP bomb": ("a.png", png_with(chunk(b"iCCP", b"ICC\0\0" + packed))),
        "iTXt bomb": ("a.png", png_with(chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + packed))),
        "gif of 10,000 frames": ("a.gif", gif_of((1, 1), many)),
        "gif of 10,000 large frames": ("a.gif", gif_of((5_000, 5_000), [(0, 0, 5_000, 5_000)] * 10_000)),
        "gif frame beyond its canvas": ("a.gif", gif_of((1, 1), [(0, 0, 65_535, 65_535)])),
        "gif frame beside its canvas": ("a.gif", gif_of((9, 9), [(0, 0, 9, 9), (60_000, 60_000, 9, 9)])),
        "gif canvas of 65,535": ("a.gif", gif_of((65_535, 65_535), [(0, 0, 1, 1)])),
        "svg": ("a.png", b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        "html": ("a.png", b"<!doctype html>" + SCRIPT),
        "eps": ("a.png", eps + SCRIPT),
        "fits": ("a.png", fits.ljust(2880) + SCRIPT),
        "tiff": ("a.png", photo(kind="TIFF") + SCRIPT),
        "bmp": ("a.png", photo(kind="BMP") + SCRIPT),
        "pdf": ("a.jpg", b"%PDF-1.7\n1 0 obj <</OpenAction <</S /JavaScript /JS (app.alert(1))>>>> endobj" + SCRIPT),
        "gif and script in one": ("a.gif", b"GIF89a/*" + script[8:] + b"*/=1;" + SCRIPT),
        "gif with a script in a comment": ("a.gif", script),
        "png with html behind it": ("a.png", good + SCRIPT),
        "jpeg with html in a comment": ("a.jpg", photo(comment=SCRIPT)),
        "jpeg with a zip behind it": ("a.jpg", photo() + b"PK\x03\x04" + SCRIPT),
        "webp with html in a chunk": ("a.webp", riff((b"HTML", SCRIPT), (b"VP8 ", photo(kind="WEBP")[20:]))),
        "jpeg of a thousand scans": ("a.jpg", _scans(1_000)),
        **{f"half a {kind}": (f"a.{kind.lower()}", photo((900, 700), kind)[:-300]) for kind in ("JPEG", "PNG", "WEBP")},
        "half a GIF": ("a.gif", moving()[:-200]),
        "head of a GIF": ("a.gif", b"GIF89a"),
        "nothing": ("a.png", b""),
        "first byte": ("a.jpg", b"\xff\xd8\xff"),
    }


def _scans(count: int) -> bytes:
    """A progressive JPEG whose last scan comes again and again: each costs a pass over all dots."""
    data = photo((4_000, 4_000), progressive=True)
    last = data.rfind(b"\xff\xda")
    return data[:last] + data[last:-2] * count + data[-2:]
