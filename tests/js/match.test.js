import assert from "node:assert/strict";
import { test } from "node:test";
import { match, pieces, search } from "../../static/js/core/match.js";

const finds = (query, text) => match(query, text) !== null;

test("letters without marks find those with marks, whatever the case and the form", () => {
  for (const query of ["nguyen", "NGUYEN", "Nguyễn", "nguyễn".normalize("NFD"), "nguyê", "ng"]) assert.ok(finds(query, "Nguyễn Văn Minh"), query);
  assert.ok(finds("nguyễn", "NGUYỄN".normalize("NFD")));
  assert.ok(finds("duong", "Đường Trường Sơn"));
  assert.ok(finds("ĐƯỜNG", "đường"));
  assert.ok(finds("ＡＢＣ", "abc"));
});

test("a mark that was typed has to be there", () => {
  assert.equal(finds("đường", "dưỡng"), false);
  assert.equal(finds("dưỡng", "đường"), false);
  assert.equal(finds("đ", "Dũng"), false);
  assert.equal(finds("nguyển", "Nguyễn"), false);
  assert.ok(finds("duong", "dưỡng") && finds("duong", "đường"));
});

test("beginnings of words in any order", () => {
  assert.ok(finds("minh ng", "Nguyễn Văn Minh"));
  assert.ok(finds("van", "Nguyễn Văn Minh"));
  assert.ok(finds("12", "Lớp 12A") && finds("12a", "Lớp12A"));
  assert.equal(finds("minh lan", "Nguyễn Văn Minh"), false);
  assert.equal(finds("an", "Nguyễn Văn Minh"), false, "two letters inside a word are no name");
});

test("initials, also with words left out", () => {
  for (const query of ["nm", "nvm", "NVM", "vm"]) assert.ok(finds(query, "Nguyễn Văn Minh"), query);
  assert.equal(finds("mn", "Nguyễn Văn Minh"), false);
  assert.equal(finds("đh", "Dũng Hà"), false);
});

test("Chinese by any part", () => {
  for (const query of ["李", "娜", "小娜", "李小", "李娜"]) assert.ok(finds(query, "李小娜"), query);
  assert.equal(finds("娜李", "李小娜"), false);
  assert.ok(finds("周会", "实验室周会") && finds("1", "周会1组"));
});

test("other scripts, marks of mentions, and nothing at all", () => {
  assert.ok(finds("한국", "한국어") && finds("иван", "Иванов") && finds("@an", "An") && finds("", "An") && finds("  ", "An"));
  assert.equal(finds("an", ""), false);
  assert.ok(finds("👍", "Đội 👍"));
});

test("the best first: the beginning, then other words, then initials; equals keep their order", () => {
  const names = ["Trần Minh An", "Mai Anh", "An Bình", "Lê An", "Ân"];
  assert.deepEqual(search(names, "an", (n) => [n]).map((f) => f.thing), ["An Bình", "Ân", "Trần Minh An", "Mai Anh", "Lê An"]);
  assert.deepEqual(search(names, "ma", (n) => [n]).map((f) => f.thing), ["Mai Anh", "Trần Minh An"]);
});

test("another name counts after the first one", () => {
  const people = [["Emma", "minh2"], ["Minh", "an7"]];
  assert.deepEqual(search(people, "minh", (p) => p).map((f) => f.thing[0]), ["Minh", "Emma"]);
  assert.deepEqual(search(people, "minh2", (p) => p)[0].spans, []);
});

test("what was found is marked in the text as it stands", () => {
  const text = "Nguyễn".normalize("NFD") + " Minh";
  const [{ spans }] = search([text], "nguyê m", (t) => [t]);
  assert.deepEqual(pieces(text, spans).filter((p) => p.marked).map((p) => p.text.normalize("NFC")), ["Nguyễ", "M"]);
  assert.equal(pieces(text, spans).map((p) => p.text).join(""), text);
  assert.deepEqual(pieces("aa", [[0, 2], [0, 1]]), [{ text: "aa", marked: true }]);
});
