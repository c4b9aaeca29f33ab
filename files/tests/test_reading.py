"""Bytes of stored files for entrances that hand them on piece by piece."""

from __future__ import annotations

import pytest

from files.access import get_file_by_id
from files.reading import Reading
from files.storage import forget_bytes
from files.tests.made import DATA, make_file
from tests.cast import Cast, refusal_of

pytestmark = pytest.mark.django_db


def test_a_file_is_read_in_pieces_to_its_end(cast: Cast, store: str) -> None:
    reading = Reading(make_file(cast.member))
    assert reading.size == len(DATA)
    assert [reading.read(6000), reading.read(6000), reading.read(6000)] == [DATA[:6000], DATA[6000:], b""]
    reading.close()
    reading.close()


def test_bytes_that_are_gone_are_not_found(cast: Cast, store: str) -> None:
    file = make_file(cast.member)
    Reading(file).close()
    forget_bytes(file.token)
    assert refusal_of(Reading, file) == "not_found"


def test_a_number_that_can_be_guessed_gives_nothing_without_the_right_to_see_it(cast: Cast, disk: None) -> None:
    file = make_file(cast.member)
    assert get_file_by_id(cast.member.user, file.pk) == file
    assert refusal_of(get_file_by_id, cast.master.user, file.pk) == "not_found"
    assert refusal_of(get_file_by_id, cast.member.user, file.pk + 1) == "not_found"
    cast.say(cast.member, "đây", files=[file.token])
    assert get_file_by_id(cast.master.user, file.pk) == file
    assert refusal_of(get_file_by_id, cast.stranger.user, file.pk) == "not_found"
