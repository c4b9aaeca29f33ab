"""The data of several commands."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from realtime.dispatch import Schema
from realtime.schemas import Id

ClientId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
Users = Annotated[list[Id], Field(max_length=1000)]


class InConversation(Schema):
    """Names a conversation."""

    conversation: Id


class OfMessage(InConversation):
    """Names a message."""

    seq: Id


class WithUser(Schema):
    """Names a person."""

    user: Id


class OfMember(InConversation):
    """Names a member."""

    user: Id
