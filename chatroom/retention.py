"""What is kept for so many days only: once a night what is older goes, in small steps, so that people go on chatting."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils import timezone

from audit import actions as audit
from chatroom.backup.nightly import last_hour
from chatroom.backup.policies import Backups, Retention
from core import policies
from core.hold import files_held
from messaging import actions as messaging
from messaging.sealing import prunable

FORGET = 2 * 86_400  # seconds


def keep_if_due(now: datetime | None = None) -> None:
    """Once after the hour of the backup, and after a restart."""
    now = now or timezone.now()
    night = last_hour(now, policies.get(Backups).hour).isoformat()
    if files_held():  # a backup is being made, and that keeps one of two workers
        return
    if not cache.add(f"retention:{night}", True, FORGET):  # done, or at it: the first time may take long
        return
    try:
        keep_to_policy(now)
    except BaseException:
        cache.delete(f"retention:{night}")
        raise


def keep_to_policy(now: datetime) -> dict[str, int]:
    """Delete what is older than the policies say; how much of each."""
    policy, gone = policies.get(Retention), {}
    if policy.messages_days:
        messaging.seal_messages(now)  # what is deleted was sealed before
        gone["messages"] = messaging.expire_messages(now - timedelta(days=policy.messages_days))
    if policy.files_days:
        gone["files"] = messaging.expire_files(now - timedelta(days=policy.files_days))
    if policy.log_days:
        gone["events"] = audit.prune_log(*prunable(now - timedelta(days=policy.log_days)))
    return gone
