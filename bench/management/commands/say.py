"""Sends messages through the send action from a process beside the server."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import LoginSession
from core.refusal import Refusal
from core.registry import Caller
from messaging.actions import SendRequest, send_messages


class Command(BaseCommand):
    """manage.py say --user 1 --conversation 7 --count 3"""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", type=int, required=True)
        parser.add_argument("--conversation", type=int, required=True)
        parser.add_argument("--count", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        login_session = LoginSession.objects.filter(user=options["user"], ended_at=None).latest("pk")
        caller = Caller(options["user"], login_session.pk, "en", "127.0.0.1")
        numbers = range(options["count"])
        requests = [SendRequest(caller, options["conversation"], f"said-{n:06}", f"said {n}") for n in numbers]
        for result in send_messages(requests):
            if isinstance(result, Refusal):
                raise CommandError(f"{result.code}: {result.message}")
