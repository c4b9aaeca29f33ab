"""What belongs into a backup besides the database: files that its rows refer to, and the keys of the site."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files.storage import default_storage

from accounts.avatars import SIZES, path_of
from chatroom.backup.snapshot import Snapshot
from files.storage import PREVIEW, STILL, stored_name

FILES, KEYS = "files/", "keys/"
TLS = "tls"
# Nothing else is taken out of an archive: names are those that we give, so none of them leads anywhere else.
FILE_NAME = re.compile(
    r"files/(stored/([A-Za-z0-9_-]{2})/\2[A-Za-z0-9_-]{6,30}(\.preview|\.still)?|avatars/[A-Za-z0-9_-]{22}-(256|64)\.webp)"
)
KEY_NAME = re.compile(r"keys/(secret_key|tls/[a-z]{1,16}\.(pem|key))")
KEY_MAX = 2**16


def list_files(snapshot: Snapshot, out: IO[str]) -> int:
    """Write down the names of all files that rows of the snapshot refer to, a line each; their bytes by the rows."""
    total = 0
    for token, size, preview, animated in snapshot.rows(
        "SELECT token, size, preview, animated FROM files_storedfile ORDER BY id"
    ):
        parts = ["", *[PREVIEW] * bool(preview), *[STILL] * bool(preview and animated)]
        out.writelines(json.dumps(stored_name(token, part)) + "\n" for part in parts)
        total += size
    for (name,) in snapshot.rows(
        "SELECT avatar FROM accounts_user WHERE avatar <> '' UNION SELECT avatar FROM messaging_conversation WHERE avatar <> ''"
    ):
        out.writelines(json.dumps(path_of(name, size)) + "\n" for size in SIZES)
    return total


def open_file(name: str) -> tuple[IO[bytes], int] | None:
    """A file of the storage to read, and its size; None when it is gone."""
    if hasattr(default_storage, "bucket_name"):  # the storage's own reading would first gather all of it
        client = default_storage.bucket.meta.client  # type: ignore[attr-defined]
        try:
            found = client.get_object(Bucket=default_storage.bucket_name, Key=name)
        except (client.exceptions.NoSuchKey, client.exceptions.NoSuchBucket):
            return None
        return found["Body"], found["ContentLength"]
    try:
        file = Path(default_storage.path(name)).open("rb")  # noqa: SIM115 - closed by who reads it
    except FileNotFoundError:
        return None
    return file, os.fstat(file.fileno()).st_size


def keys() -> Iterator[tuple[str, bytes]]:
    """Names and contents: the secret key, wherever it comes from, and the certificate authority of `--tls`."""
    data = Path(settings.DATA_DIR)
    if os.environ.get("CHATROOM_SECRET_KEY") or (data / "secret_key").exists():  # else it is one for this command only
        yield KEYS + "secret_key", f"{settings.SECRET_KEY}\n".encode()
    for path in sorted((data / TLS).glob("*")):
        if KEY_NAME.fullmatch(name := f"{KEYS}{TLS}/{path.name}"):
            yield name, path.read_bytes()
