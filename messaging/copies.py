"""Transcripts as files, for whoever has the machine: one for each conversation, with copies of the files in it where they are wanted."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import localtime
from typing import Any
from urllib.parse import quote

from django.core.files.storage import default_storage

from core.atomic import atomic_file
from files.names import clean_file_name
from files.storage import stored_name
from messaging.transcript import Place, files_in, messages, pieces
from messaging.transcript_forms import FORMS

BLOCK = 256 * 1024  # bytes of a file held at a time
Step = Callable[[int], None]
NOWHERE = {"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))}  # of Windows


@dataclass
class Shelf:
    """Names of transcripts in one folder, and of the folders of their copies: no two the same for any file system."""

    ending: str
    taken: set[str] = field(default_factory=set)

    def name(self, stem: str) -> str:
        """The stem, with a number behind it where it is taken."""
        stem = f"{stem}_" if stem.partition(".")[0].casefold() in NOWHERE else stem.rstrip(". ") or "file"
        found, number = stem, 1
        while self.taken & (names := {found.casefold(), f"{found}.{self.ending}".casefold()}):
            number += 1
            found = f"{stem} ({number})"
        self.taken |= names
        return found


def copy_name(message: dict[str, Any], number: int, file: dict[str, Any]) -> str:
    """What a copy is called: its place in the conversation, then its own name."""
    return f"{message['seq']}-{number} {clean_file_name(file['name'])}"


def write(folder: Path, stem: str, place: Place, form: str, step: Step, *, files: bool = False) -> Path:
    """One transcript; with `files` copies of them in the folder of the same name."""

    def link(message: dict[str, Any], number: int, file: dict[str, Any]) -> str:
        return quote(f"{stem}/{copy_name(message, number, file)}")

    if files:
        for name, token in carried(place):
            (folder / stem).mkdir(mode=0o700, exist_ok=True)
            copy(token, folder / stem / name)
    path = folder / f"{stem}.{FORMS[form][1]}"
    with atomic_file(path) as out:
        for piece in pieces(FORMS[form][0](place, link if files else None, step=step)):
            out.write(piece.encode("utf-8", "replace"))
    return path


def write_zip(folder: Path, stem: str, place: Place, form: str, step: Step) -> Path:
    """One archive with the transcript and its files."""
    path = folder / f"{stem}.zip"
    with atomic_file(path) as out:
        for _ in fill_archive(out, stem, place, form, step):
            pass
    return path


def archive(place: Place, form: str) -> Iterator[bytes]:
    """The same for who reads it while it is made."""
    out = Passing()
    for _ in fill_archive(out, place.stem, place, form):
        if piece := out.take():
            yield piece
    yield out.take()


class Passing(io.RawIOBase):
    """What is written is taken away again."""

    def __init__(self) -> None:
        self.held: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.held.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        """What was written since."""
        held, self.held = self.held, []
        return b"".join(held)


def fill_archive(out: Any, stem: str, place: Place, form: str, step: Step = lambda seq: None) -> Iterator[None]:
    """The transcript, then its files as they are; a stop after each piece."""

    def link(message: dict[str, Any], number: int, file: dict[str, Any]) -> str:
        return quote(f"files/{copy_name(message, number, file)}")

    now = localtime()[:6]
    with zipfile.ZipFile(out, "w") as made:
        document = zipfile.ZipInfo(f"{stem}.{FORMS[form][1]}", now)
        document.compress_type = zipfile.ZIP_DEFLATED
        with made.open(document, "w", force_zip64=True) as target:
            for piece in pieces(FORMS[form][0](place, link, step=step)):
                target.write(piece.encode("utf-8", "replace"))
                yield
        for name, token in carried(place):
            if default_storage.exists(stored_name(token)):
                with (
                    default_storage.open(stored_name(token)) as source,
                    made.open(zipfile.ZipInfo(f"files/{name}", now), "w", force_zip64=True) as target,
                ):
                    while block := source.read(BLOCK):
                        target.write(block)
                        yield
    yield


def carried(place: Place) -> Iterator[tuple[str, str]]:
    """The files of a conversation: names of copies, and tokens."""
    for message in messages(place):
        for number, file in enumerate(files_in(message), 1):
            if file["token"]:
                yield copy_name(message, number, file), file["token"]


def copy(token: str, path: Path) -> None:
    """One file out of the storage; what is lost there is left out."""
    if default_storage.exists(stored_name(token)):
        with default_storage.open(stored_name(token)) as source, atomic_file(path) as target:
            shutil.copyfileobj(source, target, BLOCK)
