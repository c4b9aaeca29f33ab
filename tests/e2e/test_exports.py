"""Exports in a browser: the log by an administrator, with its worker and its progress; a conversation by a member."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import expect

from tests.e2e.person import Person
from tests.e2e.test_access import NO_TRANSITIONS, OVERFLOW, faults

Make = Callable[..., Person]
LOG = "/admin/audit/event/"


@pytest.mark.slow
def test_the_log_is_exported_and_comes_as_a_file(base: str, visitor: Make) -> None:
    head = visitor("Head Teacher", base, "head", bypass_csp=True).sign_in()
    page = head.page
    page.goto(LOG)
    page.get_by_role("link", name="Export the log").click()
    page.add_style_tag(content=NO_TRANSITIONS)
    assert not faults(page)
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 740})
        assert not page.evaluate(OVERFLOW)
    page.get_by_label("User name").fill("head")
    page.get_by_role("button", name="Export").click()
    link = page.get_by_role("link", name="Download", exact=True)
    expect(link).to_be_visible(timeout=60_000)
    page.add_style_tag(content=NO_TRANSITIONS)
    assert not faults(page)
    with page.expect_download() as download:
        link.click()
    rows = list(csv.reader(Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()))
    assert rows[0][:3] == ["time", "record", "who"] and {"signed in"} <= {row[4] for row in rows}
    page.goto(LOG)
    expect(page.locator("#result_list")).to_contain_text("downloaded an export of the log")


def test_a_member_takes_a_conversation_along(pair: tuple[Person, Person]) -> None:
    page = pair[0].page
    page.locator("#header .info-button").click()
    page.get_by_role("button", name="Export chat history").click()
    dialog = page.get_by_role("dialog", name="Export chat history")
    expect(dialog).to_contain_text("Recalled messages are not in it.")
    with page.expect_download() as download:
        dialog.get_by_role("link", name=re.compile("^Web page with files")).click()
    with ZipFile(download.value.path()) as archive:
        assert archive.testzip() is None and re.fullmatch(r".+-.+\.html", archive.namelist()[0])
    page.get_by_role("button", name="Export chat history").click()
    with page.expect_download() as download:
        dialog.get_by_role("link", name=re.compile("^Web page Opens")).click()
    expect(dialog).to_be_hidden()
    text = Path(download.value.path()).read_text()
    assert text.startswith("<!DOCTYPE html>") and "<h1" in text
    assert re.fullmatch(r".+-.+\.html", download.value.suggested_filename)
