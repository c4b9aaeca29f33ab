import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandError, Socket, backoff } from "../../static/js/core/net.js";

/** A WebSocket whose other side is the test. */
class FakeWebSocket {
  static opened = [];
  sent = [];
  constructor(url) {
    this.url = url;
    FakeWebSocket.opened.push(this);
  }
  send(text) { this.sent.push(JSON.parse(text)); }
  close(code, reason) { this.closed = { code, reason }; }
  serve(frame) { this.onmessage({ data: JSON.stringify(frame) }); }
  end(code) { this.onclose({ code }); }
  goLive() {
    this.onopen();
    this.serve({ type: "ready", data: {} });
    this.serve({ type: "live" });
  }
}

function setup(t) {
  t.mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  FakeWebSocket.opened = [];
  const log = [];
  const socket = new Socket("ws://x/ws/", {
    hello: () => ({ cursors: { "u:3": 4 }, device: "computer" }), onFrame: (f) => log.push(f.type), onLive: () => log.push("LIVE"), onDown: () => log.push("DOWN"), onEnded: () => log.push("ENDED"),
  }, FakeWebSocket);
  socket.connect();
  return { socket, log, ws: (i = -1) => FakeWebSocket.opened.at(i), opened: FakeWebSocket.opened };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("back-off doubles from half a second to thirty, with full jitter", () => {
  assert.deepEqual([0, 1, 2, 3, 6, 50].map((n) => backoff(n, () => 1)), [500, 1000, 2000, 4000, 30000, 30000]);
  assert.equal(backoff(4, () => 0), 0);
  assert.equal(backoff(2, () => 0.5), 1000);
});

test("hello first, then live; commands before that are refused here", async (t) => {
  const { socket, log, ws } = setup(t);
  await assert.rejects(socket.request("message.send", {}), { code: "offline" });
  ws().onopen();
  assert.deepEqual(ws().sent[0], { type: "hello", ref: 1, data: { cursors: { "u:3": 4 }, device: "computer" } });
  ws().serve({ type: "ready", data: {} });
  assert.equal(socket.live, false);
  ws().serve({ type: "live" });
  assert.equal(socket.live, true);
  assert.deepEqual(log, ["ready", "live", "LIVE"]);
});

test("answers find their question; a refusal has its code", async (t) => {
  const { socket, ws } = setup(t);
  ws().goLive();
  const one = socket.request("direct.open", { user: 5 });
  const two = socket.request("group.leave", { conversation: 7 });
  const [, a, b] = ws().sent;
  ws().serve({ type: "reply", ref: b.ref, ok: false, error: { code: "not_a_member", message: "No." } });
  ws().serve({ type: "reply", ref: a.ref, ok: true, data: { id: 9 } });
  assert.deepEqual(await one, { id: 9 });
  await assert.rejects(two, (e) => e instanceof CommandError && e.code === "not_a_member" && e.message === "No.");
});

test("a lost connection comes back with jitter, and what waited is told", async (t) => {
  const { socket, log, ws, opened } = setup(t);
  ws().goLive();
  const asked = socket.request("ping", {});
  ws().end(1006);
  await assert.rejects(asked, { code: "offline" });
  assert.equal(log.at(-1), "DOWN");
  assert.equal(socket.connection.value.state, "waiting");
  t.mock.timers.tick(500);
  assert.equal(opened.length, 2);
  ws().end(1012);
  t.mock.timers.tick(1000);
  assert.equal(opened.length, 3);
});

test("online or visible: at once", (t) => {
  const { socket, ws, opened } = setup(t);
  ws().goLive();
  for (let i = 0; i < 6; i++) { ws().end(1006); socket.wake(); }
  assert.equal(opened.length, 7);
});

test("waking a live connection that no longer answers replaces it", (t) => {
  const { socket, ws, opened } = setup(t);
  ws().goLive();
  socket.wake();
  assert.equal(ws().sent.at(-1).type, "ping");
  t.mock.timers.tick(4000);
  assert.deepEqual(ws(0).closed, { code: 1000, reason: "silent" });
  t.mock.timers.tick(500);
  assert.equal(opened.length, 2);
});

test("4001 stays away; 4003 ends", (t) => {
  const { socket, ws, opened, log } = setup(t);
  ws().goLive();
  ws().end(4001);
  t.mock.timers.tick(120_000);
  socket.wake();
  assert.equal(opened.length, 1);
  assert.equal(socket.connection.value.state, "displaced");
  assert.ok(!log.includes("ENDED"));
});

test("4003 leads to the sign-in page", (t) => {
  const { ws, opened, log } = setup(t);
  ws().end(4003);
  t.mock.timers.tick(120_000);
  assert.equal(opened.length, 1);
  assert.equal(log.at(-1), "ENDED");
});

test("given up for good: nothing more is heard or sent, and it does not come back", async (t) => {
  const { socket, ws, opened, log } = setup(t);
  ws().goLive();
  const asked = socket.request("ping", {});
  const first = ws();
  socket.end();
  await assert.rejects(asked, { code: "offline" });
  assert.equal(first.onmessage, null);
  assert.deepEqual(first.closed, { code: 1000, reason: "ended" });
  await assert.rejects(socket.request("message.send", {}), { code: "offline" });
  t.mock.timers.tick(120_000);
  socket.wake();
  assert.deepEqual([opened.length, log.at(-1), socket.connection.value.state], [1, "ENDED", "ended"]);
});

test("a ping after 25 s without a word; dead when it is not answered either", async (t) => {
  const { ws, opened } = setup(t);
  ws().goLive();
  const pings = () => ws(0).sent.filter((frame) => frame.type === "ping");
  t.mock.timers.tick(20_000);
  assert.equal(pings().length, 0);
  t.mock.timers.tick(5_000);
  assert.equal(pings().length, 1);
  ws().serve({ type: "reply", ref: pings()[0].ref, ok: true, data: {} });
  await settle();
  for (let i = 0; i < 7; i++) t.mock.timers.tick(5_000);
  assert.deepEqual(ws(0).closed, { code: 1000, reason: "silent" });
  t.mock.timers.tick(500);
  assert.equal(opened.length, 2);
});

test("asked by the server, the page answers at once and has no need to ask itself", (t) => {
  const { socket, ws } = setup(t);
  ws().goLive();
  const before = ws().sent.length;
  for (let i = 0; i < 4; i++) {
    t.mock.timers.tick(20_000);
    ws().serve({ type: "ping" });
  }
  assert.deepEqual(ws().sent.slice(before), Array(4).fill({ type: "ping" }));
  assert.ok(socket.live);
});

test("the wait starts over only after ten steady seconds", (t) => {
  const { socket, ws } = setup(t);
  for (let i = 0; i < 3; i++) { ws().goLive(); ws().end(4008); t.mock.timers.tick(30_000); }
  assert.equal(socket.attempt, 3);
  ws().goLive();
  t.mock.timers.tick(10_000);
  assert.equal(socket.attempt, 0);
});
