import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { dayName, evenClock, folded, gettext, interpolate, joinNames, listTime, ngettext, setCatalog, span } from "../../static/js/core/i18n.js";

const NOW = new Date(2026, 10, 21, 10, 0).getTime();
const at = (day, hour = 9) => new Date(2026, 10, day, hour, 5).toISOString();
afterEach(() => setCatalog("en", {}));

test("texts come from the catalog, else they are English", () => {
  setCatalog("vi", { Reply: "Trả lời", "%(count)s member": ["%(count)s thành viên"] });
  assert.equal(gettext("Reply"), "Trả lời");
  assert.equal(gettext("Unknown"), "Unknown");
  assert.equal(ngettext("%(count)s member", "%(count)s members", 1), "%(count)s thành viên");
  assert.equal(ngettext("%(count)s member", "%(count)s members", 5), "%(count)s thành viên");
});

test("English has two forms", () => {
  assert.equal(interpolate(ngettext("%(count)s member", "%(count)s members", 1), { count: 1 }), "1 member");
  assert.equal(interpolate(ngettext("%(count)s member", "%(count)s members", 0), { count: 0 }), "0 members");
});

test("days have names as people use them", () => {
  assert.equal(dayName(at(21, 0), NOW), "Today");
  assert.equal(dayName(at(20, 23), NOW), "Yesterday");
  assert.equal(dayName(at(18), NOW), "Wednesday");
  assert.equal(dayName(at(1), NOW), "November 1");
  assert.equal(dayName(new Date(2025, 1, 3).toISOString(), NOW), "February 3, 2025");
  setCatalog("vi", {});
  assert.equal(dayName(at(18), NOW), "Thứ Tư");
  setCatalog("zh-hans", {});
  assert.equal(dayName(at(18), NOW), "星期三");
});

test("the list says the clock today, the weekday this week, else the date", () => {
  setCatalog("vi", {});
  assert.equal(listTime(at(21), NOW), "09:05");
  setCatalog("zh-hans", {});
  assert.equal(listTime(at(18), NOW), "周三");
  assert.match(listTime(at(1), NOW), /11\/1/);
});

test("an English hour has no zero in front, but in rows the room of one", () => {
  assert.match(listTime(at(21), NOW), /^9:05\sAM$/u);
  assert.match(evenClock(at(21)), /^\u20079:05\sAM$/u);
  assert.match(evenClock(at(21, 11)), /^11:05\sAM$/u);
  setCatalog("vi", {});
  assert.equal(evenClock(at(21)), "09:05");
});

test("names are joined and found as the language does it", () => {
  assert.equal(joinNames(["An", "Bình", "Chi"]), "An, Bình, and Chi");
  setCatalog("zh-hans", {});
  assert.equal(joinNames(["小明", "小红"]), "小明和小红");
  assert.ok(folded("Nguyễn Đức").includes(folded("nguyen duc")));
});

test("a length of time is told in its largest unit, in the language of the page", () => {
  setCatalog("en", {});
  assert.deepEqual([5, 60, 299, 3600, 21_600, 2_592_000].map(span), ["5 seconds", "1 minute", "5 minutes", "1 hour", "6 hours", "30 days"]);
  setCatalog("vi", {});
  assert.equal(span(3600), "1 giờ");
  assert.deepEqual([300.4, 305].map(span), ["5 phút", "6 phút"]);
  setCatalog("zh-hans", {});
  assert.equal(span(86_400), "1天");
});
