import assert from "node:assert/strict";
import { test } from "node:test";
import { rings, nextMorning } from "../../static/js/core/attention.js";
import { isQuiet } from "../../static/js/core/private.js";

const at = (/** @type {number} */ hour, /** @type {number} */ minute = 0) => new Date(2026, 10, 21, hour, minute);
const talk = (/** @type {object} */ more = {}) => /** @type {any} */ ({ id: 1, kind: "group", level: "all", read_seq: 4, ...more });
const message = (/** @type {object} */ more = {}) => /** @type {any} */ ({ seq: 5, sender: 2, kind: "text", recalled_at: null, ...more });

test("levels say which messages call", () => {
  const named = message({ mentions: [1] });
  assert.ok(rings(message(), talk(), 1) && rings(named, talk({ level: "mentions" }), 1) && rings(message({ mentions_all: true }), talk({ level: "mentions" }), 1));
  assert.ok(!rings(message(), talk({ level: "mentions" }), 1) && !rings(named, talk({ level: "none" }), 1) && !rings(named, talk({ level: "mentions" }), 3));
});

test("Everyone calls only whom it names", () => {
  assert.ok(!rings(message(), talk({ kind: "everyone" }), 1));
  assert.ok(rings(message({ mentions: [1] }), talk({ kind: "everyone" }), 1));
});

test("one's own, system, recalled and read messages call nobody", () => {
  for (const more of [{ sender: 1 }, { kind: "system" }, { recalled_at: "2026" }, { seq: 4 }]) assert.ok(!rings(message(more), talk(), 1));
});

test("quiet hours go over midnight, and end", () => {
  const night = { quiet_from: 22 * 60, quiet_to: 7 * 60 };
  assert.deepEqual([at(21, 59), at(22), at(23), at(0), at(6, 59), at(7), at(12)].map((now) => isQuiet(night, now)), [false, true, true, true, true, false, false]);
  const noon = { quiet_from: 12 * 60, quiet_to: 13 * 60 };
  assert.deepEqual([at(11, 59), at(12), at(13)].map((now) => isQuiet(noon, now)), [false, true, false]);
  assert.ok(!isQuiet({ quiet_from: -1, quiet_to: 60 }, at(0)) && !isQuiet({ quiet_from: 60, quiet_to: 60 }, at(1)) && !isQuiet({}, at(3)));
});

test("quiet for a while, and until the next morning", () => {
  const until = at(12).getTime() / 1000;
  assert.ok(isQuiet({ quiet_until: until }, at(11, 59)) && !isQuiet({ quiet_until: until }, at(12)));
  assert.equal(nextMorning(at(21)), new Date(2026, 10, 22, 8).getTime() / 1000);
  assert.equal(nextMorning(at(2)), at(8).getTime() / 1000);
});
