"""What is kept for so many days only, removed texts among it: once a night what is older goes, in small steps, so that people go on chatting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils import timezone

from audit import actions as audit
from chatroom.backup.nightly import last_hour
from chatroom.backup.policies import Backups, Retention
from chatroom.incidents import note
from core import policies
from core.hold import files_held
from core.marks import remember, remembered
from core.models import Incident
from games import actions as games
from games.policies import Games
from messaging import actions as messaging
from messaging.sealing import prunable

FORGET = 2 * 86_400  # seconds
CLOCK = "retention.clock"
LEAP = timedelta(days=3)  # without a look: the site was off, came from an older backup, or the clock is wrong
WAIT = timedelta(days=7)  # until somebody has seen it
HABIT = timedelta(days=31)  # a site that runs on some days only leaps each time: up to this, the first one counts


@dataclass(frozen=True)
class Wait:
    """Nothing is deleted for a while, because the clock may be wrong."""

    days: int  # that it leapt
    until: datetime


def keep_if_due(now: datetime | None = None) -> None:
    """Once after the hour of the backup, and after a restart."""
    now = now or timezone.now()
    watch_clock(now)
    if _leapt(now):
        return
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


def watch_clock(now: datetime) -> None:
    """Every five minutes. A clock that is years ahead makes all there is too old: after a leap nothing is deleted for a week."""
    told = remembered(CLOCK, {})
    leapt = now - datetime.fromisoformat(told["seen"]) if told else timedelta()
    usual = timedelta() < leapt <= min(HABIT, timedelta(days=told.get("days", -1) + 1))
    if abs(leapt) > LEAP and not usual:
        told = {"leapt": now.isoformat(), "days": abs(leapt).days}
        if deletes():
            note(Incident.Kind.ERROR, "chatroom.retention", what=f"the clock leapt by {told['days']} days")
    remember(CLOCK, {**told, "seen": now.isoformat()})


def waits(now: datetime) -> Wait | None:
    """What the dashboard says of a leap of the clock: until when nothing is deleted; None where the policies have nothing deleted."""
    return _leapt(now) if deletes() else None


def _leapt(now: datetime) -> Wait | None:
    """None when time has gone by evenly for long enough."""
    told = remembered(CLOCK, {})
    if "leapt" not in told:
        return None
    until = datetime.fromisoformat(told["leapt"]) + WAIT
    return Wait(told["days"], until) if now < until else None


def deletes() -> bool:
    """Whether the policies have anything deleted."""
    policy = policies.get(Retention)
    return bool(policy.messages_days or policy.files_days or policy.log_days)


def keep_to_policy(now: datetime) -> dict[str, int]:
    """Delete what is older than the policies say, and removed texts after their thirty days; how much of the former."""
    messaging.purge_removed(now)
    policy, gone = policies.get(Retention), {}
    if policy.messages_days:
        messaging.seal_messages(now)  # what is deleted was sealed before
        gone["messages"] = messaging.expire_messages(now - timedelta(days=policy.messages_days))
    if policy.files_days:
        gone["files"] = messaging.expire_files(now - timedelta(days=policy.files_days))
    if policy.log_days:
        gone["events"] = audit.prune_log(*prunable(now - timedelta(days=policy.log_days)))
    days = policies.get(Games).tables_days
    if days and (tables := games.expire_tables(now - timedelta(days=days))):
        gone["tables"] = tables
    return gone
