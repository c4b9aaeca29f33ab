"""Names at the borders of their fields: whole or as an alias, never another's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways import names
from gateways.errors import Malformed
from gateways.feeds import Person


@pytest.mark.parametrize(
    ("name", "width", "field"),
    [
        ("nguyenvanan", 16, "nguyenvanan"),
        ("nguyễnvănan", 14, "nguyễnvănan"),  # 11 letters, 14 bytes
        ("nguyễnvănan", 12, "nguyễnv~z"),
        ("nguyễnvănan", 13, "nguyễnvă~z"),
        ("张三李四王五", 18, "张三李四王五"),
        ("张三李四王五", 17, "张三李四王~z"),
        ("张三李四王五", 16, "张三李四~z"),
        ("e\u0301e\u0301e\u0301", 8, "e\u0301e\u0301~z"),  # a letter keeps its marks
        ("e\u0301e\u0301e\u0301", 7, "e\u0301~z"),
    ],
)
def test_a_name_that_does_not_fit_is_cut_between_letters(name: str, width: int, field: str) -> None:
    assert names.to_field(Person(35, name), width) == field


def test_two_names_with_one_beginning_stay_two() -> None:
    one, two = Person(71, "nguyễn.thị.minh.khai.10a1"), Person(72, "nguyễn.thị.minh.khai.10a2")
    fields = {names.to_field(person, 16) for person in (one, two)}
    assert len(fields) == 2
    for person, other in ((one, two), (two, one)):
        field = names.to_field(person, 16)
        assert names.is_called(field, person) and not names.is_called(field, other)


def test_an_alias_is_of_the_name_it_was_cut_from() -> None:
    lan = Person(35, "lan")
    assert names.is_called("~z", lan) and names.is_called("la~z", lan) and names.is_called("lan~z", lan)
    for text in ("Lan", "lan ", "lan~Z", "lam~z", "lan~y", "lan~", "lan~z1"):
        assert not names.is_called(text, lan)


@given(st.text(max_size=60), st.integers(12, 40), st.integers(1, 10**9))
def test_a_field_fits_whatever_the_name(name: str, width: int, id: int) -> None:
    name = name.encode(errors="ignore").decode().replace("~", "").replace("\x00", "")
    field = names.to_field(Person(id, name), width)
    assert len(field.encode()) <= width and names.text_of(names.pad(field, width)) == field
    assert names.is_called(field, Person(id, name))


@given(st.text(max_size=200), st.integers(4, 30))
def test_no_letter_is_lost_in_pieces(text: str, width: int) -> None:
    text = text.encode(errors="ignore").decode()
    pieces = names.split(text, width)
    assert "".join(pieces) == text and all(len(piece.encode()) <= width for piece in pieces)


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("Việt", ["V", "i", "ệ", "t"]),
        ("e\u0302\u0323x", ["e\u0302\u0323", "x"]),
        ("👨‍👩‍👧!", ["👨‍👩‍👧", "!"]),
        ("🇻🇳🇨🇳", ["🇻🇳", "🇨🇳"]),
        ("👍🏽👍", ["👍🏽", "👍"]),
        ("한\u1112\u1161\u11ab", ["한", "\u1112\u1161\u11ab"]),
        ("❤️a", ["❤️", "a"]),
    ],
)
def test_letters_as_people_see_them(text: str, letters: list[str]) -> None:
    assert list(names.letters(text)) == letters


@pytest.mark.parametrize(
    ("name", "width", "cut"),
    [
        ("ảnh.jpg", 36, "ảnh.jpg"),
        ("一张很长的照片的名字在这里.jpeg", 24, "一张很长的照.jpeg"),
        (".profile-of-somebody", 8, ".profile"),
        ("a" * 40, 36, "a" * 36),
    ],
)
def test_a_file_name_keeps_its_extension(name: str, width: int, cut: str) -> None:
    assert names.cut_file(name, width) == cut and len(cut.encode()) <= width


def test_a_field_ends_at_its_first_nul() -> None:
    assert names.text_of(b"lan\x00\xff\xfe") == "lan" and names.text_of(b"\x00abc") == ""
    with pytest.raises(Malformed):
        names.text_of(b"l\xe1n")
