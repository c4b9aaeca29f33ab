"""Stored files with bytes, as processing leaves them."""

from __future__ import annotations

from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from files import actions
from files.models import StoredFile
from files.storage import PREVIEW, STILL, stored_name
from tests.cast import Person

DATA = bytes(range(256)) * 40
NAME = "bài 作业.bin"


def make_file(owner: Person, name: str = NAME, data: bytes = DATA, **facts: Any) -> StoredFile:
    """A stored file as processing leaves it."""
    file = actions.store_bytes(owner.user, name, [data[:100], data[100:]])
    facts = {"status": "ready", "kind": "file", "sha256": "ab" * 32, **facts}
    StoredFile.objects.filter(pk=file.pk).update(**facts)
    if facts.get("preview"):
        default_storage.save(stored_name(file.token, PREVIEW), ContentFile(b"preview"))
        default_storage.save(stored_name(file.token, STILL), ContentFile(b"still"))
    return StoredFile.objects.get(pk=file.pk)


def make_picture(owner: Person, name: str = "mèo.gif") -> StoredFile:
    """A GIF that moves, with all that is made of it."""
    return make_file(owner, name, kind="image", content_type="image/gif", preview=True, animated=True)
