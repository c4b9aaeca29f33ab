"""The picture of a group: who may set it, how members hear of it, what becomes of the old one."""

from __future__ import annotations

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.avatars import path_of
from audit.models import Event
from core.tests.pictures import photo
from messaging import actions
from messaging.models import Conversation, Message
from messaging.summary import get_object
from tests.cast import Cast, refusal_of

pytestmark = pytest.mark.django_db


def post(browser, group: int, data: bytes):
    return browser.post(f"/api/conversations/{group}/avatar", {"picture": SimpleUploadedFile("a.png", data)})


def test_a_manager_sets_it_and_a_member_does_not(cast: Cast, django_capture_on_commit_callbacks):
    manager, member = cast.manager.client, cast.member.client
    before = Conversation.objects.get(pk=cast.group)
    refused = post(member, cast.group, photo())
    assert refused.status_code == 403 and refused.json()["error"]["code"] == "not_allowed"
    assert Conversation.objects.get(pk=cast.group).last_change == before.last_change
    first = post(manager, cast.group, photo()).json()["avatar"]
    assert get_object(cast.member.user, cast.group)["avatar"] == first
    fact = Message.objects.filter(conversation=cast.group).latest("seq")
    assert (fact.kind, fact.body) == ("system", f'{{"code":"avatar","avatar":"{first}"}}')
    assert member.get(f"/avatars/{first}/64.webp").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        second = post(manager, cast.group, photo(kind="PNG")).json()["avatar"]
    assert second != first and not default_storage.exists(path_of(first, 256))
    assert member.delete(f"/api/conversations/{cast.group}/avatar").json()["error"]["code"] == "not_allowed"
    assert get_object(cast.member.user, cast.group)["avatar"] == second
    with django_capture_on_commit_callbacks(execute=True):
        assert manager.delete(f"/api/conversations/{cast.group}/avatar").status_code == 200
    assert get_object(cast.member.user, cast.group)["avatar"] == "" and not default_storage.exists(path_of(second, 64))
    told = list(Event.objects.filter(action__startswith="group.avatar").order_by("pk").values_list("action", flat=True))
    assert told == ["group.avatar_changed", "group.avatar_changed", "group.avatar_removed"]


def test_what_is_no_picture_changes_nothing(cast: Cast):
    kept = actions.set_group_avatar(cast.master.user, cast.group, photo())
    for data in (b"", b"<svg/>", photo(kind="TIFF"), photo()[:200]):
        assert refusal_of(actions.set_group_avatar, cast.master.user, cast.group, data) == "bad_picture"
    large = post(cast.master.client, cast.group, b"x" * (5 * 2**20 + 1))
    assert (large.status_code, large.json()["error"]["code"]) == (413, "too_large")
    assert get_object(cast.member.user, cast.group)["avatar"] == kept


def test_the_place_for_everyone_and_direct_ones_have_none(cast: Cast):
    for other in (cast.everyone, actions.open_direct(cast.master.user, cast.member.id)["id"]):
        assert refusal_of(actions.set_group_avatar, cast.master.user, other, photo()) == "not_allowed"


def test_it_goes_with_the_group(cast: Cast, django_capture_on_commit_callbacks):
    name = actions.set_group_avatar(cast.master.user, cast.group, photo())
    assert default_storage.exists(path_of(name, 256))
    with django_capture_on_commit_callbacks(execute=True):
        actions.dissolve_group(cast.master.user, cast.group)
    assert not default_storage.exists(path_of(name, 256))
    assert Conversation.objects.get(pk=cast.group).avatar == ""
