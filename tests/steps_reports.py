"""Steps of the script about reports: what moderators do reaches members, and how many wait reaches those who look after them."""

from __future__ import annotations

import itertools
from datetime import timedelta

from django.utils import timezone

from core import policies
from messaging import actions
from messaging.actions.reports import WITHIN
from messaging.models import Message, Report
from tests.cast import Cast, Person, person
from tests.steps import step

numbers = itertools.count(1)


def reported(cast: Cast, by: Person | None = None) -> tuple[int, int]:
    """A message of somebody's that the master has reported: its id, and the newest report."""
    Report.objects.update(
        made_at=timezone.now() - WITHIN - timedelta(minutes=1)
    )  # a script reports more than a person may
    seq = cast.say(
        by or cast.manager, "lời xấu @master 坏话"
    )  # the member may be muted, the moderator be none any more
    actions.report_message(cast.master.user, cast.group, seq, "harassment", "vì sao 为什么")
    message = Message.objects.get(conversation=cast.group, seq=seq)
    return message.pk, Report.objects.get(message=message).pk


@step
def report(cast: Cast) -> None:
    reported(cast)


@step
def report_and_dismiss(cast: Cast) -> None:
    actions.dismiss_reports(cast.administrator.user, *reported(cast))


@step
def recall_a_reported_one(cast: Cast) -> None:
    actions.recall_reported(cast.administrator.user, *reported(cast))


@step
def mute_and_block_who_was_reported(cast: Cast) -> None:
    new = person(f"reported-{next(numbers)}")
    actions.add_members(cast.master.user, cast.group, [new.id])
    message, last = reported(cast, by=new)
    actions.mute_reported(cast.administrator.user, message, last, 60)
    actions.block_reported(cast.administrator.user, message, 0, "骚扰")


@step
def write_a_word_that_is_reported(cast: Cast) -> None:
    policies.store("moderation.words", "cấm 禁")
    policies.store("moderation.word_action", "report")
    cast.say(cast.manager, "cấm-禁")
    policies.store("moderation.words", "")
