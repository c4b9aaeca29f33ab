"""The folding and what queries and names make of it; the table of cases is shared with tests/js/folding.test.js."""

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.folding import TOLD, WORD_MAX, Folded, marks_of, places_of, plain, spread, words_of
from core.names import KEY_MAX, fits, has_marks, search_key, terms
from core.query import TERMS_MAX, parse

CASES = json.loads((Path(__file__).parents[2] / "tests" / "folding_cases.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['query']} in {case['text']}")
def test_the_server_finds_what_the_browser_finds(case: dict):
    assert parse(case["query"]).finds(case["text"]) == case["found"]
    key = search_key(case["text"])
    found = all(fits(key, term) for term in terms(case["query"])) and has_marks(case["query"], [case["text"]])
    assert found == case["found"], key


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=40))
def test_every_letter_has_a_place_and_its_marks(text: str):
    text = unicodedata.normalize("NFC", text)
    letters, places = plain(text), places_of(text)
    assert len(letters) == len(places)
    assert all(0 <= start < end <= len(text) for start, end in places) and places == sorted(places)
    if letters:
        assert len(marks_of(spread(text))) in (len(letters), len(letters) + 1)
    assert plain(letters) == letters
    words = words_of(text)
    assert all(word.lstrip(TOLD) == plain(word) != "" and not {"'", '"', "\\", " "} & set(word) for word in words)
    assert all(len(word) <= WORD_MAX + 1 and plain(word) in words for word in words)


@pytest.mark.parametrize(
    ("query", "text", "ranges"),
    [
        ("duong", "Đường dưỡng", [[0, 5], [6, 11]]), ("fi", "ﬁn", [[0, 1]]), ("kg", "5㎏", [[1, 2]]), ("哈哈", "哈哈哈", [[0, 2]]),
        ("b", "ab", []), ("x", "", []), ("上海 shang", "上海 Shanghai", [[0, 2], [3, 8]]), ('"viet nam"', "Việt – Nam!", [[0, 10]]),
        ("đ", "d đ ð", [[2, 3], [4, 5]]), ("é", "é e\u0301 ê", [[0, 1], [2, 4]]),
    ],
)  # fmt: skip
def test_ranges(query: str, text: str, ranges: list):
    assert parse(query).ranges(text) == ranges


def test_a_query_is_bounded():
    assert len(parse(" ".join(f"w{n}" for n in range(500))).terms) <= TERMS_MAX
    assert parse("a a A ạ").terms and len(parse("a a A").terms) == 1
    assert not parse(" ?!…、 \u0301 ").terms


@pytest.mark.parametrize(
    ("name", "found", "missed"),
    [
        ("王小明", ["王", "小明", "wang", "wangxiao", "xiaoming", "ming", "wxm", "xm", "WXM"], ["mw", "王明", "wáng"]),
        ("单雄信", ["shan", "dan", "sxx"], ["xin2"]),
        ("Nguyễn Văn Minh", ["nguyen", "minh ng", "nvm", "vm", "nguyễn", "uyen"], ["an", "mn", "nguyển", "ễ v"]),
        ("实验室周会", ["周会", "zhouhui", "zh", "shiyan"], ["周实"]),
        ("Đỗ 👍", ["do", "đỗ", "👍", "@do"], ["đò"]),
    ],
)  # fmt: skip
def test_names(name: str, found: list[str], missed: list[str]):
    key = search_key("user-1", name)
    assert key.startswith(" user-1") and len(search_key("王" * 64, "Ａ" * 64)) <= KEY_MAX
    for query, expected in [(q, True) for q in found] + [(q, False) for q in missed]:
        assert (all(fits(key, term) for term in terms(query)) and has_marks(query, [name])) == expected, (query, key)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("đò", "do `do"), ("Đường dài", "duong +duong `duong dai `dai"), ("é ế 1́ ë", "e 'e ^e 1"), ("lớp12A", "lop +lop 'lop 12 a"),
        ("がか́", "かか か"), ("plain 火锅", "plain 火锅 锅"),
    ],
)  # fmt: skip
def test_words_of_an_index(text: str, words: str):
    names = {"`": "\u0300", "'": "\u0301", "^": "\u0302", "+": "\u031b"}
    assert words_of(text) == {"".join(names.get(c, c) for c in word) for word in words.split()}


def test_an_index_is_asked_for_different_words_before_more_marks():
    assert [need.word for need in parse("nhớ đường").needs(3)] == ["\u0300duong", "\u0301nho", "\u031bduong"]
    assert [need.word for need in parse("đi ñu").needs(3)] == ["\u0303nu", "di"]


odd = st.text(
    alphabet="aạáâấăđdơờuưnñйё bB1２①我们か火锅👍🏽ß_-'\"“·ﬁ㎏\u0301\u0323\u031b\u0302\u0308\u00ad한ᄒ", max_size=14
)


@given(text=odd, query=odd, at=st.integers(0, 13), size=st.integers(1, 6))
def test_what_is_found_has_what_an_index_is_asked_for(text: str, query: str, at: int, size: int):
    text = unicodedata.normalize("NFC", text)
    words = words_of(text)
    for typed in (query, text[at : at + size], f'"{text[at : at + size]}"', plain(text[at : at + size])):
        wanted = parse(typed)
        if wanted.terms and wanted.finds(text):
            for need in wanted.needs(99):
                assert need.word in words or (need.beginning and any(w.startswith(need.word) for w in words)), need


def test_folded_marks():
    found = Folded("Đường")
    assert found.plain == "duong" and found.has_marks(0, ["\u0335"]) and not found.has_marks(1, ["\u0301"])
