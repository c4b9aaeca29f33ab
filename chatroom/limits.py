"""The token bucket of a person at the HTTP API: the same size as at the socket."""

from core import policies
from core.buckets import TokenBucket
from realtime.limits import Limits

_buckets: dict[int, TokenBucket] = {}


def too_fast(user_id: int) -> bool:
    """Whether this request is one too many."""
    policy = policies.get(Limits)
    bucket = _buckets.get(user_id)
    if bucket is None or bucket.rate != policy.commands_per_second or bucket.burst != policy.commands_burst:
        if len(_buckets) > 10_000:
            _buckets.clear()
        bucket = _buckets[user_id] = TokenBucket(policy.commands_burst, policy.commands_per_second)
    return not bucket.take()
