"""The picture of a group."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction

from accounts.actions.avatars import forget_files, store_picture
from audit.record import record
from messaging import rights
from messaging.access import get_membership
from messaging.actions.system import post_system


def set_group_avatar(actor: Any, conversation_id: int, data: bytes) -> str:
    """Show this picture from now on; answers its name. Raises Refusal."""
    rights.demand(get_membership(actor, conversation_id), "avatar")  # before the work
    name = store_picture(actor, data)
    try:
        _replace(actor, conversation_id, name)
    except BaseException:
        forget_files(name)
        raise
    return name


def remove_group_avatar(actor: Any, conversation_id: int) -> None:
    """Show no picture any more. Raises Refusal."""
    _replace(actor, conversation_id, "")


def _replace(actor: Any, conversation_id: int, name: str) -> None:
    with transaction.atomic():
        membership = get_membership(actor, conversation_id, lock=True)
        rights.demand(membership, "avatar")
        group = membership.conversation
        if group.avatar == name:
            return
        if group.avatar:
            transaction.on_commit(partial(forget_files, group.avatar))
        group.avatar = name
        group.save(update_fields=["avatar"])
        post_system(group, actor, "avatar", avatar=name)
        record(actor, "group.avatar_changed" if name else "group.avatar_removed", group)
