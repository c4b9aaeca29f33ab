"""The room of a person is one, however many announce files at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from core import policies
from core.refusal import Refusal
from files import actions
from files.models import Upload
from tests.cast import Cast


@pytest.mark.django_db(transaction=True)
def test_parallel_announcements_share_one_quota(cast: Cast, disk: None):
    policies.store("files.quota", 1)

    def announce(number: int) -> str:
        try:
            actions.create_upload(cast.member.user, f"{number}.bin", 300 * 1024)
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()
        return "ok"

    with ThreadPoolExecutor(8) as threads:
        found = sorted(threads.map(announce, range(16)))
    assert found == ["ok"] * 3 + ["quota"] * 13
    assert Upload.objects.count() == 3
