"""Floods: of commands, of errors, of connections; each stops the one who makes it and nobody else."""

import pytest

from accounts import actions as accounts
from core import policies
from realtime import limits
from realtime.limits import Limits
from tests.cast import Cast
from tests.tabs import Site

pytestmark = pytest.mark.django_db(transaction=True)


def allow(**values: int) -> None:
    accounts.set_policies(None, {f"limits.{name}": value for name, value in values.items()})
    policies.get(Limits)


@pytest.fixture(autouse=True)
def full_buckets():
    for buckets in (limits._users, limits._addresses, limits._errors):
        buckets.clear()


def test_a_flood_of_commands_is_refused_to_the_person_on_all_tabs_and_to_nobody_else(cast: Cast, site: Site):
    one, other, neighbour = site.enter(cast.member), site.enter(cast.member), site.enter(cast.master)
    allow(commands_burst=5, commands_per_second=1)
    codes = [one.code("ping", {}) for _ in range(8)]
    assert codes[:5] == ["ok"] * 5
    assert codes[-1] == other.code("ping", {}) == "too_fast"
    assert neighbour.code("ping", {}) == "ok"


def test_what_is_too_fast_is_not_done(cast: Cast, site: Site):
    tab = site.enter(cast.member)
    allow(commands_burst=1, commands_per_second=1)
    before = cast.say(cast.manager)
    codes = [
        tab.code("message.send", {"conversation": cast.group, "client_id": f"flood-{n:04}", "body": "x"})
        for n in range(4)
    ]
    assert set(codes) == {"ok", "too_fast"}
    assert cast.say(cast.manager) == before + codes.count("ok") + 1


def test_who_only_errs_is_put_out(cast: Cast, site: Site):
    tab, neighbour = site.enter(cast.member), site.enter(cast.master)
    allow(commands_burst=10_000)
    for _ in range(300):
        tab.put("{")
    assert tab.wait(lambda: tab.close)["code"] == 4008
    assert neighbour.code("ping", {}) == "ok"


def test_a_person_has_so_many_connections(cast: Cast, site: Site):
    allow(connections_per_user=2)
    first, _second = site.enter(cast.member), site.enter(cast.member)
    third = site.connect(cast.member)
    assert third.wait(lambda: third.close)["code"] == 4008
    site.enter(cast.master)
    first.leave()
    site.tabs.remove(first)
    assert site.enter(cast.member).code("ping", {}) == "ok"


def test_an_address_has_so_many_handshakes(cast: Cast, site: Site):
    limits._addresses.clear()
    allow(handshakes_burst=3, handshakes_per_second=1)
    verdicts = [site.connect(cast.member).accepted for _ in range(5)]
    assert verdicts[:3] == [True] * 3
    assert not all(verdicts)


def test_buckets_that_are_full_again_are_forgotten(cast: Cast, site: Site):
    allow(commands_burst=5, commands_per_second=1000)
    site.enter(cast.member).code("ping", {})
    assert cast.member.id in limits._users
    later = limits.monotonic
    try:
        limits.monotonic = lambda: later() + 60
        limits.sweep(site.hub)
    finally:
        limits.monotonic = later
    assert limits._users == {}
