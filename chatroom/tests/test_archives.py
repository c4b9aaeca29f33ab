"""Archives of others: what is damaged, hostile or for another site is refused before anything is touched."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from chatroom.backup import load
from chatroom.backup.archive import Reader
from chatroom.backup.restore import restore_backup
from chatroom.serving.preparation import UNFINISHED
from chatroom.tests.archives import archive_of, refused
from core.refusal import Refusal


def hostile(path: Path, info: tarfile.TarInfo, data: bytes = b"") -> str:
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(info, io.BytesIO(data))
    return str(path)


def link(kind: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo("files/stored/ab/abcdefghijkl")
    info.type, info.linkname = kind, "/etc/passwd"
    return info


NAMES = [
    "../evil",
    "/etc/evil",
    "files/../../evil",
    "files/stored/ab/../evil",
    "keys/tls/../../evil.pem",
    "keys/authorized_keys",
    "static/evil.js",
]


@pytest.mark.parametrize("name", NAMES)
def test_names_lead_nowhere(tmp_path: Path, name: str) -> None:
    place = archive_of(tmp_path / "a.tar.gz", (name, b"evil"))
    assert "file of the name" in str(refused(restore_backup, place).message)
    good = archive_of(tmp_path / "b.tar.gz", ("keys/tls/ca.key", b"k"))
    assert restore_backup(good, only_check=True).keys == 1


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(tmp_path: Path, kind: bytes) -> None:
    assert "plain files" in str(refused(restore_backup, hostile(tmp_path / "a.tar.gz", link(kind))).message)


def test_a_head_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    info = tarfile.TarInfo("a" * 2_000_000)
    assert "plain files" in str(refused(restore_backup, hostile(tmp_path / "a.tar.gz", info)).message)


def test_a_bomb_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.tar.gz"
    info = tarfile.TarInfo("database/db.sqlite3")
    info.size = 2**60
    with gzip.open(path, "wb") as out:
        out.write(info.tobuf(tarfile.GNU_FORMAT) + bytes(10**6))
    with path.open("rb") as file, pytest.raises(Refusal) as caught:
        for member in Reader(file, 2**20):
            for _ in member.pieces():
                pass
    assert caught.value.code == "too_large"


def test_what_was_changed_or_cut_is_refused(tmp_path: Path) -> None:
    place = Path(archive_of(tmp_path / "a.tar.gz", ("keys/tls/ca.key", b"kkkkkkkk")))
    assert restore_backup(str(place), only_check=True).keys == 1
    plain = gzip.decompress(place.read_bytes())
    (tmp_path / "b.tar.gz").write_bytes(gzip.compress(plain.replace(b"kkkkkkkk", b"kkkkjkkk")))
    assert "manifest says" in str(refused(restore_backup, str(tmp_path / "b.tar.gz")).message)
    whole = place.read_bytes()
    for length in (0, 10, len(whole) // 2, len(whole) - 30, len(whole) - 1):
        (tmp_path / "c.tar.gz").write_bytes(whole[:length])
        assert refused(restore_backup, str(tmp_path / "c.tar.gz")).code == "bad_request"
    (tmp_path / "d.tar.gz").write_text("no archive at all")
    assert refused(restore_backup, str(tmp_path / "d.tar.gz")).code == "bad_request"


def test_other_databases_and_newer_sites_are_refused(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path / "new"
    other = archive_of(tmp_path / "a.tar.gz", vendor="postgresql" if connection.vendor == "sqlite" else "sqlite")
    assert "DATABASE_URL" in str(refused(restore_backup, other).message)
    newer = archive_of(tmp_path / "b.tar.gz", migrations=[["messaging", "9999_tomorrow"]])
    assert "newer version" in str(refused(restore_backup, newer).message)
    bad = archive_of(tmp_path / "c.tar.gz", tables="none")
    assert "not complete" in str(refused(restore_backup, bad).message)
    assert not settings.DATA_DIR.exists()


@pytest.mark.parametrize(
    "manifest",
    [
        {"tables": {'x" WHERE 1; --': 0}},
        {"columns": {"audit_event": ["id\") FROM PROGRAM 'touch /tmp/evil' --"]}},
        {"columns": {"audit_event": 3}},
        {"sequences": {"a b": 1}},
        {"migrations": [["messaging"]]},
        {"head": []},
    ],
)
def test_names_in_a_manifest_become_no_statements(tmp_path: Path, settings: Any, manifest: dict) -> None:
    settings.DATA_DIR = tmp_path / "new"
    place = archive_of(tmp_path / "a.tar.gz", **manifest)
    assert "not one of ours" in str(refused(restore_backup, place).message)
    assert not settings.DATA_DIR.exists()


def test_an_archive_without_a_sound_database_destroys_nothing(tmp_path: Path, settings: Any) -> None:
    """The first has none; the second one's database is none, which is seen before it takes the place of anything."""
    settings.DATA_DIR = tmp_path / "new"
    empty = archive_of(tmp_path / "a.tar.gz", ("keys/tls/ca.key", b"k"))
    assert "no database" in str(refused(restore_backup, empty).message)
    assert not (settings.DATA_DIR / UNFINISHED).exists()
    large = archive_of(tmp_path / "b.tar.gz", ("keys/tls/ca.key", b"k" * 100_000))
    assert "too large" in str(refused(restore_backup, large, False, True).message)
    with (tmp_path / "draft").open("wb") as out:
        out.write(b"SQLite format 3\0" + b"x" * 10_000)
    loader = load.SqliteLoad({})
    loader.path, loader.draft = tmp_path / "db.sqlite3", tmp_path / "draft"
    with pytest.raises(Refusal, match="bad_request"):
        loader.__exit__(None)
    assert not loader.path.exists() and not loader.draft.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has a file of its own")
def test_a_database_that_others_use_is_not_emptied(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path / "new"
    place = archive_of(tmp_path / "a.tar.gz", ("database/audit_event.000000", b""))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE shop_invoices (id bigint)")
        try:
            assert "shop_invoices" in str(refused(restore_backup, place, True).message)
        finally:
            cursor.execute("DROP TABLE shop_invoices")


def test_a_folder_that_is_used_is_refused(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path / "site"
    settings.DATA_DIR.mkdir()
    (settings.DATA_DIR / "secret_key").write_text("mine")
    place = archive_of(tmp_path / "a.tar.gz", ("keys/secret_key", b"theirs"))
    assert refused(restore_backup, place).code == "conflict"
    assert (settings.DATA_DIR / "secret_key").read_text() == "mine"
