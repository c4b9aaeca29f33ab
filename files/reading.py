"""The bytes of a stored file for entrances that hand them on piece by piece as fast as their client takes them, from disk or S3."""

from __future__ import annotations

import os
from typing import Any

from django.core.files.storage import default_storage

from core.refusal import Refusal
from files.models import StoredFile
from files.storage import on_s3, stored_name


class Reading:
    """An open stored file of `size` bytes; all of it blocks, so it is used in a thread."""

    def __init__(self, file: StoredFile) -> None:
        self._open: Any
        self.size: int
        if on_s3():
            self._open, self.size = _from_s3(stored_name(file.token))
            return
        try:
            self._open = default_storage.open(stored_name(file.token))
        except FileNotFoundError:
            raise Refusal("not_found") from None
        self.size = os.fstat(self._open.fileno()).st_size

    def read(self, most: int) -> bytes:
        """The next bytes, at most so many; none at the end."""
        return self._open.read(most)

    def close(self) -> None:
        """Doing it twice does nothing."""
        self._open.close()


def _from_s3(name: str) -> tuple[Any, int]:
    from botocore.exceptions import ClientError  # only where S3 is used: it takes 30 MiB

    storage: Any = default_storage
    try:
        found = storage.bucket.Object(name).get()
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
            raise Refusal("not_found") from None
        raise
    return found["Body"], found["ContentLength"]
