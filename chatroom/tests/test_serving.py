"""What `serve` prepares: key, names, translations, certificates."""

import ipaddress
import os
import socket
import ssl
import stat
import threading
from pathlib import Path

import pytest
from cryptography import x509

from chatroom.serving import network, options, preparation
from chatroom.serving.authority import Authority
from chatroom.serving.translations import compile_translations


def test_the_secret_key_is_made_once_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHATROOM_SECRET_KEY", raising=False)
    path = tmp_path / "secret_key"
    options.make_secret_key(path)
    key = path.read_text()
    assert len(key) > 50
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    options.make_secret_key(path)
    assert path.read_text() == key
    assert list(tmp_path.iterdir()) == [path]


def test_options_reach_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CHATROOM_DATA", "CHATROOM_ALLOWED_HOSTS", "CHATROOM_TLS", "CHATROOM_SECRET_KEY"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    options.prepare_environment(["--data", str(tmp_path / "new" / "data"), "--lan", "--tls", "--port", "1"])
    data = Path(os.environ["CHATROOM_DATA"])
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert (data / "secret_key").exists()
    assert os.environ["CHATROOM_TLS"] == "1"
    assert {"localhost", "127.0.0.1", "chat.lan"} <= set(os.environ["CHATROOM_ALLOWED_HOSTS"].split(","))


def test_hosts() -> None:
    assert "192.0.2.7" in network.hosts("192.0.2.7")
    assert "[2001:db8::1]" in network.hosts("2001:db8::1")
    assert set(map(network.bracketed, network.lan_addresses())) <= set(network.hosts("0.0.0.0"))
    assert not set(network.lan_addresses()) & set(network.hosts("127.0.0.1"))
    assert network.is_loopback("::1") and network.is_loopback("localhost") and not network.is_loopback("0.0.0.0")


def test_translations_compile_when_they_are_newer(tmp_path: Path) -> None:
    folder = tmp_path / "vi" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    source = folder / "django.po"
    source.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Send"\nmsgstr "Gửi"\n')
    assert compile_translations(tmp_path) == 1
    assert "Gửi".encode() in (folder / "django.mo").read_bytes()
    assert compile_translations(tmp_path) == 0
    later = source.stat().st_mtime + 10
    os.utime(source, (later, later))
    assert compile_translations(tmp_path) == 1


def test_the_server_certificate_is_trusted_with_the_ca_and_not_without(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    authority.ensure(["chat.lan", "127.0.0.1", "[::1]"])
    assert (
        stat.S_IMODE(authority.ca_key_file.stat().st_mode)
        == stat.S_IMODE(authority.server_key_file.stat().st_mode)
        == 0o600
    )
    trusting = ssl.create_default_context(cafile=str(authority.ca_file))
    assert handshake(authority, trusting, "chat.lan")
    assert handshake(authority, trusting, "127.0.0.1")
    assert not handshake(authority, trusting, "other.lan")
    assert not handshake(authority, ssl.create_default_context(), "chat.lan")


def handshake(authority: Authority, context: ssl.SSLContext, name: str) -> bool:
    """Whether a client that knows `context` accepts the server under `name`."""
    here, there = socket.socketpair()
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(authority.server_file, authority.server_key_file)

    def serve() -> None:
        try:
            with serving.wrap_socket(there, server_side=True) as connection:
                connection.recv(1)
        except OSError:
            there.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with context.wrap_socket(here, server_hostname=name):
            return True
    except ssl.SSLCertVerificationError:
        return False
    finally:
        here.close()
        thread.join(5)


def test_certificates_stay_until_names_change(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    authority.ensure(["chat.lan", "192.168.1.2"])
    ca, server = authority.ca_file.read_bytes(), authority.server_file.read_bytes()
    authority.ensure(["chat.lan"])
    assert authority.server_file.read_bytes() == server
    authority.ensure(["chat.lan", "192.168.1.3"])
    assert authority.server_file.read_bytes() != server
    assert authority.ca_file.read_bytes() == ca


def test_the_ca_cannot_speak_for_the_internet(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    authority.ensure(["chat.lan", "203.0.113.5"])
    constraints = authority.ca().extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    assert x509.IPAddress(ipaddress.ip_network("203.0.113.5")) in (constraints.value.permitted_subtrees or [])
    assert authority.outside(["chat.lan", "203.0.113.5", "10.1.2.3"]) == []
    assert authority.outside(["bank.example", "203.0.113.6"]) == ["bank.example", "203.0.113.6"]


def test_a_second_server_on_a_folder_is_noticed(tmp_path: Path):
    first = preparation.hold_folder(tmp_path)
    assert not preparation.is_shared(first)
    with preparation.hold_folder(tmp_path) as second:
        assert preparation.is_shared(second)
        assert preparation.is_shared(first)
    assert not preparation.is_shared(first)
    (tmp_path / preparation.UNFINISHED).touch()  # a restore holds it alone
    with pytest.raises(BlockingIOError):
        preparation.hold_folder(tmp_path)
