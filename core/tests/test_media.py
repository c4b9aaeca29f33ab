"""What strangers' files are read with: good pictures stay what they are and tell nothing, hostile ones cost a limited child and no more."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from core.media import run
from core.tests import pictures

MIB = 2**20


def examine(folder: Path, data: bytes) -> run.Facts:
    source = folder / "source"
    source.write_bytes(data)
    return run.examine(source, folder)


def opened(folder: Path, name: str = "clean") -> Image.Image:
    return Image.open(io.BytesIO((folder / name).read_bytes()))


@pytest.mark.parametrize(
    ("kind", "type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("GIF", "image/gif")]
)
def test_a_picture_is_told_by_its_bytes_and_made_small(tmp_path, kind, type):
    facts = examine(tmp_path, pictures.photo((1000, 500), kind))
    assert (facts.kind, facts.type, facts.width, facts.height) == ("image", type, 1000, 500)
    assert (facts.animated, facts.frames, facts.color[0]) == (False, 1, "#")
    clean, preview = opened(tmp_path), opened(tmp_path, "preview")
    assert (clean.format, clean.size, preview.format, preview.size) == (kind, (1000, 500), "WEBP", (640, 320))
    for image in (clean, preview):
        red, _, blue = image.convert("RGB").getpixel((image.width // 8, 9))
        assert red > 200 > 60 > blue
    assert not (tmp_path / "still").exists()


def test_a_picture_with_more_than_a_byte_for_each_dot(tmp_path):
    file = io.BytesIO()
    Image.effect_noise((400, 300), 200).convert("RGB").save(file, "JPEG", quality=100, subsampling=0)
    assert len(file.getvalue()) > 400 * 300
    assert examine(tmp_path, file.getvalue()).type == "image/jpeg"
    assert opened(tmp_path).size == (400, 300)


@pytest.mark.parametrize("kind", sorted(pictures.telling()))
def test_c33_the_served_copy_tells_nothing(tmp_path, kind):
    before = pictures.telling()[kind]
    assert pictures.SECRET in before
    facts = examine(tmp_path, before)
    for part in tmp_path.iterdir():
        if part.name != "source":
            image, content = opened(tmp_path, part.name), part.read_bytes()
            assert pictures.SECRET not in content and not image.getexif(), part.name
            assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"} | {
                "version", "background", "extension", "loop", "duration", "timestamp", "default_image", "disposal", "blend", "bbox"
            }  # fmt: skip
    assert facts.kind == "image" and facts.animated == ("moving" in kind or kind == "GIF")


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
@pytest.mark.parametrize("loop", [0, 3])
def test_c33_what_moves_keeps_frames_times_and_loop(tmp_path, kind, loop):
    before = pictures.moving(kind, loop=loop)
    facts = examine(tmp_path, before)
    told = pictures.times_of(before)
    assert told == (4, [100, 40, 250, 70], loop)
    assert pictures.times_of((tmp_path / "clean").read_bytes()) == told
    assert (facts.animated, facts.frames) == (True, 4)
    frames, times, plays = pictures.times_of((tmp_path / "preview").read_bytes())
    assert (frames, times, plays) == (4, told[1], loop + 1 if kind == "GIF" and loop else loop)
    assert opened(tmp_path, "still").n_frames == 1
    before_frames, after_frames = (Image.open(io.BytesIO(data)) for data in (before, (tmp_path / "clean").read_bytes()))
    for number in range(4):
        before_frames.seek(number)
        after_frames.seek(number)
        assert before_frames.convert("RGBA").tobytes() == after_frames.convert("RGBA").tobytes()


def test_a_gif_without_a_loop_plays_once(tmp_path):
    source = io.BytesIO()
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "green", "blue")]
    frames[0].save(source, "GIF", save_all=True, append_images=frames[1:], duration=50)
    facts = examine(tmp_path, source.getvalue())
    assert facts.frames == 3
    assert pictures.times_of((tmp_path / "clean").read_bytes())[2] is None
    assert pictures.times_of((tmp_path / "preview").read_bytes())[2] == 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("turn", [3, 6])
def test_it_stands_upright(tmp_path, kind, turn):
    facts = examine(tmp_path, pictures.photo((400, 300), kind, exif=pictures.exif(turn)))
    assert (facts.width, facts.height) == ((400, 300) if turn == 3 else (300, 400))
    for name in ("clean", "preview"):
        image = opened(tmp_path, name).convert("RGB")
        first, last = image.getpixel((9, 9)), image.getpixel((image.width - 9, image.height - 9))
        red, blue = (last, first) if turn == 3 else (first, last)
        assert image.size == (facts.width, facts.height) and red[0] > 200 and blue[2] > 200


def wide_profile() -> bytes:
    """A profile whose red is the green of sRGB, so that nobody can overlook whether it was used."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    places = {bytes(data[at : at + 4]): at for at in range(132, 132 + 12 * int.from_bytes(data[128:132], "big"), 12)}
    red, green = (int.from_bytes(data[places[tag] + 4 : places[tag] + 8], "big") for tag in (b"rXYZ", b"gXYZ"))
    data[red : red + 20], data[green : green + 20] = data[green : green + 20], data[red : red + 20]
    return bytes(data).replace("sRGB".encode("utf-16-be"), "ours".encode("utf-16-be"))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_colours_of_a_profile_become_those_of_the_web(tmp_path, kind):
    examine(tmp_path, pictures.photo(kind=kind, icc_profile=wide_profile()))
    clean = opened(tmp_path)
    red, green, _ = clean.convert("RGB").getpixel((30, 30))
    assert green > 200 > 60 > red and "icc_profile" not in clean.info
    examine(tmp_path, pictures.photo(kind=kind, icc_profile=b"no profile at all"))
    assert opened(tmp_path).convert("RGB").getpixel((30, 30))[0] > 200


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_png_stays_what_it_looks_like(tmp_path, mode):
    image = Image.linear_gradient("L").resize((300, 300))
    if mode == "I;16":
        made = Image.frombytes("I;16", (300, 300), b"".join(bytes([0, dot]) for dot in image.tobytes()))
    elif mode in ("LA", "RGBA"):
        made = image.convert(mode)
        made.putalpha(Image.new("L", (300, 300), 90))
    else:
        made = image.convert(mode)
    file = io.BytesIO()
    made.save(file, "PNG")
    examine(tmp_path, file.getvalue())
    for name in ("clean", "preview"):
        shown = opened(tmp_path, name).convert("RGBA")
        low, high = (sum(shown.getpixel((150, y))[0] for y in range(at, at + 40)) / 40 for at in (5, 255))
        assert low < 60 and high > 195
        assert abs(shown.getpixel((9, 150))[3] - (90 if "A" in mode else 255)) < 4


def test_a_jpeg_keeps_its_fineness(tmp_path):
    for quality in (40, 95):
        before = pictures.photo((800, 600), quality=quality, subsampling=0)
        examine(tmp_path, before)
        assert opened(tmp_path).quantization == Image.open(io.BytesIO(before)).quantization
    examine(tmp_path, pictures.photo(mode="CMYK"))
    assert opened(tmp_path).mode == "RGB"


def test_a_jpeg_that_is_too_large_to_be_read_is_read_smaller(tmp_path):
    facts = examine(tmp_path, pictures.photo((8_000, 6_000), quality=30))
    assert (facts.width, facts.height) == opened(tmp_path).size == (4_000, 3_000)


USAGE = """
import resource, subprocess, sys
status = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(status, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""


def watched(task: str, source: Path, out: Path) -> tuple[int, float, float]:
    """Exit status, seconds of the processor and MiB of the child. (A child counts as its own what its parent had when it started it.)"""
    program = [sys.executable, "-I", str(run.PROGRAM), task, str(source), str(out), "10"]
    told = subprocess.run([sys.executable, "-I", "-c", USAGE, *program], capture_output=True, env={}, check=True).stdout
    status, seconds, memory = told.split()
    return int(status), float(seconds), float(memory)


HOSTILE = pictures.hostile()


@pytest.mark.parametrize("what", HOSTILE)
def test_c12_a_hostile_picture_is_refused_or_clean(tmp_path, what):
    _, data = HOSTILE[what]
    source = tmp_path / "source"
    source.write_bytes(data)
    for task in ("facts", "avatar"):
        _, seconds, memory = watched(task, source, tmp_path)
        assert seconds < 5 and memory < 512, task
    try:
        facts = run.examine(source, tmp_path)
    except run.BadFileError:
        return
    if facts.kind == "file":
        assert facts.type == "application/octet-stream"
        return
    made = {name: (tmp_path / name).read_bytes() for name in ("clean", "preview")}
    for content in made.values():
        assert b"alert" not in content
        Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "GIF", "WEBP")).load()


@pytest.mark.parametrize("brand", [b"heic", b"avif"])
def test_a_picture_that_is_not_decoded_tells_no_longer_where_it_was_taken(tmp_path, brand):
    data = pictures.in_boxes(brand)
    assert data.count(pictures.SECRET) >= 2
    source = tmp_path / "source"
    source.write_bytes(data)
    found = run.examine(source, tmp_path)
    after = source.read_bytes()
    assert (found.kind, found.changed, found.sha256) == ("file", True, hashlib.sha256(after).hexdigest())
    assert pictures.SECRET not in after and len(after) == len(data)
    before, now = (Image.open(io.BytesIO(one[:8] + b"avif" + one[12:])).convert("RGB") for one in (data, after))
    assert before.tobytes() == now.tobytes()
    assert run.examine(source, tmp_path).sha256 == found.sha256


def test_what_comes_to_no_end_beside_others_begins_anew_with_more(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "GENTLE_SECONDS", 0.01)
    monkeypatch.setattr(run, "GENTLE_SPEED", 10**12)
    assert examine(tmp_path, pictures.photo((1000, 500))).kind == "image"
    assert opened(tmp_path, "preview").size == (640, 320)
