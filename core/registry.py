"""The one registry through which an upper app adds itself to a lower one, in `AppConfig.ready()`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from core.sql import Subquery


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, before his rights are looked up."""

    user_id: int
    login_session: int
    language: str = ""
    ip: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """Something a signed-in person may ask for, over the socket or the HTTP API."""

    name: str
    schema: Any  # pydantic model of the command's data
    run: Callable[..., Any]  # (actor, data) -> dict of the reply; batched: [(caller, data)] -> [dict or Refusal]
    batched: bool = False  # requests that wait at the same time run in one transaction
    gather: float = 0.0  # seconds that a batch waits for more


class FeedSource(Protocol):
    """Where the numbered facts of one kind of feed are read. Ids are the part of the key behind the colon."""

    def heads(self, ids: Iterable[int]) -> dict[int, int]: ...

    def read(self, id: int, after: int, limit: int) -> list[tuple[int, str, dict, tuple[int, ...]]]:
        """Facts after a number, in order: number, event type, data, users whom the fact removes from the feed."""
        ...

    def feeds_of(self, user_id: int) -> Iterable[int] | Subquery:
        """Those that a user follows; where rows tell it, the query for their `id`."""
        ...


# Login session ids -> users who may act now; set by accounts.
find_actors: Callable[[Iterable[int]], dict[int, Any]]

commands: dict[str, Command] = {}
feeds: dict[str, FeedSource] = {}

# The token of an invite link -> what it offers while it is good (`trusted`: an administrator made it), else None; set by messaging.
find_invite: Callable[[str], Any | None]

# (token, user): uses an invite link in the transaction that makes the account; answers what the log is to know. Raises Refusal.
use_invite: Callable[[str, Any], dict[str, Any]]

# (user, snapshot, heads, known): adds its keys to the snapshot and its feeds to the heads.
snapshot_parts: list[Callable[[Any, dict, dict[str, int], dict[str, int]], None]] = []

# The hub of a process that begins to serve sockets: what runs on its clock from now on (`hub.clock`).
beginnings: list[Callable[[Any], None]] = []

# What everybody's page knows of the site; told again when policies change.
site_facts: list[Callable[[], dict]] = []

# User -> what his own page knows of him besides: values, or what to ask for (core.sql.Subquery).
me_parts: list[Callable[[Any], dict]] = []

# User id -> present state of his private facts.
private_parts: list[Callable[[int], dict]] = []

# Login session ids -> {id: (close code, reason)} of those whose sockets must close.
gates: list[Callable[[Iterable[int]], dict[int, tuple[int, str]]]] = []

# Login sessions that ended in the last seconds, by whatever process.
ended: list[Callable[[], Iterable[int]]] = []

# Users whose presence changed -> (that user, one who is told).
audiences: list[Callable[[set[int]], Iterable[tuple[int, int]]]] = []

# Users and conversations that are open somewhere -> (user, conversation he is in).
members_of: list[Callable[[set[int], set[int]], Iterable[tuple[int, int]]]] = []

# Pairs of people -> those of them who do not see each other.
hidden: list[Callable[[Iterable[tuple[int, int]]], set[tuple[int, int]]]] = []

# User, conversation that he opens -> (type, data) of events that only those who look at it are told.
opened: list[Callable[[int, int], Iterable[tuple[str, dict]]]] = []

# Conversations that are open somewhere -> those of them in which it is told who has them open.
small_places: list[Callable[[set[int]], Iterable[int]]] = []

# Users who went offline -> those of them who let others see when.
last_seen: list[Callable[[Iterable[int]], Iterable[int]]] = []

# Users, in the transaction that makes their accounts; one, in the transaction that deletes it, blocks it, makes it site staff or no longer.
accounts_made: list[Callable[[Sequence[Any]], None]] = []
# Those of deleting and blocking answer whom to tell besides: the heads of all are numbered at once.
account_deleted: list[Callable[[Any], Iterable[int]]] = []
account_blocked: list[Callable[[Any], Iterable[int]]] = []
site_role_changed: list[Callable[[Any], None]] = []

# A conversation that has fewer members, or other settings, from this transaction on.
conversation_changed: list[Callable[[int], None]] = []

# A text by which somebody shows himself to all, such as his name: raises Refusal where the site does not want it.
text_checks: list[Callable[[str], None]] = []

# The name of a file that is announced: raises Refusal where it may not be sent by that name.
file_name_checks: list[Callable[[str], None]] = []

# (actor or None for the site, {"section.name": value}): in the transaction that changes these policies, before they are stored.
policies_changing: list[Callable[[Any, dict[str, Any]], None]] = []

# Names of groups -> (those that exist, what is wrong with each of the others when it is to be made).
known_groups: Callable[[Iterable[str]], tuple[set[str], dict[str, Any]]]

# (actor or None for the site, name of a group -> users, users told of their new account just now): puts them in, in the caller's
# transaction; makes groups that are missing.
fill_groups: Callable[[Any, dict[str, list[Any]], Sequence[Any]], None]

# (user, at most so many): takes that many of his messages back in a transaction of its own; answers how many there were.
erasers: list[Callable[[Any, int], int]] = []

# A user -> parts of the export of his data: (name, objects), read while they are written.
exports: list[Callable[[Any], Iterable[tuple[str, Iterable[dict]]]]] = []

# (user, stored file): whether he may read it although it is not his own.
file_readers: list[Callable[[Any, Any], bool]] = []

# A stored file that is another now (read, previews made, failed): in the transaction that stores it.
file_changed: list[Callable[[Any], None]] = []

# (id of an accepted offer, the file that was uploaded for it), in the transaction that stores the file; set by messaging. Raises Refusal.
offer_filled: Callable[[int, Any], None]

# (progress): rows that were sealed in the log and are not as they were: (what, first id, last id, why, whether that is sure).
log_checks: list[Callable[[Callable[[float, int], None]], Iterable[tuple[str, int, int, str, bool]]]] = []

# What stands beside the events in exports of the log: see audit/entries.py.
log_sources: list[Any] = []


def site() -> dict:
    """The site as pages know it."""
    return {name: value for facts in site_facts for name, value in facts().items()}


def command(name: str, schema: type, batched: bool = False, gather: float = 0.0) -> Callable:
    """Register the decorated `run` as a command."""

    def register(run: Callable) -> Callable:
        commands[name] = Command(name, schema, run, batched, gather)
        return run

    return register
