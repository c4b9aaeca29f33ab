"""Files between clients of `packets` and browsers, both ways, byte for byte."""

from __future__ import annotations

from typing import Any

import pytest

from accounts import actions as accounts
from files.models import StoredFile
from files.tests.made import DATA, make_file
from gateways.packets.tests.hexes import raw
from gateways.packets.tests.peer import ANN, BEN, Peer
from tests.cast import Person

pytestmark = pytest.mark.django_db(transaction=True)
NAME = " 612e747874 00*59 "  # a.txt
CONTENT = "00ff0d0a"
NAMED = " 62c3a0692e747874 00*56 "  # bài.txt


@pytest.mark.row("packets 0x12/0x02", "packets 0x12/0x04", "packets 0x82/0x01 0x82/0x02")
def test_files_cross_over(gate: Any) -> None:
    gate.person("ann")
    user = gate.person("ben")
    ben = Person(user, accounts.open_session(user, kind="computer", displace=True))
    tab, ann = gate.site.enter(ben), Peer(gate).sign_in(ANN)

    def files() -> list[dict[str, Any]]:
        return [file for frame in tab.of("message") for file in frame["data"].get("files", ())]

    ann.send("0012 0002 00000068 00000001" + BEN + NAME + CONTENT)
    tab.wait(files)
    sent = files()[-1]
    StoredFile.objects.update(status="ready")  # as when it was looked at
    answer = ben.client.get(f"/files/{sent['token']}/a.txt?download")
    assert (sent["name"], sent["size"]) == ("a.txt", 4)
    assert answer.status_code == 200 and answer.getvalue() == raw(CONTENT)
    assert answer["Content-Disposition"].startswith("attachment") and "a.txt" in answer["Content-Disposition"]

    file = make_file(ben, "bài.txt")
    where = next(frame["data"]["conversation"] for frame in tab.of("message"))
    data = {"conversation": where, "client_id": "from-a-browser-1", "body": "", "files": [file.token]}
    assert tab.code("message.send", data) == "ok"
    ann.expect_said("0082 0001 00000077" + BEN, NAMED + f"{file.pk:08x}")
    ann.send(f"0012 0004 00000004 {file.pk:08x}")
    ann.expect_said(f"0082 0002 {51 + 68 + len(DATA):08x}" + BEN, NAMED + f"{file.pk:08x}" + DATA.hex())
