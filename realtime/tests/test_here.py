"""Who has a conversation open: told to those who have it open too, where few people are."""

import pytest

from accounts import actions as accounts
from messaging import actions, presence
from realtime.here import Here
from tests.cast import Cast, Person
from tests.tabs import Site, Tab


@pytest.fixture(autouse=True)
def by_hand(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("realtime.here.GRACE_SECONDS", 0.0)
    site.by_hand()


def look(site: Site, tab: Tab, conversation: int | None) -> list[int]:
    here = tab.ask("conversation.open", {"conversation": conversation})["data"]["here"]
    site.do(site.hub.here.flush())
    site.settle()
    return here


def told(tab: Tab, who: Person) -> list[bool]:
    return [frame["data"]["on"] for frame in tab.of("here") if frame["data"]["user"] == who.id]


@pytest.mark.django_db(transaction=True)
def test_joining_and_leaving_are_told_to_those_who_look(cast: Cast, site: Site):
    master, member, manager = site.enter(cast.master), site.enter(cast.member), site.enter(cast.manager)
    second = site.enter(cast.member)
    look(site, master, cast.group)
    assert look(site, member, cast.group) == sorted([cast.master.id, cast.member.id])
    look(site, second, cast.group)
    look(site, member, cast.direct)
    assert told(master, cast.member) == [True]  # his other tab is still here
    second.leave()
    site.do(site.hub.here.flush())
    site.settle()
    assert told(master, cast.member) == [True, False]
    assert master.of("here")[0]["data"] == {"conversation": cast.group, "user": cast.member.id, "on": True}
    assert told(manager, cast.member) == [] and told(member, cast.member) == []


@pytest.mark.django_db(transaction=True)
def test_nobody_hears_of_the_invisible_nor_across_a_block(cast: Cast, site: Site):
    master, member, manager = site.enter(cast.master), site.enter(cast.member), site.enter(cast.manager)
    for tab in (master, manager, member):
        look(site, tab, cast.group)
    assert told(master, cast.member) == [True]
    member.ask("presence.set", {"state": "invisible"})
    site.do(site.hub.here.flush())
    site.settle()
    assert told(master, cast.member) == [True, False]
    assert cast.member.id not in look(site, master, cast.group)
    accounts.block_person(cast.master.user, cast.manager.id)
    look(site, manager, None)
    assert told(master, cast.manager) == [True]  # that he has left is not told any more


@pytest.mark.django_db(transaction=True)
def test_large_groups_and_everyone_tell_nobody(cast: Cast, site: Site, monkeypatch: pytest.MonkeyPatch):
    master, member = site.enter(cast.master), site.enter(cast.member)
    look(site, master, cast.everyone)
    assert look(site, member, cast.everyone) == [] and master.of("here") == []
    monkeypatch.setattr(presence, "HERE_MAX", 2)
    look(site, master, cast.group)
    assert look(site, member, cast.group) == [] and master.of("here") == []
    look(site, master, cast.direct)
    assert look(site, member, cast.direct) == sorted([cast.master.id, cast.member.id])


@pytest.mark.django_db(transaction=True)
def test_other_processes_count_until_they_are_gone(cast: Cast, site: Site):
    master = site.enter(cast.master)
    look(site, master, cast.group)

    def hear(facts: list, asks: bool = False) -> None:
        site.loop.call_soon_threadsafe(site.hub.receive, "here", ["another", facts, asks])
        site.do(site.hub.here.flush())
        site.settle()

    hear([[cast.group, cast.member.id, True]])
    hear([[cast.group, cast.member.id, True]], asks=True)
    assert told(master, cast.member) == [True]
    assert cast.member.id in look(site, master, cast.group)
    site.do(site.hub.here.prune())
    site.settle()
    assert told(master, cast.member) == [True, False]
    assert isinstance(site.hub.here, Here) and set(site.hub.here.known) == {cast.group}


@pytest.mark.django_db(transaction=True)
def test_the_pins_come_when_a_conversation_is_opened(cast: Cast, site: Site):
    seqs = [cast.say(cast.member, f"ghim {n}") for n in range(3)]
    for seq in (seqs[2], seqs[0]):
        actions.pin_message(cast.manager.user, cast.group, seq, True)
    tab = site.enter(cast.member)
    look(site, tab, cast.group)
    (told,) = tab.of("pins")
    assert told["data"]["conversation"] == cast.group
    assert [(pin["seq"], pin["pinned"]) for pin in told["data"]["pins"]] == [(seqs[0], True), (seqs[2], True)]
