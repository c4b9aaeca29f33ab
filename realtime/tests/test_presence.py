"""Presence rests on leases: what several tabs look like together, and when they count no longer."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import actions as accounts
from realtime.models import Connection, ServerProcess
from realtime.presence import merge, presence_of
from tests.cast import Cast, Person
from tests.tabs import Site, Tab


def told(site: Site, tab: Tab, who: Person) -> list[str]:
    """What this tab has been told of somebody, with all that has changed until now."""
    site.do(site.hub.presence.flush())
    site.settle()
    people = [person for frame in tab.of("presence") for person in frame["data"]["people"]]
    return [person["presence"] for person in people if person["id"] == who.id]


@pytest.mark.parametrize(
    ("states", "shown"),
    [
        (set(), "offline"), ({"online"}, "online"), ({"away"}, "away"), ({"busy"}, "busy"), ({"invisible"}, "offline"), ({"online", "away"}, "online"),
        ({"busy", "online", "away"}, "busy"), ({"online", "invisible"}, "offline"),
    ],
)  # fmt: skip
def test_several_tabs_look_like_one_person(states: set, shown: str):
    assert merge(states) == shown


@pytest.mark.django_db
def test_a_connection_counts_while_the_lease_of_its_process_runs(cast: Cast):
    alive = ServerProcess.objects.create(key="alive", expires_at=timezone.now() + timedelta(seconds=40))
    dead = ServerProcess.objects.create(key="dead", expires_at=timezone.now() - timedelta(seconds=1))
    for process, who, state in (
        (alive, cast.member, "away"),
        (dead, cast.member, "busy"),
        (dead, cast.master, "online"),
        (alive, cast.manager, "invisible"),
    ):
        Connection.objects.create(
            process=process, number=Connection.objects.count(), user=who.user, login_session=1, state=state
        )
    assert presence_of([cast.member.id, cast.master.id, cast.manager.id, cast.stranger.id]) == {cast.member.id: "away"}


@pytest.mark.django_db(transaction=True)
def test_connections_are_written_told_and_taken_away(cast: Cast, site: Site):
    site.by_hand()
    partner, stranger = site.enter(cast.master), site.enter(cast.stranger)
    tab = site.enter(cast.member)
    assert told(site, partner, cast.member) == ["online"]
    assert presence_of([cast.member.id]) == {cast.member.id: "online"}
    assert tab.code("presence.set", {"state": "busy"}) == "ok"
    assert told(site, partner, cast.member) == ["online", "busy"]
    assert tab.code("presence.set", {"state": "invisible"}) == "ok"
    assert told(site, partner, cast.member) == ["online", "busy", "offline"]
    assert presence_of([cast.member.id]) == {}
    assert told(site, stranger, cast.member) == []


@pytest.mark.django_db(transaction=True)
def test_the_end_of_a_process_ends_its_connections(cast: Cast, site: Site):
    site.by_hand()
    site.enter(cast.master)
    site.enter(cast.member)
    site.do(site.hub.presence.flush())
    assert Connection.objects.count() == 2
    site.do(site.hub.presence.end())
    assert (Connection.objects.count(), ServerProcess.objects.count()) == (0, 0)
    site.do(site.hub.presence.renew())  # as after a long sleep: the lease is taken again, the rows are written again
    site.do(site.hub.presence.flush())
    assert presence_of([cast.member.id, cast.master.id]) == {cast.member.id: "online", cast.master.id: "online"}


@pytest.mark.django_db(transaction=True)
def test_what_one_device_chooses_holds_for_all_and_for_those_to_come(cast: Cast, site: Site):
    site.by_hand()
    partner = site.enter(cast.master)
    phone, computer = site.enter(cast.member), site.enter(cast.member)
    assert told(site, partner, cast.member) == ["online"]
    assert phone.code("options.save", {"options": {"busy": True}}) == "ok"
    assert told(site, partner, cast.member)[1:] == ["busy"]
    assert phone.code("options.save", {"options": {"invisible": True}}) == "ok"
    assert told(site, partner, cast.member)[2:] == ["offline"]
    site.enter(cast.member)  # a further device does not give him away
    assert told(site, partner, cast.member)[3:] == []
    assert presence_of([cast.member.id]) == {}
    assert computer.code("options.save", {"options": {"invisible": False, "busy": False}}) == "ok"
    assert told(site, partner, cast.member)[3:] == ["online"]


@pytest.mark.django_db(transaction=True)
def test_people_with_a_block_between_them_do_not_see_who_is_here(cast: Cast, site: Site):
    master, member = site.enter(cast.master), site.enter(cast.member)

    def here(tab: Tab) -> list[int]:
        return tab.ask("conversation.open", {"conversation": cast.group})["data"]["here"]

    here(master)
    assert here(member) == sorted([cast.master.id, cast.member.id])
    accounts.block_person(cast.master.user, cast.member.id)
    assert here(member) == [cast.member.id] and here(master) == [cast.master.id]


@pytest.mark.django_db(transaction=True)
def test_a_new_name_reaches_every_open_page_and_a_status_only_those_without_a_block(cast: Cast, site: Site):
    accounts.block_person(cast.stranger.user, cast.member.id)
    partner, blocked, far = site.enter(cast.master), site.enter(cast.stranger), site.enter(cast.former)
    site.settle()
    accounts.set_profile(cast.member.user, {"display_name": "Tên mới", "status": "đang ngủ"})
    for tab, status in ((partner, "đang ngủ"), (far, "đang ngủ"), (blocked, "")):
        tab.wait(lambda tab=tab: tab.of("people"))
        (face,) = tab.of("people")[0]["data"]["people"]
        assert face == {"id": cast.member.id, "name": "Tên mới", "avatar": "", "status": status}
    facts = [frame["data"]["people"] for frame in partner.of("private") if "people" in frame["data"]]
    assert [person["status"] for person in facts[-1]] == ["đang ngủ"]  # numbered: it cannot get lost
