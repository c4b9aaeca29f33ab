"""Where gateways listen: by the command line, by policy, with and without TLS."""

from __future__ import annotations

import io
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts import actions as accounts
from chatroom.serving.authority import Authority
from core import policies
from core.refusal import Refusal
from gateways import running
from gateways.addresses import Address, parse
from gateways.conftest import PASSWORD, Gate
from gateways.policies import Gateways
from tests.services import free_port


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("struct=127.0.0.1:7001", Address("struct", "127.0.0.1", 7001)),
        ("lines=[::1]:7003", Address("lines", "::1", 7003)),
        ("packets=chat.lan:0", Address("packets", "chat.lan", 0)),
    ],
)
def test_an_address_is_protocol_host_and_port(text: str, address: Address) -> None:
    assert parse(text) == address and str(address) == text


@pytest.mark.parametrize(
    "text", ["struct", "struct=", "irc=127.0.0.1:1", "lines=127.0.0.1", "lines=:x", "lines=h:70000"]
)
def test_what_is_no_address_is_told(text: str) -> None:
    with pytest.raises(ValueError):
        parse(text)


def test_beyond_loopback_it_wants_tls_or_plain(caplog: pytest.LogCaptureFixture) -> None:
    inside, outside = parse("struct=127.0.0.1:1"), parse("struct=0.0.0.0:1")
    plan = running.Plan()
    assert running.context(plan, inside, plain=False) is None
    with pytest.raises(running.NotSafeError):
        running.context(plan, outside, plain=False)
    assert caplog.records == []
    assert running.context(plan, outside, plain=True) is None
    assert "without TLS" in caplog.text


def test_the_command_refuses_without_redis_and_postgresql(settings: Any) -> None:
    settings.REDIS_URL = ""
    with pytest.raises(CommandError, match=r"serve --gateway struct=127\.0\.0\.1:1"):
        call_command("gateway", "struct=127.0.0.1:1", stdout=io.StringIO())


def test_tls_is_spoken_where_there_is_a_certificate(gate: Gate, tmp_path: Path) -> None:
    gate.person("minh")
    authority = Authority(tmp_path)
    authority.ensure(["localhost"])
    plan = running.Plan(certificate=(str(authority.server_file), str(authority.server_key_file)), everywhere=True)
    address = parse("lines=127.0.0.1:0")
    port = gate.do(gate.server.listen(address, running.context(plan, address, plain=False)))
    trusting = ssl.create_default_context(cafile=str(authority.ca_file))
    raw = socket.create_connection(("127.0.0.1", port), 20)
    with trusting.wrap_socket(raw, server_hostname="localhost") as safe:
        safe.sendall(f"2 minh {PASSWORD}\n".encode())
        assert safe.recv(100) == b"2\n"


def test_the_policy_opens_and_closes_a_port_without_a_restart(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "LOOK_SECONDS", 0.05)
    gate.person("minh")
    port = free_port()
    gate.do(running.start())
    try:
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", port), 1)
        gate.policy(**{"gateways.lines": f"127.0.0.1:{port}"})
        wire = _until_open(port)
        wire.sendall(f"2 minh {PASSWORD}\n".encode())
        assert wire.recv(100) == b"2\n"
        gate.policy(**{"gateways.lines": ""})
        _until_shut(port)
        wire.sendall(b"7 minh\n")  # who is there stays
        assert wire.recv(100) == b"0\n"
        wire.close()
    finally:
        gate.do(running.stop())


def test_a_port_that_needs_tls_again_is_shut(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """The policy takes `plain` back, while the address stays."""
    monkeypatch.setattr(running, "LOOK_SECONDS", 0.05)
    port = free_port()
    gate.do(running.start())
    try:
        gate.policy(**{"gateways.lines": f"0.0.0.0:{port}", "gateways.plain": True})
        _until_open(port).close()
        gate.policy(**{"gateways.plain": False})
        _until_shut(port)
        gate.policy(**{"gateways.plain": True})
        _until_open(port).close()
    finally:
        gate.do(running.stop())


def test_a_name_that_is_looked_up_for_long_holds_nobody_up(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "LOOK_SECONDS", 0.05)
    looking, go, bind = threading.Event(), threading.Event(), running.bind

    def slowly(address: Address) -> socket.socket:
        looking.set()
        assert go.wait(20)
        return bind(address)

    monkeypatch.setattr(running, "bind", slowly)
    port, wire = free_port(), gate.connect("lines")
    gate.do(running.start())
    try:
        gate.policy(**{"gateways.lines": f"localhost:{port}"})
        assert looking.wait(20)
        wire.ask(b"4 a b\n", b"4\n")  # with the look-up under way
        go.set()
        _until_open(port).close()
    finally:
        go.set()
        gate.do(running.stop())


def test_the_policy_takes_addresses_only(gate: Gate) -> None:
    for wrong in ("7003", "here", "127.0.0.1:x"):
        with pytest.raises(Refusal) as refused:
            accounts.set_policies(None, {"gateways.lines": wrong})
        assert refused.value.code == "bad_request"
    accounts.set_policies(None, {"gateways.lines": "127.0.0.1:7003"})
    policies.forget()
    assert policies.get(Gateways).lines == "127.0.0.1:7003"


def _until_open(port: int) -> socket.socket:
    for _try in range(200):
        try:
            return socket.create_connection(("127.0.0.1", port), 20)
        except OSError:
            time.sleep(0.05)
    raise AssertionError("never opened")


def _until_shut(port: int) -> None:
    for _try in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return
        time.sleep(0.05)
    raise AssertionError("never shut")
