"""From a named request to its action: the same road for the socket and the HTTP API."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from django.utils import translation
from pydantic import BaseModel, ConfigDict, ValidationError

from core import metrics, registry
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
    try:
        actor = actor_of(caller)
        actor.ip = caller.ip
        result = command.run(actor, data)
    except Refusal as refusal:
        metrics.commands.labels(command.name, refusal.code).inc()
        raise
    except Exception:
        metrics.commands.labels(command.name, "server_error").inc()
        raise
    metrics.commands.labels(command.name, "ok").inc()
    return result


def actor_of(caller: Caller) -> Any:
    """The user, if his session still may act. Raises Refusal."""
    actor = registry.find_actors([caller.login_session]).get(caller.login_session)
    if actor is None or actor.pk != caller.user_id:
        raise Refusal("signed_out")
    return actor


def submit(command: Command, caller: Caller, data: Any) -> Future:
    """Queue a batched command with those of others; the future holds its result or raises Refusal."""
    return _committer_of(command).submit((caller, data))


def ask(command: Command, caller: Caller, data: Any, take: Callable[[Any], None]) -> None:
    """The same from the event loop, where `take` is called with the result or the Refusal."""
    _committer_of(command).ask((caller, data), take)


def _committer_of(command: Command) -> Committer:
    committer = _committers.get(command.name)
    if committer is None:
        committer = _committers.setdefault(command.name, Committer(command.name, command.run, command.gather))
    return committer


def waiting() -> dict[str, int]:
    """How many requests of each batched command wait to be committed."""
    return {name: committer.waiting.qsize() for name, committer in _committers.items()}


def finish() -> None:
    """Commit what has come in and end the committers' threads."""
    for committer in _committers.values():
        committer.stop()


def explain(refusal: Refusal, language: str) -> tuple[str, str]:
    """Code and text of a refusal in the user's language."""
    with translation.override(language or None):
        return refusal.code, str(refusal.message)
