"""Site policies on messages."""

from dataclasses import field

from core import policies


@policies.section
class Messages:
    """Windows in minutes; -1: any time."""

    recall_minutes: int = field(default=2, metadata={"range": (-1, 525_600)})
    edit_minutes: int = field(default=15, metadata={"range": (-1, 525_600)})
    direct_from: str = field(default="anyone", metadata={"choices": ("anyone", "friends")})
