import assert from "node:assert/strict";
import { test } from "node:test";
import { sendable, uploading } from "../../static/js/core/outbox.js";
import { isOffered, kindOf, nameFor, peaksOf, typeOf, whyNot } from "../../static/js/core/outfiles.js";

const MB = 1 << 20;
globalThis.document = { documentElement: { lang: "en" } };

test("the kind follows the type, and the name where the system tells none", () => {
  assert.deepEqual(["image/png", "image/svg+xml", "image/heic", "audio/webm;codecs=opus", "video/mp4", ""].map((type) => kindOf({ name: "x", type })), ["image", "file", "file", "audio", "video", "file"]);
  assert.equal(kindOf({ name: "Ảnh.JPG", type: "" }), "image");
  assert.equal(typeOf({ name: "notes.md", type: "text/markdown" }), "text/markdown");
});

test("what cannot be sent is told before its first byte", () => {
  const site = { max_size: 20 * MB, file_kinds: "all" };
  const file = (size, type = "application/pdf") => ({ name: "a.pdf", type, size });
  assert.equal(whyNot(file(20 * MB), site), "");
  assert.equal(whyNot(file(20 * MB + 1), site), "“a.pdf” is too large (20 MB). At most 20 MB can be sent here.");
  assert.match(whyNot(file(0), site), /empty/);
  assert.match(whyNot(file(1), { ...site, file_kinds: "media" }), /Only pictures, sound and videos/);
  assert.equal(whyNot(file(1, "video/mp4"), { ...site, file_kinds: "media" }), "");
  assert.match(whyNot(file(1, "video/mp4"), { ...site, file_kinds: "images" }), /Only pictures can/);
  assert.equal(whyNot(file(1, "image/gif"), { ...site, file_kinds: "images" }), "");
});

test("small pictures go without an offer", () => {
  assert.deepEqual([["image", 5 * MB], ["image", 5 * MB + 1], ["file", 10]].map(([kind, size]) => isOffered({ kind, size })), [false, true, true]);
});

test("heights become 64 peaks, the loudest is 100", () => {
  const peaks = peaksOf(Array.from({ length: 500 }, (_, i) => (i === 250 ? 0.4 : 0.1)), 64);
  assert.equal(peaks.length, 64);
  assert.equal(Math.max(...peaks), 100);
  assert.equal(peaks[0], 25);
  assert.deepEqual(peaksOf([], 64), Array(64).fill(0));
  assert.equal(peaksOf([0.5, 1], 64)[63], 100);
});

test("what has no name gets one with day and time", () => {
  assert.equal(nameFor("Text", "txt", new Date(2026, 10, 1, 9, 5, 7)), "Text 2026-11-01 09.05.07.txt");
});

test("files on their way keep what follows in order, unless they are held, lost or large", () => {
  const item = (client_id, files) => ({ client_id, conversation: 7, status: "pending", ...(files && { files }) });
  const file = (change = {}) => ({ id: "f", size: MB, token: "", ...change });
  const sent = (...items) => sendable(items).map((i) => i.client_id);
  assert.deepEqual(sent(item("a", [file()]), item("b")), []);
  assert.deepEqual(sent(item("a", [file({ token: "t" })]), item("b")), ["a"]);
  for (const change of [{ paused: true }, { lost: true }, { size: 21 * MB }]) assert.deepEqual(sent(item("a", [file(change)]), item("b")), ["b"]);
  assert.ok(uploading(item("a", [file(), file({ token: "t" })])));
});
