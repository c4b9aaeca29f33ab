"""What nobody refers to any more goes, a day later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, ForeignObjectRel, OuterRef, QuerySet
from django.utils import timezone

from accounts.actions.people import require_admin
from audit.record import record
from core.hold import files_held
from files.models import Offer, StoredFile, Upload
from files.parts import forget_parts
from files.storage import STORED, UPLOADS, forget_bytes, is_draft, token_of, walk

REST = timedelta(hours=24)  # that is left to send what was uploaded
DRAFT_REST = timedelta(hours=1)  # what is being written belongs to no row yet
BATCH = 200

Item = TypeVar("Item")


def delete_unused() -> dict[str, int]:
    """Delete uploads that were given up, files that nothing refers to and objects without a row; how many of each."""
    now = timezone.now()
    counts = {"uploads": _expire_uploads(now), "files": 0, "objects": 0}
    for ids in _batched(list(unused().filter(created_at__lt=now - REST).values_list("pk", flat=True))):
        counts["files"] += forget_unused(ids)
    for name in list(orphans(older_than=now - REST)):
        if files_held():  # a backup that is being made may know a file whose row went since
            break
        default_storage.delete(name)
        counts["objects"] += 1
    if any(counts.values()):
        with transaction.atomic():
            record(None, "file.purged", detail=counts)
    return counts


def unused() -> QuerySet[StoredFile]:
    """Files that no row of any app refers to. An offer keeps its file only while it is open."""
    files = StoredFile.objects.all()
    for relation in StoredFile._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel):
            rows: Any = relation.related_model._default_manager.filter(**{relation.field.name: OuterRef("pk")})
            if relation.related_model is Offer:
                rows = rows.filter(state__in=(Offer.State.OFFERED, Offer.State.ACCEPTED))
            files = files.exclude(Exists(rows))
    return files


def forget_unused(ids: Sequence[int]) -> int:
    """Delete those of these files that nothing refers to; how many."""
    with transaction.atomic():
        # A message that takes one of them up at this moment holds its row: it is seen, or it finds nothing to take
        list(StoredFile.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk").values_list("pk"))
        gone = list(unused().filter(pk__in=ids))
        StoredFile.objects.filter(pk__in=[file.pk for file in gone]).delete()
        for file in gone:
            transaction.on_commit(partial(forget_bytes, file.token))
    return len(gone)


def purge_unused(actor: Any, ids: Sequence[int]) -> int:
    """Delete those of these files that nothing refers to before their day is over; how many. Raises Refusal."""
    require_admin(actor)
    with transaction.atomic():
        gone = forget_unused(ids)
        if gone:
            record(actor, "file.purged", detail={"files": gone})
    return gone


def orphans(older_than: Any = None) -> Iterable[str]:
    """Names of objects in the storage that belong to no row, and that nobody is writing."""
    written = timezone.now() - DRAFT_REST
    for folder in (STORED, UPLOADS):
        for found in _batched(walk(folder)):
            tokens = {token_of(item.name) for item in found}
            # uploads first: one that is finished between the two is seen as the file it has become
            known = set(Upload.objects.filter(token__in=tokens, file=None).values_list("token", flat=True))
            known |= set(StoredFile.objects.filter(token__in=tokens).values_list("token", flat=True))
            for item in found:
                limit = older_than or (written if is_draft(item.name) else None)
                if token_of(item.name) not in known and (limit is None or item.changed < limit):
                    yield item.name


def account_deleted(user: Any) -> Iterable[int]:
    """Part of the deletion of an account: what it was uploading goes. What it has sent stays with the messages."""
    uploads = Upload.objects.filter(owner=user, file=None)
    for token in list(uploads.values_list("token", flat=True)):
        transaction.on_commit(partial(forget_parts, token))
    uploads.delete()
    return ()


def _expire_uploads(now: Any) -> int:
    count = 0
    for upload in Upload.objects.filter(expires_at__lt=now).order_by("pk")[:10_000]:
        # once more: a byte may have come meanwhile
        if Upload.objects.filter(pk=upload.pk, expires_at__lt=now).delete()[0] and upload.file_id is None:
            forget_parts(upload.token)
            count += 1
    return count


def _batched(items: Iterable[Item]) -> Iterator[list[Item]]:
    rest = iter(items)
    while batch := list(islice(rest, BATCH)):
        yield batch
