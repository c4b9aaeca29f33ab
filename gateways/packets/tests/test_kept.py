"""The part of the settings document that only clients know: whose it is, and what becomes of it."""

from __future__ import annotations

import json

import pytest

from accounts import actions as accounts
from accounts import data_export
from audit.models import Event
from core.models import Mark
from gateways.packets.kept import kept_of
from gateways.packets.settings import document_of, take_document
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_keys_that_are_not_in_the_document_any_more_go_and_options_stay(cast: Cast) -> None:
    user = cast.member.user
    take_document(user, b' {"a" : 1 , "theme":"dark", "a": [2.50] } ')
    assert kept_of(user) == '"a":[2.50]'
    assert json.loads(document_of(user))["theme"] == "dark"
    take_document(user, b'{"language":"vi"}')
    assert (kept_of(user), user.language, user.get_options().theme) == ("", "vi", "dark")
    assert not Mark.objects.filter(key__startswith="packets").exists()


def test_what_changes_nothing_is_not_written_down(cast: Cast) -> None:
    take_document(cast.member.user, b'{"a":1}')
    before = Event.objects.count()
    take_document(cast.member.user, b'{"a":1}')
    take_document(cast.member.user, b"{}  x")
    assert Event.objects.count() == before
    take_document(cast.member.user, b"{}")
    assert Event.objects.count() == before + 1


def test_everybody_has_his_own(cast: Cast) -> None:
    take_document(cast.member.user, b'{"a":1}')
    take_document(cast.master.user, b'{"b":"\\u0000"}')
    assert (kept_of(cast.member.user), kept_of(cast.master.user)) == ('"a":1', '"b":"\\u0000"')
    assert kept_of(cast.stranger.user) == ""


def test_it_is_in_the_export_and_goes_with_the_account(cast: Cast) -> None:
    user = cast.stranger.user
    take_document(user, b'{"colour":"xanh"}')
    assert json.loads("".join(data_export.pieces(user)))["older_client"] == [{"colour": "xanh"}]
    accounts.delete_account(cast.administrator.user, user)
    assert kept_of(user) == ""


@pytest.mark.parametrize("deep", [b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}", b'{"a":' + b"9" * 60_000 + b"}"])
def test_documents_made_to_hurt_change_nothing(cast: Cast, deep: bytes) -> None:
    take_document(cast.member.user, deep)
    assert kept_of(cast.member.user) == ""
