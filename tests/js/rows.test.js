import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { around, canEdit, canRecall, firstUnread, gameText, isEmojiOnly, layout, lineCount, ordered, systemEffect, systemEvent, titleOf, unmarked } from "../../static/js/core/rows.js";
import { fromSnapshot } from "../../static/js/core/reduce.js";
import { AN, ME, conversation, message, snapshot } from "./factory.js";

const timeline = (rows, moreAfter = false) => ({ rows, quoted: new Map(), moreBefore: false, moreAfter, loading: null, held: [] });
const at = (minutes, day = 21) => new Date(2026, 10, day, 9, minutes).toISOString();
const shape = (rows) => rows.map((r) => (r.kind === "message" ? `${r.message.seq}${r.first ? "f" : ""}${r.last ? "l" : ""}` : r.kind));

test("messages of one author within five minutes are one group", () => {
  const rows = [message(1, { sent_at: at(0) }), message(2, { sent_at: at(4) }), message(3, { sent_at: at(10) }), message(4, { sent_at: at(11), sender: ME })];
  assert.deepEqual(shape(layout(timeline(rows), [], null, ME)), ["day", "1f", "2l", "3fl", "4fl"]);
});

test("a day, the line of new messages and a system message end a group", () => {
  const rows = [message(1, { sent_at: at(0, 20) }), message(2, { sent_at: at(0) }), message(3, { sent_at: at(1), kind: "system", body: "{}" }), message(4, { sent_at: at(2) }), message(5, { sent_at: at(3) })];
  assert.deepEqual(shape(layout(timeline(rows), [], 5, ME)), ["day", "1fl", "day", "2fl", "3fl", "4fl", "divider", "5fl"]);
});

test("what is on its way follows, with the key its message will have; not in a window away from the end", () => {
  const item = { client_id: "abc", conversation: 7, body: "hm", at: Date.parse(at(1)), status: "pending" };
  const rows = [message(1, { sender: ME, sent_at: at(0), client_id: "old" })];
  assert.deepEqual(layout(timeline(rows), [item], null, ME).map((r) => r.key).slice(1), ["kold", "kabc"]);
  assert.equal(layout(timeline(rows, true), [item], null, ME).length, 2);
  assert.equal(layout(timeline([message(2, { sender: ME, client_id: "abc" })]), [], null, ME).at(-1).key, "kabc");
});

test("the first unread message is one of somebody else that still has a text", () => {
  const rows = [message(1), message(2, { sender: ME }), message(3, { recalled_at: "x" }), message(4)];
  assert.equal(firstUnread(timeline(rows), conversation({ read_seq: 1, unread: 1 }), ME), 4);
  assert.equal(firstUnread(timeline(rows), conversation({ read_seq: 1, unread: 0 }), ME), null);
});

test("titles: the partner, myself, the group, everyone", () => {
  const state = fromSnapshot(snapshot());
  assert.equal(titleOf(conversation({ kind: "direct", peer: AN }), state), "An");
  assert.equal(titleOf(conversation({ kind: "direct", peer: ME }), state), "Saved messages");
  assert.equal(titleOf(conversation({ kind: "everyone" }), state), "Everyone");
  assert.equal(titleOf(conversation(), state), "Lớp 12A");
});

test("pinned first, then the latest", () => {
  const preview = (sent_at) => ({ seq: 1, sender: AN, kind: "text", text: "", sent_at, recalled: false });
  const state = fromSnapshot(snapshot([conversation({ id: 1, preview: preview(at(1)) }), conversation({ id: 2, pinned: true }), conversation({ id: 3, preview: preview(at(5)) })]));
  assert.deepEqual(ordered(state).map((c) => c.id), [2, 3, 1]);
});

test("edit and recall within their times; managers recall any time", () => {
  const state = fromSnapshot(snapshot());
  const now = Date.parse(at(0));
  const mine = (minutes) => message(1, { sender: ME, sent_at: new Date(now - minutes * 60_000).toISOString() });
  assert.equal(canEdit(mine(14), state, now), true);
  assert.equal(canEdit(mine(16), state, now), false);
  assert.equal(canRecall(mine(1), conversation(), state, now), true);
  assert.equal(canRecall(mine(3), conversation(), state, now), false);
  assert.equal(canRecall(message(1), conversation(), state, now), false);
  assert.equal(canRecall(message(1), conversation({ role: "manager" }), state, now), true);
  assert.equal(canRecall(message(1, { recalled_at: "x" }), conversation({ role: "master" }), state, now), false);
});

test("one to three emoji are large", () => {
  for (const body of ["👍", "❤️", "👩‍👩‍👧‍👦", "😂😂😂", "👍🏽 👍"]) assert.equal(isEmojiOnly(body), true, body);
  for (const body of ["", "1", "ok 👍", "😂😂😂😂", "#", "你好"]) assert.equal(isEmojiOnly(body), false, body);
});

test("the first picture has the rows next to a message, or the last ones", () => {
  const full = timeline(Array.from({ length: 200 }, (_, i) => message(i + 1)));
  const span = (t) => [t.rows[0].seq, t.rows.at(-1).seq, t.moreBefore, t.moreAfter];
  assert.deepEqual(span(around(full, null, 30)), [171, 200, true, false]);
  assert.deepEqual(span(around(full, 100, 30)), [70, 129, true, true]);
  assert.deepEqual(span(around(full, 3, 30)), [1, 32, false, true]);
  assert.deepEqual(span(around(full, 999, 30)), [171, 200, true, false]);
  const short = timeline(full.rows.slice(0, 40));
  assert.equal(around(short, null, 30), short);
});

test("the lines of a text at least: breaks, letters a line, wide signs twice", () => {
  assert.equal(lineCount("a\nb\n\nc", 80), 4);
  assert.equal(lineCount("x".repeat(161), 80), 3);
  assert.equal(lineCount("中".repeat(80), 80), 2);
});

test("a line in the list is without the signs of markup, and keeps signs that are none", () => {
  assert.equal(unmarked("**Quan trọng** @all, xem [lịch](https://a.vn/b) và `ls -l`, ~~cũ~~ *mới*"), "Quan trọng @all, xem lịch và ls -l, cũ mới");
  assert.equal(unmarked("> 引用\n```py\n2 ** 3 * 4\n```"), "引用\n\n2 ** 3 * 4");
  assert.equal(unmarked("2 * 3 ** 4"), "2 * 3 ** 4");
  assert.equal(unmarked("```"), "```");
});

test("a system message that is no fact, or not a whole one, is shown as some change and keeps nothing else from view", () => {
  const broken = [...JSON.parse(readFileSync(new URL("../bad_facts.json", import.meta.url), "utf8")), "[".repeat(5000)];
  for (const body of broken) {
    const row = message(3, { kind: "system", body });
    assert.equal(typeof gameText(systemEvent(row), "An"), "string", body);
    const changed = { ...conversation(), ...systemEffect(conversation(), row, ME) };
    for (const [field, value] of Object.entries(conversation())) if (value !== null) assert.equal(typeof changed[field], typeof value, `${field} by ${body}`);
  }
  assert.deepEqual(systemEvent({ body: '{"code": "left", "users": [{"id": 7, "name": "An"}]}' }), { code: "left", users: [{ id: 7, name: "An" }] });
});
