"""Pages that are open hear of changed policies."""

import pytest

from accounts import actions as accounts
from realtime import server
from tests.cast import Cast
from tests.tabs import Site


@pytest.mark.django_db(transaction=True)
def test_a_new_name_of_the_site_reaches_open_pages_once(cast: Cast, site: Site):
    tab = site.enter(cast.member)
    site.do(server._fresh_policies(site.hub))
    accounts.set_policies(None, {"site.name": "Lớp 10A"})
    site.do(server._fresh_policies(site.hub))
    site.do(server._fresh_policies(site.hub))
    told = tab.of("policies")
    assert [event["data"]["site"]["name"] for event in told] == ["Lớp 10A"]
    assert tab.ask("ping", {})["ok"]
