"""All that the gateways look up: what the other apps let this person find, in the form of `feeds`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils import timezone

from accounts.access import friends_of, visible_people
from accounts.models import Friendship, LoginSession, User
from accounts.relations import apart_from, relations_of
from core.moment import one_moment
from core.sql import marks, padded, rows
from core.text import UNSTORABLE, name_key
from files.access import get_own_files
from files.models import Offer, StoredFile
from gateways import names
from gateways.feeds import FileFact, OfferFact, Person, Place, Text
from messaging.access import get_members, get_page
from messaging.events import read_messages
from messaging.joining import joining_of
from messaging.models import Conversation, Membership, MessageOffer
from messaging.pairs import pair_key
from realtime.heads import UserFeed
from realtime.presence import presence_of

PAGE = 100
WRITTEN = "m.kind IN ('text', 'file') AND m.recalled_at IS NULL"


def people_of(ids: Iterable[int]) -> dict[int, Person]:
    """These accounts, deleted ones too."""
    found = User.objects.filter(pk__in=set(ids)).values_list("pk", "username")
    return {pk: Person(pk, username) for pk, username in found}


def places_of(ids: Iterable[int]) -> dict[int, Place]:
    """These conversations, with the two people of direct ones."""
    found = list(Conversation.objects.filter(pk__in=set(ids)).values_list("pk", "kind", "name", "pair_key"))
    pairs = {pk: [int(id) for id in dict.fromkeys(key.split(":"))] for pk, _, _, key in found if key}
    people = people_of(id for pair in pairs.values() for id in pair) if pairs else {}
    return {pk: Place(pk, kind, _name(kind, name), tuple(people[id] for id in pairs.get(pk, ()))) for pk, kind, name, _ in found}  # fmt: skip


def _name(kind: str, name: str) -> str:
    return names.EVERYONE if kind == Conversation.Kind.EVERYONE else name


def files_of(tokens: Iterable[str]) -> dict[str, FileFact]:
    """These stored files."""
    found = StoredFile.objects.filter(token__in=set(tokens)).values_list("pk", "token", "name", "size")
    return {token: FileFact(pk, token, name, size) for pk, token, name, size in found}


def needs_of(messages: Iterable[dict]) -> tuple[set[int], set[int], set[str]]:
    """Which people, conversations and files these messages of the protocol name."""
    people: set[int] = set()
    places: set[int] = set()
    files: set[str] = set()
    for data in messages:
        people.add(data["sender"] or 0)
        places.add(data["conversation"])
        files.update(file["token"] for file in data.get("files", ()))
    return people - {0}, places, files


def text_from(data: dict, people: dict[int, Person], places: dict[int, Place], files: dict[str, FileFact]) -> Text:
    """A message of the protocol as a text, with the names found before."""
    sender, offer = data["sender"], data.get("offer")
    return Text(
        place=places[data["conversation"]],
        seq=data["seq"],
        sender=people[sender] if sender else Person(0, names.SYSTEM),
        at=datetime.fromisoformat(data["sent_at"]),
        body=data["body"],
        files=tuple(files[file["token"]] for file in data.get("files", ()) if file["token"] in files),
        offer=OfferFact(offer["id"], offer["receiver"], offer["name"], offer["size"], offer["state"])
        if offer
        else None,
        client_id=data["client_id"] or "",
        number=data["change"],
        news=not data["recalled_at"],
    )


def texts_of(messages: list[dict]) -> list[Text]:
    """Messages of the protocol as texts, in their order; recalled and system messages left out."""
    messages = [data for data in messages if data["kind"] in ("text", "file") and not data["recalled_at"]]
    people, places, files = needs_of(messages)
    found = people_of(people), places_of(places), files_of(files) if files else {}
    return [text_from(data, *found) for data in messages]


class Standing(NamedTuple):
    """Where a person stands at sign-in: numbers of his feeds, what is between him and others, what waits."""

    heads: dict[str, int]
    seqs: dict[int, int]
    places: list[Place]  # but direct ones
    relations: dict[str, list]
    joining: dict[str, list]
    apart: frozenset[int]
    offers: list[Text]


def standing(user_id: int) -> Standing:
    """All of it as of one moment."""
    with one_moment():
        heads = {f"u:{user_id}": UserFeed().heads([user_id])[user_id]}
        seqs, places = {}, []
        for id, kind, name, seq, change in rows(
            "SELECT c.id, c.kind, c.name, c.last_seq, c.last_change FROM messaging_membership m"
            " JOIN messaging_conversation c ON c.id = m.conversation_id WHERE m.user_id = %s",
            [user_id],
        ):
            heads[f"c:{id}"], seqs[id] = change, seq
            if kind != Conversation.Kind.DIRECT:
                places.append(Place(id, kind, _name(kind, name)))
        relations, joining = relations_of(user_id), joining_of([user_id])[user_id]
        return Standing(heads, seqs, places, relations, joining, frozenset(apart_from(user_id)), open_offers(user_id))


def open_offers(user_id: int) -> list[Text]:
    """Files offered to this person that he has not answered, the oldest first."""
    waiting = MessageOffer.objects.filter(
        offer__receiver=user_id, offer__state=Offer.State.OFFERED, offer__expires_at__gt=timezone.now()
    )
    ids = list(waiting.order_by("message_id").values_list("message_id", flat=True))
    return texts_of(read_messages(f"m.id IN {marks(ids)} ORDER BY m.id", padded(ids))) if ids else []


def base_of(conversation_id: int) -> int:
    """What is older than a person's coming into a conversation: all of a group, nothing of a direct one."""
    found = Conversation.objects.filter(pk=conversation_id).values_list("kind", "last_seq").first()
    return 0 if found is None or found[0] == Conversation.Kind.DIRECT else found[1]


def rows_after(conversation_id: int, seq: int) -> list[dict]:
    """The messages after one, as the protocol has them."""
    where = "m.conversation_id = %s AND m.seq > %s ORDER BY m.seq LIMIT %s"
    return read_messages(where, [conversation_id, seq, PAGE])


def _key(text: str) -> str:
    """What a name that somebody asks for is looked up by; no database is asked for what none can hold."""
    return name_key(UNSTORABLE.sub("", text[:200]))


def find_user(actor: Any, text: str) -> Person | None:
    """Whom this person may see by exactly this name, or by an alias."""
    alias = names.read_alias(text)
    found = visible_people(actor)
    found = found.filter(pk=alias[1]) if alias else found.filter(username_key=_key(text))
    for pk, username in found.values_list("pk", "username"):
        person = Person(pk, username)
        if names.is_called(text, person):
            return person
    return None


def find_apart(actor: Any, text: str) -> bool:
    """Whether somebody is called so whom only a block hides from this person."""
    alias = names.read_alias(text)
    found = User.objects.filter(pk__in=apart_from(actor.pk), deleted_at=None)
    found = found.filter(pk=alias[1]) if alias else found.filter(username_key=_key(text))
    return any(names.is_called(text, Person(pk, username)) for pk, username in found.values_list("pk", "username"))


def direct_with(actor: Any, person: Person) -> Place | None:
    """The direct conversation of this person with another, if there is one."""
    found = Conversation.objects.filter(pair_key=pair_key(actor.pk, person.id)).values_list("pk", flat=True)
    return next(iter(places_of(found).values()), None)


def named_account(text: str) -> str:
    """The user name that somebody means who signs in by an alias; the text itself where it is none."""
    alias = names.read_alias(text)
    if alias is not None:
        for person in people_of([alias[1]]).values():
            if names.is_alias_of(text, person):
                return person.name
    return text


def find_group(actor: Any, text: str, visible: bool = False) -> Place | None:
    """A group of this person by exactly this name or an alias, or Everyone; `visible`: also one that he may find."""
    text = names.blank(text)
    alias = names.read_alias(text)
    mine = Q(pk__in=Membership.objects.filter(user=actor).values("conversation"))
    found = Conversation.objects.filter(mine | Q(discoverable=True) if visible else mine)
    if text in names.EVERYONE_NAMES:
        found = found.filter(kind=Conversation.Kind.EVERYONE)
    elif alias:
        found = found.filter(pk=alias[1]).exclude(kind=Conversation.Kind.DIRECT)
    else:
        found = found.filter(kind=Conversation.Kind.GROUP, name_key=_key(text))
    for pk, kind, name in found.values_list("pk", "kind", "name"):
        place = Place(pk, kind, _name(kind, name))
        if kind == Conversation.Kind.EVERYONE or names.is_called(text, place):
            return place
    return None


def groups_of(actor: Any) -> list[Place]:
    """Everyone, then the groups of this person by name."""
    found = Conversation.objects.filter(membership__user=actor).exclude(kind=Conversation.Kind.DIRECT)
    places = [Place(pk, kind, _name(kind, name)) for pk, kind, name in found.values_list("pk", "kind", "name")]
    return sorted(places, key=lambda place: (place.kind != Conversation.Kind.EVERYONE, name_key(place.name)))


def members_of(actor: Any, place: Place) -> list[Person]:
    """The members of a conversation by name. Raises Refusal for who is none."""
    return [Person(member["id"], member["username"]) for member in get_members(actor, place.id)]


def people_for(actor: Any) -> tuple[list[Person], set[int]]:
    """Everybody whom this person may see, by name, and which of them are friends."""
    found = visible_people(actor).order_by("search_key", "pk").values_list("pk", "username")
    return [Person(pk, username) for pk, username in found], {friend for _, friend in friends_of([actor.pk])}


def shown_online(ids: Collection[int]) -> set[int]:
    """Those of these people who are shown as online."""
    found: set[int] = set()
    some = list(ids)
    for start in range(0, len(some), 5000):
        found |= presence_of(some[start : start + 5000]).keys()
    return found


def history(actor: Any, place: Place, count: int, before: int | None = None) -> list[Text]:
    """The newest messages of a conversation (before a seq), oldest first. Raises Refusal."""
    found: list[dict] = []
    while len(found) < count:
        page = get_page(actor, place.id, before=before, limit=max(count, 20))
        found = [data for data in page["messages"] if data["kind"] != "system" and not data["recalled_at"]] + found
        if not page["more_before"] or not page["messages"]:
            break
        before = page["messages"][0]["seq"]
    return texts_of(found[-count:]) if count else []


def last(actor: Any, count: int) -> list[Text]:
    """The newest messages over all conversations of this person, oldest first."""
    return _newest(
        "SELECT m.id, m.conversation_id, s.cleared_seq FROM messaging_membership s JOIN messaging_conversation c ON c.id = s.conversation_id"
        " JOIN messaging_message m ON m.conversation_id = c.id AND m.seq = c.last_seq"
        " WHERE s.user_id = %s AND c.last_seq > s.cleared_seq ORDER BY m.id DESC",
        [actor.pk],
        "TRUE",
        [],
        count,
    )


def unread(actor: Any, count: int) -> list[Text]:
    """The newest messages of others that this person has not read, oldest first."""
    return _newest(
        "SELECT m.id, m.conversation_id, CASE WHEN s.cleared_seq > s.read_seq THEN s.cleared_seq ELSE s.read_seq END"
        " FROM messaging_membership s JOIN messaging_conversation c ON c.id = s.conversation_id"
        " JOIN messaging_message m ON m.conversation_id = c.id AND m.seq = c.last_seq"
        " WHERE s.user_id = %s AND c.last_seq > s.cleared_seq AND c.last_seq > s.read_seq ORDER BY m.id DESC",
        [actor.pk],
        "m.sender_id <> %s",
        [actor.pk],
        count,
    )


def _newest(places: str, whose: list, which: str, params: list, count: int) -> list[Text]:
    """The newest of several conversations, which come newest first: once enough are newer than the last of one, the rest need no look."""
    found: list[int] = []
    for newest, conversation, after in rows(places, whose):
        if len(found) >= count and (not found or newest < found[-1]):
            break
        found += [
            id
            for (id,) in rows(
                f"SELECT m.id FROM messaging_message m WHERE m.conversation_id = %s AND m.seq > %s AND {WRITTEN} AND {which}"  # noqa: S608
                " ORDER BY m.seq DESC LIMIT %s",
                [conversation, after, *params, count],
            )
        ]
        found = sorted(found, reverse=True)[:count]
    return texts_of(read_messages(f"m.id IN {marks(found)} ORDER BY m.id", padded(found))) if found else []


def friend_answers(user_id: int, since: datetime) -> list[tuple[Person, bool]]:
    """Who has answered this person's request to be friends since then, and whether by yes; in their order."""
    answered = Friendship.objects.filter(asked_by=user_id, answered_at__gt=since).exclude(
        status=Friendship.Status.PENDING
    )
    found = list(answered.order_by("answered_at").values_list("low_id", "high_id", "status"))
    others = [(high if low == user_id else low, status) for low, high, status in found]
    people = people_of(id for id, _ in others)
    return [(people[id], status == Friendship.Status.ACCEPTED) for id, status in others]


def was_refused(user_id: int, other: int) -> bool:
    """Whether the other one has refused this person's request to be friends, and not he has taken it back."""
    low, high = sorted((user_id, other))
    return Friendship.objects.filter(low=low, high=high, asked_by=user_id, status=Friendship.Status.REFUSED).exists()


def last_sign_in(user: Any) -> datetime | None:
    """When this person signed in last."""
    return LoginSession.objects.filter(user=user).order_by("-started_at").values_list("started_at", flat=True).first()


def keys_of(user_id: int) -> list[str]:
    """The feeds that a gateway follows: the person's own and those of his conversations."""
    found = rows("SELECT conversation_id FROM messaging_membership WHERE user_id = %s", [user_id])
    return [f"u:{user_id}", *(f"c:{id}" for (id,) in found)]


def waiting_for(actor: Any) -> tuple[list[dict], dict[str, list]]:
    """Friend requests to this person, and what waits at the doors of groups."""
    return relations_of(actor.pk)["incoming"], joining_of([actor.pk])[actor.pk]


def own_file(actor: Any, token: str) -> StoredFile:
    """A stored file of his own. Raises Refusal."""
    return get_own_files(actor, [token])[0]
