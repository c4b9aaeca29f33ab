"""Pages outside the chat: settings that are saved at once, looks, the typeface, errors, what phones ask for."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.person import PASSWORD, Person
from tests.e2e.test_access import NO_TRANSITIONS, OVERFLOW, faults

Make = Callable[..., Person]
NOT_FOUND = r"status of 404"
LOCALES = {"en": "en-GB", "vi": "vi-VN", "zh-hans": "zh-CN"}
STRANGERS = ("/accounts/login/", "/accounts/signup/", "/nowhere/")
MEMBERS = ("/accounts/settings/", "/accounts/password/change/", "/accounts/delete/", "/accounts/logout/")
ACCENTS = ("blue", "teal", "green", "orange", "pink", "violet")
# Contrast of pairs of tokens as the browser mixes them: text, its ground, the least ratio.
CONTRAST = """(accents) => {
  const pairs = [["--on-accent", "--accent-fill"], ["--on-accent", "--accent-fill-hover"], ["--accent", "--surface"], ["--accent", "--ground"],
    ["--accent", "--accent-soft"], ["--accent-strong", "--accent-soft"], ["--text", "--bubble-own"], ["--bubble-own-text-2", "--bubble-own"],
    ["--text-2", "--surface"], ["--text-2", "--ground"], ["--text-2", "--surface-2"]];
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const probe = document.body.appendChild(document.createElement("i"));
  const light = (token) => {
    probe.style.color = `var(${token})`;
    canvas.fillStyle = getComputedStyle(probe).color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const weak = [];
  for (const theme of ["light", "dark"]) for (const accent of accents) {
    Object.assign(document.documentElement.dataset, { theme, accent });
    for (const [text, ground] of pairs) {
      const [a, b] = [light(text), light(ground)].sort((x, y) => y - x);
      const ratio = (a + 0.05) / (b + 0.05);
      if (ratio < 4.5) weak.push(`${theme} ${accent}: ${text} on ${ground} ${ratio.toFixed(2)}`);
    }
  }
  return weak;
}"""
SHIFTS = """() => {
  window.shifts = 0;
  new PerformanceObserver((list) => { for (const e of list.getEntries()) if (!e.hadRecentInput) window.shifts += e.value; })
    .observe({ type: "layout-shift", buffered: true });
}"""


def dataset(page: Page, name: str) -> Any:
    """How the page looks now: an attribute of <html>."""
    return page.evaluate(f"document.documentElement.dataset.{name}")


def saved(page: Page) -> None:
    """Waits for the quiet word, and takes it away."""
    expect(page.locator("#saved")).to_have_text("Saved")
    page.evaluate("document.querySelector('#saved').textContent = ''")


def test_every_change_of_the_settings_is_saved_and_seen_at_once(person: Make, device: Make) -> None:
    an = person("An")
    other = device(an)
    page = other.page
    other.page.locator("#me").click()
    page.locator("#menu a[href='/accounts/settings/']").click()
    page.evaluate("window.stayed = true")
    page.get_by_role("radio", name="Green").check()
    saved(page)
    page.get_by_role("radio", name="Huge").check()
    saved(page)
    page.get_by_role("radio", name="Compact").check()
    saved(page)
    page.get_by_role("radio", name="Dark").check()
    saved(page)
    page.get_by_role("switch", name="Enter sends the message").uncheck()
    saved(page)
    page.get_by_label("Messages shown").select_option("25")
    saved(page)
    page.locator("[name=status]").fill("Ở nhà 🏠")
    page.keyboard.press("Enter")
    saved(page)
    assert page.evaluate("window.stayed")
    looks = {"theme": "dark", "accent": "green", "density": "compact", "textSize": "huge"}
    assert {name: dataset(page, name) for name in looks} == looks
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "20.8px"
    for name, value in looks.items():
        attribute = "data-text-size" if name == "textSize" else f"data-{name}"
        expect(an.page.locator("html")).to_have_attribute(attribute, value)
    page.reload()
    assert {name: dataset(page, name) for name in looks} == looks
    expect(page.get_by_role("switch", name="Enter sends the message")).not_to_be_checked()
    expect(page.locator("[name=status]")).to_have_value("Ở nhà 🏠")
    expect(page.get_by_label("Messages shown")).to_have_value("25")


@pytest.mark.slow
def test_the_settings_are_two_clicks_away_and_lead_back(pair: tuple[Person, Person]) -> None:
    an, binh = pair
    an.page.locator("#me").click()
    an.page.locator("#menu a[href='/accounts/settings/']").click()
    an.page.get_by_role("heading", name="Where you are signed in").scroll_into_view_if_needed()
    expect(an.page.locator(".sessions")).to_contain_text("this device")
    an.page.get_by_role("link", name="Back to the chat").click()
    expect(an.title).to_have_text(binh.name)


@pytest.mark.slow
def test_the_settings_are_a_plain_form_without_javascript(person: Make, visitor: Make, base: str) -> None:
    an = person("An")
    other = visitor(an.name, base, an.username, java_script_enabled=False)
    other.page.goto("/accounts/login/?next=/accounts/settings/")
    other.fill(login=an.username, password=PASSWORD)
    other.submit()
    other.page.locator("label", has_text="Violet").locator("input").check()
    other.page.get_by_role("switch", name="Enter sends the message").uncheck()
    other.page.locator("[name=display_name]").fill("Ân Mới")
    other.page.get_by_role("button", name="Save", exact=True).click()
    expect(other.page.locator(".messages")).to_contain_text("Saved.")
    expect(other.page.locator("html")).to_have_attribute("data-accent", "violet")
    expect(other.page.get_by_role("switch", name="Enter sends the message")).not_to_be_checked()
    expect(an.page.locator("#me")).to_contain_text("Ân Mới")


def test_what_is_wrong_in_the_settings_is_told_at_the_field(person: Make) -> None:
    an = person("An")
    an.allow(r"status of 422")
    an.page.goto("/accounts/settings/")
    field = an.page.locator("[name=status]")
    field.evaluate("(input) => { input.removeAttribute('maxlength'); }")
    field.fill("x" * 101)
    an.page.keyboard.press("Enter")
    expect(field).to_have_attribute("aria-invalid", "true")
    described = (field.get_attribute("aria-describedby") or "").split()
    expect(an.page.locator(f"#{described[-1]}")).to_contain_text("100")
    field.fill("short")
    an.page.keyboard.press("Enter")
    saved(an.page)
    expect(field).not_to_have_attribute("aria-invalid", "true")


@pytest.mark.slow
def test_a_changed_language_shows_at_once(person: Make) -> None:
    an = person("An")
    an.page.goto("/accounts/settings/")
    an.page.locator("#id_language").select_option("vi")
    expect(an.page.locator("html")).to_have_attribute("lang", "vi")


def test_the_password_can_be_shown_and_caps_lock_is_told(base: str, visitor: Make) -> None:
    stranger = visitor("Stranger", base)
    page = stranger.page
    page.goto("/accounts/login/")
    expect(page.locator("[name=login]")).to_be_focused()
    field = page.locator("[name=password]")
    field.fill("Quiet")
    page.get_by_role("button", name="Show password").click()
    expect(field).to_have_attribute("type", "text")
    expect(field).to_be_focused()
    page.get_by_role("button", name="Hide password").click()
    expect(field).to_have_attribute("type", "password")
    field.evaluate("(e) => e.dispatchEvent(new KeyboardEvent('keydown', { key: 'A', modifierCapsLock: true }))")
    expect(page.get_by_text("Caps Lock is on.")).to_be_visible()


@pytest.mark.slow
def test_after_a_refusal_the_errors_belong_to_their_fields(base: str, visitor: Make) -> None:
    stranger = visitor("Stranger", base)
    page = stranger.page
    page.goto("/accounts/signup/")
    stranger.fill(username=stranger.username, password1="1234567890")
    stranger.submit()
    field = page.locator("[name=password1]")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    described = (field.get_attribute("aria-describedby") or "").split()
    assert len(described) == 2
    for id in described:
        expect(page.locator(f"#{id}")).to_be_visible()
    page.goto("/accounts/login/")
    stranger.fill(login="nobody", password="wrong")
    stranger.submit()
    expect(page.locator("[name=password]")).to_be_focused()


@pytest.mark.parametrize(
    "language", ["vi", *(pytest.param(code, marks=pytest.mark.full) for code in LOCALES if code != "vi")]
)
def test_axe_and_narrow_windows(language: str, base: str, visitor: Make) -> None:
    """Serious findings in both themes; nothing sticks out on a small phone, at 200 % zoom, or with huge letters."""
    found: dict[str, list[str]] = {}
    one = visitor("Stranger", base, locale=LOCALES[language], bypass_csp=True)
    one.allow(NOT_FOUND)

    def look(path: str) -> None:
        page = one.page
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("lang", language)
        page.add_style_tag(content=NO_TRANSITIONS)
        for theme in ("light", "dark"):
            page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
            if problems := faults(page):
                found[f"{path} {theme}"] = problems
        for width, size in ((360, "medium"), (360, "huge"), (640, "huge")):
            page.set_viewport_size({"width": width, "height": 740})
            page.evaluate("(size) => { document.documentElement.dataset.textSize = size; }", size)
            if problems := page.evaluate(OVERFLOW):
                found[f"{path} {width} {size}"] = problems
        page.set_viewport_size({"width": 1280, "height": 800})

    for path in STRANGERS:
        look(path)
    one.sign_up()
    for path in MEMBERS:
        look(path)
    assert not found


@pytest.mark.slow
def test_the_style_page_shows_both_themes_to_administrators(base: str, visitor: Make, person: Make) -> None:
    head = visitor("Head Teacher", base, "head", bypass_csp=True).sign_in()
    head.page.goto("/style/")
    expect(head.page.locator(".style-half")).to_have_count(2)
    grounds = head.page.evaluate(
        "[...document.querySelectorAll('.style-half')].map((e) => getComputedStyle(e).backgroundColor)"
    )
    assert grounds[0] != grounds[1]
    head.page.add_style_tag(content=NO_TRANSITIONS)
    assert not faults(head.page)
    an = person("An")
    an.allow(NOT_FOUND)
    answer = an.page.goto("/style/")
    assert answer and answer.status == 404
    expect(an.page.get_by_role("heading", name="Page not found")).to_be_visible()


@pytest.mark.slow
def test_all_accents_can_be_read_in_both_themes(base: str, visitor: Make) -> None:
    stranger = visitor("Stranger", base)
    stranger.page.goto("/accounts/login/")
    assert stranger.page.evaluate(CONTRAST, ACCENTS) == []


@pytest.mark.slow
def test_the_typeface_comes_without_moving_anything(person: Make) -> None:
    an = person("An")
    asked: list[str] = []
    an.page.on("request", lambda request: asked.append(request.url) if ".woff2" in request.url else None)
    for path in ("/accounts/settings/", "/"):
        an.page.goto(path)
        an.page.evaluate(SHIFTS)
        an.page.evaluate(
            "document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))"
        )
        assert an.page.evaluate("document.fonts.check('16px Inter')")
        assert an.page.evaluate("window.shifts") <= 0.02, path
    assert any("inter-latin" in url for url in asked)
    heights = an.page.evaluate("""async () => {
      await document.fonts.load("16px Inter", "ễặữ");
      return ["plain words", "Nguyễn Thị Ễặữ", "今天天气很好", "mixed 中文 ễặữ 12:30"].map((text) => {
        const line = document.body.appendChild(document.createElement("p"));
        line.textContent = text;
        const { height } = line.getBoundingClientRect();
        line.remove();
        return height;
      });
    }""")
    assert len(set(heights)) == 1, heights


@pytest.mark.slow
def test_a_phone_finds_what_it_needs_to_keep_the_site_among_its_apps(base: str, visitor: Make) -> None:
    stranger = visitor("Stranger", base)
    page = stranger.page
    page.goto("/accounts/login/")
    address = page.locator("link[rel=manifest]").get_attribute("href")
    answer = stranger.context.request.get(base + str(address))
    assert answer.headers["content-type"].startswith("application/manifest+json")
    manifest = answer.json()
    assert (manifest["name"], manifest["display"]) == ("Lighthouse School", "standalone")
    addresses = [icon["src"] for icon in manifest["icons"]]
    addresses.append(str(page.locator("link[rel=apple-touch-icon]").get_attribute("href")))
    for icon in addresses:
        got = stranger.context.request.get(base + icon)
        assert got.ok and got.headers["content-type"].startswith("image/"), icon
