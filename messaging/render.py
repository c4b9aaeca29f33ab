"""The one place that makes message HTML: Markdown by markdown-it-py, cleaned by nh3, once, when the message is written."""

import functools
import re
from typing import Any

import nh3
from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline.state_inline import Scanned, StateInline
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import LEXERS, get_lexer_by_name
from pygments.token import STANDARD_TYPES

VERSION = 2
PLAIN = re.compile(r"[^*_`~<>\[\]|\\&]*\Z")
MARKED_LINE = re.compile(r"^[^\S\n]*(?:[-+]|\d+[.)])\s|^(?: {4}|\t)|://|www\.", re.MULTILINE)
LINKS_MAX, TABLE_LINES_MAX = 50, 100  # past that a text costs seconds, and is shown without
LANGUAGES = set(
    "bash c c++ cpp cs csharp css diff go html ini java javascript js json kotlin lua makefile php py python r rb ruby rs rust sh shell sql swift"  # noqa: SIM905
    " toml ts typescript xml yaml yml".split()
)
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
FULL_WIDTH = re.compile(r"[，。！？；：、（）《》〈〉「」『』【】“”‘’…\u3000]")
CJK = re.compile(
    "[\u1100-\u11ff\u2e80-\u30ff\u3100-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00016fe0-\U00018fff\U0001b000-\U0001b2ff\U00020000-\U0003ffff]"
)
SCHEME = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)
_formatter = HtmlFormatter(nowrap=True, classprefix="hl-")
NAMES = {alias: name for _, name, aliases, _, _ in LEXERS.values() for alias in aliases if alias in LANGUAGES} | {
    "r": "R"
}
CLASSES = {"span": {f"hl-{short}" for short in STANDARD_TYPES.values() if short}, "pre": {"code"}}
LABELS = {"pre": {"data-lang": set(NAMES.values())}}


def _code(code: str, language: str, _attributes: str) -> str:
    name = NAMES.get(language.lower()) if len(code) <= 4000 else None
    if name is None:
        return ""
    return f'<pre class="code" data-lang="{name}"><code>{highlight(code, get_lexer_by_name(language), _formatter)}</code></pre>'


class _State(StateInline):
    """CommonMark takes `**中文。**后` for no bold, because of the blank that Chinese does not have; here its letters and signs count as one."""

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: N802, N803 - the library's name
        end = start
        while end < self.posMax and self.src[end] == self.src[start]:
            end += 1
        last, following = self.src[start - 1] if start else " ", self.src[end] if end < self.posMax else " "
        last_sign, next_sign = _is_sign(last), _is_sign(following)
        last_apart = last_sign or isWhiteSpace(ord(last)) or CJK.match(last) is not None
        next_apart = next_sign or isWhiteSpace(ord(following)) or CJK.match(following) is not None
        left = not isWhiteSpace(ord(following)) and (not next_sign or last_apart)
        right = not isWhiteSpace(ord(last)) and (not last_sign or next_apart)
        can_open = left and (canSplitWord or not right or last_sign)
        can_close = right and (canSplitWord or not left or next_sign)
        return Scanned(can_open, can_close, end - start)


def _is_sign(letter: str) -> bool:
    return CJK.match(letter) is None and (isMdAsciiPunct(ord(letter)) or isPunctChar(letter))


class _Inline(ParserInline):
    def parse(self, src: str, md: MarkdownIt, env: Any, tokens: list) -> list:
        state = _State(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


class _Links(LinkifyIt):
    """Full-width signs end an address, which a blank in their place does."""

    def match(self, text: str) -> Any:
        return super().match(FULL_WIDTH.sub(" ", text))

    def match_at_start(self, text: str) -> Any:
        return super().match_at_start(FULL_WIDTH.sub(" ", text))


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        return SCHEME.match(url) is not None


def _parser() -> MarkdownIt:
    parser = _Markdown("commonmark", {"html": False, "linkify": True, "breaks": True, "highlight": _code})
    parser.inline = _Inline()
    parser.configure("commonmark").options.update(html=False, linkify=True, breaks=True, highlight=_code)
    parser.enable(["table", "strikethrough", "linkify"]).disable(
        ["heading", "lheading", "image", "html_block", "html_inline", "hr", "reference"]
    )
    # `file.py` and `README.md` are not links
    parser.linkify = _Links({}, {"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    return parser


@functools.cache
def _without(*rules: str) -> MarkdownIt:
    """The parser, without some of its rules."""
    parser = _parser()
    return parser.disable(list(rules)) if rules else parser


def render(body: str) -> str | None:
    """Safe HTML of a text, or None when it is plain."""
    if PLAIN.match(body) and not MARKED_LINE.search(body):
        return None
    costly = {
        "linkify": body.count("://") > LINKS_MAX,
        "table": body.count("|") > 0 and body.count("\n") > TABLE_LINES_MAX,
    }
    html = _without(*(rule for rule, much in costly.items() if much)).render(body).strip()
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        allowed_classes=CLASSES,
        tag_attribute_values=LABELS,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow ugc",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    inner = clean.removeprefix("<p>").removesuffix("</p>")
    if clean.startswith("<p>") and "<" not in inner.replace("<br>", "") and "&" not in inner:
        return None  # the marks were no Markdown after all
    return clean
