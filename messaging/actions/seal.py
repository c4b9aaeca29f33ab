"""Sealing: what new messages are like is written into the log, so that a row edited behind our back is found."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from audit.record import hold_chain, record
from messaging.sealing import SEAL_MAX, Seal, last_seal, read, when

REST = timedelta(minutes=10)  # a transaction that takes longer to commit would come into a sealed span


def seal_messages(now: datetime | None = None) -> int:
    """Seal the messages that are ten minutes old; answers how many. Two at once seal nothing twice."""
    young = when((now or timezone.now()) - REST)
    sealed = 0
    while True:
        newest = last_seal()
        seal = _next(newest.detail["last"] if newest else 0, young)
        if not seal.count:
            return sealed
        with transaction.atomic():
            hold_chain()
            if last_seal() != newest:
                return sealed  # somebody else was faster
            record(None, "messages.sealed", detail=seal.detail())
        sealed += seal.count


def _next(after: int, young: str) -> Seal:
    seal = Seal()
    for row in read(after):
        if seal.count == SEAL_MAX or when(row[-2]) > young:
            break
        seal.add(row)
    return seal
