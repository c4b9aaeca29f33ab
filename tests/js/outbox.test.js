import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox, makeClientId, sendable } from "../../static/js/core/outbox.js";

/** localStorage for Node. */
class MemoryStorage {
  map = new Map();
  get length() { return this.map.size; }
  key(i) { return [...this.map.keys()][i] ?? null; }
  getItem(k) { return this.map.get(k) ?? null; }
  setItem(k, v) { this.map.set(k, v); }
  removeItem(k) { this.map.delete(k); }
}

/** An outbox whose sends are answered by hand. */
function setup(storage = new MemoryStorage()) {
  const sent = [];
  let at = 1000;
  const outbox = new Outbox(3, storage, (item) => new Promise((resolve, reject) => sent.push({ item, resolve, reject })), () => at++);
  return { outbox, sent, storage, states: () => outbox.items.value.map((i) => i.status) };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));
const refusal = (code, text = "") => Object.assign(new Error(text), { code });

test("client ids have the agreed letters and do not repeat", () => {
  const ids = new Set(Array.from({ length: 1000 }, makeClientId));
  assert.equal(ids.size, 1000);
  for (const id of ids) assert.match(id, /^[A-Za-z0-9_-]{8,64}$/);
});

test("pending, sent, then gone when its message has come", async () => {
  const { outbox, sent, states, storage } = setup();
  outbox.setOpen(true);
  outbox.add(7, "hello", null);
  assert.deepEqual(states(), ["sending"]);
  sent[0].resolve({ change: 12 });
  await settle();
  assert.deepEqual(states(), ["sent"]);
  outbox.seen([{ client_id: sent[0].item.client_id }]);
  assert.deepEqual(states(), []);
  assert.equal(storage.length, 0);
});

test("the message may come before the answer", async () => {
  const { outbox, sent, states } = setup();
  outbox.setOpen(true);
  outbox.add(7, "hello", null);
  outbox.seen([{ client_id: sent[0].item.client_id }]);
  sent[0].resolve({ change: 12 });
  await settle();
  assert.deepEqual(states(), []);
});

test("what is confirmed and taken into the cursor is dropped even if its row is not shown", async () => {
  const { outbox, sent, states } = setup();
  outbox.setOpen(true);
  outbox.add(7, "hello", null);
  sent[0].resolve({ change: 12 });
  await settle();
  outbox.settled(7, 11);
  assert.deepEqual(states(), ["sent"]);
  outbox.settled(7, 12);
  assert.deepEqual(states(), []);
});

test("order is kept in a conversation: one under way at a time; others do not wait", async () => {
  const { outbox, sent } = setup();
  outbox.setOpen(true);
  outbox.add(7, "one", null);
  outbox.add(7, "two", null);
  outbox.add(8, "three", null);
  assert.deepEqual(sent.map((s) => s.item.body), ["one", "three"]);
  sent[0].resolve({ change: 1 });
  await settle();
  assert.deepEqual(sent.map((s) => s.item.body), ["one", "three", "two"]);
});

test("offline: kept, and sent again with the same client_id", async () => {
  const { outbox, sent, states } = setup();
  outbox.add(7, "one", null);
  assert.deepEqual([states(), sent.length], [["pending"], 0]);
  outbox.setOpen(true);
  outbox.setOpen(false);
  sent[0].reject(refusal("offline"));
  await settle();
  assert.deepEqual(states(), ["pending"]);
  outbox.setOpen(true);
  assert.equal(sent[1].item.client_id, sent[0].item.client_id);
});

test("a reload finds everything again, in order, and nothing of another user", async () => {
  const { outbox, sent, storage } = setup();
  outbox.setOpen(true);
  for (const body of ["one", "two", "three"]) outbox.add(7, body, body === "two" ? 4 : null);
  storage.setItem("chatroom.outbox.33.x", JSON.stringify({ body: "of another" }));
  storage.setItem("other", "{}");
  sent[0].resolve({ change: 1 });
  await settle();
  const again = setup(storage);
  assert.deepEqual(again.outbox.items.value.map((i) => [i.body, i.status, i.reply_to]), [["one", "pending", null], ["two", "pending", 4], ["three", "pending", null]]);
});

test("a refusal is failed with its reason and does not hold up the next; Retry and Delete", async () => {
  const { outbox, sent, states, storage } = setup();
  outbox.setOpen(true);
  outbox.add(7, "one", null);
  outbox.add(7, "two", null);
  sent[0].reject(refusal("muted", "You are muted."));
  await settle();
  assert.deepEqual(states(), ["failed", "sending"]);
  assert.equal(outbox.items.value[0].error, "You are muted.");
  assert.equal(setup(storage).outbox.items.value[0].status, "failed");
  sent[1].resolve({ change: 1 });
  await settle();
  outbox.retry(sent[0].item.client_id);
  assert.equal(sent[2].item.client_id, sent[0].item.client_id);
  sent[2].reject(refusal("muted", "You are muted."));
  await settle();
  outbox.remove(sent[0].item.client_id);
  assert.deepEqual(states(), ["sent"]);
});

test("too fast is not a failure: it waits", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { outbox, sent, states } = setup();
  outbox.setOpen(true);
  outbox.add(7, "one", null);
  sent[0].reject(refusal("too_fast"));
  await settle();
  assert.deepEqual(states(), ["pending"]);
  t.mock.timers.tick(2000);
  assert.deepEqual(states(), ["sending"]);
});

test("sendable takes the oldest pending of each conversation that is not busy", () => {
  const item = (client_id, conversation, status) => ({ client_id, conversation, status });
  const items = [item("a", 1, "failed"), item("b", 1, "pending"), item("c", 1, "pending"), item("d", 2, "sending"), item("e", 2, "pending")];
  assert.deepEqual(sendable(items).map((i) => i.client_id), ["b"]);
});

test("files go with their tokens; what the server no longer has is sent again", async () => {
  const { outbox, sent, states, storage } = setup();
  outbox.setOpen(true);
  outbox.add(7, "caption", null, { files: [{ id: "f1", size: 5, token: "" }, { id: "f2", size: 5, token: "" }] });
  const [{ client_id }] = outbox.items.value;
  outbox.setFile(client_id, "f1", { token: "t1" });
  assert.equal(sent.length, 0);
  outbox.setFile(client_id, "f2", { token: "t2" });
  assert.deepEqual(sent[0].item.files.map((f) => f.token), ["t1", "t2"]);
  sent[0].reject(refusal("not_found", "gone"));
  await settle();
  assert.deepEqual(states(), ["failed"]);
  outbox.retry(client_id);
  assert.equal(sent.length, 1);
  assert.deepEqual(JSON.parse(storage.getItem(`chatroom.outbox.3.${client_id}`)).files.map((f) => f.token), ["", ""]);
  outbox.dropFile(client_id, "f2");
  outbox.setFile(client_id, "f1", { token: "t3" });
  assert.deepEqual(sent[1].item.files.map((f) => f.token), ["t3"]);
  outbox.add(8, "caption", null, { files: [{ id: "f4", size: 5, token: "" }] });
  outbox.dropFile(outbox.items.value[1].client_id, "f4");
  assert.equal(outbox.items.value.length, 1);
  assert.equal(sent.length, 2);
});

test("what another tab takes back does not go from here; what it holds is held here", () => {
  const here = setup();
  here.outbox.add(7, "with a file", null, { files: [{ id: "f1", size: 5, token: "" }] });
  here.outbox.add(7, "text", null);
  const [first, second] = here.outbox.items.value;
  const there = setup(here.storage).outbox;
  there.setFile(first.client_id, "f1", { paused: true });
  const told = (client_id) => here.outbox.shared(`chatroom.outbox.3.${client_id}`, here.storage.getItem(`chatroom.outbox.3.${client_id}`));
  told(first.client_id);
  assert.equal(here.outbox.items.value[0].files[0].paused, true);
  there.remove(first.client_id);
  told(first.client_id);
  assert.deepEqual(here.outbox.items.value.map((i) => i.client_id), [second.client_id]);
  here.outbox.setOpen(true);
  here.outbox.shared(`chatroom.outbox.3.${second.client_id}`, null); // under way: the server has it, or will
  here.outbox.shared(`chatroom.outbox.4.${second.client_id}`, null);
  here.outbox.shared(null, null);
  assert.deepEqual(here.states(), ["sending"]);
});

test("a browser that keeps no more: what is written goes all the same", async () => {
  const storage = new MemoryStorage();
  storage.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };
  const { outbox, sent, states } = setup(storage);
  outbox.setOpen(true);
  outbox.add(7, "one", null);
  outbox.add(7, "two", null);
  sent[0].resolve({ change: 1 });
  await settle();
  assert.deepEqual(sent.map((s) => s.item.body), ["one", "two"]);
  assert.deepEqual(states(), ["sent", "sending"]);
});

test("what was written in a tab that has been closed goes from the one that is left", () => {
  const { outbox, sent, storage } = setup();
  const closed = setup(storage).outbox;
  closed.add(7, "written elsewhere", null);
  outbox.add(8, "first", null);
  outbox.add(7, "written here", null);
  outbox.setOpen(true);
  assert.deepEqual(sent.map((s) => s.item.body), ["first", "written elsewhere"]);
  assert.equal(sent[1].item.client_id, closed.items.value[0].client_id);
});

test("a clock that is put back does not turn the order round", () => {
  const storage = new MemoryStorage();
  let at = 5_000_000;
  const outbox = new Outbox(3, storage, () => new Promise(() => {}), () => at);
  outbox.add(7, "one", null);
  at = 1000;
  outbox.add(7, "two", null);
  assert.deepEqual(setup(storage).outbox.items.value.map((i) => i.body), ["one", "two"]);
});

test("what was sent before a reload, and whose event was taken long ago, is gone with its answer", async () => {
  const storage = new MemoryStorage();
  const outbox = new Outbox(3, storage, () => Promise.resolve({ change: 12 }), () => 1000, (conversation) => (conversation === 7 ? 12 : 0));
  outbox.setOpen(true);
  outbox.add(7, "sent before", null);
  outbox.add(8, "its event comes", null);
  await settle();
  assert.deepEqual(outbox.items.value.map((i) => [i.body, i.status]), [["its event comes", "sent"]]);
  assert.equal(storage.length, 1);
});
