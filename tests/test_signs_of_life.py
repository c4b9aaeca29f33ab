"""The answer to the server's question is not answered in turn; unasked it is a ping like any other."""

import pytest

from realtime import limits, server
from realtime.frames import ALIVE
from tests.cast import Cast
from tests.tabs import Site


@pytest.mark.django_db(transaction=True)
def test_an_answer_is_not_answered(cast: Cast, site: Site):
    tab = site.enter(cast.member)
    (socket,) = site.hub.sockets.values()
    socket.heard -= limits.ASK_SECONDS + 1
    site.do(server.ask([socket]))
    tab.wait(lambda: tab.of("ping"))
    tab.put(ALIVE)
    assert tab.code("ping", {}) == "ok"
    assert len(tab.of("reply")) == 1
    assert not socket.asked
    tab.put(ALIVE)
    tab.wait(lambda: len(tab.of("reply")) == 2)
