"""Whatever a text says: it arrives whole, and no text looks like another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateways.feeds import Person, Place
from gateways.frames.codec import OF_SERVERS, Decoder, Said
from gateways.frames.session import receivers_of, said
from gateways.frames.tests.house import House
from gateways.frames.tests.written import unhurried

LAN = Person(7, "lan")
EVERYONE, DIRECT = Place(1, "everyone", "Everyone"), Place(2, "direct", "", (LAN, Person(8, "minh")))
GROUP = Place(3, "group", "Nhóm Toán")
parts = st.sampled_from(
    ["@lan", "@", "#", "#Nhóm\u00a0Toán", "@所有人", " ", "\n", "\u00a0", "chào", "你好", "\0", "👨‍👩‍👧", "a" * 300]
)
bodies = st.lists(parts, min_size=1, max_size=6).map("".join).map(lambda text: text.strip(" \t\n\u3000")).filter(bool)


def told(place: Place, body: str) -> Said:
    """The frame that a client gets."""
    (message,) = Decoder(OF_SERVERS).feed(said(place, LAN, body))
    assert isinstance(message, Said)
    return message


def understood(message: Said) -> tuple[str, str, str]:
    """Sender, group and text, as the page about this protocol tells a client to read it."""
    sender, _, rest = message.text.partition(" ")
    group = ""
    if message.sub == 1 and rest.startswith("#"):
        group, _, rest = rest.partition(" ")
    return sender.removeprefix("@"), group.removeprefix("#").replace("\u00a0", " "), rest.removeprefix(" ")


@unhurried
@given(bodies)
def test_no_text_looks_like_one_of_another_place(body: str):
    assert understood(told(EVERYONE, body)) == ("lan", "", body)
    assert understood(told(GROUP, body)) == ("lan", "Nhóm Toán", body)
    assert told(DIRECT, body) == Said(0, f"@lan {body}")


@unhurried
@given(st.text(max_size=50))
def test_receivers_and_text_are_what_was_written(text: str):
    names, body = receivers_of(text)
    assert all(len(name) > 1 and name[0] in "@#" and " " not in name for name in names)
    assert text.endswith(body)
    if text[:1] == " ":
        assert (names, body) == ([], text)


def test_receivers():
    assert receivers_of("@lan @lan #Toán @minh hi @an") == (["@lan", "#Toán", "@minh"], "hi @an")
    assert receivers_of("@lan") == ([], "@lan")
    assert receivers_of("# Title") == ([], "# Title")
    assert receivers_of("#homework is due") == (["#homework"], "is due")
    assert receivers_of(" #homework is due") == ([], " #homework is due")
    assert receivers_of("@#Toán hi") == (["@#Toán"], "hi")
    assert receivers_of("@lan  @minh hi") == (["@lan"], " @minh hi")


def test_what_a_browser_writes_arrives_as_it_is(house: House):
    me, lisi = house.enter("张三"), house.browser("李四")
    lisi.say(house.everyone, "#Toán hi")
    me.expect("77010016 40e69d8ee59b9b20 20 23546fc3a16e20 6869")  # @李四, two blanks, #Toán hi
    lisi.say(house.everyone, "@张三 1\n@lan 2\n\n3")
    # @李四 @张三 1 / @lan 2 / / 3
    me.expect("7701001f 40e69d8ee59b9b20 40e5bca0e4b88920 31 0a 406c616e20 32 0a 0a 33")


def test_ten_thousand_letters_both_ways(house: House):
    me, lisi = house.enter("张三"), house.browser("李四")
    lisi.say(house.everyone, "字" * 10_000)
    me.expect("7701753c 40e69d8ee59b9b20", bytes.fromhex("e5ad97") * 10_000)  # 4 + 8 + 30000
    me.send("12009c44", bytes.fromhex("f0a08080") * 10_000)  # 𠀀, 4 + 40000
    me.expect("72000004")
    assert lisi.message(body="𠀀" * 10_000)
    me.send("12009c48", bytes.fromhex("f0a08080") * 10_001)
    me.expect("72020004")


def test_an_edit_or_a_recall_is_not_sent(house: House):
    me, lisi = house.enter("张三"), house.browser("李四")
    seq = lisi.say(house.everyone, "hi")
    me.expect("7701000e 40e69d8ee59b9b20 6869")
    lisi.ask("message.edit", conversation=house.everyone, seq=seq, body="hello")
    lisi.ask("message.recall", conversation=house.everyone, seq=seq)
    me.silent()
