"""Files that list people, as spreadsheets save them: which letters, which separator, which columns."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.refusal import Refusal

LARGEST = 2 * 1024 * 1024  # bytes
LINES_MAX = 5000
COLUMNS = {
    "username": "name, user name, username, login, account, tên, tên đăng nhập, tên người dùng, tài khoản, 用户名, 名称, 账号, 帐号, 登录名",
    "display_name": "display name, full name, shown name, tên hiển thị, họ tên, họ và tên, 显示名称, 显示名, 姓名, 昵称",
    "groups": "groups, group, class, classes, nhóm, các nhóm, lớp, 群组, 群, 群聊, 组, 小组, 班级",
    "language": "language, ngôn ngữ, 语言",
}
LANGUAGES = {
    "en": "en, english, tiếng anh, 英语, 英文",
    "vi": "vi, vietnamese, tiếng việt, 越南语",
    "zh-hans": "zh-hans, zh, zh-cn, chinese, tiếng trung, 中文, 简体中文, 汉语",
}
VIETNAMESE = set("àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ")
TONES = "\u0300\u0309\u0303\u0301\u0323"
ODD_TONE = re.compile(f"(^|[^aăâeêioôơuưy])[{TONES}]", re.IGNORECASE)
SURNAMES = set(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
IN_CELL = re.compile(r"[;；|、]")


def words(text: str) -> list[str]:
    """What a column or a value may be called."""
    return [unicodedata.normalize("NFKC", word.strip()) for word in text.split(",")]


HEADINGS = {word: column for column, names in COLUMNS.items() for word in words(names)}
SPOKEN = {word: code for code, names in LANGUAGES.items() for word in words(names)}


@dataclass
class Line:
    """One person as the file has him."""

    number: int
    username: str
    display_name: str = ""
    groups: list[str] = field(default_factory=list)
    language: str = ""


@dataclass
class Sheet:
    """What a file says."""

    lines: list[Line]
    unused: list[str]  # columns that mean nothing to us


def decode(data: bytes) -> str:
    """The text of a file. Only UTF-8 says what it is; others are taken when they cannot be anything else. Raises Refusal."""
    if len(data) > LARGEST:
        raise Refusal("too_large", _("The file is too large: at most %(limit)s MB."), limit=LARGEST // 2**20)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        codec = "utf-16"
    elif b"\x00" in data:
        codec = "utf-16-le" if data[1:2] == b"\x00" else "utf-16-be"
    else:
        codec = "utf-8-sig"
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        text = "" if codec != "utf-8-sig" else guess(data)
    if not text or "\x00" in text:
        raise Refusal(
            "bad_encoding",
            _(
                "The letters of this file cannot be read for certain. Save it as UTF-8 and try again: in Excel “Save as” → “CSV UTF-8 (Comma delimited)”,"
                " in WPS and LibreOffice “Save as” → CSV with the character set UTF-8, in Notepad “Save as” → encoding UTF-8."
            ),
            400,
        )
    return unicodedata.normalize("NFC", text)


def guess(data: bytes) -> str:
    """Chinese (GBK) or Vietnamese (Windows-1258), when one of them fits and the other does not; else empty."""
    chinese, vietnamese = as_chinese(data), as_vietnamese(data)
    return (chinese or vietnamese) if not (chinese and vietnamese) else ""


def as_chinese(data: bytes) -> str:
    """Nearly all common characters, and cells that begin with a surname or name a column; rare characters (GBK) may be among them."""
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    foreign = [letter for letter in text if letter > "\x7f"]
    common = 0
    for letter in foreign:
        pair = letter.encode("gb2312", "ignore")
        common += bool(pair) and (0xB0 <= pair[0] <= 0xD7 or pair[0] in (0xA1, 0xA3))
    sound = all(unicodedata.category(letter) in ("Lo", "Po", "Ps", "Pe", "Zs", "Pd", "Nd") for letter in foreign)
    cells = [cell for cell in re.split(r'[,;\t\r\n"]+', text) if cell[:1] > "\x7f"]
    meant = sum(cell[0] in SURNAMES or cell in HEADINGS for cell in cells)
    return text if sound and common >= 0.8 * len(foreign) and meant > 0 and meant >= 0.2 * len(cells) else ""


def as_vietnamese(data: bytes) -> str:
    """Vietnamese letters alone, and tones of their own bytes where only Windows-1258 has them: behind a vowel."""
    try:
        raw = data.decode("cp1258")
    except UnicodeDecodeError:
        return ""
    text = unicodedata.normalize("NFC", raw)
    letters = {letter for letter in text.lower() if letter > "\x7f"}
    toned = any(mark in raw for mark in TONES)
    return text if toned and not ODD_TONE.search(raw) and letters <= VIETNAMESE else ""


def read(text: str) -> Sheet:
    """The people of a file, which names its columns in the first line. Raises Refusal."""
    first = text.lstrip("\ufeff\r\n").partition("\n")[0]
    separator = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=separator, skipinitialspace=True)
    try:
        return sheet_of(rows)
    except csv.Error:
        raise Refusal("bad_file", _("This is not a CSV file."), 400) from None


def sheet_of(rows: Any) -> Sheet:
    """Rows of cells as people. Raises Refusal."""
    columns: list[str | None] = []
    lines: list[Line] = []
    unused: list[str] = []
    for cells in rows:
        cells = [cell.strip() for cell in cells]
        if not any(cells):
            continue
        if not columns:
            columns = [HEADINGS.get(unicodedata.normalize("NFKC", cell).lower().strip("* ")) for cell in cells]
            unused = [cell for cell, column in zip(cells, columns, strict=True) if cell and column is None]
            if columns.count("username") != 1 or any(columns.count(name) > 1 for name in COLUMNS):
                raise Refusal(
                    "bad_file",
                    _(
                        "The first line has to name the columns: name, display name, groups, language. Only “name” must be there."
                    ),
                    400,
                )
            continue
        if len(lines) == LINES_MAX:
            raise Refusal("too_large", _("The file has too many lines: at most %(limit)s."), limit=LINES_MAX)
        found = {column: cell for column, cell in zip(columns, cells, strict=False) if column}
        groups = [name.strip() for name in IN_CELL.split(found.pop("groups", "")) if name.strip()]
        lines.append(Line(rows.line_num, groups=list(dict.fromkeys(groups)), **{"username": "", **found}))
    if not lines:
        raise Refusal("bad_file", _("There is nobody in this file."), 400)
    return Sheet(lines, unused)
