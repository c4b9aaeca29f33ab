"""Files in and out: requests and what everybody gets, written out by hand; large ones pass through and are held nowhere."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from accounts.models import User
from files import actions as files
from files.models import StoredFile, Upload
from files.storage import stored_name
from gateways import connection
from gateways.packets.tests.hexes import raw
from gateways.packets.tests.peer import ANN, BEN, LI, SYSTEM, Peer, say
from messaging import actions
from messaging.models import Conversation, Message

pytestmark = pytest.mark.django_db(transaction=True)
NAME = " 612e747874 00*59 "  # a.txt
CONTENT = "00ff0d0a"
TO_BEN = "0012 0002 00000068 00000001" + BEN + NAME + CONTENT
TO_ALL = "0012 0002 00000048 00000000" + NAME + CONTENT
NOT_FOUND = b"There is no such thing, or you may not see it.".hex()
MIB = 2**20


@pytest.fixture
def people(gate: Any) -> dict[str, User]:
    return {name: gate.person(name) for name in ("ann", "ben", "李娜")}


def ready() -> StoredFile:
    """The one stored file, looked at by the site; its bytes are those that were sent."""
    StoredFile.objects.update(status="ready")
    return StoredFile.objects.get()


def expect_note(peer: Peer, name: str, file: str = NAME) -> None:
    """The next frame tells of the one stored file."""
    peer.expect_said("0082 0001 00000077" + name, file)
    peer.expect(f"{ready().pk:08x}")


def get(id: int) -> str:
    """0x12/0x04."""
    return f"0012 0004 00000004 {id:08x}"


@pytest.mark.row("packets 0x12/0x02", "packets 0x12/0x04", "packets 0x82/0x01 0x82/0x02")
def test_a_file_is_noted_to_its_receiver_who_fetches_it(gate: Any, people: dict[str, User]) -> None:
    ben, ann = Peer(gate).sign_in(BEN), Peer(gate).sign_in(ANN)
    ben.frame()
    ann.send(TO_BEN)
    expect_note(ben, ANN)
    assert default_storage.open(stored_name(ready().token)).read() == raw(CONTENT)
    ben.send(get(ready().pk))
    ben.expect_said("0082 0002 0000007b" + ANN, NAME + f" {ready().pk:08x} " + CONTENT)
    ann.wire.silent()
    message = Message.objects.get(kind="file")
    assert (message.sender_id, message.body, message.conversation.kind) == (people["ann"].pk, "", "direct")


@pytest.mark.row("packets 0x12/0x02", "packets 0x82/0x01 0x82/0x02")
def test_a_file_for_all_comes_back_too(gate: Any, people: dict[str, User]) -> None:
    ben, ann = Peer(gate).sign_in(BEN), Peer(gate).sign_in(ANN)
    ben.frame()
    ann.send(TO_ALL)
    ben.expect("0082 0001 00000077" + ANN)
    expect_note(ann, ANN)
    ann.send(get(ready().pk))
    ann.expect_said("0082 0002 0000007b" + ANN, NAME + f" {ready().pk:08x} " + CONTENT)


def test_a_file_for_several_for_a_group_and_for_oneself(gate: Any, people: dict[str, User]) -> None:
    actions.create_group(people["ann"], "g", [people["李娜"].pk])
    ben, li, ann = Peer(gate).sign_in(BEN), Peer(gate).sign_in(LI), Peer(gate).sign_in(ANN)
    ben.frame(), ben.frame(), li.frame()
    group = " 2367 00*30 "
    ann.send("0012 0002 000000e8 00000005" + BEN + LI + ANN + group + " 78 00*31 " + NAME + CONTENT)
    expect_note(ann, ANN)
    ann.expect_said(*say(b"x: There is no account of this name.".hex(), SYSTEM))
    for peer in (ben, li, li):
        expect_note(peer, ANN)
    for peer in (ann, ben, li):
        peer.wire.silent()
    assert StoredFile.objects.count() == 1 and Message.objects.filter(kind="file").count() == 3


def test_naming_only_oneself_stores_the_file_and_no_message(gate: Any, people: dict[str, User]) -> None:
    ann = Peer(gate).sign_in(ANN)
    ann.send("0012 0002 00000068 00000001" + ANN + NAME + CONTENT)
    expect_note(ann, ANN)
    assert not Message.objects.filter(kind="file").exists()
    ann.send(get(ready().pk))
    ann.expect_said("0082 0002 0000007b" + ANN, NAME + f" {ready().pk:08x} " + CONTENT)


@pytest.mark.row("packets 0x12/0x04")
def test_missing_and_forbidden_look_the_same(gate: Any, people: dict[str, User]) -> None:
    li, ann = Peer(gate).sign_in(LI), Peer(gate).sign_in(ANN)
    li.frame()
    ann.send(TO_BEN, "0012 0005 00000004 00000000")
    ann.expect("0082 0003 00000000")
    for id in (ready().pk, ready().pk + 1, 2**32 - 1):
        li.send(get(id))
        li.expect_said(*say(NOT_FOUND, SYSTEM))
    ann.send(get(ready().pk))
    assert ann.frame()[:2] == (0x82, 2)


def test_a_file_of_another_is_waited_for_until_the_site_has_looked_at_it(gate: Any, people: dict[str, User]) -> None:
    ben, ann = Peer(gate).sign_in(BEN), Peer(gate).sign_in(ANN)
    ben.frame()
    ann.send(TO_BEN)
    ben.frame()
    file = StoredFile.objects.get()
    assert file.status == "processing"
    ben.send(get(file.pk))
    ben.wire.silent()
    StoredFile.objects.update(status="ready")
    ben.expect("0082 0002 0000007b" + ANN)
    StoredFile.objects.update(status="refused")
    ben.wire.read(19 + 64 + 4 + 4)
    ben.send(get(file.pk))
    ben.expect_said(*say(NOT_FOUND, SYSTEM))


@pytest.mark.row("packets 0x82/0x01 0x82/0x02")
def test_a_file_of_a_browser_arrives_with_its_text_before_it(gate: Any, people: dict[str, User]) -> None:
    ben, tab = Peer(gate).sign_in(BEN), gate.browser(people["ann"])
    ben.frame()
    name = "Bài tập về nhà " + "很" * 20 + ".pdf"  # 19 + 60 + 4 bytes
    file = files.store_bytes(people["ann"], name, [b"abc"])
    everyone = Conversation.objects.get(kind="everyone").pk
    data = {"conversation": everyone, "client_id": "client-001", "body": "hi", "files": [file.token]}
    assert tab.code("message.send", data) == "ok"
    ben.expect_said(*say("6869", ANN))
    cut = ("Bài tập về nhà " + "很" * 13 + ".pdf").encode()  # one letter more would be 65 bytes
    expect_note(ben, ANN, f" {cut.hex()} 00*{64 - len(cut)} ")


@pytest.mark.row("verdict refused")
@pytest.mark.parametrize(
    ("policy", "text"),
    [
        ({"files.kinds": "images"}, "Files of this kind may not be sent here."),
        (
            {"files.quota": 1},
            "Your files have used up the 1 MiB that each person has. Recall some, or ask an administrator for more.",
        ),
    ],
)
def test_a_refused_file_goes_past_and_the_connection_stays(
    gate: Any, people: dict[str, User], policy: dict[str, Any], text: str
) -> None:
    gate.policy(**policy)
    ann = Peer(gate).sign_in(ANN)
    if "files.quota" in policy:
        files.store_bytes(people["ann"], "a.txt", [b"x" * MIB])
    ann.send("0012 0002 00040044 00000000" + NAME + "6869" * 131_072)
    ann.expect_said(*say(text.encode().hex(), SYSTEM))
    ann.ask("0012 0005 00000004 00000000", "0082 0003 00000000")
    assert not Upload.objects.filter(file=None).exists()


def test_a_file_without_a_name_or_without_receivers(gate: Any, people: dict[str, User]) -> None:
    ann = Peer(gate).sign_in(ANN)
    ann.send("0012 0002 00000048 00000000 00*64" + " " + CONTENT)
    ann.expect_said(*say(b"A file needs a name.".hex(), SYSTEM))
    ann.send("0012 0002 00000068 00000001 78 00*31 " + NAME + CONTENT)
    ann.expect_said(*say(b"x: There is no account of this name.".hex(), SYSTEM))
    assert not Upload.objects.exists() and not StoredFile.objects.exists()


def test_an_empty_file(gate: Any, people: dict[str, User]) -> None:
    ann = Peer(gate).sign_in(ANN)
    ann.send("0012 0002 00000044 00000000" + NAME)
    expect_note(ann, ANN)
    ann.send(get(ready().pk))
    ann.expect_said("0082 0002 00000077" + ANN, NAME + f" {ready().pk:08x}")


def test_a_file_over_the_sites_limit_is_malformed_before_its_first_byte(gate: Any, people: dict[str, User]) -> None:
    gate.policy(**{"files.max_size": 1})
    ann = Peer(gate).sign_in(ANN)
    ann.send("0012 0002 00100045 00000000")
    ann.wire.closed()
    again = Peer(gate).sign_in(ANN)
    again.send("0012 0002 00100044 00000000" + NAME)
    again.wire.silent()


def test_what_has_come_of_a_file_goes_with_its_connection(gate: Any, people: dict[str, User]) -> None:
    ann = Peer(gate).sign_in(ANN)
    ann.send("0012 0002 00100044 00000000" + NAME + "68" * 300_000)
    wait_until(kept)
    assert Upload.objects.count() == 1
    gate.gone(ann.wire)
    gate.settle()
    assert not kept() and not Upload.objects.exists()


def test_who_goes_in_the_moment_he_announces_a_file_leaves_nothing(gate: Any, people: dict[str, User]) -> None:
    gate.policy(**{"signin.sessions": "allow"})
    peers = [Peer(gate).sign_in(ANN) for _ in range(6)]
    for pause, peer in enumerate(peers):
        peer.send("0012 0002 00100044 00000000" + NAME + "68")
        time.sleep(pause / 200)
        peer.wire.close()
    wait_until(lambda: not gate.server.connections)
    gate.settle()
    wait_until(lambda: not Upload.objects.exists() and not kept())


def test_a_file_that_is_announced_and_never_sent_is_given_up(
    gate: Any, people: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "FRAME_SECONDS", 0.5)
    ann = Peer(gate).sign_in(ANN)
    ann.send("0012 0002 01400044 00000000" + NAME + CONTENT)  # 20 MiB
    ann.wire.closed()
    gate.settle()
    assert not kept() and not Upload.objects.exists()


def test_a_large_file_passes_through_both_ways_and_is_held_nowhere(gate: Any, people: dict[str, User]) -> None:
    size = 16 * MIB
    ben, ann = Peer(gate).sign_in(BEN), Peer(gate).sign_in(ANN)
    ben.frame()
    piece = bytes(range(256)) * 256
    tracemalloc.start()
    try:
        ann.send(f"0012 0002 {size + 100:08x} 00000001" + BEN + NAME)
        for _ in range(size // len(piece)):
            ann.wire.socket.sendall(piece)
        ben.frame()
        ben.send(get(ready().pk))
        ben.expect_said(f"0082 0002 {size + 119:08x}" + ANN, NAME + f" {ready().pk:08x}")
        for _ in range(size // len(piece)):
            assert ben.wire.read(len(piece)) == piece
        assert tracemalloc.get_traced_memory()[1] < 4 * MIB
    finally:
        tracemalloc.stop()


def test_a_client_that_does_not_read_its_file_gets_it_later_and_what_came_meanwhile_behind_it(
    gate: Any, people: dict[str, User]
) -> None:
    file = files.store_bytes(people["ann"], "a.txt", [b"x" * MIB] * 12)
    files_everyone = {"conversation": Conversation.objects.get(kind="everyone").pk, "files": [file.token]}
    ben, ann = Peer(gate).sign_in(BEN), Peer(gate).sign_in(ANN)
    ben.frame()
    tab = gate.browser(people["ann"])
    assert tab.code("message.send", {**files_everyone, "client_id": "client-001", "body": ""}) == "ok"
    ben.frame()
    ben.send(get(ready().pk))
    wait_until(lambda: held(gate) > 0)
    time.sleep(0.3)
    assert 0 < held(gate) < 256 * 1024  # nowhere near the twelve megabytes
    ann.send("0012 0000 00000026 00000001" + BEN + "6869", "0012 0000 00000026 00000001" + BEN + "6a6a")
    gate.settle()
    time.sleep(0.3)
    ben.expect_said("0082 0002 00c00077" + ANN, NAME + f" {file.pk:08x}")
    for _ in range(12):
        assert ben.wire.read(MIB) == b"x" * MIB
    ben.expect_said(*say("6869", ANN))
    ben.expect_said(*say("6a6a", ANN))


def wait_until(true: Callable[[], Any]) -> None:
    """At most twenty seconds."""
    until = time.monotonic() + 20
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


def held(gate: Any) -> int:
    """Bytes that a client has not taken yet."""
    return max(one.transport.get_write_buffer_size() for one in gate.server.connections)


def kept() -> list[Path]:
    """What lies on the disk of uploads that are not complete."""
    folder = Path(default_storage.path("uploads"))
    return [path for path in folder.glob("*") if path.stat().st_size] if folder.is_dir() else []
