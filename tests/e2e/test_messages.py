"""Two people write to each other."""

from playwright.sync_api import expect

from tests.e2e.person import Person

Pair = tuple[Person, Person]
STATES = """(text) => {
  window.states = [];
  new MutationObserver(() => {
    const row = [...document.querySelectorAll("#log article")].find((a) => a.querySelector(".text")?.textContent === text);
    const state = row?.querySelector(".tick")?.getAttribute("aria-label");
    if (state && state !== window.states.at(-1)) window.states.push(state);
  }).observe(document.getElementById("log"), { childList: true, subtree: true, attributes: true, characterData: true });
}"""


def test_a_message_goes_from_pending_to_sent_to_read_and_arrives_at_once(pair: Pair) -> None:
    an, binh = pair
    an.page.evaluate(STATES, "How are you?")
    expect(an.write("How are you?").get_by_label("Read")).to_be_visible()
    assert an.page.evaluate("window.states") == ["Being sent", "Sent", "Read"]
    expect(binh.bubble("How are you?")).to_be_visible()
    assert binh.texts() == an.texts() == ["Chào Bình", "How are you?"]
    expect(binh.item(an.name)).to_contain_text("How are you?")
    expect(an.item(binh.name)).to_contain_text("You: How are you?")


def test_offline_probe(pair: Pair) -> None:
    an, binh = pair
    an.context.set_offline(True)
    b = an.write("offline?")
    an.page.wait_for_timeout(3000)
    print(b.get_attribute("class"), binh.texts(), an.problems)
    an.context.set_offline(False)
    an.page.wait_for_timeout(1000)
    assert 0
