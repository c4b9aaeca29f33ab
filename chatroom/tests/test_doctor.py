"""`manage.py doctor` against sites that are really misconfigured: each is found, with its remedy, and the exit code tells."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as own
from django.utils import timezone

from accounts.models import User
from audit.models import Event
from chatroom import doctor, doctor_database, doctor_machine, doctor_services, doctor_site
from chatroom.doctor import ERROR, OK, WARNING, Finding
from chatroom.management.commands.doctor import language_of
from core.models import Mark
from tests.cast import Cast

MOUNTS = """24 30 0:22 / /proc rw,nosuid - proc proc rw
30 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
41 30 0:37 / /srv rw,relatime shared:2 - nfs4 server:/export rw
42 30 8:2 / /srv/my\\040site rw - xfs /dev/sdb1 rw
"""


def run_doctor(data: Path, *arguments: str, **environment: str) -> tuple[int, dict[str, list[str]]]:
    """The command as an administrator runs it: exit code, and the lines of each level."""
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("CHATROOM_", "DATABASE", "REDIS"))
    }
    env = {**clean, "CHATROOM_DATA": str(data), "CHATROOM_LANGUAGE": "en", **environment}
    command = [sys.executable, "manage.py", "doctor", "--port", str(free_port()), *arguments]
    done = subprocess.run(command, cwd=own.BASE_DIR, env=env, capture_output=True, text=True, timeout=90)
    assert "Traceback" not in done.stderr, done.stderr
    lines: dict[str, list[str]] = {}
    for line in (done.stdout + done.stderr).splitlines():
        level, _gap, text = line.partition("  ")
        lines.setdefault(level.strip(), []).append(text.strip())
    return done.returncode, lines


def free_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def only(check: Any) -> Finding:
    """The one thing that a check finds."""
    (finding,) = check()
    return finding


def test_a_site_that_is_wrong_in_many_ways_and_has_no_database(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    (data / "secret_key").write_text("x" * 50)
    (data / "secret_key").chmod(0o644)
    code, lines = run_doctor(
        data,
        CHATROOM_DEBUG="1",
        CHATROOM_ALLOWED_HOSTS="https://chat.example",
        CHATROOM_ORIGINS="https://chat.example/",
        CHATROOM_TRUSTED_PROXIES="1",
        CHATROOM_METRICS_TOKEN="short",
        DATABASE_URL="postgres://nobody:x@127.0.0.1:1/nothing",
        REDIS_URL="redis://127.0.0.1:1/0",
    )
    assert code == 1
    errors, warnings = "\n".join(lines["error"]), "\n".join(lines["warning"])
    for part in ("Others on this machine can read the secret key. → chmod 600", f"chmod 700 {data}", "CHATROOM_DEBUG is on",
                 "CHATROOM_ALLOWED_HOSTS has an address", "CHATROOM_ORIGINS has https://chat.example/", "The database does not answer",
                 "Redis does not answer"):  # fmt: skip
        assert part in errors
    for part in ("behind a proxy, without HTTPS", "CHATROOM_METRICS_TOKEN is short", "Nothing listens on port"):
        assert part in warnings
    assert all(" → " in line for line in [*lines["error"], *lines["warning"]])  # each has its remedy
    assert not any("migration" in line for line in lines["error"])  # what needs the database is not guessed


def test_settings_that_cannot_be_read_are_one_line(tmp_path: Path) -> None:
    code, lines = run_doctor(tmp_path, CHATROOM_TRUSTED_PROXIES="one")
    assert code == 1 and list(lines) == ["error"] and "The settings cannot be read" in lines["error"][0]
    code, lines = run_doctor(tmp_path, DATABASE_URL="mysql://chat@db/chat")
    assert code == 1 and list(lines) == ["error"] and "for PostgreSQL alone" in lines["error"][0]


@pytest.mark.parametrize("content", [b"no database at all\n" * 100, b"SQLite format 3\0" + b"x" * 8000])
def test_a_damaged_database_is_called_so(tmp_path: Path, content: bytes) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "db.sqlite3").write_bytes(content)
    code, lines = run_doctor(tmp_path, DATABASE_URL="")
    [found] = [line for line in lines["error"] if "database" in line]
    assert code == 1 and "is damaged" in found and "manage.py restore" in found


def test_it_speaks_the_language_of_the_site_or_of_the_terminal() -> None:
    assert language_of({"CHATROOM_LANGUAGE": "zh-hans", "LANG": "vi_VN.UTF-8"}) == "zh-hans"
    assert language_of({"LANG": "vi_VN.UTF-8"}) == "vi"
    assert language_of({"LC_ALL": "zh_CN.UTF-8", "LANG": "vi_VN.UTF-8"}) == "zh-hans"
    assert language_of({"LANG": "C"}) == language_of({}) == own.LANGUAGE_CODE


def test_a_data_folder_that_is_in_order(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    tmp_path.chmod(0o700)
    assert only(doctor_machine.data_folder).level == OK and list(tmp_path.iterdir()) == []
    settings.DATA_DIR = tmp_path / "away"
    assert only(doctor_machine.data_folder).level == ERROR


@pytest.mark.parametrize(
    ("path", "kind", "level"),
    [
        ("/home/chat", "ext4", OK),
        ("/srv/chat", "nfs4", ERROR),
        ("/srv/my site/data", "xfs", OK),
        ("/srvother", "ext4", OK),
    ],
)
def test_network_file_systems(settings: Any, monkeypatch: pytest.MonkeyPatch, path: str, kind: str, level: str) -> None:
    assert doctor_machine.file_system_of(Path(path), MOUNTS) == kind
    monkeypatch.setattr(doctor_machine, "file_system_of", lambda *_: kind)
    settings.DATABASE_URL = ""
    assert only(doctor_machine.file_system).level == level
    settings.DATABASE_URL = "postgres://x"  # then only the files lie there
    assert only(doctor_machine.file_system).level == (WARNING if level == ERROR else OK)


def test_room(monkeypatch: pytest.MonkeyPatch) -> None:
    for free, level in ((4, ERROR), (9, WARNING), (11, OK)):
        monkeypatch.setattr(doctor_machine, "disks", lambda free=free: [("files", free * 2**30, 100 * 2**30)])
        assert only(doctor_machine.room).level == level


def test_names_and_proxies(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    for hosts, proxies, level in (("chat.example", 1, OK), ("", 1, ERROR), ("", 0, OK), ("*", 0, ERROR)):
        monkeypatch.setenv("CHATROOM_ALLOWED_HOSTS", hosts)
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
        assert only(doctor_site.hosts).level == level
    for tls, proxies, level in ((True, 1, OK), (False, 1, WARNING), (True, 0, WARNING), (False, 0, WARNING)):
        settings.TLS, settings.ALLAUTH_TRUSTED_PROXY_COUNT = tls, proxies
        assert only(doctor_site.proxies).level == level


def test_what_listens_on_the_port() -> None:
    assert only(lambda: doctor_services.serving(free_port())).level == WARNING
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        found = only(lambda: doctor_services.serving(silent.getsockname()[1]))
    assert found.level == ERROR and "does not answer" in found.text


def test_the_rows_of_a_site(cast: Cast) -> None:
    assert {
        only(check).level for check in (doctor_database.reachable, doctor_database.migrations, doctor_database.chain)
    } == {OK}
    assert only(doctor_database.people).level == OK
    assert only(doctor_database.worker).level == ERROR
    Mark.objects.create(key="tick", value=timezone.now().isoformat())
    assert only(doctor_database.worker).level == OK
    Mark.objects.update(value=(timezone.now() - timedelta(hours=1)).isoformat())
    assert only(doctor_database.worker).level == ERROR
    assert only(doctor_database.backups).level == WARNING
    Event.objects.filter(action="account.blocked").update(actor_name="somebody else")
    assert only(doctor_database.chain).level == ERROR
    User.objects.update(is_superuser=False)
    assert only(doctor_database.people).level == ERROR


def test_a_check_that_fails_itself_is_a_finding() -> None:
    def broken() -> Any:
        yield doctor.ok("so far")
        raise RuntimeError("no such thing")

    first, second = doctor.told(broken)
    assert first.level == OK and second.level == ERROR and "RuntimeError: no such thing" in second.text
