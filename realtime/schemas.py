"""Data of the commands that the socket answers itself, and the types that all commands share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from realtime.dispatch import Schema

Id = Annotated[int, Field(ge=1, lt=2**53)]
Number = Annotated[int, Field(ge=0, lt=2**53)]
FeedKey = Annotated[str, Field(pattern=r"^(u|c|table):[1-9][0-9]{0,15}$")]
Cursors = Annotated[dict[FeedKey, Number], Field(max_length=5000)]


class Empty(Schema):
    """A command without data."""


class Hello(Schema):
    """`cursors`: the last number of each feed whose facts the client holds; `heads`: of those it only lists."""

    cursors: Cursors = {}
    heads: Cursors = {}
    device: Literal["computer", "phone"] = "computer"


class Resume(Schema):
    """A feed and the last number the client has of it."""

    feed: FeedKey
    after: Number


class Opened(Schema):
    """The conversation that a tab shows, or none."""

    conversation: Id | None


class State(Schema):
    """How this connection wants to be seen."""

    state: Literal["online", "away", "busy", "invisible"]
