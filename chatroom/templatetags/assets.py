"""ES modules under cache-safe names: sources keep relative imports, and an import map leads them to the hashed files."""

from __future__ import annotations

import base64
import hashlib
import json
import posixpath
import re
from functools import lru_cache
from pathlib import Path

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from chatroom.styles import BUNDLES

register = template.Library()
STATIC_IMPORT = re.compile(r'^(?:import|export)\b[^;]*?from\s+"(\.[^"]+)";|^import\s+"(\.[^"]+)";', re.MULTILINE)


@lru_cache
def importmap() -> str:
    """The import map of this deployment as JSON; empty where names are not hashed."""
    hashed = getattr(staticfiles_storage, "hashed_files", {})
    modules = {
        settings.STATIC_URL + name: static(name)
        for name in sorted(hashed)
        if name.startswith("js/") and name.endswith(".js")
    }
    moved = {plain: url for plain, url in modules.items() if plain != url}
    return json.dumps({"imports": moved}, separators=(",", ":")) if moved else ""


def importmap_hash() -> str:
    """The source expression that lets the import map through `script-src`; empty where there is none."""
    digest = hashlib.sha256(importmap().encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'" if importmap() else ""


@lru_cache
def modules_of(entry: str) -> tuple[str, ...]:
    """The entry and all that it imports before it runs, in the order found."""
    found = [entry]
    for name in found:  # grows while it is read
        source = Path(str(finders.find(name))).read_text()
        targets = (
            posixpath.normpath(posixpath.join(posixpath.dirname(name), one or other))
            for one, other in STATIC_IMPORT.findall(source)
        )
        found += [target for target in dict.fromkeys(targets) if target not in found]
    return tuple(found)


@register.simple_tag
def module_assets(entry: str) -> SafeString:
    """The import map, a preload for each module, and the script of a page."""
    text = importmap()
    head = mark_safe(f'<script type="importmap">{text}</script>\n') if text else ""  # noqa: S308 our own file names
    links = format_html_join(
        "\n", '<link rel="modulepreload" href="{}">', ((static(name),) for name in modules_of(entry)[1:])
    )
    return format_html('{}{}\n<script type="module" src="{}"></script>', head, links, static(entry))


@register.simple_tag
def styles(bundle: str) -> SafeString:
    """The link to a bundle of style sheets, or to each of its parts where names are not hashed."""
    names = [bundle] if bundle in getattr(staticfiles_storage, "hashed_files", {}) else BUNDLES[bundle]
    return format_html_join("\n  ", '<link rel="stylesheet" href="{}">', ((static(name),) for name in names))
