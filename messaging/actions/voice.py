"""Whether somebody may say something in a conversation now: `send` decides it for a batch, this for one member."""

from __future__ import annotations

from accounts.relations import closed_between
from core.refusal import Refusal
from messaging import rights
from messaging.models import Membership, running_mutes
from messaging.pairs import other_of


def demand_voice(membership: Membership) -> None:
    """Raise Refusal for who may not write here, is muted, or stands behind a block."""
    conversation, user_id = membership.conversation, membership.user_id
    allowed = "send" if conversation.who_may_post == "all" else "post_when_closed"
    if not rights.may(conversation.kind, membership.role, allowed):
        raise Refusal("closed", rights.CLOSED)
    rights.demand_word(running_mutes().filter(conversation=conversation, user=user_id).first())
    if conversation.pair_key:
        couple = (user_id, other_of(conversation.pair_key, user_id))
        rights.demand_open(closed_between([couple]).get(couple))
