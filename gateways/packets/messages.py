"""What travels in `packets`, as values: one class for each row of the note's tables."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple


class Code(IntEnum):
    """Sub-types of 0x80: what came of signing in, registering or changing the password."""

    DONE = 0x00
    DISPLACED = 0x01  # done, and an older sign-in was ended
    WRONG_PASSWORD = 0x02
    NO_SUCH_USER = 0x03
    MUST_CHANGE = 0x04
    NAME_TAKEN = 0x05
    BAD_NAME = 0x06
    BAD_PASSWORD = 0x07
    CHANGED = 0x08
    WRONG_OLD = 0x09
    BAD_NEW = 0x0A
    LOCKED = 0x0B  # (ext) locked, blocked, not approved yet, one-time password expired, second factor needed
    ELSEWHERE = 0x0C  # (ext) signed in elsewhere, and the site refuses a second one


class Online(IntEnum):
    """Sub-types of 0x81."""

    ONLINE = 0x00
    OFFLINE = 0x01


class Listed(NamedTuple):
    """One person of the list at sign-in."""

    name: str
    online: bool


@dataclass(frozen=True, slots=True)
class SignIn:
    """0x10/0x00."""

    name: str
    password: str


@dataclass(frozen=True, slots=True)
class Register:
    """0x10/0x01."""

    name: str
    password: str


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """0x10/0x02."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class SendText:
    """0x12/0x00; no receivers: all."""

    receivers: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class SendFile:
    """0x12/0x02 up to where the content begins; `size` bytes follow as FileBytes."""

    receivers: tuple[str, ...]
    file_name: str
    size: int


@dataclass(frozen=True, slots=True)
class FileBytes:
    """A piece of the content of the frame that was begun, as it came."""

    data: bytes


@dataclass(frozen=True, slots=True)
class GetFile:
    """0x12/0x04."""

    file: int


@dataclass(frozen=True, slots=True)
class LookBack:
    """0x12/0x05."""

    count: int


@dataclass(frozen=True, slots=True)
class SaveSettings:
    """0x13/0x00; the document is JSON, which is not looked at here."""

    document: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """0x80 without data."""

    sub: int


@dataclass(frozen=True, slots=True)
class SignedIn:
    """0x80/0x00 or 0x01 with the time of the last sign-in and everybody."""

    sub: int
    last: str
    people: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class Presence:
    """0x81."""

    sub: int
    name: str


@dataclass(frozen=True, slots=True)
class Said:
    """0x82/0x00."""

    name: str
    time: str
    text: str


@dataclass(frozen=True, slots=True)
class FileNote:
    """0x82/0x01."""

    name: str
    time: str
    file_name: str
    file: int


@dataclass(frozen=True, slots=True)
class FileContent:
    """0x82/0x02 up to where the content begins; `size` bytes follow as FileBytes."""

    name: str
    time: str
    file_name: str
    file: int
    size: int


@dataclass(frozen=True, slots=True)
class Clear:
    """0x82/0x03."""


@dataclass(frozen=True, slots=True)
class Settings:
    """0x83/0x00."""

    document: bytes


Message = (
    SignIn
    | Register
    | ChangePassword
    | SendText
    | SendFile
    | FileBytes
    | GetFile
    | LookBack
    | SaveSettings
    | Answer
    | SignedIn
    | Presence
    | Said
    | FileNote
    | FileContent
    | Clear
    | Settings
)
BEFORE_SIGN_IN = SignIn | Register | ChangePassword
