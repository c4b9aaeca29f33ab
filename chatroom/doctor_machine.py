"""The machine: Python, SQLite, the data folder and what protects it, room, open files."""

from __future__ import annotations

import os
import pwd
import resource
import sqlite3
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from chatroom.doctor import Check, Finding, error, ok, warning
from chatroom.serving import preparation
from core.room import least_free
from files.actions.disk import disks

PYTHON = ((3, 11), (3, 13))
FILES = 4096  # open files that a school's morning needs
NETWORK = {
    *("nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "ceph", "glusterfs", "lustre", "9p", "vboxsf", "prl_fs"),
    *("fuse.glusterfs", "fuse.sshfs", "fuse.rclone", "fuse.s3fs"),
}
PRIVATE = 0o077  # bits that nobody but the owner may have


def python() -> Iterator[Finding]:
    """A version that is tested."""
    found = sys.version_info[:2]
    name = "Python " + ".".join(map(str, sys.version_info[:3]))
    if PYTHON[0] <= found <= PYTHON[1]:
        yield ok(name)
    else:
        yield error(
            _("%(name)s is not supported.") % {"name": name},
            _("Install Python 3.11, 3.12 or 3.13, remove .venv and start bin/run again."),
        )


def sqlite() -> Iterator[Finding]:
    """One that does not lose commits."""
    if settings.DATABASE_URL:
        return
    if preparation.sqlite_warning():
        yield warning(
            _("SQLite %(version)s can lose data in rare cases.") % {"version": sqlite3.sqlite_version},
            _("Install the package pysqlite3 into .venv, or use PostgreSQL."),
        )
    else:
        yield ok(f"SQLite {sqlite3.sqlite_version}")


def data_folder() -> Iterator[Finding]:
    """There, ours, nobody else's, writable."""
    folder = Path(settings.DATA_DIR)
    if not folder.is_dir():
        yield error(
            _("There is no data folder %(path)s.") % {"path": folder},
            _("Set CHATROOM_DATA to the folder of the site, or start the site once."),
        )
        return
    found = folder.stat()
    if found.st_uid != os.geteuid():
        names = {"path": folder, "owner": name_of(found.st_uid), "user": name_of(os.geteuid())}
        yield warning(
            _("%(path)s belongs to %(owner)s, and this runs as %(user)s.") % names,
            _("Run commands as the owner: sudo -u %(owner)s …; files made by another cannot be read by the site.")
            % names,
        )
    if stat.S_IMODE(found.st_mode) & PRIVATE:
        yield error(_("Others on this machine can read %(path)s.") % {"path": folder}, f"chmod 700 {folder}")
    probe = folder / ".doctor"
    try:
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as problem:
        yield error(
            _("%(path)s cannot be written: %(error)s.") % {"path": folder, "error": problem.strerror},
            _("Give the folder to the user that the site runs as: chown -R USER %(path)s") % {"path": folder},
        )
    else:
        yield ok(_("Data folder %(path)s") % {"path": folder})


def name_of(uid: int) -> str:
    """Of a user of the machine."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def room() -> Iterator[Finding]:
    """Uploads stop before the disk is full."""
    if not Path(settings.DATA_DIR).is_dir():
        return
    for name, free, total in disks():
        where = _("the disk of the database") if name == "database" else _("the disk of the data folder")
        told = {"free": filesizeformat(free), "total": filesizeformat(total), "where": where}
        if free < least_free(total):
            yield error(
                _("Only %(free)s of %(total)s are free on %(where)s: files cannot be sent.") % told,
                _("Make room, or move the data folder to a larger disk."),
            )
        elif free < 2 * least_free(total):
            yield warning(
                _("%(free)s of %(total)s are free on %(where)s.") % told,
                _("Make room soon: below %(least)s nobody can send files.")
                % {"least": filesizeformat(least_free(total))},
            )
        else:
            yield ok(_("%(free)s of %(total)s are free on %(where)s.") % told)


def file_system() -> Iterator[Finding]:
    """SQLite and locks need a local disk."""
    kind = file_system_of(Path(settings.DATA_DIR), Path("/proc/self/mountinfo").read_text())
    if kind not in NETWORK:
        yield ok(_("The data folder is on a local file system (%(kind)s).") % {"kind": kind})
    elif settings.DATABASE_URL:
        yield warning(
            _("The data folder is on a network file system (%(kind)s).") % {"kind": kind},
            _("Keep files on a local disk or on S3 (S3_BUCKET)."),
        )
    else:
        yield error(
            _("The database is on a network file system (%(kind)s), where SQLite loses data.") % {"kind": kind},
            _("Move the data folder to a local disk, or use PostgreSQL (DATABASE_URL)."),
        )


def file_system_of(path: Path, mounts: str) -> str:
    """The kind of file system a path is on, by the system's list of mounts."""
    best, kind = -1, "?"
    for line in mounts.splitlines():
        head, _dash, tail = line.partition(" - ")
        place = Path(head.split()[4].replace("\\040", " "))
        if (path.resolve() == place or place in path.resolve().parents) and len(place.parts) >= best:
            best, kind = len(place.parts), tail.split()[0]
    return kind


def secret_key() -> Iterator[Finding]:
    """Kept, long, and nobody else's."""
    path = Path(settings.DATA_DIR) / "secret_key"
    if given := os.environ.get("CHATROOM_SECRET_KEY"):
        if len(given) < 32:
            yield error(
                _("CHATROOM_SECRET_KEY is too short: sessions could be forged."),
                _("Make one of 50 letters: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"),
            )
        else:
            yield ok(_("The secret key comes from CHATROOM_SECRET_KEY."))
    elif not path.is_file():
        yield error(
            _("There is no secret key."),
            _("Start the site once, or put the file secret_key of a backup into the data folder."),
        )
    elif stat.S_IMODE(path.stat().st_mode) & PRIVATE:
        yield error(_("Others on this machine can read the secret key."), f"chmod 600 {path}")
    else:
        yield ok(_("The secret key is readable by its owner alone."))


def open_files() -> Iterator[Finding]:
    """Each connection is an open file."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < FILES:
        yield warning(
            _("Only %(count)s files may be open at once: about as many people can be connected.") % {"count": hard},
            _("Raise the limit: LimitNOFILE=20000 in the unit of systemd, or ulimit -Hn."),
        )
    else:
        yield ok(
            _("Up to %(count)s files may be open at once.") % {"count": "∞" if hard == resource.RLIM_INFINITY else hard}
        )


CHECKS: list[Check] = [python, sqlite, data_folder, room, file_system, secret_key, open_files]
