"""People put into groups by name, many at once: for imports of accounts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts.access import first_administrator, hold
from core.refusal import Refusal
from core.text import clean_name, name_key
from messaging.actions.entering import enter
from messaging.actions.news import News
from messaging.actions.system import post_system
from messaging.models import Conversation, Membership
from realtime.heads import bump_users


def known_groups(names: Iterable[str]) -> tuple[set[str], dict[str, Any]]:
    """Those of the names that are groups, and why one of the others cannot become one."""
    names = set(names)
    keys = {name_key(name) for name in names}
    there = set(Conversation.objects.filter(name_key__in=keys).values_list("name_key", flat=True))
    known, wrong = {name for name in names if name_key(name) in there}, {}
    for name in names - known:
        try:
            clean_name(name)
        except Refusal as refusal:
            wrong[name] = refusal.message
    return known, wrong


def fill_groups(actor: Any, places: dict[str, list[Any]], told: Iterable[Any] = ()) -> None:
    """Put people into groups; a missing group is made, with the actor as its master. Part of an action. Raises Refusal.

    For the site itself its first administrator stands in. `told`: people whose feeds this transaction has numbered already.
    """
    by: Any = actor or first_administrator()
    wanted: dict[str, tuple[str, list[Any]]] = {}
    for name, users in places.items():  # two spellings may be one group
        wanted.setdefault(name_key(clean_name(name)), (clean_name(name), []))[1].extend(users)
    hold({by.pk, *(user.pk for users in places.values() for user in users)})
    groups = Conversation.objects.select_for_update(no_key=True).filter(name_key__in=wanted).order_by("pk")
    found = {str(group.name_key): group for group in groups}
    news = News()
    for key, (name, users) in wanted.items():
        _fill(by, found.get(key) or _make(by, name, key), users, news)
    changed = {user.pk for _, users in wanted.values() for user in users} - {user.pk for user in told}
    if len(found) < len(wanted):
        changed.add(by.pk)
    bump_users(dict.fromkeys(changed | news.waiting), access=True)


def _make(owner: Any, name: str, key: str) -> Conversation:
    group = Conversation.objects.create(kind=Conversation.Kind.GROUP, name=name, name_key=key)
    Membership.objects.create(conversation=group, user=owner, role=Membership.Role.MASTER)
    post_system(group, owner, "created", name=name)
    return group


def _fill(actor: Any, group: Conversation, users: list[Any], news: News) -> None:
    there = set(Membership.objects.filter(conversation=group).values_list("user_id", flat=True))
    new = list({user.pk: user for user in users if user.pk not in there}.values())
    enter(actor, group, new, news, greet=False)
