"""Groups and what is told in them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.person import Person

Make = Callable[..., Person]
ALL_REFUSED = """() => Object.keys(localStorage).filter((key) => key.startsWith("chatroom.outbox."))
  .every((key) => JSON.parse(localStorage[key]).status === "failed")"""


@pytest.fixture
def trio(person: Make) -> tuple[Person, Person, Person]:
    """Three people; the first has made a group with the second."""
    an, binh, chi = person("An"), person("Bình"), person("Chi")
    an.new_group(f"Choir {an.name[-3:]}", binh)
    return an, binh, chi


def facts(who: Person) -> list[str]:
    """The system messages on the screen."""
    return who.log.locator(".system").all_inner_texts()


def test_a_group_tells_of_making_adding_renaming_removing_and_leaving(trio: tuple[Person, Person, Person]) -> None:
    an, binh, chi = trio
    name = an.title.inner_text()
    binh.open(name)
    expect(binh.log).to_contain_text(f"{an.name} created the group “{name}”")

    panel = an.members()
    panel.get_by_role("button", name="Add people").click()
    adding = an.page.get_by_role("dialog", name="Add people")
    an.choose(adding, chi)
    adding.get_by_role("button", name="Add", exact=True).click()
    chi.open(name)
    expect(chi.log).to_contain_text(f"{an.name} added you")
    expect(binh.log).to_contain_text(f"{an.name} added {chi.name}")
    expect(panel.locator(".members li")).to_have_count(3)

    new_name = name.replace("Choir", "Chamber choir")
    panel.get_by_role("button", name="Rename the group").click()
    panel.get_by_label("Name of the group").fill(new_name)
    panel.get_by_role("button", name="Save").click()
    for page in (an, binh, chi):
        expect(page.title).to_have_text(new_name)
        expect(page.item(new_name)).to_be_visible()

    an.choose_for(chi, "Remove")
    an.page.get_by_role("dialog", name="Remove from the group?").get_by_role("button", name="Remove").click()
    expect(chi.toast).to_have_text("You are no longer in this conversation.")
    expect(chi.item(new_name)).to_have_count(0)
    expect(chi.page.locator("#header")).to_be_hidden()
    expect(panel.locator(".members li")).to_have_count(2)

    binh.members().get_by_role("button", name="Leave the group").click()
    binh.page.get_by_role("dialog", name="Leave the group?").get_by_role("button", name="Leave").click()
    expect(binh.item(new_name)).to_have_count(0)
    expect(an.log).to_contain_text(f"{binh.name} left")
    assert facts(an) == [
        f"You created the group “{name}”",
        f"You added {binh.name}",
        f"You added {chi.name}",
        f"You renamed the group to “{new_name}”",
        f"You removed {chi.name}",
        f"{binh.name} left",
    ]


@pytest.mark.slow
def test_a_newcomer_reads_what_was_written_before_and_a_stranger_nothing(trio: tuple[Person, Person, Person]) -> None:
    an, _binh, chi = trio
    name, group = an.title.inner_text(), an.conversation
    an.write("before you came")
    chi.allow("status of 404")
    answer = chi.page.goto(f"/c/{group}/")
    assert answer and answer.status == 404 and "before you came" not in answer.text()
    chi.go()
    expect(chi.item(name)).to_have_count(0)
    an.post("group.add", conversation=group, users=[chi.id])
    chi.open(name)
    expect(chi.bubble("before you came")).to_be_visible()
    expect(chi.log.locator(".author")).to_have_text(an.name)


def test_a_message_refused_because_its_sender_was_removed_can_be_tried_again_or_deleted(
    trio: tuple[Person, Person, Person],
) -> None:
    an, binh, _ = trio
    name, group = an.title.inner_text(), an.conversation
    binh.open(name)
    binh.cut_off()
    first, second = binh.write("first try"), binh.write("second try")
    expect(first.get_by_label("Being sent")).to_be_visible()
    an.post("group.remove", conversation=group, user=binh.id)
    binh.context.set_offline(False)
    expect(binh.item(name)).to_have_count(0)
    binh.page.wait_for_function(ALL_REFUSED)
    an.post("group.add", conversation=group, users=[binh.id])
    binh.open(name)
    for bubble in (first, second):
        expect(bubble.locator(".failure")).to_be_visible()
        expect(bubble.locator(".failure span")).not_to_have_text("")
    first.get_by_role("button", name="Retry").click()
    expect(an.bubble("first try")).to_be_visible()
    expect(first.get_by_label("Read")).to_be_visible()
    second.get_by_role("button", name="Delete").click()
    expect(second).to_have_count(0)
    binh.page.reload()
    expect(first).to_be_visible()
    assert binh.texts() == an.texts() == ["first try"]
