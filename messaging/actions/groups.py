"""Direct conversations and groups: opening, creating, adding, leaving, removing, renaming, roles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import get_person, people_for
from accounts.relations import closed_between, people_objects
from audit.record import record
from core.refusal import Refusal
from core.text import clean_name, name_key
from messaging import rights
from messaging.access import get_membership
from messaging.actions.system import people, post_system
from messaging.models import Conversation, Draft, Membership
from messaging.pairs import pair_key
from messaging.summary import conversation_objects, get_object
from realtime.heads import bump_users

MEMBERS_MAX = 5000
FULL = _("This group is full.")
TAKEN = _("There is a group with this name already.")
NEWCOMER = {
    "role": "member",
    "unread": 0,
    "mention": False,
    "level": "all",
    "pinned": False,
    "draft": "",
    "cleared_seq": 0,
}


def open_direct(actor: Any, user_id: int) -> dict:
    """The conversation with one person (or with oneself), made at the first time. Raises Refusal."""
    other = actor if user_id == actor.pk else get_person(actor, user_id)
    key = pair_key(actor.pk, other.pk)
    found = Conversation.objects.filter(pair_key=key).first()
    if found is None:
        rights.demand_open(closed_between([(actor.pk, other.pk)]).get((actor.pk, other.pk)))
        try:
            with transaction.atomic():
                found = Conversation.objects.create(kind=Conversation.Kind.DIRECT, pair_key=key)
                users = [actor] if other.pk == actor.pk else [actor, other]
                Membership.objects.bulk_create([Membership(conversation=found, user=user) for user in users])
                ids = [user.pk for user in users]
                facts: dict[int, dict | None] = {
                    id: {"conversations": conversation_objects(id, [found.pk]), "people": people_objects(id, ids)}
                    for id in ids
                }
                bump_users(facts, access=True)
        except IntegrityError:  # the other one opened it at the same moment
            found = Conversation.objects.get(pair_key=key)
    return get_object(actor, found.pk)


def create_group(actor: Any, name: str, user_ids: Iterable[int]) -> dict:
    """A new group with its creator as master. Raises Refusal."""
    name = clean_name(name)
    users = _visible(actor, user_ids)
    try:
        with transaction.atomic():
            group = Conversation.objects.create(kind=Conversation.Kind.GROUP, name=name, name_key=name_key(name))
            Membership.objects.create(conversation=group, user=actor, role=Membership.Role.MASTER)
            Membership.objects.bulk_create([Membership(conversation=group, user=user) for user in users])
            post_system(group, actor, "created", name=name)
            if users:
                post_system(group, actor, "joined", users=people(users))
            welcome(actor, group, [actor, *users], 0)
            record(actor, "group.created", group, detail={"members": [user.pk for user in users]})
    except IntegrityError:
        raise Refusal("name_taken", TAKEN, 409) from None
    return get_object(actor, group.pk)


def add_members(actor: Any, conversation_id: int, user_ids: Iterable[int]) -> None:
    """Add people to a group. Raises Refusal."""
    with transaction.atomic():
        membership = get_membership(actor, conversation_id, lock=True)
        rights.demand(membership, "add")
        group = membership.conversation
        there = set(Membership.objects.filter(conversation=group).values_list("user_id", flat=True))
        users = [user for user in _visible(actor, user_ids) if user.pk not in there]
        if len(there) + len(users) > MEMBERS_MAX:
            raise Refusal("too_many", FULL)
        if not users:
            return
        read_seq = group.last_seq
        Membership.objects.bulk_create([Membership(conversation=group, user=user, read_seq=read_seq) for user in users])
        post_system(group, actor, "joined", users=people(users))
        welcome(actor, group, users, read_seq)
        record(actor, "member.added", group, detail={"members": [user.pk for user in users]})


def leave_group(actor: Any, conversation_id: int) -> None:
    """Leave a group; its master hands it over first, unless he is alone. Raises Refusal."""
    with transaction.atomic():
        membership = get_membership(actor, conversation_id, lock=True)
        rights.demand(membership, "leave")
        group = membership.conversation
        alone = not Membership.objects.filter(conversation=group).exclude(pk=membership.pk).exists()
        if membership.role == Membership.Role.MASTER and not alone:
            raise Refusal("transfer_first", _("Hand the group over to somebody before you leave."))
        _part(actor, group, membership, "left")
        if alone:
            group.name_key = None
            group.save(update_fields=["name_key"])
        record(actor, "member.left", group)


def remove_member(actor: Any, conversation_id: int, user_id: int) -> None:
    """Remove somebody of a lower role from a group. Raises Refusal."""
    with transaction.atomic():
        membership = get_membership(actor, conversation_id, lock=True)
        target = Membership.objects.select_related("user").filter(conversation_id=conversation_id, user=user_id).first()
        if target is None:
            raise Refusal("not_found")
        rights.demand(membership, f"remove_{target.role}")
        _part(actor, membership.conversation, target, "removed")
        record(actor, "member.removed", target.user, detail={"conversation": conversation_id})


def rename_group(actor: Any, conversation_id: int, name: str) -> None:
    """Give a group another name. Raises Refusal."""
    name = clean_name(name)
    try:
        with transaction.atomic():
            membership = get_membership(actor, conversation_id, lock=True)
            rights.demand(membership, "rename")
            group = membership.conversation
            if group.name == name:
                return
            group.name, group.name_key = name, name_key(name)
            group.save(update_fields=["name", "name_key"])
            post_system(group, actor, "renamed", name=name)
            record(actor, "group.renamed", group, detail={"name": name})
    except IntegrityError:
        raise Refusal("name_taken", TAKEN, 409) from None


def set_role(actor: Any, conversation_id: int, user_id: int, role: str) -> None:
    """Appoint or dismiss a manager, or hand the group over (`master`). Raises Refusal."""
    with transaction.atomic():
        membership = get_membership(actor, conversation_id, lock=True)
        rights.demand(membership, "transfer" if role == Membership.Role.MASTER else "set_role")
        target = Membership.objects.select_related("user").filter(conversation_id=conversation_id, user=user_id).first()
        if target is None:
            raise Refusal("not_found")
        if target.pk == membership.pk or target.role == role:
            raise Refusal("bad_request")
        if role == Membership.Role.MASTER:  # demote, then promote: at most one at any moment
            Membership.objects.filter(pk=membership.pk).update(role=Membership.Role.MANAGER)
        Membership.objects.filter(pk=target.pk).update(role=role)
        group = membership.conversation
        post_system(
            group,
            actor,
            "role",
            user={"id": target.user_id, "name": target.user.display_name or target.user.username},
            role=role,
        )
        changed = [target.user_id] + ([actor.pk] if role == Membership.Role.MASTER else [])
        bump_users({user: {"conversations": conversation_objects(user, [group.pk])} for user in sorted(changed)})
        record(actor, "role.changed", target.user, detail={"conversation": group.pk, "role": role})


def _visible(actor: Any, user_ids: Iterable[int]) -> list[Any]:
    wanted = set(user_ids) - {actor.pk}
    users = list(people_for(actor, ids=wanted, limit=len(wanted))) if wanted else []
    if len(users) != len(wanted):
        raise Refusal("not_found")
    return users


def welcome(actor: Any, group: Conversation, users: list[Any], read_seq: int) -> None:
    """Tell newcomers of the conversation; the hub lets their sockets follow it."""
    base = conversation_objects(actor.pk, [group.pk])[0]
    theirs = {**base, **NEWCOMER, "read_seq": read_seq, "can_post": group.who_may_post == Conversation.Posting.ALL}
    bump_users({user.pk: {"conversations": [base if user.pk == actor.pk else theirs]} for user in users}, access=True)


def _part(actor: Any, group: Conversation, membership: Membership, code: str) -> None:
    """End a membership: its user is told by the last message he gets, which also cuts his sockets off."""
    user = membership.user
    membership.delete()
    Draft.objects.filter(conversation=group, user=user).delete()
    post_system(group, actor, code, detach=[user.pk], users=people([user]))
    bump_users({user.pk: {"gone": [group.pk]}}, access=True)
