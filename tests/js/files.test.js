/** Files and offers in the state of the page. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { canEdit, fileWords, inWords, previewOf } from "../../static/js/core/rows.js";
import { AN, ME, NOW, conversation, frame, message, play, privateFrame, snapshot, stateWith } from "./factory.js";
import { fromSnapshot } from "../../static/js/core/reduce.js";

const photo = (values = {}) => ({ token: "t1", name: "ảnh.jpg", size: 10, kind: "image", status: "ready", type: "image/jpeg", ...values });
const offer = (state) => ({ id: 3, receiver: ME, name: "phim.mp4", size: 5000, state, expires_at: "2026-11-24T09:00:00.000Z" });
const carrying = (seq, values = {}) => message(seq, { kind: "file", body: "", files: [photo()], ...values });

test("a message with files stands in the timeline and in the preview", () => {
  const [state, todo] = play(stateWith(3), frame(carrying(4, { body: "xem" })));
  const c = state.conversations.get(7);
  assert.deepEqual(state.timelines.get(7).rows.at(-1).files, [photo()]);
  assert.deepEqual([c.preview.files, c.preview.file, c.preview.text, c.unread], [["image"], "ảnh.jpg", "xem", 1]);
  assert.deepEqual(todo.map((t) => t.do), ["new"]);
});

test("a file that was processed takes the place of what it was, whatever else came between", () => {
  const early = carrying(4, { files: [photo({ status: "processing" })] });
  const late = { ...carrying(4), change: 6 };
  const [state] = play(stateWith(3), frame(early), frame(message(5)), frame(late, 5));
  const row = state.timelines.get(7).rows.find((m) => m.seq === 4);
  assert.equal(row.files[0].status, "ready");
  assert.equal(state.conversations.get(7).preview.seq, 5);
  const [old] = play(state, frame({ ...early, change: 4 }, 3));
  assert.equal(old.timelines.get(7).rows.find((m) => m.seq === 4).files[0].status, "ready");
});

test("each state of an offer is another version of its message, and the file comes with the last", () => {
  let [state] = play(stateWith(3), frame(carrying(4, { files: undefined, offer: offer("offered") })));
  assert.deepEqual([state.conversations.get(7).preview.files, state.conversations.get(7).preview.file], [["file"], "phim.mp4"]);
  [state] = play(state, frame({ ...carrying(4, { files: undefined, offer: offer("accepted") }), change: 5 }, 4));
  assert.equal(state.timelines.get(7).rows.at(-1).offer.state, "accepted");
  [state] = play(state, frame({ ...carrying(4, { files: [photo({ kind: "video", name: "x.mp4" })], offer: offer("done") }), change: 6 }, 5));
  assert.deepEqual([state.conversations.get(7).preview.files, state.conversations.get(7).preview.file, state.conversations.get(7).unread], [["video"], "x.mp4", 1]);
});

test("a recall takes the files from row, quote, pin and preview", () => {
  const [pinned] = play(stateWith(3), frame(carrying(4, { pinned: true })), { type: "pins", data: { conversation: 7, pins: [carrying(4, { pinned: true })] } });
  pinned.timelines.get(7).quoted.set(4, carrying(4));
  const gone = { ...message(4, { kind: "file", body: "", recalled_at: "2026-11-21T09:04:00.000Z" }), change: 5 };
  const [state] = play(pinned, frame(gone, 4));
  const timeline = state.timelines.get(7);
  for (const held of [timeline.rows.at(-1), timeline.quoted.get(4)]) assert.equal(held.files, undefined);
  const { preview } = state.conversations.get(7);
  assert.deepEqual([state.pins.get(7), preview.recalled, preview.files, preview.file], [[], true, undefined, undefined]);
});

test("files in words", () => {
  assert.equal(fileWords(["image"], "a.jpg"), "[Photo]");
  assert.equal(fileWords(["image", "image"], "a.jpg"), "[2 photos]");
  assert.equal(fileWords(["image", "file"], "a.jpg"), "[2 files]");
  assert.equal(fileWords(["voice"], "voice.webm"), "[Voice message]");
  assert.equal(fileWords(["file"], "đề.pdf"), "[File] đề.pdf");
  assert.equal(fileWords([]), "");
  assert.equal(inWords(carrying(4, { body: "xem" })), "[Photo] xem");
  assert.equal(inWords(carrying(4, { files: undefined, offer: offer("offered") })), "[File] phim.mp4");
  assert.equal(previewOf(message(4)).files, undefined);
});

test("a caption may be changed, an offer and somebody else's file not", () => {
  const state = stateWith(3);
  const mine = { sender: ME, sent_at: new Date(NOW - 60_000).toISOString() };
  assert.equal(canEdit(carrying(4, mine), state, NOW), true);
  assert.equal(canEdit(carrying(4, { ...mine, sender: AN }), state, NOW), false);
  assert.equal(canEdit(carrying(4, { ...mine, offer: offer("done") }), state, NOW), false);
  assert.equal(canEdit(carrying(4, { ...mine, forwarded_from: { id: AN, name: "An" } }), state, NOW), false);
});

test("the picture of a group comes with its fact, and is kept where its own feed is further", () => {
  const picture = (seq, avatar) => frame(message(seq, { kind: "system", sender: AN, body: JSON.stringify({ code: "avatar", avatar }) }));
  const [state] = play(stateWith(3), picture(4, "abc"));
  assert.equal(state.conversations.get(7).avatar, "abc");
  const [kept] = play(state, privateFrame(5, { conversations: [conversation({ last_seq: 3, last_change: 3 })] }));
  assert.equal(kept.conversations.get(7).avatar, "abc");
  const [none] = play(kept, picture(5, ""));
  assert.equal(none.conversations.get(7).avatar, "");
  assert.equal(fromSnapshot(snapshot([conversation({ avatar: "xyz" })])).conversations.get(7).avatar, "xyz");
});
