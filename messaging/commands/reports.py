"""What people may ask of those who look after the site."""

from __future__ import annotations

from typing import Any, Literal

from core.registry import command
from messaging import actions
from messaging.commands.data import OfMessage


class Report(OfMessage):
    """What is wrong with the message, and a few words."""

    reason: Literal["spam", "harassment", "violence", "private", "other"]
    words: str = ""


@command("message.report", Report)
def report(actor: Any, data: Report) -> dict:
    """Report a message to the moderators of the site."""
    actions.report_message(actor, data.conversation, data.seq, data.reason, data.words)
    return {}
