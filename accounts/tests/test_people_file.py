"""Files of people: the letters are right or the file is refused; columns and separators as spreadsheets write them."""

import unicodedata

import pytest

from accounts.people_file import LARGEST, LINES_MAX, decode, read
from accounts.report import as_csv
from core.refusal import Refusal

CHINESE = "用户名,姓名,群组\nzhangwei,张伟,高一（3）班\nlina,李娜,高一（3）班；象棋社\n王小明,王小明,\nxuxin,许鑫喆,\n"
VIETNAMESE = (
    "tên đăng nhập,họ và tên,nhóm\nanh,Nguyễn Thị Ánh,Lớp 10A\nduc,Đỗ Đức Trường,Lớp 10A\nhuong,Phạm Thu Hương,\n"
)


def windows_1258(text):
    """Vietnamese as Windows writes it: base letter and tone apart, in one byte each."""
    out = b""
    for letter in text:
        try:
            out += letter.encode("cp1258")
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", letter)
            base, tone = unicodedata.normalize("NFC", parts[:-1]), parts[-1]
            if tone not in "\u0300\u0301\u0303\u0309\u0323":  # the tone stands before the hat in NFD: ậ = a . ^
                base, tone = unicodedata.normalize("NFC", parts[0] + parts[2]), parts[1]
            out += base.encode("cp1258") + tone.encode("cp1258")
    return out


def refused(data):
    with pytest.raises(Refusal) as refusal:
        read(decode(data))
    return refusal.value


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_chinese_files_come_out_right(codec):
    lines = read(decode(CHINESE.encode(codec))).lines
    assert [line.display_name for line in lines] == ["张伟", "李娜", "王小明", "许鑫喆"]
    assert lines[1].groups == ["高一（3）班", "象棋社"]


@pytest.mark.parametrize(
    "encode", [str.encode, lambda text: text.encode("utf-16-le"), lambda text: text.encode("utf-16-be"), windows_1258]
)
def test_vietnamese_files_come_out_right(encode):
    lines = read(decode(encode(VIETNAMESE))).lines
    assert [line.display_name for line in lines] == ["Nguyễn Thị Ánh", "Đỗ Đức Trường", "Phạm Thu Hương"]
    assert [line.number for line in lines] == [2, 3, 4]


@pytest.mark.parametrize(
    "data",
    [
        "name,display name\njoao,João Gonçalves\n".encode("cp1252"),
        "name,display name\ntanaka,田中さくら\n".encode("shift_jis"),
        "name,display name\nkim,김철수\n".encode("euc-kr"),
        "name,display name\nivan,Иван Петров\n".encode("cp1251"),
        "name,display name\nanh,Tr\xe0n\n".encode("cp1252"),  # a letter that five tables have
        b"name,display name\nx,\xff\xfe\xfd\n",
        b"PK\x03\x04\x14\x00\x06\x00 an xlsx file \x00\x00",
    ],
)
def test_what_could_be_something_else_is_refused_with_a_way_out(data):
    assert refused(data).code in {"bad_encoding", "bad_file"}


def test_the_refusal_says_how_to_save_the_file():
    assert "CSV UTF-8" in str(refused("name,display name\njoao,João\n".encode("cp1252")).message)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators_and_quotes_as_spreadsheets_write_them(separator):
    cells = ["User name", "Display name", "Groups", "Language", "Phone"]
    row = ["lan", f'"Trần{separator} Lan ""Lili"""', '"Lớp 10A; Cờ vua|Ban nhạc"', "Tiếng Việt", "0123"]
    sheet = read(f"{separator.join(cells)}\r\n\r\n{separator.join(row)}\r\n{separator * 4}\r\n")
    (line,) = sheet.lines
    assert (line.username, line.display_name) == ("lan", f'Trần{separator} Lan "Lili"')
    assert (line.groups, line.language, line.number) == (["Lớp 10A", "Cờ vua", "Ban nhạc"], "Tiếng Việt", 3)
    assert sheet.unused == ["Phone"]


@pytest.mark.parametrize("header", ["name", "NAME ", "用户名", "Tên đăng nhập", "tên", "账号"])
def test_the_first_line_names_the_columns_in_any_language(header):
    assert read(f"{header}\nlan\n").lines[0].username == "lan"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "lan,Trần Lan\n",
        "name\n",
        "display name\nLan\n",
        "name,user name\na,b\n",
        'name\n"lan\n' + "x" * 200_000,
    ],
)
def test_files_that_name_nobody_are_refused(text):
    assert refused(text.encode()).code in {"bad_file", "bad_encoding"}


def test_files_have_a_size():
    assert refused(b"x" * (LARGEST + 1)).code == "too_large"
    assert refused(("name\n" + "x\n" * (LINES_MAX + 1)).encode()).code == "too_large"
    assert len(read("name\n" + "x\n" * LINES_MAX).lines) == LINES_MAX


def test_no_cell_of_the_report_is_a_formula():
    text = as_csv([["-anh", "=HYPERLINK(1)", "Xyz"], ["lan", "＝1+1", "abc"], ["b", "@x, y", "d"]])
    assert text.startswith("\ufeffUser name,Display name,One-time password\r\n")
    assert "'-anh,'=HYPERLINK(1),Xyz\r\n" in text and "lan,'＝1+1,abc\r\n" in text and 'b,"\'@x, y",d\r\n' in text
