"""What happens behind the messages."""

from __future__ import annotations

from celery import shared_task

from messaging import actions, search_index
from messaging.actions.offers import expire_offers as expire


@shared_task(name="messaging.compact_search")
def compact_search(whole: bool = False) -> None:
    """Keep the word index in few pieces, so that searches stay fast."""
    search_index.compact(whole)


@shared_task(name="messaging.expire_offers")
def expire_offers() -> None:
    """End the offers whose time is over."""
    expire()


@shared_task(name="messaging.seal")
def seal() -> None:
    """Write into the log what new messages are like."""
    actions.seal_messages()
