"""The one place that makes message HTML: Markdown by markdown-it-py, cleaned by nh3, once, when the message is written."""

import re

import nh3
from markdown_it import MarkdownIt
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

VERSION = 1
PLAIN = re.compile(r"[^*_`~<>\[\]|\\&]*\Z")
MARKED_LINE = re.compile(r"^\s*(?:[-+]|\d+[.)])\s|^(?: {4}|\t)|://|www\.", re.MULTILINE)
TAGS = {
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
    "hr",
    "span",
    "div",
}
_formatter = HtmlFormatter(nowrap=True, classprefix="hl-")


def _code(code: str, language: str, _attributes: str) -> str:
    try:
        lexer = get_lexer_by_name(language) if language and len(code) <= 4000 else None
    except ClassNotFound:
        lexer = None
    if lexer is None:
        return ""
    return f'<pre class="code"><code>{highlight(code, lexer, _formatter)}</code></pre>'


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True, "highlight": _code})
    parser.enable(["table", "strikethrough", "linkify"]).disable(
        ["heading", "lheading", "image", "html_block", "html_inline", "hr", "reference"]
    )
    # `file.py` and `README.md` are not links; full-width punctuation ends one
    assert parser.linkify is not None
    parser.linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    return parser


_markdown = _parser()
_FULL_WIDTH = re.compile(r"(https?://[^\s，。！？；：、（）《》“”]+)(?=[，。！？；：、（）《》“”])")


def render(body: str) -> str | None:
    """Safe HTML of a text, or None when it is plain."""
    if PLAIN.match(body) and not MARKED_LINE.search(body):
        return None
    html = _markdown.render(_FULL_WIDTH.sub(r"<\1>", body)).strip()
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href", "title"}, "span": {"class"}, "pre": {"class"}, "code": {"class"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow ugc",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    inner = clean.removeprefix("<p>").removesuffix("</p>")
    if clean.startswith("<p>") and "<" not in inner.replace("<br>", "") and "&" not in inner:
        return None  # the marks were no Markdown after all
    return clean
