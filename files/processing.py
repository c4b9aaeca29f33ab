"""From uploaded bytes to what is shown: read by a limited child (core/media), stored, told. A row is the job, so nothing is lost with a worker."""

from __future__ import annotations

import hashlib
import logging
import shutil
import tempfile
import time
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from core import registry
from core.media import run
from files.actions.uploads import is_allowed, note_refused
from files.models import StoredFile
from files.storage import PREVIEW, STILL, on_s3, stored_name

TRIES = 3
ALONE = timedelta(minutes=2)  # without a sign of life its worker is taken for dead
SIGN_SECONDS = 30.0
FOLDER = "processing"  # under DATA_DIR, as /tmp is memory on many machines
PARTS = {"preview": PREVIEW, "still": STILL, "clean": ""}  # in this order: the uploaded bytes are given up last
BATCH = 500
NOTHING = {"width": 0, "height": 0, "duration": 0, "animated": False, "color": "", "preview": False, "peaks": None}
log = logging.getLogger("chatroom.files")


def process(id: int) -> None:
    """Look at a file and make what is shown of it. Does nothing when that was done, or is being done elsewhere."""
    with run.turn():
        if file := _claim(id):
            try:
                _process(file)
            except Exception:  # storage or database away, machine full: look_after comes back to it
                log.exception("File %s was not processed; try %s of %s", id, file.tries, TRIES)


def look_after() -> list[int]:
    """Files whose worker has stopped, to be queued again; those that were tried often enough fail."""
    left = StoredFile.objects.filter(status=StoredFile.Status.PROCESSING, touched_at__lt=timezone.now() - ALONE)
    ids = []
    for file in left.order_by("touched_at")[:BATCH]:
        if file.tries < TRIES:
            ids.append(file.pk)
        else:
            _settle(file, _failed()) if is_allowed(StoredFile.Kind.FILE) else _refuse(file, unread=True)
    return ids


def forget_left_over() -> None:
    """Delete working folders of workers that were killed."""
    for folder in (settings.DATA_DIR / FOLDER).glob("*"):
        if folder.stat().st_mtime < time.time() - 24 * 3600:
            shutil.rmtree(folder, ignore_errors=True)


def _claim(id: int) -> StoredFile | None:
    now = timezone.now()
    free = StoredFile.objects.filter(Q(tries=0) | Q(touched_at__lt=now - ALONE), pk=id, tries__lt=TRIES)
    if not free.filter(status=StoredFile.Status.PROCESSING).update(tries=F("tries") + 1, touched_at=now):
        return None
    return StoredFile.objects.get(pk=id)


def _process(file: StoredFile) -> None:
    (settings.DATA_DIR / FOLDER).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.DATA_DIR / FOLDER) as name:
        folder = Path(name)
        source = _on_disk(file, folder)
        try:
            found = run.examine(source, folder, partial(_sign, file))
        except run.BadFileError as error:
            log.info("File %s is no picture: %s", file.pk, error)
            if not is_allowed(StoredFile.Kind.FILE):
                _refuse(file)
                return
            with source.open("rb") as content:
                _settle(file, _failed() | {"sha256": hashlib.file_digest(content, "sha256").hexdigest()})
            return
        if not is_allowed(found.kind):
            _refuse(file)
            return
        image = found.kind == StoredFile.Kind.IMAGE
        made = {part: folder / part for part in PARTS if image and (folder / part).is_file()}
        if found.changed and on_s3():  # on the disk it was changed where it lies
            made["clean"] = source
        values: dict[str, Any] = {
            "status": StoredFile.Status.READY,
            "kind": found.kind,
            "content_type": found.type,
            "sha256": found.sha256,
            "width": found.width if image else file.width,
            "height": found.height if image else file.height,
            "animated": found.animated,
            "color": found.color,
            "preview": "preview" in made,
        }
        if found.kind in (StoredFile.Kind.AUDIO, StoredFile.Kind.VIDEO):
            values["duration"] = found.duration or file.duration
        if found.kind != StoredFile.Kind.AUDIO:
            values["peaks"] = None
        if found.kind == StoredFile.Kind.FILE:
            values |= NOTHING
            if file.kind == StoredFile.Kind.IMAGE:
                values["status"] = StoredFile.Status.FAILED
        if made:
            values["size"] = made["clean"].stat().st_size
        if not _sign(file):  # another worker has taken it for left, and is at it or done
            return
        for part, path in made.items():
            with path.open("rb") as content:
                default_storage.save(stored_name(file.token, PARTS[part]), File(content))
        _settle(file, values)


def _sign(file: StoredFile) -> bool:
    """A sign of life; whether this worker is still the one."""
    row = StoredFile.objects.filter(pk=file.pk, status=StoredFile.Status.PROCESSING, tries=file.tries)
    return bool(row.update(touched_at=timezone.now()))


def _settle(file: StoredFile, values: dict[str, Any]) -> None:
    """The row and all that is told of it, unless another worker was faster."""
    with transaction.atomic():
        row = StoredFile.objects.filter(pk=file.pk, status=StoredFile.Status.PROCESSING, tries=file.tries)
        if row.update(**values, touched_at=timezone.now()):
            file.refresh_from_db()
            for told in registry.file_changed:
                told(file)
            if file.status == StoredFile.Status.REFUSED:
                note_refused(file)


def _refuse(file: StoredFile, unread: bool = False) -> None:
    """Its name said another kind than its bytes, or nobody could look at them (then it has no type): nobody gets them, and the card says why.

    Empty, not gone: rows and storage agree.
    """
    if _sign(file):
        log.info("File %s is of a kind that may not be sent, or cannot be read", file.pk)
        default_storage.save(stored_name(file.token), ContentFile(b""))
        values = _failed() | {"status": StoredFile.Status.REFUSED, "size": 0}
        _settle(file, values | ({"content_type": ""} if unread else {}))


def _failed() -> dict[str, Any]:
    kind = {"kind": StoredFile.Kind.FILE, "content_type": "application/octet-stream"}
    return {"status": StoredFile.Status.FAILED, **kind, **NOTHING}


def _on_disk(file: StoredFile, folder: Path) -> Path:
    name = stored_name(file.token)
    if not on_s3():
        return Path(default_storage.path(name))
    signed = time.monotonic()

    def moved(_: int) -> None:
        nonlocal signed
        if time.monotonic() - signed > SIGN_SECONDS:
            signed = time.monotonic()
            _sign(file)

    from boto3.s3.transfer import TransferConfig  # only where S3 is used: it takes 30 MiB

    one = TransferConfig(use_threads=False)  # `moved` uses this thread's connection to the database
    default_storage.bucket.download_file(name, str(folder / "source"), Callback=moved, Config=one)  # type: ignore[attr-defined]
    return folder / "source"
