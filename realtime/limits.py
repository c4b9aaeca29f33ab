"""What one person, one address or one socket may ask for; policies, so that a site can set them."""

from __future__ import annotations

from dataclasses import field
from time import monotonic
from typing import Any

from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from core import policies
from core.buckets import TokenBucket
from core.refusal import Refusal

LETTERS_A_TOKEN, TOKENS_MAX = 2000, 20  # what a command costs
ASK_SECONDS = 15.0  # after this silence a client is asked
SILENCE_SECONDS = 40.0  # a client that did not even answer


@policies.section
class Limits:
    """Bursts and rates a second."""

    title = _("Limits")
    commands_burst: int = field(default=60, metadata={"label": _("Commands of one person at once")})
    commands_per_second: int = field(default=20, metadata={"label": _("Commands of one person per second")})
    handshakes_burst: int = field(default=2000, metadata={"label": _("Connections from one address at once")})
    handshakes_per_second: int = field(default=200, metadata={"label": _("Connections from one address per second")})
    connections_per_user: int = field(default=20, metadata={"label": _("Open connections per person")})


_users: dict[int, TokenBucket] = {}
_addresses: dict[str, TokenBucket] = {}
_errors: dict[int, TokenBucket] = {}


def checked(schema: Any, data: Any) -> Any:
    """The data in the form of the schema. Raises Refusal."""
    try:
        return schema.model_validate(data)
    except ValidationError:
        raise Refusal("bad_request") from None


def handshake(address: str) -> bool:
    """One more connection from this address."""
    policy = policies.cached(Limits)
    bucket = _addresses.get(address)
    if bucket is None:
        bucket = _addresses[address] = TokenBucket(policy.handshakes_burst, policy.handshakes_per_second)
    return bucket.take()


def connect(hub: Any, socket: Any) -> bool:
    """One more connection of this user."""
    return len(hub.by_user.get(socket.user_id, ())) < policies.cached(Limits).connections_per_user


def command(user_id: int, letters: int) -> bool:
    """One more command of this user, at whatever entrance; a long one counts as several, because it costs more."""
    policy = policies.cached(Limits)
    bucket = _users.get(user_id)
    if bucket is None or bucket.rate != policy.commands_per_second or bucket.burst != policy.commands_burst:
        bucket = _users[user_id] = TokenBucket(policy.commands_burst, policy.commands_per_second)
    return bucket.take(min(1 + letters // LETTERS_A_TOKEN, TOKENS_MAX))


def error(hub: Any, socket: Any) -> bool:
    """One more refusal to this socket; who only errs is not served for ever."""
    bucket = _errors.get(socket.number)
    if bucket is None:
        bucket = _errors[socket.number] = TokenBucket(200, 5)
    return bucket.take()


def sweep(hub: Any) -> None:
    """Forget the buckets that are full again."""
    now = monotonic()
    tables: list[dict[Any, TokenBucket]] = [_users, _addresses, _errors]
    for buckets in tables:
        for key in [
            key for key, bucket in buckets.items() if bucket.tokens + (now - bucket.at) * bucket.rate >= bucket.burst
        ]:
            del buckets[key]
