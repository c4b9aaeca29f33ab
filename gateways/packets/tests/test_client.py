"""The client for the command line against a running gateway."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from files.models import StoredFile
from gateways.packets import messages as m
from gateways.packets.client import Client, obey, shown
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


async def hear(client: Client, kind: type) -> Any:
    """The next message of a kind."""
    while not isinstance(found := await asyncio.wait_for(client.heard.get(), 20), kind):
        assert found is not None, "the connection is gone"
    return found


def test_two_clients_talk_and_exchange_a_file(gate: Any, tmp_path: Path) -> None:
    gate.person("ann"), gate.person("ben", must_change=True)
    port = gate.connect("packets").socket.getpeername()[1]
    (tmp_path / "ảnh của tôi.bin").write_bytes(bytes(range(256)) * 1000)

    async def talk() -> None:
        ann, ben = [await Client.connect("127.0.0.1", port, folder=str(tmp_path)) for _ in range(2)]
        assert shown(await ann.ask(m.SignIn("ann", PASSWORD))).startswith(
            "signed in; last time 0000.00.00 00:00:00\n● ann, ○ ben, "
        )
        assert shown(await ben.ask(m.SignIn("ben", PASSWORD))) == "the password must be changed"
        assert shown(await ben.ask(m.ChangePassword("ben", PASSWORD, "blue-TeaBag1"))) == "changed; sign in again"
        assert isinstance(await ben.ask(m.SignIn("ben", "blue-TeaBag1")), m.SignedIn)
        assert shown(await hear(ben, m.Settings)).startswith('{"theme":"system",')
        assert shown(await hear(ann, m.Presence)) == "ben came"
        await obey(ann, "ann", "chào cả nhà")
        assert shown(await hear(ben, m.Said)).endswith("] ann: chào cả nhà")
        await obey(ann, "ann", "@ben,nobody riêng")
        assert shown(await hear(ben, m.Said)).endswith("] ann: riêng")
        await ann.send_file(tmp_path / "ảnh của tôi.bin", ["ben"])
        note = await hear(ben, m.FileNote)
        assert shown(note).endswith(f"] ann sends ảnh của tôi.bin: /get {note.file}")
        await asyncio.to_thread(StoredFile.objects.update, status="ready")
        await obey(ben, "ben", f"/get {note.file}")
        assert shown(await hear(ben, m.FileContent)) == f"{note.file}-ảnh của tôi.bin comes, 256000 bytes"
        await obey(ben, "ben", "/back 1")
        assert shown(await hear(ben, m.Clear)) == "---"
        assert (await hear(ben, m.FileNote)).file == note.file
        assert (tmp_path / f"{note.file}-ảnh của tôi.bin").read_bytes() == bytes(range(256)) * 1000
        await ann.close()
        await ben.close()

    asyncio.run(talk())
