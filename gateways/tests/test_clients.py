"""The clients for the terminal, as somebody starts them: what they say, and what they say when it goes wrong."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from chatroom.serving.authority import Authority
from files.models import StoredFile
from gateways import running, terminal
from gateways.addresses import Address
from gateways.conftest import Gate
from gateways.frames import client as frames
from gateways.lines import client as lines
from gateways.packets import client as packets
from gateways.struct import client as struct
from gateways.tests.clients import PASSWORD, Lines
from messaging import actions
from tests.services import free_port

PROTOCOLS = ("struct", "frames", "lines", "packets")
SAYS = {  # to everyone, then to a group with a blank in its name
    "struct": ["5 3 Everyone", "5 4 chào struct", "5 3 two words", "5 4 in struct"],
    "frames": ["chào frames", '#"two words" in frames'],
    "lines": ["3 minh Everyone chào lines", '3 minh "two words" in lines'],
    "packets": ["chào packets", '@#"two words" in packets'],
}
NOT_SPOKEN = {
    "struct": "zzz",
    "frames": "/zzz",
    "packets": "/get zzz",
}


def started(protocol: str, port: int, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """What somebody sees who starts it and types this."""
    command = [sys.executable, "-m", f"gateways.{protocol}.client", f"127.0.0.1:{port}", *arguments]
    return subprocess.run(command, input=typed, capture_output=True, text=True, timeout=100, cwd=settings.BASE_DIR)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_somebody_signs_in_and_writes(gate: Gate, protocol: str) -> None:
    minh, lan = gate.person("minh", PASSWORD), gate.person("lan", PASSWORD)
    actions.create_group(minh, "two words", [lan.pk])
    hears = Lines(gate, "lan")
    assert hears.try_in() == "2"
    gate.connect(protocol)
    typed = "\n".join([PASSWORD, *filter(None, [NOT_SPOKEN.get(protocol)]), *SAYS[protocol], "/help"]) + "\n"
    shown = started(protocol, gate.ports[protocol], "minh", typed=typed)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "signed in" in shown.stdout and "/help" in shown.stdout
    assert ("! " in shown.stdout) == (protocol in NOT_SPOKEN)
    hears.hears("minh", f"chào {protocol}", "Everyone")
    hears.hears("minh", f"in {protocol}", "two\u00a0words")


@pytest.mark.parametrize("protocol", ["frames", "packets"])
def test_a_new_password_is_asked_for_where_one_is_needed(gate: Gate, protocol: str) -> None:
    gate.person("minh", PASSWORD, must_change=True)
    gate.connect(protocol)
    shown = started(protocol, gate.ports[protocol], "minh", typed=f"{PASSWORD}\nblue-Lotus-9\n/quit\n")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "the password must be changed" in shown.stdout
    again = started(protocol, gate.ports[protocol], "minh", typed="blue-Lotus-9\n")
    assert "signed in" in again.stdout


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_goes_wrong_is_said_in_a_sentence(gate: Gate, protocol: str) -> None:
    gate.person("minh", PASSWORD)
    gate.connect(protocol)
    port, nobody = gate.ports[protocol], free_port()
    for shown, told in (
        (started(protocol, nobody, "minh", typed="x\n"), f"Nobody listens at 127.0.0.1:{nobody}. "),
        (started(protocol, port, "minh", "--tls", typed="x\n"), "The server has closed the connection. Is "),
        (started(protocol, port, "minh", "--ca", "/nowhere", typed="x\n"), "/nowhere is no file with a certificate"),
        (started(protocol, port, "minh"), "The password is missing"),
    ):
        assert shown.returncode == 1 and told in shown.stderr and "Traceback" not in shown.stderr, shown


@pytest.mark.parametrize("protocol", ["lines", "packets"])
def test_over_tls_by_the_sites_own_authority(gate: Gate, tmp_path: Path, protocol: str) -> None:
    gate.person("minh", PASSWORD)
    authority = Authority(tmp_path)
    authority.ensure(["127.0.0.1"])
    plan = running.Plan(certificate=(str(authority.server_file), str(authority.server_key_file)), everywhere=True)
    address = Address(protocol, "127.0.0.1", 0)
    port = gate.do(gate.server.listen(address, running.context(plan, address, plain=False)))
    typed = f"{PASSWORD}\n" + ("b minh\n" if protocol == "lines" else "/back 1\n")
    shown = started(protocol, port, "minh", "--ca", str(authority.ca_file), typed=typed)
    assert (shown.returncode, shown.stderr) == (0, "") and "signed in" in shown.stdout
    assert ("b Everyone" if protocol == "lines" else "---") in shown.stdout
    shown = started(protocol, port, "minh", "--tls", typed=typed)
    assert shown.returncode == 1 and "cannot be trusted" in shown.stderr and "--ca FILE" in shown.stderr


@pytest.mark.parametrize(("protocol", "password"), [("frames", "wrong"), ("packets", "wrong"), ("frames", "x" * 13)])
def test_who_does_not_get_in_is_told(gate: Gate, protocol: str, password: str) -> None:
    gate.person("minh", PASSWORD)
    gate.connect(protocol)
    shown = started(protocol, gate.ports[protocol], "minh", typed=f"{password}\nhello\n")
    assert shown.returncode == 1 and shown.stderr.startswith("Not signed in"), shown
    assert ("wrong password" in shown.stdout) == (password == "wrong")


def test_a_file_from_one_terminal_to_another(gate: Gate, tmp_path: Path) -> None:
    gate.person("minh", PASSWORD), gate.person("lan", PASSWORD)
    for protocol in ("frames", "packets"):
        gate.connect(protocol)
    (tmp_path / "báo cáo.txt").write_text("xin chào")
    shown = started("packets", gate.ports["packets"], "minh", typed=f"{PASSWORD}\n/send {tmp_path / 'báo'} lan\n")
    assert "! [Errno 2]" in shown.stdout
    (tmp_path / "a.txt").write_text("xin chào")
    shown = started("packets", gate.ports["packets"], "minh", typed=f"{PASSWORD}\n/send {tmp_path / 'a.txt'} lan\n")
    assert "is on its way" in shown.stdout
    file = StoredFile.objects.get()
    StoredFile.objects.update(status="ready")
    command = [sys.executable, "-m", "gateways.packets.client", f"127.0.0.1:{gate.ports['packets']}", "lan"]
    for _time in range(2):  # the second does not take the place of the first
        subprocess.run(
            command, input=f"{PASSWORD}\n/get {file.pk}\n".encode(), timeout=100, cwd=tmp_path, check=True,
            env={"PYTHONPATH": str(settings.BASE_DIR)}, stdout=subprocess.DEVNULL,
        )  # fmt: skip
    assert [(tmp_path / name).read_text() for name in (f"{file.pk}-a.txt", f"{file.pk}-a-2.txt")] == ["xin chào"] * 2


def test_codes_are_explained() -> None:
    assert lines.explain("2 2") == "2 2    (signed in)" and lines.explain("5 lan minh 0") == "5 lan minh 0"
    assert lines.explain("c ") == "c     (nobody, or you are no member)"
    assert struct.explain(2, 5, "") == "2 5    (a new password is needed: 2 2 password)"
    assert struct.explain(5, 0, "1") == "5 0 1    (refused)" and struct.explain(4, 1, "lan: hi") == "4 1 lan: hi"
    assert struct.explain(5, 9, "Why.") == "5 9 Why.    (refused)"


@pytest.mark.parametrize(
    ("pattern", "line", "sent"),
    [
        (frames.QUOTED, '#"a b" hi "c d"', '#a\u00a0b hi "c d"'),
        (frames.QUOTED, '@lan @#"a b" hi', "@lan @#a\u00a0b hi"),
        (frames.QUOTED, 'in #"a b" or', 'in #"a b" or'),
        (lines.QUOTED, '3 minh "a b" "c d"', '3 minh a\u00a0b "c d"'),
        (lines.QUOTED, 'f 3 "a b" 10', "f 3 a\u00a0b 10"),
        (lines.QUOTED, '5 minh lan "a b"', '5 minh lan "a b"'),
        (packets.QUOTED, '@lan,#"a b" hi', "@lan,#a\u00a0b hi"),
    ],
)
def test_a_group_with_blanks_stands_between_quotation_marks(pattern: re.Pattern[str], line: str, sent: str) -> None:
    assert pattern.sub(terminal.joined, line) == sent


def test_nothing_that_comes_moves_the_cursor_or_leaves_the_folder(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    terminal.put("a\x1b[2J\x07\x9b\tb\nc")
    assert capsys.readouterr().out == "a\ufffd[2J\ufffd\ufffd\tb\nc\n"
    for name in ("../../x.txt", "..\\..\\x.txt", "/etc/x.txt", ".x.txt"):
        assert terminal.free_path(tmp_path, name) == tmp_path / "x.txt"
    assert terminal.free_path(tmp_path, "..") == tmp_path / "file"
