"""Markdown as HTML: what is drawn, what stays text, and that nothing gets through that could run."""

import re

import pytest

from messaging.render import render


@pytest.mark.parametrize(
    "text",
    [
        "",
        "xin chào",
        "你好，世界。",
        "a\nb",
        "😀👨‍👩‍👧",
        "1 + 1 = 2",
        "file.py và README.md",
        "chatroom.settings",
        "5 > 3",
        "a & b",
        "x < y",
        "snake_case_name",
        "2 * 3 * 4",
        "C:\\temp",
        "user@example.com",
        "3. x",
        "#tag",
        "# no heading",
        "~x",
        "[x]",
        "f(x) [1]",
    ],
)
def test_plain_text_stays_plain(text: str):
    if render(text) is not None:
        assert (
            re.sub(r"</?(p|br|ol|li)[^>]*>", "", render(text))
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&")
            .strip()
            in text
        )


@pytest.mark.parametrize(
    "text",
    [
        "xin chào",
        "你好，世界。",
        "a\nb",
        "😀👨‍👩‍👧",
        "1 + 1 = 2",
        "file.py và README.md",
        "snake_case_name",
        "user@example.com",
    ],
)
def test_what_has_no_marks_costs_no_html(text: str):
    assert render(text) is None


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**đậm**", "<strong>đậm</strong>"),
        ("*nghiêng*", "<em>nghiêng</em>"),
        ("~~bỏ~~", "<s>bỏ</s>"),
        ("`code`", "<code>code</code>"),
        ("> trích 引用", "<blockquote>"),
        ("- một\n- hai", "<li>một</li>"),
        ("1. một\n2. hai", "<ol>"),
        ("3. ba\n4. bốn", '<ol start="3">'),
        ("| a | b |\n|---|---|\n| 一 | 二 |", "<td>一</td>"),
        ("**a**\nb", "<br>"),
    ],
)
def test_marks_are_drawn(text: str, html: str):
    assert html in render(text)


@pytest.mark.parametrize(
    ("text", "strong"),
    [
        ("**中文。**后", "中文。"),
        ("他说**“你好”**然后走了", "“你好”"),
        ("前**（重要）**后", "（重要）"),
        ("**注意：**请看", "注意："),
        ("这是**《书名》**吗", "《书名》"),
        ("**chữ đậm.** sau", "chữ đậm."),
        ("日本語**「引用」**です", "「引用」"),
        ("**中文**后", "中文"),
        ("很**重要**的", "重要"),
        ("**图片🙂。**后", "图片🙂。"),
    ],
)
def test_chinese_punctuation_does_not_break_bold(text: str, strong: str):
    assert f"<strong>{strong}</strong>" in render(text)


@pytest.mark.parametrize(
    ("text", "emphasised"),
    [
        ("*中文。*后", "<em>中文。</em>"),
        ("他*“说”*了", "<em>“说”</em>"),
        ("~~删除。~~后", "<s>删除。</s>"),
        ("***都。***后", "都。"),
    ],
)
def test_nor_the_other_marks(text: str, emphasised: str):
    assert emphasised in render(text)


@pytest.mark.parametrize("text", ["2 ** 3 ** 4", "a ** b", "** a **", "价格 * 数量 * 2"])
def test_marks_with_blanks_around_are_signs(text: str):
    html = render(text)
    assert html is None or ("<strong>" not in html and "<em>" not in html)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("xem https://vi.wikipedia.org/wiki/Phở_bò nhé", "https://vi.wikipedia.org/wiki/Ph%E1%BB%9F_b%C3%B2"),
        ("请看https://example.com/a，谢谢", "https://example.com/a"),
        ("（https://example.com/a）", "https://example.com/a"),
        ("地址：https://example.com/a。然后", "https://example.com/a"),
        ("“https://example.com/a?b=1&c=2”", "https://example.com/a?b=1&amp;c=2"),
        ("https://example.com/a!", "https://example.com/a"),
        ("(https://example.com/a_(b))", "https://example.com/a_(b)"),
        ("http://192.168.1.5:8000/x", "http://192.168.1.5:8000/x"),
        ("[chữ](https://example.com)", "https://example.com"),
        ("[文字](https://example.com/路)", "https://example.com/%E8%B7%AF"),
    ],
)
def test_addresses_become_links_and_full_width_signs_end_them(text: str, address: str):
    html = render(text)
    links = re.findall(r'<a href="([^"]*)"', html)
    assert links == [address]
    assert 'rel="noopener noreferrer nofollow ugc"' in html
    assert 'target="_blank"' in html


@pytest.mark.parametrize(
    "text", ["file.py", "README.md", "a.vn b.cn", "x@y.vn", "192.168.1.5", "ftp.example.com", "node.js, vue.js"]
)
def test_names_with_dots_are_no_links(text: str):
    assert render(text) is None


@pytest.mark.parametrize(
    "text", ["`https://example.com`", "```\nhttps://example.com/x，\n```", "    https://example.com，x"]
)
def test_code_is_left_as_it_is(text: str):
    html = render(text)
    assert "<a" not in html
    assert "&lt;http" not in html


def test_full_width_signs_in_code_are_left_as_they_are():
    assert "https://example.com，好" in render("`https://example.com，好`")
    assert "https://example.com，好" in render("```\nhttps://example.com，好\n```")


def test_code_is_coloured_by_classes():
    html = render("```python\ndef chào():\n    return '你好'\n```")
    assert '<span class="hl-k">def</span>' in html
    assert html.startswith('<pre class="code" data-lang="Python">')
    assert 'data-lang="R"' in render("```r\nx\n```")
    assert 'data-lang="C++"' in render("```CPP\nint x;\n```")
    assert "style=" not in html
    assert "chào" in html


@pytest.mark.parametrize(
    "fence",
    ["```\nx < 1 && y\n```", "```nosuchlanguage\nx < 1 && y\n```", "```python\n" + "x < 1 && y\n" * 500 + "```"],
)
def test_code_without_colours_is_still_code(fence: str):
    html = render(fence)
    assert "<pre>" in html or '<pre class="code">' in html
    assert "x &lt; 1 &amp;&amp; y" in html
    assert "hl-" not in html


@pytest.mark.parametrize(
    "text",
    [
        "# Tiêu đề",
        "Tiêu đề\n===",
        "Tiêu đề\n---",
        "![ảnh](https://example.com/a.png)",
        "<b>đậm</b>",
        "***\n",
        "[x]: https://example.com",
    ],
)
def test_what_is_not_offered_stays_text(text: str):
    html = render(text) or ""
    assert not re.search(r"<(h[1-6]|img|b|hr)\b", html)


XSS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src='javascript:alert(1)'>",
    "<body onload=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    '[x](https://e.com "onmouseover=alert(1)")',
    '[x](https://e.com/"onclick=alert(1)//)',
    "![x](javascript:alert(1))",
    '![x"onerror="alert(1)](https://e.com/x.png)',
    '```"><script>alert(1)</script>\nx\n```',
    "```html\n<script>alert(1)</script>\n```",
    "`<script>alert(1)</script>`",
    "**<script>alert(1)</script>**",
    "| <script>alert(1)</script> | b |\n|---|---|\n| <img src=x onerror=alert(1)> | y |",
    "> <script>alert(1)</script>",
    "- <a href=javascript:alert(1)>x</a>",
    '<a href="https://e.com" style="position:fixed">x</a>',
    "<style>*{display:none}</style>",
    "<math><mtext></mtext><script>alert(1)</script></math>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<!--<img src="--><img src=x onerror=alert(1)//">',
    "<x onclick=alert(1)>y",
    "https://e.com/<script>alert(1)</script>",
    'https://e.com/"onmouseover="alert(1)',
    "https://e.com/'onmouseover='alert(1)，x",
    "[a](<javascript:alert(1)>)",
    "[a]: javascript:alert(1)\n[a]",
    "```python onload=alert(1)\nx = '<script>'\n```",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u202e<script>alert(1)</script>",
    "<scr\u0131pt>alert(1)</script>",
    "[x](//evil.example/a)",
    "<https://e.com/\u202ecod.exe>",
    "<base href=//evil>",
    "<form action=//evil><input name=x>",
    "<object data=x>",
]
TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)([^>]*)>")
FORM = {
    "a": re.compile(r'( (href="(https?:|mailto:|tel:)[^"<>]*"|title="[^"<>]*"|rel="noopener noreferrer nofollow ugc"|target="_blank"))*'),
    "span": re.compile(r'( class="hl-[a-z0-9]+")?'), "pre": re.compile(r'( class="code" data-lang="[A-Za-z+#]+")?'),
    "ol": re.compile(r'( start="\d+")?'),
}  # fmt: skip
BARE = re.compile(r"\s*/?")
ALLOWED = {
    "p",
    "br",
    "strong",
    "em",
    "s",
    "blockquote",
    "ul",
    "ol",
    "li",
    "code",
    "pre",
    "a",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "span",
    "div",
    "hr",
}


@pytest.mark.parametrize("text", XSS)
@pytest.mark.parametrize("frame", ["{}", "**đậm** {}", "> {}", "- {}\n- **b**", "{}，中文 `x`"])
def test_nothing_that_could_run_gets_through(text: str, frame: str):
    html = render(frame.format(text))
    if html is None:
        return
    for closing, name, attributes in TAG.findall(html):
        assert name in ALLOWED
        assert closing or FORM.get(name, BARE).fullmatch(attributes), f"<{name}{attributes}>"
    assert "<" not in TAG.sub("", html)


def test_rendering_is_quick_on_what_is_made_to_be_slow():
    import time

    began = time.process_time()
    for text in (
        "[" * 5000,
        "*" * 10_000,
        "**a " * 2500,
        "`" * 9999,
        "> " * 5000,
        "- " * 5000,
        "https://" * 1250,
        "|" * 10_000,
        "~~a" * 3333,
        "_a" * 5000,
        "<" * 10_000,
        "\\" * 10_000,
        "（https://a" * 900,
    ):
        render(text)
    assert time.process_time() - began < 5
