"""Mutated pictures and sounds: whatever they are, the parent gets facts or a refusal, and a child that ends within its limits."""

from __future__ import annotations

import io
import random
import time
from pathlib import Path

import pytest
from PIL import Image

from core.media import run
from core.tests import pictures, sounds
from core.tests.test_media import watched

SEEDS = {**pictures.telling(), **sounds.good(), "HEIC": pictures.in_boxes()}


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Some bytes are other ones, some are missing, some come twice; heads are hit as often as the rest."""
    made = bytearray(data)
    for _ in range(chance.choice((1, 2, 5, 20))):
        at = chance.randrange(min(len(made), chance.choice((64, 600, len(made)))))
        match chance.randrange(5):
            case 0:
                made[at] ^= 1 << chance.randrange(8)
            case 1:
                made[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFE, 0xFF))
            case 2:
                made[at : at + 4] = chance.choice((b"\xff" * 4, b"\x7f\xff\xff\xff", b"\0" * 4))
            case 3:
                del made[at : at + chance.randrange(1, 200)]
            case _:
                made[at:at] = made[at : at + chance.randrange(1, 200)]
        made = made or bytearray(b"\0")
    return bytes(made)


def check(folder: Path, data: bytes) -> str:
    source = folder / "source"
    source.write_bytes(data)
    begun = time.monotonic()
    try:
        facts = run.examine(source, folder)
    except run.BadFileError:
        return "refused"
    finally:
        assert time.monotonic() - begun < 60  # of a machine that does other things, too
    if facts.kind == "image":
        for name in ("clean", "preview"):
            with Image.open(io.BytesIO((folder / name).read_bytes()), formats=run.FORMATS) as image:
                image.load()
                assert name != "clean" or image.size == (facts.width, facts.height)
    return facts.kind


@pytest.mark.parametrize("kind", SEEDS)
def test_mutated_files(tmp_path, kind):
    chance = random.Random(f"of {kind}")
    for _ in range(4):
        check(tmp_path, mutated(SEEDS[kind], chance))


@pytest.mark.full
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", SEEDS)
def test_many_mutated_files(tmp_path, kind):
    chance = random.Random(f"many of {kind}")
    results = []
    for number in range(100):
        data = mutated(SEEDS[kind], chance)
        results.append(check(tmp_path, data))
        if number % 20 == 0:
            _, seconds, memory = watched("facts", tmp_path / "source", tmp_path)
            assert seconds < 10 and memory < 512
    assert {"refused", "image", "audio", "video", "file"} & set(results)
    assert kind == "HEIC" or len(set(results)) > 1, results[
        0
    ]  # some are good still, some are not; HEIC is always a file


@pytest.mark.parametrize(
    "eats",
    [
        "bytearray(600 * 2**20)",
        "sum(iter(lambda: 1, 2))",
        "[open(out / 'big', 'ab').write(bytes(2**20)) for _ in range(300)]",
        "[open(source) for _ in range(100)].clear() or [print(file) for file in [open(source) for _ in range(100)]]",
        "open('/etc/passwd').read() and 1 / 0",
    ],
    ids=["memory", "time", "disk", "files", "error"],
)
def test_a_child_that_asks_for_more_is_ended(tmp_path, monkeypatch, eats):
    """The limits are real: the same program with a reader that only eats, and a second of time."""
    child, source = tmp_path / "child", tmp_path / "source"
    child.mkdir()
    main = (run.PROGRAM / "__main__.py").read_text()
    (child / "__main__.py").write_text(main.replace("SECONDS = 10", "SECONDS = 1"))
    (child / "facts.py").write_text(f"def find(source, out):\n    kept = {eats}\n    return {{}}\n")
    source.write_bytes(b"x")
    monkeypatch.setattr(run, "PROGRAM", child)
    status, seconds, memory = watched("facts", source, tmp_path)
    assert status != 0 and seconds < 3 and memory < 512
    with pytest.raises(run.BadFileError):
        run.examine(source, tmp_path)
    assert not (tmp_path / "big").exists() or (tmp_path / "big").stat().st_size <= 256 * 2**20


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "[]",
        '{"kind": "image"}',
        '{"kind": "image", "type": "text/html", "sha256": "%s"}',
        '{"kind": "file", "type": "image/png", "sha256": "%s"}',
        '{"kind": "image", "type": "image/png", "sha256": "%s", "width": -1}',
        '{"kind": "image", "type": "image/png", "sha256": "%s", "width": true}',
        '{"kind": "image", "type": "image/png", "sha256": "%s", "color": "red;}"}',
        '{"kind": "image", "type": "image/png", "sha256": "%s", "animated": "yes"}',
        '{"kind": "image", "type": "image/png", "sha256": "%s", "path": "/etc/passwd"}',
        '{"kind": ["image"], "type": "image/png", "sha256": "%s"}',
        '{"kind": "image", "type": {}, "sha256": "%s"}',
        '{"kind": "image", "type": "image/png", "sha256": "x"}',
    ],
)
def test_a_child_that_was_taken_over_cannot_say_what_it_likes(answer):
    digest = "0" * 64
    good = f'{{"kind": "image", "type": "image/png", "sha256": "{digest}", "width": 3, "color": "#00ff00"}}'
    assert run._checked(good.encode()).width == 3
    with pytest.raises(run.BadFileError):
        run._checked(answer.replace("%s", digest).encode())
