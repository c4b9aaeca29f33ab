"""Who is silent is asked, who answers stays, who does not is closed."""

from realtime import limits, server
from realtime.sockets import Socket
from realtime.tests.desk import Desk


def silent_for(socket: Socket, seconds: float) -> None:
    """Turn the clock back to when the client last said something."""
    socket.heard -= seconds


async def ask(desk: Desk) -> None:
    """What the clock does every ten seconds."""
    await server.ask(list(desk.hub.sockets.values()))


async def test_only_who_was_silent_for_a_while_is_asked(desk: Desk):
    talker, silent = desk.socket(1), desk.socket(2)
    desk.start()
    silent_for(silent, limits.ASK_SECONDS + 1)
    await ask(desk)
    assert [frame["type"] for frame in desk.heard[silent.number]] == ["ping"]
    assert silent.asked
    assert desk.heard[talker.number] == []
    assert not talker.asked


async def test_who_stays_silent_is_closed(desk: Desk):
    gone = desk.socket(1)
    desk.start()
    silent_for(gone, limits.ASK_SECONDS + 1)
    await ask(desk)
    assert gone.number not in desk.closed
    silent_for(gone, limits.SILENCE_SECONDS)
    await ask(desk)
    assert desk.closed[gone.number] == (4008, "silent", True)


async def test_a_server_that_slept_asks_before_it_closes(desk: Desk):
    here = desk.socket(1)
    desk.start()
    silent_for(here, limits.SILENCE_SECONDS * 10)
    await ask(desk)
    assert [frame["type"] for frame in desk.heard[here.number]] == ["ping"]
    assert here.number not in desk.closed


async def test_everybody_is_asked_however_many_they_are(desk: Desk):
    sockets = [desk.socket(number) for number in range(1, server.ASK_CHUNK * 2 + 2)]
    desk.start()
    for socket in sockets:
        silent_for(socket, limits.ASK_SECONDS + 1)
    await ask(desk)
    assert all([frame["type"] for frame in desk.heard[socket.number]] == ["ping"] for socket in sockets)
