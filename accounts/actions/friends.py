"""Friends and blocks: asked for, granted, ended. Both people's devices hear of it at once."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import get_person
from accounts.models import Block, Friendship, User
from accounts.policies import People
from accounts.relations import people_objects, relations_of
from audit.record import record
from core import policies
from core.buckets import Buckets
from core.refusal import Refusal
from core.text import clean_line
from realtime.heads import bump_users

WORDS_MAX, BLOCKS_MAX = 200, 1000
ASK_AGAIN = timedelta(days=1)  # after a refusal
requests = Buckets(10, 1 / 30)
Status = Friendship.Status


def request_friend(actor: User, user_id: int, words: str = "") -> None:
    """Ask somebody to be a friend; two requests that meet are a friendship. Raises Refusal."""
    words = clean_line(words, WORDS_MAX)
    if user_id == actor.pk:
        raise Refusal("bad_request")
    with transaction.atomic():
        pair = _pair(actor, user_id)
        other = get_person(actor, user_id)
        if pair is not None and pair.status == Status.PENDING and pair.asked_by_id == other.pk:
            _accept(actor, other, pair)
            return
        if pair is not None and pair.status != Status.REFUSED:
            return  # they are friends, or it was asked before
        if pair is not None and pair.asked_by_id == actor.pk and _recent(pair):
            raise Refusal("ask_later", _("Your last request was refused. You may ask again after a day."))
        if (
            Friendship.objects.filter(asked_by=actor, status=Status.PENDING).count()
            >= policies.get(People).open_requests
        ):
            raise Refusal("too_many", _("You have too many open requests. Withdraw some of them first."))
        if not requests.take(actor.pk):
            raise Refusal("too_fast")
        if pair is not None:
            pair.delete()
        low, high = sorted((actor.pk, other.pk))
        Friendship.objects.create(low_id=low, high_id=high, asked_by=actor, words=words)
        _tell(actor, other)
        record(actor, "friend.requested", other)


def accept_friend(actor: User, user_id: int) -> None:
    """Say yes to somebody's request. Raises Refusal."""
    with transaction.atomic():
        pair = _pending(actor, user_id, asked_by=user_id)
        _accept(actor, _other(pair, actor), pair)


def refuse_friend(actor: User, user_id: int) -> None:
    """Say no to somebody's request; he may ask again after a day. Raises Refusal."""
    with transaction.atomic():
        pair = _pending(actor, user_id, asked_by=user_id)
        pair.status, pair.answered_at, pair.words = Status.REFUSED, timezone.now(), ""
        pair.save(update_fields=["status", "answered_at", "words"])
        _tell(actor, other := _other(pair, actor))
        record(actor, "friend.refused", other)


def withdraw_request(actor: User, user_id: int) -> None:
    """Take one's own request back. Raises Refusal."""
    with transaction.atomic():
        pair = _pending(actor, user_id, asked_by=actor.pk)
        other = _other(pair, actor)
        pair.delete()
        _tell(actor, other)
        record(actor, "friend.withdrawn", other)


def remove_friend(actor: User, user_id: int) -> None:
    """End a friendship. Raises Refusal."""
    with transaction.atomic():
        pair = _pair(actor, user_id)
        if pair is None or pair.status != Status.ACCEPTED:
            raise Refusal("not_found")
        other = _other(pair, actor)
        pair.delete()
        bump_users({actor.pk: None, other.pk: None})
        record(actor, "friend.removed", other)


def block_person(actor: User, user_id: int) -> None:
    """Hear nothing of somebody any more, nor he of oneself; a friendship or a request ends. Raises Refusal."""
    if user_id == actor.pk:
        raise Refusal("bad_request")
    with transaction.atomic():
        pair = _pair(actor, user_id)
        # also somebody who has blocked me, whom I do not see
        other = User.objects.filter(pk=user_id, deleted_at=None, approved_at__isnull=False).first()
        if other is None:
            raise Refusal("not_found")
        if Block.objects.filter(blocker=actor, blocked=other).exists():
            return
        if Block.objects.filter(blocker=actor).count() >= BLOCKS_MAX:
            raise Refusal("too_many", _("You have blocked too many people."))
        if pair is not None:
            pair.delete()
        Block.objects.create(blocker=actor, blocked=other)
        bump_users({actor.pk: None, other.pk: None})
        record(actor, "block.added", other)


def unblock_person(actor: User, user_id: int) -> None:
    """Take a block back. Raises Refusal."""
    with transaction.atomic():
        _pair(actor, user_id)
        if not Block.objects.filter(blocker=actor, blocked=user_id).delete()[0]:
            raise Refusal("not_found")
        bump_users({actor.pk: None, user_id: None})
        record(actor, "block.removed", User.objects.get(pk=user_id))


def end_relations(user: User) -> list[int]:
    """Part of the deletion of an account: its friendships, requests and blocks end; answers whose pages must hear of it."""
    pairs = Friendship.objects.filter(Q(low=user) | Q(high=user))
    blocks = Block.objects.filter(Q(blocker=user) | Q(blocked=user))
    others = {id for pair in pairs.values_list("low_id", "high_id") for id in pair}
    others |= {id for pair in blocks.values_list("blocker_id", "blocked_id") for id in pair}
    pairs.delete()
    blocks.delete()
    return sorted(others - {user.pk})


def _pair(actor: User, user_id: int) -> Friendship | None:
    """What is between two people. Their accounts are locked in id order, so whatever else they do about each other waits."""
    low, high = sorted((actor.pk, user_id))
    list(User.objects.select_for_update(no_key=True).filter(pk__in=[low, high]).order_by("pk").values_list("pk"))
    return Friendship.objects.select_related("low", "high").filter(low=low, high=high).first()


def _pending(actor: User, user_id: int, asked_by: int) -> Friendship:
    pair = _pair(actor, user_id)
    if pair is None or pair.status != Status.PENDING or pair.asked_by_id != asked_by:
        raise Refusal("not_found")
    return pair


def _other(pair: Friendship, actor: User) -> User:
    return pair.high if pair.low_id == actor.pk else pair.low


def _recent(pair: Friendship) -> bool:
    return pair.answered_at is not None and timezone.now() - pair.answered_at < ASK_AGAIN


def _accept(actor: User, other: User, pair: Friendship) -> None:
    pair.status, pair.answered_at = Status.ACCEPTED, timezone.now()
    pair.save(update_fields=["status", "answered_at"])
    bump_users({actor.pk: None, other.pk: None})  # they may write to each other now, whatever they chose
    record(actor, "friend.accepted", other)


def _tell(one: User, two: User) -> None:
    """Requests changed, and nothing else."""
    bump_users({
        user.pk: {"relations": relations_of(user.pk), "people": people_objects(user.pk, [other.pk])}
        for user, other in ((one, two), (two, one))
    })  # fmt: skip
