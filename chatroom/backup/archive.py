"""The archive of a backup: a gzipped tar of plain files, written and read as a stream, its manifest last.

Whoever opens it with `tar` finds what he expects. It is read by hand: a header, so many bytes, no extensions, no links, no folders, so that
an archive made by somebody else can neither fill the memory nor reach outside. The manifest has a digest over all members before it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import tarfile
import time
import zlib
from collections.abc import Iterable, Iterator
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from core.refusal import Refusal

FORMAT = 1
MANIFEST = "manifest.json"
MANIFEST_MAX = 16 * 2**20
BLOCK, PIECE = tarfile.BLOCKSIZE, 2**18  # bytes; the second is read at a time
LEVEL = 1  # of compression: pictures do not get smaller, the database does by the first look
BROKEN = _("This is no backup, or it is damaged: %(why)s.")


class Writer:
    """Adds members one after the other; the manifest ends it."""

    def __init__(self, out: IO[bytes]) -> None:
        self.zip = gzip.GzipFile(fileobj=out, mode="wb", compresslevel=LEVEL, filename="", mtime=0)
        self.digest = hashlib.sha256()
        self.members = self.bytes = 0
        self.now = int(time.time())

    def add(self, name: str, size: int, pieces: Iterable[bytes]) -> None:
        """One member of exactly `size` bytes."""
        own = hashlib.sha256()
        self.zip.write(self._head(name, size))
        left = size
        for piece in pieces:
            left -= len(piece)
            if left < 0:
                break
            own.update(piece)
            self.zip.write(piece)
        if left:
            raise OSError(f"{name} is not as long as it was")
        self.zip.write(bytes(-size % BLOCK))
        self.digest.update(line_of(name, size, own))
        self.members += 1
        self.bytes += size

    def close(self, manifest: dict[str, Any]) -> None:
        """The manifest and the end of the archive."""
        told = {"format": FORMAT, "members": self.members, "bytes": self.bytes, "digest": self.digest.hexdigest()}
        text = json.dumps(told | manifest, ensure_ascii=False, indent=1).encode()
        self.zip.write(self._head(MANIFEST, len(text)) + text + bytes(-len(text) % BLOCK + 2 * BLOCK))
        self.zip.close()

    def _head(self, name: str, size: int) -> bytes:
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, 0o600, self.now
        return info.tobuf(tarfile.GNU_FORMAT)


def line_of(name: str, size: int, digest: Any) -> bytes:
    """What the digest of the whole covers of a member."""
    return f"{name}\n{size}\n{digest.hexdigest()}\n".encode()


class Member:
    """A member while the archive stands at it; read it in pieces, or let it be passed over."""

    def __init__(self, reader: Reader, name: str, size: int) -> None:
        self.reader, self.name, self.size, self.left = reader, name, size, size
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """The next bytes, none at the end."""
        wanted = min(self.left, size if size >= 0 else self.left)
        data = self.reader.take(wanted)
        self.left -= wanted
        self.digest.update(data)
        return data

    def pieces(self) -> Iterator[bytes]:
        """All that is left of it."""
        while piece := self.read(PIECE):
            yield piece


class Reader:
    """Members in order; the digest of each is taken on the way, and compared at the manifest. Raises Refusal."""

    def __init__(self, source: IO[bytes], limit: int) -> None:
        self.zip = gzip.GzipFile(fileobj=source, mode="rb")
        self.digest = hashlib.sha256()
        self.left = limit  # bytes that there is room for: what unpacks to more is let be
        self.manifest: dict[str, Any] = {}

    def take(self, size: int) -> bytes:
        """Exactly so many bytes."""
        self.left -= size
        if self.left < 0:
            raise Refusal("too_large", _("There is no room for what is in this backup."), 409)
        data = self._read(size)
        if len(data) != size:
            raise broken("it ends too early")
        return data

    def _read(self, size: int) -> bytes:
        try:
            return self.zip.read(size)
        except (OSError, EOFError, zlib.error) as error:
            raise broken(error) from None

    def __iter__(self) -> Iterator[Member]:
        members = 0
        while True:
            name, size = self._head()
            if name == MANIFEST:
                return self._end(members, size)
            members += 1
            member = Member(self, name, size)
            yield member
            for _rest in member.pieces():
                pass
            self.take(-size % BLOCK)
            self.digest.update(line_of(name, size, member.digest))

    def _head(self) -> tuple[str, int]:
        try:
            info = tarfile.TarInfo.frombuf(self.take(BLOCK), "utf-8", "strict")
        except (tarfile.HeaderError, UnicodeError) as error:
            raise broken(error) from None
        if info.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or info.size < 0:
            raise broken("it has more than plain files")
        return info.name, info.size

    def _end(self, members: int, size: int) -> None:
        if size > MANIFEST_MAX:
            raise broken("its manifest is too large")
        text = self.take(size)
        if any(self.take(-size % BLOCK + 2 * BLOCK)) or self._read(1):  # at the end it is compared with its checksum
            raise broken("it goes on after its end")
        try:
            found = json.loads(text)
            stated = found["format"], found["members"], found["digest"]
        except (ValueError, RecursionError, KeyError, TypeError) as error:
            raise broken(error) from None
        if stated[0] != FORMAT:
            raise Refusal("bad_request", _("This backup was made by another version of Chatroom."))
        if stated[1:] != (members, self.digest.hexdigest()):
            raise broken("what is in it is not what the manifest says")
        self.manifest = found


def broken(why: object) -> Refusal:
    """The refusal of an archive that is not as we write them."""
    return Refusal("bad_request", BROKEN, why=str(why)[:100])
