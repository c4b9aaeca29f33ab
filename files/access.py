"""Who may read which file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from core import registry
from core.refusal import Refusal
from files.models import Offer, StoredFile, Upload


def get_file(user: Any, token: str) -> StoredFile:
    """A file that this person owns, or that something of an upper app lets him read. Raises Refusal."""
    return _readable(user, StoredFile.objects.filter(token=token).first())


def get_file_by_id(user: Any, id: int) -> StoredFile:
    """The same by the number that older clients know it by; numbers can be guessed, so the right to see it is all. Raises Refusal."""
    return _readable(user, StoredFile.objects.filter(pk=id).select_related("owner").first())


def _readable(user: Any, file: StoredFile | None) -> StoredFile:
    if file is None or not (file.owner_id == user.pk or any(reads(user, file) for reads in registry.file_readers)):
        raise Refusal("not_found")
    return file


def get_own_files(user: Any, tokens: Sequence[str]) -> list[StoredFile]:
    """Files of his own, in the order asked for. Raises Refusal."""
    found = {file.token: file for file in StoredFile.objects.filter(owner=user.pk, token__in=set(tokens))}
    if len(found) != len(set(tokens)):
        raise Refusal("not_found")
    return [found[token] for token in tokens]


def get_upload(user: Any, token: str) -> Upload:
    """An upload of his own that has not expired. Raises Refusal."""
    upload = (
        Upload.objects.filter(token=token, owner=user.pk, expires_at__gt=timezone.now()).select_related("file").first()
    )
    if upload is None:
        raise Refusal("not_found")
    return upload


def get_offer_to_fill(user: Any, id: int, size: int) -> Offer:
    """An offer of his that was accepted and waits for exactly such a file. Raises Refusal."""
    offer = Offer.objects.filter(
        pk=id, sender=user.pk, state=Offer.State.ACCEPTED, file=None, size=size, expires_at__gt=timezone.now()
    ).first()
    if offer is None:
        raise Refusal("not_found")
    return offer
