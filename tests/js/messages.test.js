import assert from "node:assert/strict";
import { test } from "node:test";
import { readUpTo, unreadFrom } from "../../static/js/core/reduce.js";
import { callsMe, repinned } from "../../static/js/core/rows.js";
import { AN, ME, frame, message, play, privateFrame, stateWith } from "./factory.js";

test("a message calls me by name or with everybody, never my own and never a recalled one", () => {
  assert.equal(callsMe(message(1), ME), false);
  assert.equal(callsMe(message(1, { mentions: [ME] }), ME), true);
  assert.equal(callsMe(message(1, { mentions_all: true }), ME), true);
  assert.equal(callsMe(message(1, { mentions: [AN] }), ME), false);
  assert.equal(callsMe(message(1, { mentions: [ME], sender: ME }), ME), false);
  assert.equal(callsMe(message(1, { mentions: [ME], recalled_at: "2026-11-21T09:00:00Z" }), ME), false);
});

test("calls are counted once, go with an edit, and are read with what was seen", () => {
  const called = { mentions: [ME] };
  let [state] = play(stateWith(2), frame(message(3, called)), frame(message(4)), frame(message(5, called)));
  const c = () => state.conversations.get(7);
  assert.deepEqual([c().unread, c().mentions, c().named], [3, 2, [3, 5]]);
  [state] = play(state, frame(message(3, { change: 6, mentions: [] }), 5), frame(message(4, { change: 7, mentions: [ME] }), 6));
  assert.deepEqual([c().unread, c().mentions], [3, 2]);
  state = readUpTo(state, 7, 4);
  assert.deepEqual([c().unread, c().mentions], [1, 1]);
  state = unreadFrom(state, 7, 4);
  assert.deepEqual([c().unread, c().mentions], [2, 2]);
  [state] = play(state, privateFrame(5, { reads: [{ conversation: 7, read_seq: 5, unread: 0, mentions: 0, last_seq: 5 }] }));
  assert.deepEqual([c().unread, c().mentions, c().named], [0, 0, []]);
});

test("pins follow their messages, the newest first", () => {
  const pinned = (seq, change) => message(seq, { change, pinned: true });
  assert.deepEqual(repinned([pinned(1, 5)], pinned(2, 6)).map((m) => m.seq), [2, 1]);
  assert.deepEqual(repinned([pinned(2, 6), pinned(1, 5)], message(2, { change: 7 })).map((m) => m.seq), [1]);
  assert.deepEqual(repinned([pinned(2, 6)], message(2, { change: 5 })).map((m) => m.seq), [2]);
  const [state] = play(stateWith(2), { type: "pins", data: { conversation: 7, pins: [pinned(1, 1)] } }, frame(pinned(2, 3), 2));
  assert.deepEqual(state.pins.get(7).map((m) => m.seq), [2, 1]);
});

test("who looks at a conversation comes and goes", () => {
  const here = (user, on) => ({ type: "here", data: { conversation: 7, user, on } });
  let [state] = play(stateWith(2), here(AN, true), here(9, true), here(AN, true));
  assert.deepEqual(state.here.get(7), [9, AN]);
  [state] = play(state, here(9, false));
  assert.deepEqual(state.here.get(7), [AN]);
});

test("clearing takes the rows away, undoing it asks for them again", () => {
  const told = (number, cleared_seq) => privateFrame(number, { memberships: [{ conversation: 7, pinned: false, level: "all", cleared_seq }] });
  let [state, todo] = play(stateWith(9, 4), told(5, 7));
  assert.deepEqual(state.timelines.get(7).rows.map((m) => m.seq), [8, 9]);
  assert.equal(state.timelines.get(7).moreBefore, false);
  assert.deepEqual(todo, []);
  [state, todo] = play(state, told(6, 0));
  assert.equal(state.timelines.has(7), false);
  assert.deepEqual(todo, [{ do: "load", conversation: 7 }]);
});
