"""Old state + events = freshly fetched state, for every action: from the rows, through the hub, and with hints lost, doubled and out of order."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from realtime.hub import Hub
from realtime.sockets import Socket
from tests import steps_files, steps_groups, steps_people, steps_reports, steps_tables  # noqa: F401 - their steps register themselves
from tests.cast import Cast, Person, make_cast
from tests.reducer import Client, from_rows, same
from tests.spies import Spies
from tests.steps import STEPS
from tests.tabs import Site, settled

WHO = ("administrator", "master", "manager", "member", "stranger", "former")


def people(cast: Cast) -> list[Person]:
    return [getattr(cast, name) for name in WHO]


@pytest.mark.django_db
@pytest.mark.parametrize("first", ["u", "c"])
@pytest.mark.parametrize("name", STEPS)
def test_from_the_rows(cast: Cast, name: str, first: str):
    clients = [Client(person.id) for person in people(cast)]
    STEPS[name](cast)
    for client in clients:
        for feed in sorted(client.cursors, reverse=first == "u"):
            for frame in from_rows(feed, client.cursors.get(feed, 2**53)):
                client.receive(frame, from_rows)
        same(client, Client(client.user_id))


@pytest.mark.django_db(transaction=True)
def test_through_the_hub(cast: Cast, site: Site):
    for person in people(cast):
        site.enter(person)
    site.settle()
    clients = [Client(person.id) for person in people(cast)]
    seen = [len(tab.frames) for tab in site.tabs]
    for name, step in STEPS.items():
        for tab in site.tabs:
            tab.put('{"type":"ping"}')  # on a busy machine this takes longer than a client may be silent
        step(cast)
        site.settle()
        for index, (client, tab) in enumerate(zip(clients, site.tabs, strict=True)):
            for frame in tab.frames[seen[index] :]:
                client.receive(frame, from_rows)
            seen[index] = len(tab.frames)
            try:
                same(client, fresh := Client(client.user_id))
            except AssertionError as error:
                raise AssertionError(f"after {name}, for {WHO[index]}: {error}") from error
            client.messages = fresh.messages  # as if each conversation that is new had been opened
    assert max(client.resumes for client in clients) < 12


@pytest.mark.django_db(transaction=True)
def test_with_every_hint_lost_the_sweep_finds_it(cast: Cast, site: Site):
    for person in people(cast):
        site.enter(person)
    clients = [Client(person.id) for person in people(cast)]
    seen = [len(tab.frames) for tab in site.tabs]  # the sweep on the clock may come before ours
    site.hub.muted = True
    for step in STEPS.values():
        step(cast)
    site.settle()
    site.sweep()
    for client, tab, start in zip(clients, site.tabs, seen, strict=True):
        for frame in tab.frames[start:]:
            client.receive(frame, from_rows)
        same(client, Client(client.user_id))


class Recorded:
    """A script that was run once: the clients from before it, the hints it gave, the state after it."""

    def __init__(self, names: list[str]) -> None:
        self.cast = make_cast()
        self.names = names
        self.people = people(self.cast)
        self.before = {person.id: Client(person.id) for person in self.people}
        self.hints: list[Any] = []

    def client(self, person: Person) -> Client:
        """This person's state from before the script."""
        return copy.deepcopy(self.before[person.id])

    def run(self, site: Site) -> None:
        """Run it; the hub keeps what it is told instead of handing it on."""
        site.hub.signals["hints"] = self.hints.append
        for name in self.names:
            STEPS[name](self.cast)
        site.settle()
        self.after = {person.id: Client(person.id) for person in self.people}


async def replay(recorded: Recorded, order: list[int], spies: Spies) -> dict[int, list[dict]]:
    """A hub of its own that is given the hints in this order, then sweeps; what each person's socket received."""
    hub = Hub(asyncio.get_running_loop())
    heard: dict[int, list[dict]] = {}
    for number, person in enumerate(recorded.people):
        frames = heard[person.id] = []

        async def send(message: dict, frames: list = frames, user_id: int = person.id) -> None:
            spies.heard(user_id, message["text"])
            frames.append(json.loads(message["text"]))

        socket = Socket(number, person.id, person.login_session.pk, "", send, None, lambda *_: None)
        hub.add(socket)
        cursors = recorded.client(person).cursors
        hub.attach(socket, cursors)
        hub.start(cursors)
        socket.release()
    for index in order:
        hub.receive("hints", recorded.hints[index])
        await asyncio.sleep(0)
    await settled(hub)
    for _ in range(2):  # the first sweep may bring conversations that are new, the second finds what they lack
        await hub.sweep()
        await settled(hub)
    return heard


SCRIPTS = [
    ["send", "edit_an_older_one", "recall_of_another", "react", "reply"],
    ["create", "add", "remove", "remove_and_add_again", "leave"],
    ["ask_to_be_let_in", "request_and_invitation_meet", "a_mute_survives_leaving", "settings_of_a_group", "dissolve"],
    [
        "send_files",
        "files_are_processed",
        "files_are_passed_on_answered_and_recalled",
        "an_offer_is_taken",
        "offers_end_in_other_ways",
    ],
    ["sit_watch_and_stand_up", "play_cards_and_call_it_off", "begin_to_play"],
    ["read", "read_and_more", "draft", "open_direct", "hand_over", "rename"],
]


@pytest.fixture(params=SCRIPTS, ids=lambda names: names[0])
def recorded(
    request: pytest.FixtureRequest, transactional_db: None, fast_passwords: None, fresh_policies: None, site: Site
) -> Iterator[Recorded]:
    recorded = Recorded(request.param)
    recorded.run(site)
    yield recorded


def test_with_hints_lost_doubled_and_out_of_order(recorded: Recorded, site: Site, spies: Spies, full: bool):
    orders = st.lists(st.integers(0, len(recorded.hints) - 1), max_size=2 * len(recorded.hints))

    @settings(
        max_examples=500 if full else 25,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(order=orders)
    def check(order: list[int]) -> None:
        heard = site.do(replay(recorded, order, spies))
        for person in recorded.people:
            client = recorded.client(person)
            for frame in heard[person.id]:
                client.receive(frame, from_rows)
            same(client, recorded.after[person.id])

    check()
