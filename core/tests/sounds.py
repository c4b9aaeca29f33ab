"""Sound and film for tests, made by code: containers that are right, with little in them."""

from __future__ import annotations

import io
import struct
import wave


def box(name: bytes, *content: bytes) -> bytes:
    """A box of ISO 14496-12."""
    body = b"".join(content)
    return struct.pack(">I", 8 + len(body)) + name + body


def mp4(
    handler: bytes = b"vide", milliseconds: int = 12_340, late: bool = True, wide: bool = False, told: bytes = b""
) -> bytes:
    """An MP4 whose movie header stands behind the data, as cameras write it, or before; `told`: where it was taken."""
    if wide:
        header = box(b"mvhd", b"\1\0\0\0", bytes(16), struct.pack(">IQ", 1000, milliseconds), bytes(80))
    else:
        header = box(b"mvhd", bytes(4), bytes(8), struct.pack(">II", 1000, milliseconds), bytes(80))
    notes = box(b"udta", box(b"\xa9xyz", told)) if told else b""
    keys = box(b"meta", bytes(4), box(b"keys", b"com.apple.quicktime.location.ISO6709" + told)) if told else b""
    track = box(b"trak", box(b"mdia", box(b"hdlr", bytes(8), handler, bytes(12), b"\0")), notes)
    moov, data = box(b"moov", header, notes, track, keys), box(b"mdat", bytes(3000))
    data += box(b"uuid", bytes(16), told) if told else b""
    return box(b"ftyp", b"isom\0\0\2\0isomiso2") + (data + moov if late else moov + data)


def ogg(milliseconds: int = 2_500) -> bytes:
    """Two pages of Ogg with Opus: the head, and a last one that tells the time."""
    head = b"OggS\0\2" + bytes(20) + b"\1\x13OpusHead\1\1" + bytes(9)
    return head + b"OggS\0\4" + (milliseconds * 48).to_bytes(8, "little") + bytes(12) + b"\1\1\0"


def wav(milliseconds: int = 1_500) -> bytes:
    """Silence."""
    file = io.BytesIO()
    with wave.open(file, "wb") as made:
        made.setnchannels(1)
        made.setsampwidth(2)
        made.setframerate(8000)
        made.writeframes(bytes(16 * milliseconds))
    return file.getvalue()


def flac(milliseconds: int = 3_000) -> bytes:
    """The stream's facts and nothing else."""
    packed = (44_100 << 44) | (1 << 41) | (15 << 36) | (44_100 * milliseconds // 1000)
    return b"fLaC\x80\0\0\x22" + bytes(10) + packed.to_bytes(8, "big") + bytes(16) + bytes(500)


def mp3(frames: int = 100, tag: bool = True, said: int = 0) -> bytes:
    """Frames of 128 kbit/s at 44.1 kHz, 417 bytes and 26.1 ms each; behind a tag; `said`: frames that a Xing header tells of."""
    frame = b"\xff\xfb\x90\x00" + bytes(413)
    first = b"\xff\xfb\x90\x00" + bytes(32) + b"Xing\0\0\0\1" + struct.pack(">I", said) + bytes(369) if said else frame
    return (b"ID3\4\0\0\0\0\2\0" + bytes(256) if tag else b"") + first + frame * (frames - 1)


def webm(video: bool = True, milliseconds: float = 4_000.0) -> bytes:
    """As browsers record it: without a length unless one is given."""

    def element(id: bytes, content: bytes) -> bytes:
        return id + (0x0800_0000_0000_0000 >> 3 | 1 << 56 | len(content)).to_bytes(8, "big")[-8:] + content

    info = b"\x2a\xd7\xb1\x83\x0f\x42\x40" + (
        b"\x44\x89\x88" + struct.pack(">d", milliseconds) if milliseconds else b""
    )
    track = element(b"\xae", b"\xd7\x81\1\x83\x81" + (b"\1\x86\x85V_VP8" if video else b"\2\x86\x86A_OPUS"))
    head = b"\x1a\x45\xdf\xa3\x8b\x42\x86\x81\1\x42\x82\x84webm"
    body = element(b"\x15\x49\xa9\x66", info) + element(b"\x16\x54\xae\x6b", track) + bytes(1000)
    return head + element(b"\x18\x53\x80\x67", body)


def good() -> dict[str, bytes]:
    """One of each container."""
    return {"MP4": mp4(), "M4A": mp4(b"soun"), "Ogg": ogg(), "WAV": wav(), "FLAC": flac(), "MP3": mp3(), "WebM": webm()}
