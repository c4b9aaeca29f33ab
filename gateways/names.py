"""Names in fields of a fixed width: what does not fit travels as an alias, `~` and the id in base 36 behind as much as fits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Protocol

from gateways.errors import Malformed

EVERYONE = "Everyone"  # as a group; nobody else may be called so
EVERYONE_NAMES = (EVERYONE, "所有人")
SYSTEM = "system"  # reserved likewise
ALIAS = re.compile(r"(.*)~([0-9a-z]{1,12})")
FIGURES = "0123456789abcdefghijklmnopqrstuvwxyz"
NBSP, JOINER = "\u00a0", "\u200d"
EXTENSION_MAX = 20  # bytes, dot and all


class Named(Protocol):
    """Somebody or something with a name."""

    @property
    def id(self) -> int: ...

    @property
    def name(self) -> str: ...


def base36(number: int) -> str:
    """A number as it stands in an alias."""
    figures = ""
    while True:
        number, figure = divmod(number, 36)
        figures = FIGURES[figure] + figures
        if not number:
            return figures


def to_field(thing: Named, width: int | None = None, *, alias: bool = False) -> str:
    """The name where it needs no more than `width` bytes, else its alias; with `alias` always that."""
    deleted = thing.name.startswith("~")  # it has no name any more, and its number there is no alias
    if not alias and not deleted and (width is None or fits(thing.name, width)):
        return thing.name
    tail = f"~{base36(thing.id)}"
    stem = "" if deleted else thing.name
    return (stem if width is None else cut(stem, width - len(tail))) + tail


def read_alias(text: str) -> tuple[str, int] | None:
    """The beginning of the name, and the id, of what is written as an alias; no name has a `~` in it."""
    found = ALIAS.fullmatch(text)
    return (found[1], int(found[2], 36)) if found else None


def same(text: str, name: str) -> bool:
    """Whether it is exactly this name, case included; some systems take letters and their marks apart."""
    return text == name or unicodedata.normalize("NFC", text) == unicodedata.normalize("NFC", name)


def is_alias_of(text: str, thing: Named) -> bool:
    """Whether it is an alias of this one: a cut of another's name with this id is nobody's."""
    found = read_alias(text)
    return found is not None and found[1] == thing.id and unicodedata.normalize("NFC", thing.name).startswith(
        unicodedata.normalize("NFC", found[0])
    )  # fmt: skip


def is_called(text: str, thing: Named) -> bool:
    """Whether this is its name or an alias of it."""
    return same(text, thing.name) or is_alias_of(text, thing)


def fits(text: str, width: int) -> bool:
    """Whether it needs no more than so many bytes."""
    return len(text) * 4 <= width or len(text.encode()) <= width


def letters(text: str) -> Iterator[str]:
    """Letters as people see them (grapheme clusters): with their marks, joined emoji, flags and syllables of Korean whole."""
    start, flags = 0, 0
    for at in range(1, len(text)):
        flags = flags + 1 if _flag(text[at - 1]) else 0
        if not _joined(text[at - 1], text[at], flags):
            yield text[start:at]
            start = at
    if text:
        yield text[start:]


def _flag(letter: str) -> bool:
    return "\U0001f1e6" <= letter <= "\U0001f1ff"


def _joined(before: str, letter: str, flags: int) -> bool:
    """Whether no cut may be made between these two. `flags`: how many halves of flags stand before in a row."""
    if letter < "\u0300":
        return before == "\r" and letter == "\n"
    if unicodedata.category(letter)[0] == "M" or letter == JOINER or before == JOINER:
        return before not in "\r\n"
    if _flag(letter):
        return flags % 2 == 1
    if "\U0001f3fb" <= letter <= "\U0001f3ff" or "\U000e0020" <= letter <= "\U000e007f":
        return True
    if "\u1100" <= before <= "\u115f" or "\uac00" <= before <= "\ud7a3" or "\u1160" <= before <= "\u11ff":
        return _korean(before, letter)
    return False


def _korean(before: str, letter: str) -> bool:
    """Parts of one syllable: L before L, V and syllables; V (or an open syllable) before V and T; T before T."""
    vowel, tail = "\u1160" <= letter <= "\u11a7", "\u11a8" <= letter <= "\u11ff"
    if "\u1100" <= before <= "\u115f":
        return "\u1100" <= letter <= "\u115f" or vowel or "\uac00" <= letter <= "\ud7a3"
    if "\u1160" <= before <= "\u11a7" or ("\uac00" <= before <= "\ud7a3" and (ord(before) - 0xAC00) % 28 == 0):
        return vowel or tail
    return tail


def cut(text: str, width: int) -> str:
    """As many letters as fit into so many bytes of UTF-8."""
    if fits(text, width):
        return text
    kept, left = [], width
    for letter in letters(text):
        left -= len(letter.encode())
        if left < 0:
            break
        kept.append(letter)
    return "".join(kept)


def split(text: str, width: int) -> list[str]:
    """The whole text in pieces of at most so many bytes, cut between letters; a letter larger than that, between its parts."""
    pieces = []
    while not fits(text, width):
        piece = cut(text, width) or text.encode()[:width].decode(errors="ignore") or text[0]
        pieces.append(piece)
        text = text[len(piece) :]
    return [*pieces, text] if text or not pieces else pieces


def cut_file(name: str, width: int) -> str:
    """A file's name, cut before its extension."""
    if fits(name, width):
        return name
    stem, dot, end = name.rpartition(".")
    end = dot + end if stem and len(end.encode()) < min(EXTENSION_MAX, width) else ""
    return cut(name[: len(name) - len(end)], width - len(end.encode())) + end


def joined(name: str) -> str:
    """A group's name without blanks, for protocols that part fields by them."""
    return name.replace(" ", NBSP)


def blank(name: str) -> str:
    """The name behind `joined`."""
    return name.replace(NBSP, " ")


@lru_cache(4096)
def pad(text: str, width: int) -> bytes:
    """A field of fixed width, padded with NULs; the text fits already."""
    data = text.encode()
    assert len(data) <= width
    return data.ljust(width, b"\x00")


def text_of(data: bytes) -> str:
    """The text of a field: what follows the first NUL is ignored. Raises Malformed."""
    try:
        return bytes(data).partition(b"\x00")[0].decode()
    except UnicodeDecodeError:
        raise Malformed("not UTF-8") from None
