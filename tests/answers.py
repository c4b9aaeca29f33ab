"""Answers read as a server sends them, also those that are made while they are sent."""

from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync


def bytes_of(answer: Any) -> bytes:
    """The whole answer."""
    if not answer.streaming:
        return answer.content
    if not answer.is_async:
        return b"".join(answer.streaming_content)

    async def read() -> bytes:
        return b"".join([piece async for piece in answer.streaming_content])

    return async_to_sync(read)()


def text_of(answer: Any) -> str:
    """The whole answer as text."""
    return bytes_of(answer).decode()
