"""What nobody refers to goes a day later, and nothing else; rows and storage agree. On disk and on S3."""

from __future__ import annotations

import io
import os
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts import actions as accounts
from audit.models import Event
from core import policies
from core.atomic import PART
from core.hold import hold_files
from files import actions
from files.access import get_own_files
from files.actions import sweep
from files.management.commands import check_files
from files.models import Offer, StoredFile, Upload
from files.parts import complete, forget_parts, open_parts
from files.storage import PREVIEW, forget_bytes, stored_name, walk
from tests.cast import Cast, refusal_of

pytestmark = pytest.mark.django_db
DAY = timedelta(hours=25)


def keep(cast: Cast, name: str = "a.bin", data: bytes = b"abc") -> StoredFile:
    return actions.store_bytes(cast.member.user, name, [data])


def age(*files: StoredFile) -> None:
    StoredFile.objects.filter(pk__in=[file.pk for file in files]).update(created_at=timezone.now() - DAY)
    Upload.objects.filter(file__in=files).update(expires_at=timezone.now() - timedelta(seconds=1))


def begin(cast: Cast, data: bytes = b"half") -> Upload:
    """An upload in its middle."""
    upload = actions.create_upload(cast.member.user, "b.bin", 100)
    parts = open_parts(upload.token, 0)
    parts.append(data)
    parts.sync()
    parts.close()
    actions.confirm_bytes(upload, len(data))
    return upload


def names(folder: str = "stored") -> set[str]:
    return {found.name for found in walk(folder)}


def swept(capture: Any) -> dict[str, int]:
    with capture(execute=True):
        return actions.delete_unused()


def test_old_and_unused_goes(cast: Cast, store: str, django_capture_on_commit_callbacks):
    old, new = (keep(cast, name) for name in ("old", "new"))
    default_storage.save(stored_name(old.token, PREVIEW), ContentFile(b"x"))
    age(old)
    counts = swept(django_capture_on_commit_callbacks)
    assert counts == {"uploads": 0, "files": 1, "objects": 0}
    assert list(StoredFile.objects.all()) == [new] and names() == {stored_name(new.token)}
    event = Event.objects.latest("id")
    assert (event.action, event.actor_id, event.detail) == ("file.purged", None, counts)
    assert not any(swept(django_capture_on_commit_callbacks).values())
    assert Event.objects.latest("id").pk == event.pk


def test_an_open_offer_keeps_its_file(cast: Cast, disk: None, django_capture_on_commit_callbacks):
    file = keep(cast)
    offer = Offer.objects.create(
        sender=cast.member.user,
        receiver=cast.master.user,
        name="a",
        size=3,
        file=file,
        expires_at=timezone.now() + DAY,
    )
    age(file)
    assert swept(django_capture_on_commit_callbacks)["files"] == 0
    Offer.objects.filter(pk=offer.pk).update(state="refused")
    assert swept(django_capture_on_commit_callbacks)["files"] == 1
    assert Offer.objects.get(pk=offer.pk).file is None


def test_uploads_that_were_given_up_go(cast: Cast, store: str, django_capture_on_commit_callbacks):
    left, going = begin(cast), begin(cast)
    Upload.objects.filter(pk=left.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert swept(django_capture_on_commit_callbacks)["uploads"] == 1
    assert list(Upload.objects.all()) == [going]
    assert {name.split("/")[1] for name in names("uploads")} == {going.token}


def test_objects_without_a_row_go_when_they_are_old(cast: Cast, disk: None, django_capture_on_commit_callbacks):
    file = keep(cast)
    strays = ["stored/ab/abc", "stored/ab/abc.preview", "uploads/" + "x" * 32, "stored/zz/.draft", "stored/stray"]
    for name in strays:
        default_storage.save(name, ContentFile(b"x"))
    assert swept(django_capture_on_commit_callbacks)["objects"] == 0
    for name in [*strays, stored_name(file.token)]:
        os.utime(default_storage.path(name), (0, 0))
    assert swept(django_capture_on_commit_callbacks)["objects"] == len(strays)
    assert names() == {stored_name(file.token)} and names("uploads") == set()


def check(*options: str) -> tuple[bool, str]:
    out = io.StringIO()
    try:
        call_command("check_files", *options, stdout=out)
    except CommandError:
        return False, out.getvalue()
    return True, out.getvalue()


def test_check_files_looks_in_both_directions(cast: Cast, store: str):
    good, missing, short = keep(cast), keep(cast), keep(cast, data=b"abcdef")
    begin(cast)
    assert check() == (True, "3 files, 0 missing or damaged, 0 objects without a row\n")
    forget_bytes(missing.token)
    default_storage.save(stored_name(short.token), ContentFile(b"abc"))
    StoredFile.objects.filter(pk=short.pk).update(status="ready")
    StoredFile.objects.filter(pk=good.pk).update(sha256="0" * 64)
    default_storage.save("stored/ab/abc", ContentFile(b"x"))
    agree, text = check()
    assert not agree and f"file {missing.pk}: missing: {stored_name(missing.token)}" in text
    assert f"file {short.pk}: 3 bytes instead of 6" in text and "without a row: stored/ab/abc" in text
    assert "other bytes" not in text and f"file {good.pk}: other bytes" in check("--digests")[1]
    assert "deleted: stored/ab/abc" in check("--delete-orphans")[1]
    assert "stored/ab/abc" not in names() and stored_name(good.token) in names()


def test_check_files_beside_people_who_send_and_delete(cast: Cast, store: str, monkeypatch: pytest.MonkeyPatch):
    """What changes between the look at the storage and the look at the rows is no finding."""
    gone, changed = keep(cast), keep(cast)
    StoredFile.objects.update(status="ready")

    def meanwhile(folder: str):
        yield from list(walk(folder))
        if folder == "stored" and StoredFile.objects.filter(pk=gone.pk).exists():
            StoredFile.objects.filter(pk=gone.pk).delete()
            forget_bytes(gone.token)
            forget_parts(gone.token)
            default_storage.save(stored_name(changed.token), ContentFile(b"smaller"))
            StoredFile.objects.filter(pk=changed.pk).update(size=7)
            keep(cast, "new.bin")

    monkeypatch.setattr(check_files, "walk", meanwhile)
    assert check() == (True, "2 files, 0 missing or damaged, 0 objects without a row\n")


def test_what_is_being_written_and_what_a_backup_may_need_is_not_left_over(cast: Cast, disk: None):
    drafts = [f"stored/ab/.abc.{number}{PART}" for number in "12"]
    for name in (*drafts, "stored/ab/abc"):
        default_storage.save(name, ContentFile(b"x"))
    old = (timezone.now() - timedelta(hours=2)).timestamp()
    os.utime(default_storage.path(drafts[0]), (old, old))
    assert set(sweep.orphans()) == {drafts[0], "stored/ab/abc"}
    with hold_files(), pytest.raises(CommandError, match="backup"):
        call_command("check_files", "--delete-orphans")
    assert default_storage.exists("stored/ab/abc")
    check("--delete-orphans")
    assert names() == {drafts[1]}


def test_a_file_that_is_finished_while_its_object_is_looked_for_has_a_row(cast: Cast, disk: None):
    upload = begin(cast)
    upload.size = upload.offset
    Upload.objects.filter(pk=upload.pk).update(size=upload.size)
    complete(upload.token, upload.size)  # the bytes lie in their place, the row comes next
    ends = [upload]

    def looked(execute, sql, *rest):
        found = execute(sql, *rest)
        if ends and sql.startswith("SELECT"):  # the first of the queries
            actions.finish(ends.pop())
        return found

    with connection.execute_wrapper(looked):
        assert list(sweep.orphans()) == [] and not ends


def test_store_bytes_has_the_rules_of_uploads(cast: Cast, store: str):
    policies.store("files.max_size", 1)
    read = []

    def endless():
        while True:
            read.append(1)
            yield b"x" * 2**18

    assert refusal_of(actions.store_bytes, cast.member.user, "a", endless()) == "too_large" and len(read) <= 6
    policies.store("files.kinds", "media")
    assert refusal_of(actions.store_bytes, cast.member.user, "a.exe", [b"x"]) == "kind_not_allowed"
    assert refusal_of(actions.create_upload, cast.member.user, "a.exe", 1, voice=True) == "kind_not_allowed"
    assert not Upload.objects.exists() and not names() and not names("uploads")
    file = actions.store_bytes(cast.member.user, "a.mp3", [b"x"])
    with default_storage.open(stored_name(file.token)) as stored:
        assert stored.read() == b"x"
    event = Event.objects.latest("id")
    assert (event.action, event.actor_id, event.target_name) == ("file.uploaded", cast.member.id, "a.mp3")


def test_finishing_twice_makes_one_file(cast: Cast, disk: None):
    file = keep(cast)
    upload = Upload.objects.get(file=file)
    assert actions.finish(upload) == file
    Upload.objects.update(file=None)  # as another process read it before the first one was done
    stale = Upload.objects.get()
    Upload.objects.update(file=file)
    assert actions.finish(stale) == file and StoredFile.objects.count() == 1


def test_a_process_that_died_between_the_bytes_and_the_row(cast: Cast, store: str):
    """The bytes lie in their place already; finishing again makes the row."""
    file = keep(cast)
    Upload.objects.update(file=None)
    StoredFile.objects.all().delete()
    made = actions.finish(Upload.objects.get())
    assert made.pk != file.pk and made.token == file.token
    assert check()[0]


def test_own_files_in_the_order_asked_for(cast: Cast, disk: None):
    first, second = keep(cast), keep(cast)
    theirs = actions.store_bytes(cast.master.user, "x", [b"x"])
    own = cast.member.user
    assert get_own_files(own, [second.token, first.token]) == [second, first]
    assert refusal_of(get_own_files, own, [first.token, theirs.token]) == "not_found"
    assert refusal_of(get_own_files, own, ["nothing"]) == "not_found"


def test_a_deleted_account_uploads_no_further(cast: Cast, disk: None, django_capture_on_commit_callbacks):
    begin(cast)
    kept = keep(cast)
    with django_capture_on_commit_callbacks(execute=True):
        accounts.delete_account(cast.administrator.user, cast.member.user)
    assert not Upload.objects.filter(file=None).exists() and not names("uploads")
    assert StoredFile.objects.filter(pk=kept.pk).exists()
