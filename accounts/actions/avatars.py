"""Pictures of people: made small in a process of its own, kept under names that nobody guesses."""

from __future__ import annotations

import secrets
from functools import partial

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actions.profile import changes, tell_people
from accounts.avatars import SIZES, path_of
from accounts.models import User
from audit.record import record
from core.media import run
from core.refusal import Refusal

BYTES_MAX = 5 * 1024 * 1024
COST = 3.0  # of the changes a person may make to his profile
TOO_LARGE = _("The picture is too large: at most %(limit)s MiB.")
BAD = _("This is no picture that can be used. JPEG, PNG, WebP and GIF can.")


def set_avatar(actor: User, data: bytes) -> str:
    """Use this picture from now on; answers its name. Raises Refusal."""
    name = store_picture(actor, data)
    try:
        _replace(actor, name, "avatar.changed")
    except BaseException:
        forget_files(name)
        raise
    return name


def picture_of(given: UploadedFile | None) -> bytes:
    """What an uploaded form holds, not read when it is too large. Raises Refusal."""
    if given is None:
        raise Refusal("bad_request")
    if (given.size or 0) > BYTES_MAX:
        raise Refusal("too_large", TOO_LARGE, limit=BYTES_MAX // 2**20)
    return given.read()


def store_picture(actor: User, data: bytes) -> str:
    """Makes the files of an avatar, of a person or a group, which nothing refers to yet. Raises Refusal."""
    if len(data) > BYTES_MAX:
        raise Refusal("too_large", TOO_LARGE, limit=BYTES_MAX // 2**20)
    if not changes.take(actor.pk, COST):
        raise Refusal("too_fast")
    try:
        files = run.make_avatar(data)
    except run.BadFileError:
        raise Refusal("bad_picture", BAD, 400) from None
    except run.BusyError:
        raise Refusal("too_fast") from None
    name = secrets.token_urlsafe(16)
    for size, content in zip(SIZES, files, strict=True):
        default_storage.save(path_of(name, size), ContentFile(content))
    return name


def remove_avatar(actor: User) -> None:
    """Have no picture any more."""
    _replace(actor, "", "avatar.removed")


def _replace(actor: User, name: str, action: str) -> None:
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=actor.pk)
        actor.avatar = name
        if user.avatar == name:
            return
        User.objects.filter(pk=actor.pk).update(avatar=name)
        if user.avatar:
            transaction.on_commit(partial(forget_files, user.avatar))
        tell_people(actor)
        record(actor, action, actor)


def forget_avatar(user: User) -> None:
    """Part of the deletion of an account, whose row the caller saves."""
    if user.avatar:
        transaction.on_commit(partial(forget_files, user.avatar))
        user.avatar = ""


def forget_files(name: str) -> None:
    """Delete the files of a picture that is used no longer."""
    for size in SIZES:
        default_storage.delete(path_of(name, size))
