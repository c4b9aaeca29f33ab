"""Style sheets that a page needs at once travel as one file: on a slow network each further request costs a round trip."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

GROUND = ("css/fonts.css", "css/base.css")
BUNDLES = {
    "css/page.css": (*GROUND, "css/account.css"),
    "css/chat-page.css": (*GROUND, "css/chat.css", "css/timeline.css", "css/composer.css", "css/panels.css"),
}


class Storage(CompressedManifestStaticFilesStorage):
    """Hashed, compressed files, and the bundles made of them when static files are collected."""

    def post_process(self, paths: dict[str, Any], *args: Any, **options: Any) -> Iterator[Any]:
        """Adds the bundles to what is hashed and compressed."""
        made = InMemoryStorage()
        for name, parts in BUNDLES.items():
            sources = (storage.open(path) for storage, path in (paths[part] for part in parts))
            made.save(name, ContentFile(b"\n".join(source.read() for source in sources)))
            paths[name] = (made, name)
        return super().post_process(paths, *args, **options)
