"""What happens behind the messages."""

from __future__ import annotations

from celery import shared_task

from messaging import search_index


@shared_task(name="messaging.compact_search")
def compact_search(whole: bool = False) -> None:
    """Keep the word index in few pieces, so that searches stay fast."""
    search_index.compact(whole)
