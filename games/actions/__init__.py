"""The only place that changes anything at card tables."""

from games.actions.acting import act
from games.actions.attend import attend, find_work, tick_tables
from games.actions.expire import expire_tables
from games.actions.follow import follow, heartbeat, say, unfollow
from games.actions.kinds import Act
from games.actions.open import open_table

__all__ = [
    "Act",
    "act",
    "attend",
    "expire_tables",
    "find_work",
    "follow",
    "heartbeat",
    "open_table",
    "say",
    "tick_tables",
    "unfollow",
]
