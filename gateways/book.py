"""Names of people and conversations that this process has met lately, so that a message for many is looked up once, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from gateways import access
from gateways.feeds import Person, Place, Text
from gateways.sockets import Heard
from realtime import executors

KEPT = 20_000

_people: dict[int, Person] = {}
_places: dict[int, Place] = {}


def forget(place_id: int | None = None) -> None:
    """A conversation was renamed; without an id, all."""
    if place_id is not None:
        _places.pop(place_id, None)
    else:
        _people.clear()
        _places.clear()


def note(places: Iterable[Place]) -> None:
    """Conversations as they are called now; whoever follows them from here on hears of another name."""
    for place in places:
        _places[place.id] = place


def place(id: int) -> Place | None:
    """A conversation, if it is known."""
    return _places.get(id)


def person(id: int) -> Person | None:
    """A person, if he is known."""
    return _people.get(id)


async def learn(people: Iterable[int] = (), places: Iterable[int] = ()) -> None:
    """Look up who and what is not known yet."""
    if len(_people) + len(_places) > KEPT:
        forget()
    unknown = set(people) - _people.keys() - {0}
    if unknown:
        _people.update(await executors.read(access.people_of, unknown))
    fresh = set(places) - _places.keys()
    if fresh:
        _places.update(await executors.read(access.places_of, fresh))


async def get_person(id: int) -> Person:
    """One person."""
    await learn(people=[id])
    return _people.get(id) or Person(id, f"~{id}")


async def get_place(id: int) -> Place:
    """One conversation."""
    await learn(places=[id])
    return _places.get(id) or Place(id, "group")


def text_at_once(heard: Heard) -> Text | None:
    """The message of an event, where its names are known and it has no files."""
    made = heard.made
    if type(made) is Text:
        return made
    if made is None:
        data = heard.data
        sender = data["sender"]
        if "files" not in data and data["conversation"] in _places and (not sender or sender in _people):
            heard.made = access.text_from(data, _people, _places, {})
    return heard.made if isinstance(heard.made, Text) else None


def is_unknown(heard: Heard) -> bool:
    """Whether it is a message whose names have to be looked up first."""
    return heard.type == "message" and heard.made is None and heard.data["kind"] in ("text", "file")


def looked_up(heard: Heard) -> asyncio.Future[Text]:
    """The message of an event, with what is not known yet; of all the sessions that ask, the first one has it looked up."""
    if heard.making is None or (heard.making.done() and heard.making.exception() is not None):
        heard.making = asyncio.ensure_future(_make(heard))
    return heard.making


async def text_of(heard: Heard) -> Text:
    """The same, waited for."""
    text = text_at_once(heard)
    if text is None:
        text = await asyncio.shield(looked_up(heard))
    return text


async def _make(heard: Heard) -> Text:
    data = heard.data
    people, places, tokens = access.needs_of([data])
    await learn(people, places)
    files = await executors.read(access.files_of, tokens) if tokens else {}
    known = {id: _people.get(id) or Person(id, f"~{id}") for id in people}
    where = {id: _places.get(id) or Place(id, "group") for id in places}
    made = heard.made = access.text_from(data, known, where, files)
    return made
