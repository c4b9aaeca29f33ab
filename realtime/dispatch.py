"""From a named request to its action: the same road for the socket and the HTTP API."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from django.utils import translation
from pydantic import BaseModel, ConfigDict, ValidationError

from core import registry
from core.refusal import Refusal
from core.registry import Caller, Command
from realtime.executors import Committer

_committers: dict[str, Committer] = {}


class Schema(BaseModel):
    """Base of the commands' data: strict types, nothing besides what is named."""

    model_config = ConfigDict(strict=True, extra="forbid")


def validate(name: str, data: Any) -> tuple[Command, Any]:
    """The command and its checked data. Raises Refusal."""
    command = registry.commands.get(name)
    if command is None:
        raise Refusal("bad_request")
    try:
        return command, command.schema.model_validate(data)
    except ValidationError:
        raise Refusal("bad_request") from None


def perform(command: Command, caller: Caller, data: Any) -> dict:
    """Run an unbatched command in this thread; rights are looked up anew. Raises Refusal."""
    actor = actor_of(caller)
    actor.ip = caller.ip
    return command.run(actor, data)


def actor_of(caller: Caller) -> Any:
    """The user, if his session still may act. Raises Refusal."""
    actor = registry.find_actors([caller.login_session]).get(caller.login_session)
    if actor is None or actor.pk != caller.user_id:
        raise Refusal("signed_out")
    return actor


def submit(command: Command, caller: Caller, data: Any) -> Future:
    """Queue a batched command with those of others; the future holds its result or raises Refusal."""
    committer = _committers.get(command.name)
    if committer is None:
        committer = _committers.setdefault(command.name, Committer(command.name, command.run, command.gather))
    return committer.submit((caller, data))


def finish() -> None:
    """Commit what has come in and end the committers' threads."""
    for committer in _committers.values():
        committer.stop()


def explain(refusal: Refusal, language: str) -> tuple[str, str]:
    """Code and text of a refusal in the user's language."""
    with translation.override(language or None):
        return refusal.code, str(refusal.message)
