"""What administrators do to accounts, in a browser: an import with its progress, a block with its reason, one's own account deleted."""

from __future__ import annotations

import csv
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.person import PASSWORD, Person
from tests.e2e.test_access import NO_TRANSITIONS, OVERFLOW, faults

Make = Callable[..., Person]
USERS = "/admin/accounts/user/"
numbers = count(1)


@pytest.mark.whole_browser
def test_a_class_is_imported_and_comes_in(base: str, visitor: Make, tmp_path: Path) -> None:
    head = visitor("Head Teacher", base, "head", bypass_csp=True).sign_in()
    page, number = head.page, next(numbers)
    file = tmp_path / "lớp.csv"
    rows = [f"pupil{number}-{n},Học sinh {n},Lớp nhập {number}" for n in range(12)]
    file.write_text("tên đăng nhập;họ tên;lớp\n" + "\n".join(rows).replace(",", ";"), encoding="utf-16")
    page.goto(f"{USERS}import/")
    page.add_style_tag(content=NO_TRANSITIONS)
    assert not faults(page)
    page.locator("[name=file]").set_input_files(file)
    page.get_by_role("button", name="Check the file").click()
    expect(page.locator(".results tbody tr").first).to_contain_text("There is no group")
    expect(page.locator(".results tbody tr")).to_have_count(12)
    page.get_by_role("link", name="Choose the file again").click()
    page.locator("[name=file]").set_input_files(file)
    page.get_by_label("Create groups").check()
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("button", name="Make 12 accounts").click()
    expect(page.get_by_text("12 accounts were made.")).to_be_visible(timeout=60_000)
    page.reload()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV").click()
    expect(page.get_by_role("button", name="Download as CSV")).to_be_disabled()
    report = list(csv.reader(Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()))
    assert len(report) == 13
    page.get_by_role("button", name="Show here").click()
    expect(page.locator(".results tbody code").first).to_have_text(report[1][2])
    page.add_style_tag(content=NO_TRANSITIONS)
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 740})
        assert not page.evaluate(OVERFLOW)
    page.get_by_role("button", name=f"Copy the password of pupil{number}-0").click()
    expect(page.locator("#told")).to_have_text("Copied")
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_text("have been fetched")).to_be_visible()
    pupil = visitor("Học sinh 0", base, f"pupil{number}-0")
    pupil.page.goto("/accounts/login/")
    pupil.fill(login=f"PUPIL{number}-0", password=report[1][2])
    pupil.submit()
    expect(pupil.page.locator("[name=password1]")).to_be_visible()


def test_an_account_is_blocked_with_a_reason_that_its_owner_reads(base: str, visitor: Make, person: Make) -> None:
    head = visitor("Head Teacher", base, "head").sign_in()
    an = person("An")
    an.allow(r"status of 403")
    head.page.goto(f"{USERS}?q={an.username}")
    head.page.get_by_role("link", name=an.username, exact=True).click()
    head.page.get_by_role("button", name="Block", exact=True).click()
    head.page.get_by_label("Reason").fill("Bán hàng 卖东西")
    head.page.get_by_role("button", name="Block", exact=True).click()
    expect(head.page.get_by_text("Done for 1 account.")).to_be_visible()
    an.page.wait_for_url("**/accounts/login/**", timeout=10_000)
    an.fill(login=an.username, password=PASSWORD)
    an.submit()
    expect(an.page.get_by_text("Bán hàng 卖东西")).to_be_visible()


@pytest.mark.slow
def test_an_administrator_governs_a_group_he_is_not_in(
    base: str, visitor: Make, group: tuple[Person, Person, str]
) -> None:
    """Found in the list, renamed, closed and dissolved; its members see each step at once."""
    an, _, name = group
    page = visitor("Head Teacher", base, "head").sign_in().page
    an.post("group.create", name="W" * 60 + an.username[-3:], users=[])
    page.goto("/admin/messaging/conversation/")
    assert page.locator("#changelist .results").evaluate("(list) => list.scrollWidth <= list.clientWidth")
    page.get_by_role("searchbox", name="Search").fill(name)
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=name, exact=True).click()
    page.get_by_role("button", name="Rename the group").click()
    page.get_by_label("Name of the group").fill(f"{name} B")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Done for 1 conversation.")).to_be_visible()
    expect(an.title).to_have_text(f"{name} B")
    page.get_by_role("link", name=f"{name} B", exact=True).click()
    page.get_by_role("button", name="Dissolve the group").click()
    expect(page.get_by_text("cannot be brought back")).to_be_visible()
    page.get_by_role("button", name="Dissolve", exact=True).click()
    expect(page.get_by_text("Done for 1 conversation.")).to_be_visible()
    expect(an.item(f"{name} B")).to_have_count(0)
    page.get_by_role("link", name=f"{name} B", exact=True).click()
    expect(page.get_by_text("Dissolved")).to_be_visible()
    page.get_by_role("link", name="Messages", exact=True).last.click()
    expect(page.locator("#result_list tbody tr").first).to_be_visible()


@pytest.mark.slow
def test_my_data_comes_as_a_file_and_my_account_goes(person: Make) -> None:
    an = person("An")
    page = an.page
    page.goto("/accounts/settings/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download", exact=True).click()
    assert an.username in Path(download.value.path()).read_text(encoding="utf-8")
    page.get_by_role("link", name="Delete my account").click()
    an.fill(password=PASSWORD, name="somebody else")
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("This is not the user name of the account.")).to_be_visible()
    an.fill(password=PASSWORD, name=an.username)
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("Your account is deleted.")).to_be_visible()
