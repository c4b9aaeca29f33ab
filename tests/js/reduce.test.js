import assert from "node:assert/strict";
import { test } from "node:test";
import * as r from "../../static/js/core/reduce.js";
import { AN, ME, NOW, conversation, frame, message, page, play, privateFrame, snapshot, stateWith } from "./factory.js";

const seqs = (state, id = 7) => state.timelines.get(id).rows.map((m) => m.seq);

test("an event in order is applied and moves the cursor", () => {
  const [state, todo] = play(stateWith(3), frame(message(4)));
  assert.deepEqual(seqs(state), [1, 2, 3, 4]);
  assert.equal(state.cursors.get("c:7"), 4);
  assert.equal(state.conversations.get(7).last_seq, 4);
  assert.equal(state.conversations.get(7).preview.text, "text 4");
  assert.deepEqual(todo.map((t) => t.do), ["new"]);
});

test("an old event is ignored", () => {
  const before = stateWith(3);
  const [state, todo] = play(before, frame(message(3, { body: "again" })));
  assert.equal(state, before);
  assert.deepEqual(todo, []);
});

test("states are not changed in place", () => {
  const before = stateWith(3);
  play(before, frame(message(4)), frame(message(2, { change: 5, body: "edited" })));
  assert.deepEqual(seqs(before), [1, 2, 3]);
  assert.equal(before.conversations.get(7).last_seq, 3);
});

test("a gap asks once for what is missing, holds what comes ahead, and ends in order", () => {
  const [waiting, todo] = play(stateWith(3), frame(message(6), 5), frame(message(7), 6));
  assert.deepEqual(todo, [{ do: "resume", feed: "c:7", after: 3 }]);
  assert.deepEqual(seqs(waiting), [1, 2, 3]);
  const [filled] = play(waiting, frame(message(4), 3), frame(message(5), 4));
  assert.deepEqual(seqs(filled), [1, 2, 3, 4, 5]);
  const [done, more] = r.resumed(filled, "c:7", { number: 5 });
  assert.deepEqual(seqs(done), [1, 2, 3, 4, 5, 6, 7]);
  assert.equal(done.cursors.get("c:7"), 7);
  assert.ok(more.every((t) => t.do === "new"));
});

test("a head beyond the cursor asks once for what is missing, one at the cursor asks nothing", () => {
  const head = (number) => ({ type: "head", feed: "c:7", number, prev: number });
  assert.deepEqual(play(stateWith(3), head(3))[1], []);
  const [waiting, todo] = play(stateWith(3), head(5), head(5));
  assert.deepEqual(todo, [{ do: "resume", feed: "c:7", after: 3 }]);
  assert.equal(r.resumed(waiting, "c:7", { number: 5 })[0].cursors.get("c:7"), 5);
});

test("what was lost again while resuming asks again", () => {
  const [waiting] = play(stateWith(3), frame(message(9), 8));
  const [, todo] = r.resumed(waiting, "c:7", { number: 6 });
  assert.deepEqual(todo, [{ do: "resume", feed: "c:7", after: 6 }]);
});

test("numbers have holes where rows moved: prev decides, not number + 1", () => {
  const [state, todo] = play(stateWith(3), frame(message(2, { change: 9, body: "edited" }), 3));
  assert.deepEqual(todo, []);
  assert.equal(state.timelines.get(7).rows[1].body, "edited");
});

test("rows that a resume brings in order of change land in order of seq", () => {
  const [state] = play(stateWith(3), frame(message(5, { change: 5 }), 3), frame(message(4, { change: 8 }), 5));
  assert.deepEqual(seqs(state), [1, 2, 3, 4, 5]);
  assert.equal(state.conversations.get(7).preview.text, "text 5");
});

test("of two versions of a message the higher change stays", () => {
  const timeline = stateWith(3).timelines.get(7);
  assert.equal(r.upsert(timeline, message(2, { change: 9, body: "new" })).rows[1].body, "new");
  const newer = r.upsert(timeline, message(2, { change: 9, body: "new" }));
  assert.equal(r.upsert(newer, message(2, { change: 5, body: "old" })).rows[1].body, "new");
});

test("a recall reaches the row, the quote and the preview", () => {
  const state = stateWith(3);
  state.timelines.get(7).quoted.set(1, message(1));
  const recalled = { body: "", recalled_at: "2026-11-21T09:01:00Z", recalled_by: AN };
  const [after] = play(state, frame(message(3, { change: 4, ...recalled })), frame(message(1, { change: 5, ...recalled })));
  assert.equal(after.conversations.get(7).preview.recalled, true);
  assert.equal(after.timelines.get(7).quoted.get(1).body, "");
  assert.equal(after.timelines.get(7).rows[0].recalled_by, AN);
});

test("unread counts texts of others once, however often they come", () => {
  const [state] = play(stateWith(3), frame(message(4)), frame(message(5, { sender: ME })), frame(message(6, { kind: "system", body: "{\"code\":\"left\",\"users\":[{\"id\":5}]}" })));
  assert.equal(state.conversations.get(7).unread, 1);
  assert.equal(state.conversations.get(7).members, 2);
  const [again] = play(state, frame(message(4, { change: 7, body: "edited" }), 6));
  assert.equal(again.conversations.get(7).unread, 1);
});

test("reading is shown at once; a lower mark of the server is ignored, a count of the same mark taken", () => {
  const [unread] = play(stateWith(3), frame(message(4)), frame(message(5)));
  const half = r.readUpTo(unread, 7, 4);
  assert.equal(half.conversations.get(7).unread, 1);
  const read = r.readUpTo(half, 7, 5);
  assert.equal(read.conversations.get(7).unread, 0);
  const [late] = play(read, privateFrame(5, { reads: [{ conversation: 7, read_seq: 4, unread: 1 }] }));
  assert.equal(late.conversations.get(7).unread, 0);
  const [other] = play(unread, privateFrame(5, { reads: [{ conversation: 7, read_seq: 5, unread: 0 }] }));
  assert.equal(other.conversations.get(7).read_seq, 5);
});

test("an event of an unknown conversation is ignored until its object has come", () => {
  const [state, todo] = play(stateWith(3), frame(message(1, { conversation: 9 })));
  assert.equal(state.conversations.has(9), false);
  assert.deepEqual(todo, []);
});

test("hello sends cursors of the user and of held conversations only", () => {
  const state = r.fromSnapshot(snapshot([conversation({ last_change: 12 }), conversation({ id: 8, last_change: 30 })]));
  assert.deepEqual(r.helloCursors(state), { "u:3": 4 });
  assert.deepEqual(r.helloCursors(r.embedPage(state, 7, page(1, 12))), { "u:3": 4, "c:7": 12 });
});

test("an embedded page read before the snapshot moves the cursor back to its head", () => {
  const state = r.fromSnapshot(snapshot([conversation({ last_change: 12, last_seq: 12 })]));
  assert.deepEqual(r.helloCursors(r.embedPage(state, 7, page(1, 10)))["c:7"], 10);
});

test("a partial ready changes what it names and keeps the cursor of held messages for the events that follow", () => {
  const [state] = play(stateWith(3), { type: "ready", data: snapshot([conversation({ last_seq: 5, last_change: 5, unread: 2, read_seq: 3 })], { partial: true, cursor: 9, people: [], partners: [[AN, "away"]] }) });
  assert.deepEqual([state.cursors.get("c:7"), state.people.get(AN).presence], [3, "away"]);
  assert.equal(state.cursors.get("u:3"), 9);
  const [after] = play(state, frame(message(4)), frame(message(5)), { type: "live" });
  assert.deepEqual(seqs(after), [1, 2, 3, 4, 5]);
  assert.equal(after.conversations.get(7).unread, 2);
});

test("a full ready drops what it does not name; a partial one only what is gone", () => {
  const [full, todo] = play(stateWith(3), { type: "ready", data: snapshot([conversation({ id: 8 })]) });
  assert.deepEqual([...full.conversations.keys()], [8]);
  assert.deepEqual(todo, [{ do: "gone", conversation: 7 }]);
  const [partial] = play(stateWith(3), { type: "ready", data: snapshot([], { partial: true, gone: [7] }) });
  assert.equal(partial.conversations.size, 0);
});

test("resync drops what is held and takes the head of ready", () => {
  const [ready] = play(stateWith(3), { type: "ready", data: snapshot([conversation({ last_seq: 5000, last_change: 5100 })], { partial: true }) });
  const [state, todo] = play(ready, { type: "resync", feed: "c:7" });
  assert.equal(state.timelines.has(7), false);
  assert.equal(state.cursors.get("c:7"), 5100);
  assert.deepEqual(todo, [{ do: "load", conversation: 7 }]);
  assert.deepEqual(r.resumed(state, "u:3", { resync: true })[1], [{ do: "snapshot" }]);
});

test("a page of older history goes in front; events for it that came meanwhile win", () => {
  const loading = r.startPage(stateWith(100, 51), 7, "before");
  const [during] = play(loading, frame(message(20, { change: 101, body: "edited" }), 100));
  const after = r.mergePage(during, 7, page(1, 50, { head: 100, more_after: true }), "before");
  assert.deepEqual(seqs(after), Array.from({ length: 100 }, (_, i) => i + 1));
  assert.equal(after.timelines.get(7).rows[19].body, "edited");
  assert.equal(after.timelines.get(7).moreBefore, false);
  assert.equal(after.timelines.get(7).moreAfter, false);
});

test("a page that replaces the window loses no event that came while it was under way", () => {
  const loading = r.startPage(stateWith(3), 7, "replace");
  const [during] = play(loading, frame(message(4)), frame(message(2, { change: 5, body: "edited" })));
  const after = r.mergePage(during, 7, page(1, 3), "replace");
  assert.deepEqual(seqs(after), [1, 2, 3, 4]);
  assert.equal(after.timelines.get(7).rows[1].body, "edited");
  const first = r.startPage(r.fromSnapshot(snapshot([conversation({ last_change: 3, last_seq: 3 })])), 7, "replace");
  const [more] = play(first, frame(message(4)));
  assert.deepEqual(seqs(r.mergePage(more, 7, page(1, 3), "replace")), [1, 2, 3, 4]);
});

test("a window away from the end takes no new rows, but their conversation knows of them", () => {
  const state = stateWith(3);
  state.timelines.set(7, { ...state.timelines.get(7), moreAfter: true });
  const [after] = play(state, frame(message(4)));
  assert.deepEqual(seqs(after), [1, 2, 3]);
  assert.equal(after.conversations.get(7).unread, 1);
});

test("an answer to a page nobody waits for is ignored, a page that fails leaves what was there", () => {
  const state = stateWith(100, 51);
  assert.equal(r.mergePage(state, 7, page(1, 50), "before"), state);
  assert.deepEqual(seqs(r.failPage(r.startPage(state, 7, "before"), 7)).length, 50);
  const empty = r.fromSnapshot(snapshot());
  assert.equal(r.failPage(r.startPage(empty, 7, "replace"), 7).timelines.has(7), false);
});

test("at most WINDOW rows stay, at the end that is looked at", () => {
  const old = r.mergePage(r.startPage(stateWith(400, 201), 7, "before"), 7, page(151, 200), "before").timelines.get(7);
  assert.deepEqual([old.rows[0].seq, old.rows.at(-1).seq, old.moreAfter], [151, 350, true]);
  const grown = stateWith(300, 1).timelines.get(7);
  const end = r.trim(grown, "end");
  assert.deepEqual([end.rows[0].seq, end.rows.at(-1).seq, end.moreBefore], [101, 300, true]);
});

test("typing: shown, forgotten after six seconds, ended by a message, never my own", () => {
  const typing = (user) => ({ type: "typing", data: { conversation: 7, user, name: "An" } });
  const [state] = play(stateWith(3), typing(AN), typing(ME));
  assert.deepEqual(state.typing.get(7).map((t) => t.user), [AN]);
  assert.equal(r.forgetTyping(state, NOW + 5999), state);
  assert.equal(r.forgetTyping(state, NOW + 6000).typing.size, 0);
  assert.deepEqual(play(state, frame(message(4)))[0].typing.get(7), []);
});

test("a mark that was moved back leaves what follows unread, here and for the partner's ticks", () => {
  const [arrived] = play(stateWith(3, 1, { kind: "direct", peer: AN }), frame(message(4)), frame(message(5, { sender: ME })), frame(message(6)));
  const read = r.readUpTo(arrived, 7, 6);
  const again = r.unreadFrom(read, 7, 4);
  assert.deepEqual([again.conversations.get(7).read_seq, r.unreadFrom(again, 7, 6)], [3, again]);
  const [told] = play(read, privateFrame(5, { reads: [{ conversation: 7, read_seq: 3, unread: 2, last_seq: 6, back: true }] }));
  assert.deepEqual([told.conversations.get(7).read_seq, told.conversations.get(7).unread], [3, 2]);
  const [ticked] = play(told, { type: "receipts", data: { conversation: 7, reads: [[AN, 6]] } });
  const [back] = play(ticked, { type: "receipts", data: { conversation: 7, reads: [[AN, 2]], back: true } });
  assert.deepEqual([ticked.conversations.get(7).peer_read_seq, back.conversations.get(7).peer_read_seq, r.readByOthers(back, back.conversations.get(7))], [6, 2, 2]);
});

test("receipts move ticks forward only, and the mark of a partner", () => {
  const state = stateWith(3, 1, { kind: "direct", peer: AN });
  const [read] = play(state, { type: "receipts", data: { conversation: 7, reads: [[AN, 3], [ME, 9]] } });
  assert.equal(r.readByOthers(read, read.conversations.get(7)), 3);
  const [back] = play(read, { type: "receipts", data: { conversation: 7, reads: [[AN, 2]] } });
  assert.equal(back.conversations.get(7).peer_read_seq, 3);
});

test("presence of people known; policies; a lost connection forgets what it waited for", () => {
  const [state] = play(stateWith(3), { type: "presence", data: { people: [{ id: AN, presence: "online", last_seen: null }, { id: 99, presence: "busy", last_seen: null }] } },
    { type: "policies", data: { site: { name: "New", recall_minutes: 5, edit_minutes: 1 } } }, frame(message(9), 8));
  assert.equal(state.people.get(AN).presence, "online");
  assert.equal(state.people.has(99), false);
  assert.equal(state.site.recall_minutes, 5);
  assert.equal(state.resuming.size, 1);
  assert.equal(r.disconnected(state).resuming.size, 0);
});

test("old state and lost, doubled, re-ordered events come to the state of the plain run", () => {
  const events = [message(4), message(5), message(2, { change: 6, body: "edited" }), message(6, { change: 7 }), message(5, { change: 8, body: "", recalled_at: "x" })];
  const plain = play(stateWith(3), ...events.map((m) => frame(m)))[0];
  let seed = 7;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  for (let run = 0; run < 200; run++) {
    const wire = events.flatMap((m) => (random() < 0.3 ? [] : random() < 0.5 ? [frame(m), frame(m)] : [frame(m)])).sort(() => random() - 0.5);
    let [state, todo] = play(stateWith(3), ...wire, frame(message(7, { change: 9 })));
    while (todo.some((t) => t.do === "resume")) {
      // The server answers with the rows as they are now, in order of change.
      const { after } = todo.find((t) => t.do === "resume");
      const rows = new Map([...events, message(7, { change: 9 })].map((m) => [m.seq, m]));
      let prev = after;
      for (const m of [...rows.values()].filter((x) => x.change > after).sort((a, b) => a.change - b.change)) {
        [state] = r.apply(state, frame(m, prev), NOW);
        prev = m.change;
      }
      [state, todo] = r.resumed(state, "c:7", { number: 9 });
    }
    const expected = play(plain, frame(message(7, { change: 9 })))[0];
    assert.deepEqual(state.timelines.get(7).rows, expected.timelines.get(7).rows);
    assert.equal(state.conversations.get(7).last_seq, 7);
    assert.equal(state.cursors.get("c:7"), 9);
  }
});

test("an older message that comes after a newer one is counted once", () => {
  const start = stateWith(3);
  const [newer] = play(start, frame(message(5, { sender: AN, change: 4 })));
  const [both] = play(newer, frame(message(4, { sender: AN, change: 5 })));
  assert.equal(both.conversations.get(7)?.unread, 2);
  const [again] = play(both, frame(message(4, { sender: AN, change: 6, body: "edited" })));
  assert.equal(again.conversations.get(7)?.unread, 2);
});

test("a new name or picture reaches those who are known, and nobody else is learnt", () => {
  const people = { type: "people", data: { people: [{ id: AN, name: "Ánh", avatar: "x".repeat(22), status: "busy bee" }, { id: 77, name: "?", avatar: "", status: "" }] } };
  const [state] = play(play(stateWith(3), { type: "presence", data: { people: [{ id: AN, presence: "away", last_seen: null }] } })[0], people);
  assert.deepEqual(state.people.get(AN), { id: AN, username: "an", name: "Ánh", avatar: "x".repeat(22), presence: "away", status: "busy bee", last_seen: null });
  assert.ok(!state.people.has(77));
});

test("a page brings the names and pictures of who wrote, and keeps what is known of them", () => {
  const start = r.startPage(play(stateWith(3), { type: "presence", data: { people: [{ id: AN, presence: "busy", last_seen: null }] } })[0], 7, "replace");
  const faces = [{ id: AN, username: "an", name: "Ánh", avatar: "a" }, { id: 9, username: "bao", name: "Bảo", avatar: "b" }];
  const state = r.mergePage(start, 7, page(1, 3, { people: faces }), "replace");
  assert.deepEqual([state.people.get(AN).name, state.people.get(AN).presence], ["Ánh", "busy"]);
  assert.equal(state.people.get(9).avatar, "b");
  assert.equal(r.mergePage(r.startPage(state, 7, "replace"), 7, page(1, 3, { people: faces }), "replace").people, state.people); // nothing is drawn again
});

test("a policy on who may write makes the page ask anew, others do not", () => {
  const policies = (site) => ({ type: "policies", data: { site: { ...stateWith(1).site, ...site } } });
  assert.deepEqual(play(stateWith(1), policies({ friends_only: true }))[1], [{ do: "snapshot", later: true }]);
  assert.deepEqual(play(stateWith(1), policies({ recall_minutes: 9 }))[1], []);
});
