"""The forms of a transcript: text as in the notes, HTML that opens without a network, XML, JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.plain import escaped, escaped_json, xml_text
from messaging.transcript import Place, files_in, messages

# A text must not look like the head of another, whatever letters nobody sees stand in it, and whatever some programs take for a line end
HEAD_LIKE = re.compile(r"(?:^|(?<=[\u2028\u2029]))(?=[^\w\s\[]*\[\W*\d{4}\W+\d\d\W+\d\d)", re.MULTILINE)
Link = Callable[[dict[str, Any], int, dict[str, Any]], str]  # (message, number, file) -> address
STYLE = """
:root { color-scheme: light dark; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, "Noto Sans", "Noto Sans SC", sans-serif; }
body { background: light-dark(#fff, #16181d); color: light-dark(#1c1f26, #e6e8ec); }
h1 { font-size: 1.5rem; margin: 0; } h2 { margin: 2rem 0 0.5rem; font-size: 0.875rem; text-align: center; color: light-dark(#5b6270, #a2a9b6); }
.about, time, .mark { color: light-dark(#5b6270, #a2a9b6); font-size: 0.8125rem; }
article { padding: 0.5rem 0; border-top: 1px solid light-dark(#e6e8ec, #2a2e37); overflow-wrap: anywhere; }
article p { margin: 0.125rem 0; } .plain { white-space: pre-wrap; } .mark { font-style: italic; }
img, video { display: block; max-width: min(100%, 24rem); max-height: 24rem; margin: 0.25rem 0; border-radius: 0.5rem; }
pre { padding: 0.5rem 0.75rem; overflow-x: auto; background: light-dark(#f4f5f7, #1f222a); border-radius: 0.5rem; }
blockquote { margin: 0.25rem 0; padding-inline-start: 0.75rem; border-inline-start: 3px solid light-dark(#c4c9d4, #444b59); }
table { border-collapse: collapse; } td, th { padding: 0.25rem 0.5rem; border: 1px solid light-dark(#d5d9e1, #3a404c); }
a { color: light-dark(#2456d6, #8fb0ff); }
"""
# Whatever a text holds: nothing runs, nothing is fetched but what lies beside the document
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' file: blob:; media-src 'self' file: blob:; base-uri 'none'; form-action 'none'"


def who(message: dict[str, Any]) -> str:
    """The name in the head of a message."""
    return message["username"] or _("Deleted account")


def local(stamp: str, place: Place) -> str:
    """`2018-12-12 22:22:22` of a time of the protocol."""
    return datetime.fromisoformat(stamp).astimezone(place.zone).isoformat(" ", "seconds")[:19]


def as_text(place: Place, link: Link | None = None, **how: Any) -> Iterator[str]:
    """`[2018-12-12 22:22:22 张三]`, below it what was written."""
    for message in messages(place, **how):
        if message["kind"] == "system":
            continue
        lines = [HEAD_LIKE.sub(" ", message["body"])] if message["body"] else []
        for file in files_in(message):
            lines.append(_("[File] %(name)s") % {"name": escaped(file["name"])})
        if message["recalled_at"]:
            lines = [_("This message was recalled.")]
        yield f"[{local(message['sent_at'], place)} {escaped(who(message))}]\n" + "\n".join(lines) + "\n\n"


def as_html(place: Place, link: Link | None = None, **how: Any) -> Iterator[str]:
    """One document, with its style in it; `link` says where a file lies."""
    zone = _("Times in %(zone)s") % {"zone": place.zone.key}
    yield (
        f'<!DOCTYPE html>\n<html lang="{escape(get_language() or "en")}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n<meta name="viewport" content="width=device-width">\n'
        f'<meta name="referrer" content="no-referrer">\n<title>{escape(place.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n'
        f'<h1 dir="auto">{escape(place.title)}</h1>\n<p class="about">{escape(zone)}</p>\n'
    )
    day = ""
    for message in messages(place, **how):
        if message["kind"] == "system":
            continue
        at = local(message["sent_at"], place)
        if at[:10] != day:
            day = at[:10]
            yield f"<h2>{day}</h2>\n"
        yield _article(message, at, link)
    yield "</body>\n</html>\n"


def _article(message: dict[str, Any], at: str, link: Link | None) -> str:
    name = message["sender_name"] or _("Deleted account")
    edited = (
        f' <span class="mark">{escape(_("edited"))}</span>'
        if message["edited_at"] and not message["recalled_at"]
        else ""
    )
    parts = [
        f'<article id="m{message["seq"]}">\n<p><b dir="auto" title="{escape(message["username"])}">{escape(name)}</b>'
        f' <time datetime="{message["sent_at"]}">{at[11:]}</time>{edited}</p>\n'
    ]
    if message["reply_to"]:
        parts.append(f'<p><a href="#m{message["reply_to"]}">↩ {message["reply_to"]}</a></p>\n')
    if message["recalled_at"]:
        parts.append(f'<p class="mark">{escape(_("This message was recalled."))}</p>\n')
    elif message["html"]:
        parts.append(f'<div dir="auto">{message["html"]}</div>\n')
    elif message["body"]:
        parts.append(f'<p class="plain" dir="auto">{escape(message["body"])}</p>\n')
    for number, file in enumerate(files_in(message), 1):
        parts.append(_file(file, link(message, number, file) if link and file["token"] else ""))
    return "".join([*parts, "</article>\n"])


def _file(file: dict[str, Any], where: str) -> str:
    name, address = escape(file["name"]), escape(where)
    if not where:
        return f"<p>📎 {name}</p>\n"
    if not where.startswith(("http://", "https://")) and file.get("status") != "failed":
        kind = file.get("kind")
        if kind == "image":
            return f'<a href="{address}"><img src="{address}" alt="{name}" loading="lazy"></a>\n'
        if kind in ("audio", "video"):
            return f'<{kind} controls preload="none" src="{address}"></{kind}>\n<p><a href="{address}">{name}</a></p>\n'
    return f'<p>📎 <a href="{address}">{name}</a></p>\n'


def as_xml(place: Place, link: Link | None = None, **how: Any) -> Iterator[str]:
    """All that a member knows of the messages; times in UTC."""
    about = {"id": place.id, "kind": place.kind, "name": place.title}
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<conversation xmlns="urn:chatroom:conversation:1"{_attributes(about)}>\n'
    for message in messages(place, **how):
        own = {name: message[name] for name in ("seq", "kind", "reply_to", "edited_at", "recalled_at")}
        own |= {"at": message["sent_at"], "forwarded_from": (message.get("forwarded_from") or {}).get("name")}
        person = {"id": message["sender"], "username": message["username"], "name": message["sender_name"]}
        parts = [f"<message{_attributes(own)}>"]
        if message["sender"] is not None:
            parts.append(f"<sender{_attributes(person)}/>")
        if "fact" in message:
            parts.append(f"<fact>{xml_text(message['body'])}</fact>")
        elif message["body"]:
            parts.append(f"<text>{xml_text(message['body'])}</text>")
        for file in files_in(message):
            parts.append(f"<file{_attributes({name: file.get(name) for name in ('name', 'size', 'type')})}/>")
        yield "".join([*parts, "</message>\n"])
    yield "</conversation>\n"


def _attributes(values: dict[str, Any]) -> str:
    return "".join(f' {name}="{xml_text(str(value))}"' for name, value in values.items() if value not in (None, ""))


def as_json(place: Place, link: Link | None = None, **how: Any) -> Iterator[str]:
    """One object; its messages on a line each."""
    about = json.dumps({"id": place.id, "kind": place.kind, "name": place.title}, ensure_ascii=False)
    yield f'{{\n"conversation": {about},\n"messages": ['
    for number, message in enumerate(messages(place, **how)):
        data = {
            "seq": message["seq"],
            "sent_at": message["sent_at"],
            "sender": {"id": message["sender"], "username": message["username"], "name": message["sender_name"]},
            "kind": message["kind"],
            **({"fact": message["fact"]} if "fact" in message else {"text": message["body"]}),
        }
        data |= {n: message[n] for n in ("reply_to", "edited_at", "recalled_at", "reactions") if message[n]}
        data |= {n: message[n] for n in ("forwarded_from", "mentions") if n in message}
        if found := files_in(message):
            data["files"] = [{n: file[n] for n in ("name", "size", "kind", "type") if n in file} for file in found]
        yield escaped_json((",\n" if number else "\n") + json.dumps(data, ensure_ascii=False))
    yield "\n]\n}\n"


FORMS: dict[str, tuple[Callable[..., Iterator[str]], str, str]] = {  # function, ending, content type
    "text": (as_text, "txt", "text/plain; charset=utf-8"),
    "html": (as_html, "html", "text/html; charset=utf-8"),
    "xml": (as_xml, "xml", "application/xml"),
    "json": (as_json, "json", "application/json"),
}
