"""Sound and film are told by their bytes, with the length where the container tells it."""

from __future__ import annotations

import hashlib

import pytest

from core.media import run
from core.tests import sounds

CASES = {
    "a film, its header at the end": (sounds.mp4(), "video/mp4", 12_340),
    "a film, its header first": (sounds.mp4(late=False), "video/mp4", 12_340),
    "a film with long numbers": (sounds.mp4(wide=True), "video/mp4", 12_340),
    "sound in MP4": (sounds.mp4(b"soun"), "audio/mp4", 12_340),
    "opus": (sounds.ogg(), "audio/ogg", 2_500),
    "wav": (sounds.wav(), "audio/wav", 1_500),
    "flac": (sounds.flac(), "audio/flac", 3_000),
    "mp3 behind a tag": (sounds.mp3(), "audio/mpeg", 2_606),
    "mp3 without one": (sounds.mp3(tag=False), "audio/mpeg", 2_606),
    "mp3 that tells its frames": (sounds.mp3(said=1000), "audio/mpeg", 26_122),
    "webm": (sounds.webm(), "video/webm", 4_000),
    "recorded sound": (sounds.webm(video=False, milliseconds=0), "audio/webm", 0),
}
NOT = {
    "heic": sounds.box(b"ftyp", b"heic\0\0\0\0mif1heic") + bytes(99),
    "mp4 without a header": sounds.box(b"ftyp", b"isom\0\0\2\0") + sounds.box(b"mdat", bytes(99)),
    "mp4 cut off": sounds.mp4()[:-300],
    "matroska": sounds.webm().replace(b"webm", b"mkv!"),
    "two bytes of mp3": b"\xff\xfb" + bytes(5000),
    "utf-16": b"\xff\xfe" + "xin chào".encode("utf-16-le"),
    "ogg of something": b"OggS" + bytes(200),
    "zip": b"PK\3\4" + bytes(200),
}


@pytest.mark.parametrize("what", CASES)
def test_sound_and_film(tmp_path, what):
    data, type, milliseconds = CASES[what]
    (tmp_path / "source").write_bytes(data)
    facts = run.examine(tmp_path / "source", tmp_path)
    assert (facts.kind, facts.type) == (type[:5], type)
    assert abs(facts.duration - milliseconds) <= milliseconds / 40
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


@pytest.mark.parametrize("what", NOT)
def test_what_only_looks_so_is_a_file(tmp_path, what):
    (tmp_path / "source").write_bytes(NOT[what])
    facts = run.examine(tmp_path / "source", tmp_path)
    assert (facts.kind, facts.type, facts.duration) == ("file", "application/octet-stream", 0)


@pytest.mark.parametrize("late", [True, False])
def test_a_film_tells_no_longer_where_it_was_taken(tmp_path, late):
    secret, source = b"+21.0285+105.8542/", tmp_path / "source"
    before = sounds.mp4(told=secret, late=late)
    source.write_bytes(before)
    facts = run.examine(source, tmp_path)
    after = source.read_bytes()
    assert before.count(secret) == 4 and secret not in after and b"location" not in after
    assert (facts.type, facts.duration, facts.changed, len(after)) == ("video/mp4", 12_340, True, len(before))
    assert facts.sha256 == hashlib.sha256(after).hexdigest()
    assert after.replace(b"free", b"").strip(b"\0") and after.count(b"free") == 4
    again = run.examine(source, tmp_path)
    assert source.read_bytes() == after and (again.changed, again.sha256) == (False, facts.sha256)


def test_the_tags_of_a_song_stay(tmp_path):
    (tmp_path / "source").write_bytes(before := sounds.mp4(b"soun", told=b"a title"))
    assert not run.examine(tmp_path / "source", tmp_path).changed
    assert (tmp_path / "source").read_bytes() == before


def test_a_long_film_is_made_clean_too(tmp_path):
    head, _, tail = sounds.mp4(told=b"+21.0285+105.8542/").partition(sounds.box(b"mdat", bytes(3000)))
    source, size = tmp_path / "source", 300 * 2**20
    with source.open("wb") as file:  # with a hole, so that it takes no room
        file.write(head + (size + 8).to_bytes(4, "big") + b"mdat")
        file.seek(size, 1)
        file.write(tail)
    facts = run.examine(source, tmp_path)
    assert (facts.type, facts.changed) == ("video/mp4", True)
    with source.open("rb") as file:
        file.seek(size)
        assert b"105.8542" in tail and b"105.8542" not in file.read()
