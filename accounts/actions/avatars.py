"""Pictures of people: made small in a process of its own, kept under names that nobody guesses."""

from __future__ import annotations

import secrets
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import picture
from accounts.actions.profile import changes, tell_people
from accounts.avatars import SIZES, path_of
from accounts.models import User
from audit.record import record
from core.refusal import Refusal

BYTES_MAX = 5 * 1024 * 1024
SECONDS = 20.0  # that a picture may take
COST = 3.0  # of the changes a person may make to his profile
TOO_LARGE = _("The picture is too large: at most %(limit)s MiB.")
BAD = _("This is no picture that can be used. JPEG, PNG, WebP and GIF can.")
_running = threading.BoundedSemaphore(2)


def set_avatar(actor: User, data: bytes) -> str:
    """Use this picture from now on; answers its name. Raises Refusal."""
    if len(data) > BYTES_MAX:
        raise Refusal("too_large", TOO_LARGE, limit=BYTES_MAX // 2**20)
    if not changes.take(actor.pk, COST):
        raise Refusal("too_fast")
    files = _made_small(data)
    name = secrets.token_urlsafe(16)
    for size, content in zip(SIZES, files, strict=True):
        default_storage.save(path_of(name, size), ContentFile(content))
    try:
        _replace(actor, name, "avatar.changed")
    except BaseException:
        forget_files(name)
        raise
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


def _made_small(data: bytes) -> list[bytes]:
    program = [sys.executable, "-I", str(Path(picture.__file__))]
    if not _running.acquire(timeout=SECONDS):
        raise Refusal("too_fast")
    try:
        # the program is ours and takes nothing but the picture, by its standard input
        done = subprocess.run(program, input=data, capture_output=True, timeout=SECONDS, check=True, env={})  # noqa: S603
    except (subprocess.SubprocessError, OSError):
        raise Refusal("bad_picture", BAD, 400) from None
    finally:
        _running.release()
    files, rest = [], done.stdout
    while rest:
        size = int.from_bytes(rest[:4], "big")
        files.append(rest[4 : 4 + size])
        rest = rest[4 + size :]
    if len(files) != len(SIZES):
        raise Refusal("bad_picture", BAD, 400)
    return files
