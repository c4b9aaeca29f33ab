"""Where the files of avatars are."""

from __future__ import annotations

import re

from django.core.files.storage import default_storage

from core.refusal import Refusal

SIZES = (256, 64)
NAME = re.compile(r"[A-Za-z0-9_-]{22}")


def path_of(name: str, size: int) -> str:
    """The place of one file in the storage."""
    return f"avatars/{name}-{size}.webp"


def read_avatar(name: str, size: int) -> bytes:
    """One file of a picture, some kilobytes; whoever is signed in may see it. Raises Refusal."""
    if size not in SIZES or not NAME.fullmatch(name):
        raise Refusal("not_found")
    try:
        with default_storage.open(path_of(name, size)) as file:
            return file.read()
    except FileNotFoundError:
        raise Refusal("not_found") from None
