import assert from "node:assert/strict";
import { test } from "node:test";
import { excerpt, remembered } from "../../static/js/core/excerpt.js";

const told = (/** @type {string} */ body, /** @type {[number, number][]} */ ranges) => excerpt(body, ranges).map((p) => (p.marked ? `[${p.text}]` : p.text)).join("");

test("a short text is shown whole, with its ranges marked", () => {
  assert.equal(told("họp lúc ba giờ", [[0, 3], [8, 10]]), "[họp] lúc [ba] giờ");
  assert.equal(told("没有找到", []), "没有找到");
  assert.equal(told("", []), "");
});

test("ranges count letters, not halves of pairs", () => {
  assert.equal(told("😀😀 họp", [[3, 6]]), "😀😀 [họp]");
});

test("a long text begins a little before the first range, at a word", () => {
  const body = `${"xin chào ".repeat(20)}họp lớp ${"tạm biệt ".repeat(30)}`;
  const text = told(body, [[180, 183]]);
  assert.match(text, /^…(chào|xin) .*\[họp\] lớp /u);
  assert.ok([...text].length < 170 && text.endsWith("…"));
  assert.match(told(`${"山".repeat(60)}水`, [[60, 61]]), /^…山{24}\[水\]$/u);
});

test("breaks become blanks, and overlapping ranges one mark after the other", () => {
  assert.equal(told("a\n\n b c", [[4, 5]]), "a [b] c");
  assert.equal(told("abcdef", [[0, 3], [2, 5]]), "[abc][de]f");
});

test("searches are remembered once, the latest first", () => {
  assert.deepEqual(remembered(["b", "a"], "  a  "), ["a", "b"]);
  assert.deepEqual(remembered(["a"], " "), ["a"]);
  assert.deepEqual(remembered(["1", "2", "3"], "4", 3), ["4", "1", "2"]);
});

test("the line under the head of a table is left out", () => {
  assert.deepEqual(excerpt("| Sample | Result |\n|---|:--:|\n| A | good |", []), [{ text: "| Sample | Result | A | good |", marked: false }]);
  assert.deepEqual(excerpt("a || b | -1 |", []), [{ text: "a || b | -1 |", marked: false }]);
});

test("signs of markup are left out, but not of what was looked for", () => {
  assert.equal(told("the **legend** of `mean()` ~~old~~", [[6, 12]]), "the [legend] of mean() old");
  assert.equal(told("see\n```python\na = 1\n```", [[14, 15]]), "see [a] = 1 ");
  assert.equal(told("a ** b", [[2, 4]]), "a [**] b");
});
