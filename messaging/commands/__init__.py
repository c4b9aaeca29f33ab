"""What people may ask of conversations, over the socket and the HTTP API; each file registers its commands."""

from messaging.commands import conversations, groups, joining, mailing, messages, reports

__all__ = ["conversations", "groups", "joining", "mailing", "messages", "reports"]
