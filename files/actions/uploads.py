"""From the announcement of a file to the stored file: each rule is asked before the first byte."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.record import record
from core import policies, registry
from core.jobs import soon
from core.refusal import Refusal
from core.room import least_free
from files.access import get_offer_to_fill
from files.actions.sweep import forget_unused, unused
from files.models import StoredFile, Upload
from files.names import clean_file_name
from files.parts import complete, forget_parts, open_parts
from files.policies import MIB, Files
from files.storage import free_space, new_token, on_s3

KEPT = timedelta(hours=24)  # after its last byte an upload is given up
OPEN_MAX = 500  # uploads of one person that are not complete
LENGTH_MAX = 2**31 - 1  # of what the client says of pixels and milliseconds
PEAKS = 64
KINDS = {  # by the ends of names, until the bytes were looked at
    StoredFile.Kind.IMAGE: ("jpg", "jpeg", "jfif", "png", "gif", "webp"),
    StoredFile.Kind.AUDIO: ("mp3", "m4a", "aac", "ogg", "oga", "opus", "wav", "weba", "flac"),
    StoredFile.Kind.VIDEO: ("mp4", "m4v", "mov", "webm", "ogv"),
}
ALLOWED = {"images": (StoredFile.Kind.IMAGE,), "media": tuple(KINDS)}
TOO_LARGE = _("The file is too large: at most %(limit)s MiB.")
NO_QUOTA = _(
    "Your files have used up the %(limit)s MiB that each person has. Recall some, or ask an administrator for more."
)
TOO_MANY = _("Too many files are on their way at once. Wait for some of them first.")
DISK_FULL = _("The server has no room for files left. Tell an administrator, please.")


def create_upload(
    actor: Any,
    name: str,
    size: int,
    *,
    voice: bool = False,
    duration: int = 0,
    peaks: Sequence[int] | None = None,
    width: int = 0,
    height: int = 0,
    offer: int | None = None,
) -> Upload:
    """Announce a file, whose bytes may follow in pieces. Raises Refusal."""
    policy = policies.get(Files)
    if not name.strip():
        raise Refusal("bad_name", _("A file needs a name."), 400)
    numbers = (duration, width, height)
    if size < 0 or not all(0 <= number <= LENGTH_MAX for number in numbers) or not _good_peaks(peaks):
        raise Refusal("bad_request")
    if size > policy.max_size * MIB:
        raise Refusal("too_large", TOO_LARGE, limit=policy.max_size)
    name = clean_file_name(name)
    for check in registry.file_name_checks:
        check(name)
    if not is_allowed(guess_kind(name, voice)):
        raise Refusal("kind_not_allowed", _("Files of this kind may not be sent here."))
    check_room(size)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=actor.pk)  # whoever announces two at once has one quota
        under_way = Upload.objects.filter(owner=actor.pk, file=None)
        if policy.quota and _used(actor) + size > policy.quota * MIB:
            forget_unused(list(unused().filter(owner=actor.pk).values_list("pk", flat=True)))  # what was recalled
            if _used(actor) + size > policy.quota * MIB:
                raise Refusal("quota", NO_QUOTA, limit=policy.quota)
        if under_way.count() >= OPEN_MAX:
            raise Refusal("quota", TOO_MANY)
        filled = get_offer_to_fill(actor, offer, size) if offer is not None else None
        return Upload.objects.create(
            token=new_token(),
            owner=actor,
            name=filled.name if filled else name,  # what the receiver has agreed to
            size=size,
            voice=voice,
            duration=duration,
            peaks=list(peaks) if voice and peaks else None,
            width=width,
            height=height,
            offer=filled,
            expires_at=timezone.now() + KEPT,
        )


def _used(actor: Any) -> int:
    """Bytes of a person: stored, and announced."""
    files, uploads = StoredFile.objects.filter(owner=actor.pk), Upload.objects.filter(owner=actor.pk, file=None)
    return sum(rows.aggregate(sum=Sum("size"))["sum"] or 0 for rows in (files, uploads))


def forget_uploads(files: Sequence[int]) -> None:
    """Nobody asks any more how far the uploads of these files are: from now on only what refers to the files keeps them."""
    Upload.objects.filter(file__in=files).delete()


def confirm_bytes(upload: Upload, offset: int) -> None:
    """The bytes up to `offset` are safe. One of several writers wins; the others hear "conflict". Raises Refusal."""
    now = timezone.now()
    mine = Upload.objects.filter(pk=upload.pk, offset=upload.offset, file=None, expires_at__gt=now)
    if mine.update(offset=offset, expires_at=now + KEPT) != 1:
        raise Refusal("conflict")
    upload.offset, upload.expires_at = offset, now + KEPT


def finish(upload: Upload) -> StoredFile:
    """Make the stored file of a complete upload; asked for again, answer the same one. Raises Refusal."""
    if upload.file is not None:
        return upload.file
    if upload.offset != upload.size:
        raise Refusal("conflict")
    try:
        complete(upload.token, upload.size)
    except LookupError:
        raise Refusal("not_found") from None
    with transaction.atomic():
        row = Upload.objects.select_for_update(of=("self",)).select_related("file").filter(pk=upload.pk).first()
        if row is None:
            raise Refusal("not_found")
        if row.file is None:
            row.file = StoredFile.objects.create(
                token=row.token,
                owner_id=row.owner_id,
                name=row.name,
                size=row.size,
                kind=guess_kind(row.name, row.voice),
                duration=row.duration,
                peaks=row.peaks,
                width=row.width,
                height=row.height,
            )
            row.save(update_fields=["file"])
            transaction.on_commit(partial(process_soon, row.file.pk))
            if on_s3():
                transaction.on_commit(partial(forget_parts, row.token))
            if row.offer_id is not None:
                registry.offer_filled(row.offer_id, row.file)
            record(upload.owner, "file.uploaded", row.file, detail={"size": row.size})
    upload.file = row.file
    return row.file


def cancel_upload(actor: Any, upload: Upload) -> None:
    """Give it up; its bytes go, unless the file is in use already."""
    if Upload.objects.filter(pk=upload.pk, owner=actor.pk).delete()[0]:
        if upload.file_id:
            forget_unused([upload.file_id])
        else:
            transaction.on_commit(partial(forget_parts, upload.token))


def store_bytes(actor: Any, name: str, chunks: Iterable[bytes]) -> StoredFile:
    """Store a file that comes in one go, in memory never as a whole. Raises Refusal."""
    policy = policies.get(Files)
    with tempfile.TemporaryFile(dir=settings.DATA_DIR) as whole:
        for chunk in chunks:
            whole.write(chunk)
            if whole.tell() > policy.max_size * MIB:
                raise Refusal("too_large", TOO_LARGE, limit=policy.max_size)
        upload = create_upload(actor, name, whole.tell())
        try:
            whole.seek(0)
            parts = open_parts(upload.token, 0)
            try:
                while piece := whole.read(MIB):
                    parts.append(piece)
                parts.sync()
            finally:
                parts.close()
            confirm_bytes(upload, upload.size)
            return finish(upload)
        except BaseException:
            cancel_upload(actor, upload)
            raise


def check_room(size: int = 0) -> None:
    """Whether the disk can take so much more. Raises Refusal."""
    free, total = free_space()
    if free - size < least_free(total):
        raise Refusal("disk_full", DISK_FULL, 507)


def is_allowed(kind: str) -> bool:
    """Whether files of this kind may be sent here."""
    return kind in ALLOWED.get(policies.get(Files).kinds, StoredFile.Kind.values)


def note_refused(file: StoredFile) -> None:
    """A file turned out to be of a kind that may not be sent, or could not be looked at. The last statement of its transaction."""
    record(None, "file.refused", file, detail={} if file.content_type else {"unread": True})


def guess_kind(name: str, voice: bool = False) -> str:
    """What a file seems to be, going by its name; of a voice message the container may be that of films."""
    end = name.rpartition(".")[2].lower()
    kind = next((kind for kind, ends in KINDS.items() if end in ends), StoredFile.Kind.FILE)
    return StoredFile.Kind.AUDIO if voice and kind == StoredFile.Kind.VIDEO else kind


def process_soon(id: int) -> None:
    """Have the file looked at."""
    soon("files.process", id)


def _good_peaks(peaks: Sequence[int] | None) -> bool:
    return peaks is None or (len(peaks) == PEAKS and all(0 <= peak <= 100 for peak in peaks))
