"""The SQL of one piece of work as the server does it, as a JSON list."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import LoginSession, User
from core import policies
from core.registry import Caller
from messaging.access import get_page
from realtime import own
from realtime.hub import feeds_of
from realtime.limits import Limits


class Command(BaseCommand):
    """manage.py show_queries ready --user 1; manage.py show_queries page --user 1 --conversation 7"""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("work", choices=["ready", "page"])
        parser.add_argument("--user", type=int, required=True)
        parser.add_argument("--conversation", type=int, default=0)

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.get(pk=options["user"])
        login_session = LoginSession.objects.filter(user=user, ended_at=None).latest("pk")
        policies.get(Limits)  # read once in two seconds, not for each request
        with CaptureQueriesContext(connection) as captured:
            if options["work"] == "page":
                get_page(user, options["conversation"])
            else:
                caller = Caller(user.pk, login_session.pk, "en", "127.0.0.1")
                feeds_of(user.pk)
                own._snapshot(caller, {}, {})
        self.stdout.write(json.dumps([query["sql"] for query in captured.captured_queries]))
