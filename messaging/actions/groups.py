"""Direct conversations and groups: opening, creating, adding, leaving, removing, renaming, roles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import get_person, hold
from accounts.relations import closed_between, people_objects
from audit.record import record
from core import policies
from core.refusal import Refusal
from core.text import clean_name, name_key
from messaging import rights, words
from messaging.access import get_membership
from messaging.actions.entering import FULL, MEMBERS_MAX, end, enter, part
from messaging.actions.inviting import offer, visible
from messaging.actions.news import News
from messaging.actions.system import people, post_system
from messaging.models import Conversation, Invitation, JoinRequest, Membership, Waiting
from messaging.pairs import pair_key
from messaging.policies import Groups
from messaging.summary import conversation_objects, get_object
from realtime.heads import bump_users

TAKEN = _("There is a group with this name already.")
NOT_HERE = _("On this site only administrators and moderators create groups.")


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
                record(actor, "direct.opened", other, detail={"conversation": found.pk})
        except IntegrityError:  # the other one opened it at the same moment
            found = Conversation.objects.get(pair_key=key)
    return get_object(actor, found.pk)


def create_group(actor: Any, name: str, user_ids: Iterable[int]) -> dict:
    """A new group with its creator as master; by the site's policy the others are invited. Raises Refusal."""
    name = clean_name(name)
    words.demand_wanted(name)
    if policies.get(Groups).creators == "staff" and not actor.is_staff:
        raise Refusal("not_allowed", NOT_HERE)
    try:
        with transaction.atomic():
            hold(user_ids)
            users = visible(actor, user_ids)
            group = Conversation.objects.create(kind=Conversation.Kind.GROUP, name=name, name_key=name_key(name))
            Membership.objects.create(conversation=group, user=actor, role=Membership.Role.MASTER)
            post_system(group, actor, "created", name=name)
            news = News()
            taken = _take(actor, group, users, news, new=True)
            news.add([actor.pk], {"conversations": conversation_objects(actor.pk, [group.pk])})
            news.access = True
            news.tell()
            record(actor, "group.created", group, detail=taken)
    except IntegrityError:
        raise Refusal("name_taken", TAKEN, 409) from None
    return get_object(actor, group.pk)


def add_members(actor: Any, conversation_id: int, user_ids: Iterable[int]) -> dict[str, list[int]]:
    """Add people to a group; by the site's policy they are invited. Raises Refusal."""
    with transaction.atomic():
        hold(user_ids)
        membership = get_membership(actor, conversation_id, lock=True)
        rights.demand(membership, "add")
        group = membership.conversation
        there = set(Membership.objects.filter(conversation=group).values_list("user_id", flat=True))
        users = [user for user in visible(actor, user_ids) if user.pk not in there]
        if not users:
            return {"joined": [], "invited": []}
        if len(there) + len(users) > MEMBERS_MAX:
            raise Refusal("too_many", FULL)
        news = News()
        taken = _take(actor, group, users, news)
        news.tell()
        record(actor, "member.added", group, detail=taken)
    return taken


def _take(actor: Any, group: Conversation, users: list[Any], news: News, new: bool = False) -> dict[str, list[int]]:
    if not users:
        return {"joined": [], "invited": []}
    if not policies.get(Groups).add_directly:
        return offer(actor, group, users, news)
    enter(actor, group, users, news, new=new)
    return {"joined": [user.pk for user in users], "invited": []}


def leave_group(actor: Any, conversation_id: int) -> None:
    """Leave a group; its master hands it over first, unless he is alone. Raises Refusal."""
    with transaction.atomic():
        membership = get_membership(actor, conversation_id, lock=True)
        rights.demand(membership, "leave")
        group = membership.conversation
        alone = not Membership.objects.filter(conversation=group).exclude(pk=membership.pk).exists()
        if membership.role == Membership.Role.MASTER and not alone:
            raise Refusal("transfer_first", _("Hand the group over to somebody before you leave."))
        news = News()
        part(actor, group, membership, "left", news)
        if alone:
            end(group, news)
        news.tell()
        record(actor, "member.left", group)


def remove_member(actor: Any, conversation_id: int, user_id: int) -> None:
    """Remove somebody of a lower role from a group. Raises Refusal."""
    with transaction.atomic():
        membership = get_membership(actor, conversation_id, lock=True)
        target = Membership.objects.select_related("user").filter(conversation_id=conversation_id, user=user_id).first()
        if target is None:
            raise Refusal("not_found")
        rights.demand(membership, f"remove_{target.role}")
        news = News()
        part(actor, membership.conversation, target, "removed", news)
        news.tell()
        record(actor, "member.removed", target.user, detail={"conversation": conversation_id})


def rename_group(actor: Any, conversation_id: int, name: str) -> None:
    """Give a group another name. Raises Refusal."""
    name = clean_name(name)
    try:
        with transaction.atomic():
            membership = get_membership(actor, conversation_id, lock=True)
            rights.demand(membership, "rename")
            words.demand_wanted(name)
            rename(actor, membership.conversation, name)
    except IntegrityError:
        raise Refusal("name_taken", TAKEN, 409) from None


def rename(actor: Any, group: Conversation, name: str) -> None:
    """The renaming itself, under the conversation's lock, with the event. Where the name is taken: IntegrityError."""
    if group.name == name:
        return
    group.name, group.name_key = name, name_key(name)
    group.save(update_fields=["name", "name_key"])
    post_system(group, actor, "renamed", name=name)
    news = News()
    news.joining(concerned(group))  # they read the name
    news.tell()
    record(actor, "group.renamed", group, detail={"name": name})


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
        give_role(actor, membership.conversation, target, role)


def give_role(actor: Any, group: Conversation, target: Membership, role: str) -> None:
    """The change itself, under the conversation's lock, with the event; the master before becomes a manager."""
    told = [target.user_id]
    if role == Membership.Role.MASTER:  # demote, then promote: at most one at any moment
        before = Membership.objects.filter(conversation=group, role=Membership.Role.MASTER)
        told += before.values_list("user_id", flat=True)
        before.update(role=Membership.Role.MANAGER)
    Membership.objects.filter(pk=target.pk).update(role=role)
    post_system(group, actor, "role", user=people([target.user])[0], role=role)
    news = News()
    for user in told:
        news.add([user], {"conversations": conversation_objects(user, [group.pk])})
    news.joining([target.user_id], about=None)  # what waits for managers waits for him now, or no longer
    news.tell()
    record(actor, "role.changed", target.user, detail={"conversation": group.pk, "role": role})


def concerned(group: Conversation) -> set[int]:
    """Those outside who ask to come in, are asked to, or have just been answered; and who has invited them."""
    answered = Q(status=Waiting.PENDING) | Q(status__in=(Waiting.ACCEPTED, Waiting.REFUSED), dismissed=False)
    asked = JoinRequest.objects.filter(answered, conversation=group).values_list("user_id", flat=True)
    offered = Invitation.objects.filter(answered, conversation=group).values_list("user_id", "inviter_id")
    return {*asked, *(id for couple in offered for id in couple)}
