"""The room of a person is one, however many announce files at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.storage import default_storage
from django.db import connection

from core import policies
from core.refusal import Refusal
from files import actions
from files.models import StoredFile, Upload
from files.policies import MIB
from files.storage import stored_name
from messaging import actions as messaging
from tests.cast import Cast, refusal_of


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


@pytest.mark.django_db
def test_to_the_last_byte_and_not_one_more(cast: Cast, disk: None):
    policies.store("files.quota", 1)
    actions.store_bytes(cast.member.user, "a.bin", [b"x" * (MIB - 10)])
    assert refusal_of(actions.create_upload, cast.member.user, "b.bin", 11) == "quota"
    upload = actions.create_upload(cast.member.user, "b.bin", 10)
    assert refusal_of(actions.create_upload, cast.member.user, "c.bin", 1) == "quota"
    assert actions.create_upload(cast.member.user, "empty.bin", 0) and actions.create_upload(
        cast.master.user, "c.bin", 1
    )
    actions.cancel_upload(cast.member.user, upload)
    assert actions.create_upload(cast.member.user, "c.bin", 10)


@pytest.mark.django_db(transaction=True)
def test_what_was_recalled_makes_room_at_once_and_what_waits_to_be_sent_stays(cast: Cast, disk: None):
    policies.store("files.quota", 1)
    sent, shown = (actions.store_bytes(cast.member.user, f"{n}.bin", [b"x" * (MIB // 4)]) for n in range(2))
    waits = actions.store_bytes(cast.member.user, "waits.bin", [b"x" * (MIB // 2)])
    seq = cast.say(cast.member, "a", files=[sent.token])
    cast.say(cast.member, "b", files=[shown.token])
    assert refusal_of(actions.create_upload, cast.member.user, "c.bin", 1) == "quota"
    messaging.recall_message(cast.member.user, cast.group, seq)
    assert default_storage.exists(stored_name(sent.token))  # nobody needs its room yet
    assert refusal_of(actions.create_upload, cast.member.user, "c.bin", MIB // 4 + 1) == "quota"
    actions.create_upload(cast.member.user, "c.bin", MIB // 4)
    assert set(StoredFile.objects.values_list("pk", flat=True)) == {shown.pk, waits.pk}
    assert not default_storage.exists(stored_name(sent.token))
