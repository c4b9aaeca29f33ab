"""Whom presence is told to: partners of direct conversations, and people who have a conversation with that person open."""

from __future__ import annotations

from django.db.models import Count, Q

from messaging.models import Conversation, Membership

HERE_MAX = 20  # members of a group that are told who has it open


def partners_of(user_ids: set[int]) -> list[tuple[int, int]]:
    """(user, partner) for all direct conversations of these users. One query."""
    direct = Conversation.objects.filter(kind=Conversation.Kind.DIRECT, membership__user__in=user_ids)
    pairs = []
    for key in direct.values_list("pair_key", flat=True).distinct():
        one, _, two = (key or "").partition(":")
        pairs += [pair for pair in ((int(one), int(two)), (int(two), int(one))) if pair[0] in user_ids]
    return pairs


def members_among(user_ids: set[int], conversations: set[int]) -> list[tuple[int, int]]:
    """(user, conversation) for those of the conversations that these users are in; Everyone does not count. One query."""
    rows = Membership.objects.filter(user__in=user_ids, conversation__in=conversations)
    return list(rows.exclude(conversation__kind=Conversation.Kind.EVERYONE).values_list("user_id", "conversation_id"))


def small_among(conversations: set[int]) -> list[int]:
    """Those in which it is told who is here: direct ones and groups of up to twenty. One query."""
    sized = Conversation.objects.filter(pk__in=conversations).annotate(size=Count("membership"))
    small = Q(kind=Conversation.Kind.DIRECT) | Q(kind=Conversation.Kind.GROUP, size__lte=HERE_MAX)
    return list(sized.filter(small).values_list("pk", flat=True))
