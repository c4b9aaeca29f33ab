"""What the site knows, in the form of `packets`: names that fit, times of the site's zone, codes, a message's frames."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from django.utils import timezone

from gateways.feeds import Person, Text
from gateways.names import Named, cut_file, to_field
from gateways.packets.codec import FILE_NAME, NAME, encode
from gateways.packets.messages import Code, FileNote, Online, Presence, Said
from gateways.verdicts import Verdict

NEVER = "0000.00.00 00:00:00"
CODES = {  # of signing in
    Verdict.SIGNED_IN: Code.DONE,
    Verdict.DISPLACED: Code.DISPLACED,
    Verdict.WRONG_PASSWORD: Code.WRONG_PASSWORD,
    Verdict.NO_SUCH_USER: Code.NO_SUCH_USER,
    Verdict.MUST_CHANGE: Code.MUST_CHANGE,
    Verdict.LOCKED: Code.LOCKED,
    Verdict.ELSEWHERE: Code.ELSEWHERE,
}
NEW_PASSWORD = {**CODES, Verdict.WRONG_PASSWORD: Code.WRONG_OLD}
REGISTRATION = {  # by the code of the refusal; others are told in words
    "name_taken": Code.NAME_TAKEN,
    "bad_username": Code.BAD_NAME,
    "bad_text": Code.BAD_NAME,  # too many marks on one letter
    "words": Code.BAD_NAME,
    "bad_password": Code.BAD_PASSWORD,
}


def name_of(thing: Named) -> str:
    """The name, or the alias where it does not fit."""
    return to_field(thing, NAME)


def moment(at: datetime | None) -> str:
    """A time in the zone of the site."""
    return (
        NEVER if at is None else timezone.localtime(at, timezone.get_default_timezone()).strftime("%Y.%m.%d %H:%M:%S")
    )


@lru_cache(1024)
def presence_frame(person: Person, online: bool) -> bytes:
    """Somebody came or went: the same bytes for everybody."""
    return encode(Presence(Online.ONLINE if online else Online.OFFLINE, name_of(person)))


def file_field(name: str) -> str:
    """As much of a file's name as fits, with its extension."""
    return cut_file(name, FILE_NAME)


def outside(body: str) -> str:
    """A text that is in no group: it must not look like one that is."""
    return f" {body}" if body.startswith("#") else body


def frames_of(text: Text) -> bytes:
    """A message: its text, if it has any, then each of its files. What is only offered has no form of its own here: a line of text."""
    name, at = name_of(text.sender), moment(text.at)
    body = text.body if text.files else text.plain
    said = b""
    if body:
        said = encode(Said(name, at, f"#{text.place.name} {body}" if text.place.kind == "group" else outside(body)))
    return said + b"".join(encode(FileNote(name, at, file_field(file.name), file.id)) for file in text.files)
