"""Cleaning: texts, names and user names of three languages, and what is no text."""

import unicodedata

import pytest

from core.refusal import Refusal
from core.text import clean_body, clean_line, clean_name, clean_username, is_emoji, name_key, sentences


def code(run, *args) -> str:
    with pytest.raises(Refusal) as refused:
        run(*args)
    return refused.value.code


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("xin chào", "xin chào"),
        ("  a  ", "a"),
        ("a\r\nb\rc\n", "a\nb\nc"),
        ("a\tb", "a\tb"),
        ("\u3000你好\u3000", "你好"),
        ("e\u0323\u0302", "ệ"),
        ("a\x1b[31mb\x7f", "a[31mb"),
        ("x\u202ey\u2066z", "xyz"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("Ａ１", "Ａ１"),
        ("  a\n  b", "a\n  b"),
        ("\ufeffa", "\ufeffa"),
    ],
)
def test_a_text_is_cleaned_and_not_changed(text: str, clean: str):
    assert clean_body(text) == clean
    assert clean_body(clean_body(text)) == clean_body(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n\t",
        "\u3000",
        "\u200b\u200c\u200d",
        "\u2028",
        "\u00ad",
        "\x01\x02",
        "\u180e",
        "\u2800",
        "\u3164\u115f",
        "\ufe0f",
    ],
)
def test_blank_is_blank_in_every_script(text: str):
    assert code(clean_body, text) == "blank"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Mi\u200b\u200c\u200d\u2060\ufeff\u00adnh", "Minh"),
        ("\u200dLớp\u200d 10A\u3164\u2800", "Lớp 10A"),
        ("龘\ufe00", "龘"),
        ("\u3164", ""),
        ("❤\ufe0f 1\ufe0f\u20e3 👨\u200d👩", "❤\ufe0f 1\ufe0f\u20e3 👨\u200d👩"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
    ],
)
def test_names_have_no_letters_that_cannot_be_seen(text: str, shown: str):
    assert clean_line(text, 64) == shown
    assert clean_name(text) == shown if shown else code(clean_name, text) == "bad_name"


@pytest.mark.parametrize("text", ["admin\u3164", "admin\ufe0f", "adm\u034fin", "\u1160", "Аdmin", "αdmin", "pаypal"])
def test_a_user_name_cannot_look_like_another(text: str):
    assert code(clean_username, text) == "bad_username"
    assert clean_username("Админ") == "Админ"
    assert clean_username("admin") == "admin"


@pytest.mark.parametrize("mark", ["\u0301", "\u0e47", "\u20dd", "\u0f71"])
def test_marks_do_not_pile_up(mark: str):
    assert clean_body("ก" + mark * 16).endswith(mark)
    assert code(clean_body, "ก" + mark * 17) == code(clean_line, "ก" + mark * 17, 64) == "bad_text"


def test_the_length_is_counted_after_composing():
    assert len(clean_body("e\u0302" * 10_000)) == 10_000
    assert code(clean_body, "a" * 10_001) == "too_long"
    assert clean_body("ab", 2) == "ab"
    assert code(clean_body, "abc", 2) == "too_long"


@pytest.mark.parametrize("text", ["\x00", "a\x00", "\ud800", "\udfff", "\ud83d\ude00"])
def test_what_cannot_be_stored_is_refused_everywhere(text: str):
    assert code(clean_body, "a" + text) == "bad_text"
    assert code(clean_name, "a" + text) == "bad_name"
    assert code(clean_username, "a" + text) == "bad_username"
    assert clean_line(text + "b", 10) in ("b", "ab")


@pytest.mark.parametrize(
    ("text", "line"), [("  a \n b\t", "a b"), ("\u3000忙\u3000", "忙"), ("\u202ea", "a"), ("", "")]
)
def test_a_line_is_one_line(text: str, line: str):
    assert clean_line(text, 10) == line


def test_a_line_that_is_too_long_is_refused():
    assert code(clean_line, "好" * 11, 10) == "too_long"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nhóm", "NHÓM"),
        ("ﬁ", "FI"),
        ("Straße", "STRASSE"),
        ("Ａｂ", "aB"),
        ("e\u0301", "É"),
        ("İ", "i̇"),
        ("Σς", "σσ"),
        ("①", "1"),
    ],
)
def test_names_that_look_the_same_have_one_key(one: str, other: str):
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(("one", "other"), [("duong", "đường"), ("ma", "má"), ("王", "玉"), ("a", "а")])
def test_names_that_differ_have_two(one: str, other: str):
    assert name_key(one) != name_key(other)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("  Lớp  10A1 ", "Lớp 10A1"),
        ("研究\u3000组", "研究 组"),
        ("Ａ", "A"),
        ("a\nb", "a b"),
        ("Nhóm #1", "Nhóm #1"),
        ("🌱", "🌱"),
    ],
)
def test_a_name_of_a_group(text: str, name: str):
    assert clean_name(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\u200b",
        "\u0301",
        "#a",
        "＃a",
        "a~b",
        "a～b",
        "x" * 65,
        "System",
        "EVERYONE",
        "Ａｌｌ",
        "所有人",
        "\x01",
    ],
)
def test_what_is_no_name_of_a_group(text: str):
    assert code(clean_name, text) == "bad_name"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("lan", "lan"),
        ("  Lan ", "Lan"),
        ("nguyễn.văn-a_1", "nguyễn.văn-a_1"),
        ("王小明", "王小明"),
        ("Ｌａｎ", "Lan"),
        ("สมชาย", "สมชาย"),
        ("हिन्दी", "हिन्दी"),
        ("7", "7"),
        ("x" * 32, "x" * 32),
        ("e\u0301", "é"),
    ],
)
def test_a_user_name(text: str, name: str):
    assert clean_username(text) == unicodedata.normalize("NFKC", name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a b",
        "a@b",
        "a#b",
        "x" * 33,
        "\u0301a",
        "a\u200bb",
        "😀",
        "a/b",
        "<a>",
        "system",
        "Everyone",
        "ALL",
        "所有人",
        "a\nb",
        "a~",
    ],
)
def test_what_is_no_user_name(text: str):
    assert code(clean_username, text) == "bad_username"


@pytest.mark.parametrize("text", ["👍", "👍🏽", "❤️", "👨‍👩‍👧", "🇻🇳", "1️⃣", "☕", "©️", "⤴️", "🫨", "🫩", "🐦‍🔥"])
def test_one_emoji(text: str):
    assert is_emoji(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "1",
        "#",
        "好",
        "👍a",
        "a👍",
        "👍 ",
        " 👍",
        "\u200d",
        "️",
        "👍" * 20,
        "<>",
        "\U0001fbff",
        "\U000e1000",
        "\u0378",
        "👍👍",
        "👍\u202e",
        "👍" + "\u0301" * 10,
        "👍\u200d\u200d👍",
        "🇻🇳🇨🇳",
        "^",
    ],
)
def test_not_one_emoji(text: str):
    assert not is_emoji(text)


def test_several_emoji():
    assert is_emoji("👍🏽🇻🇳1️⃣", 3)
    assert not is_emoji("👍🏽🇻🇳1️⃣", 2)
    assert not is_emoji("👍a", 3)


def test_sentences_after_each_other() -> None:
    assert sentences("One.", "Two.") == "One. Two." and sentences("一句。", "两句。") == "一句。两句。"
