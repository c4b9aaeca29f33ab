import assert from "node:assert/strict";
import { test } from "node:test";
import * as r from "../../static/js/core/reduce.js";
import { AN, ME, NOW, conversation, frame, message, play, privateFrame, snapshot, stateWith } from "./factory.js";

test("private facts: new and gone conversations, drafts, options, people", () => {
  const fresh = conversation({ id: 9, name: "New", last_change: 2, last_seq: 2 });
  const [state, todo] = play(stateWith(3), privateFrame(5, {
    conversations: [fresh], gone: [7], drafts: [{ conversation: 9, body: "hm" }], options: { theme: "dark" }, people: [{ id: 8, username: "dung", name: "Dung", presence: "online" }],
  }));
  assert.deepEqual([...state.conversations.keys()], [9]);
  assert.equal(state.timelines.has(7), false);
  assert.equal(state.cursors.get("c:9"), 2);
  assert.equal(state.conversations.get(9).draft, "hm");
  assert.equal(state.me.options.theme, "dark");
  assert.equal(state.people.get(8).name, "Dung");
  assert.deepEqual(todo, [{ do: "gone", conversation: 7 }]);
});

test("who takes no part in receipts any more forgets them, and reads the list anew; so does who takes part again", () => {
  const known = { ...stateWith(3), receipts: new Map([[7, new Map([[AN, 2]])]]) };
  const again = [{ do: "snapshot", later: true }];
  const [off, todo] = play(known, privateFrame(5, { options: { receipts: false } }));
  assert.deepEqual([off.receipts.size, todo], [0, again]);
  assert.deepEqual(play(off, privateFrame(6, { options: { receipts: true } }))[1], again);
  assert.deepEqual(play(known, privateFrame(5, { options: { invisible: true } }))[1], again);
  const [same, nothing] = play(known, privateFrame(5, { options: { theme: "dark" } }));
  assert.deepEqual([same.receipts, nothing], [known.receipts, []]);
});

test("a pin and a level move nothing else", () => {
  const before = stateWith(3, 1, { draft: "hm", read_seq: 1, unread: 2 });
  const [state] = play(before, privateFrame(5, { memberships: [{ conversation: 7, pinned: true, level: "mentions", cleared_seq: 0 }, { conversation: 8, pinned: true, level: "all", cleared_seq: 0 }] }));
  assert.deepEqual(state.conversations.get(7), { ...before.conversations.get(7), pinned: true, level: "mentions" });
  assert.equal(state.conversations.size, 1);
});

test("people read a moment ago do not undo a change of presence that came since", () => {
  const [online] = play(stateWith(3), { type: "presence", data: { people: [{ id: 44, presence: "online", last_seen: null }] } });
  const read = { id: 44, name: "Chi", username: "chi", presence: "offline", last_seen: "2026-01-01T00:00:00.000Z" };
  assert.equal(r.withPeople(online, [read], NOW + 1000).people.get(44).presence, "online");
  assert.equal(r.withPeople(online, [read], NOW + 60_000).people.get(44).presence, "offline");
  assert.equal(play(online, privateFrame(5, { people: [read] }))[0].people.get(44).presence, "online");
});

test("fields at their default do not travel", () => {
  const bare = /** @type {any} */ ({ id: 9, kind: "group", name: "Toán", last_seq: 2, last_change: 3 });
  const [state] = play(stateWith(3), privateFrame(5, { conversations: [bare], people: [/** @type {any} */ ({ id: 44, username: "an", name: "An" })] }));
  const { unread, draft, can_post, preview, role } = /** @type {any} */ (state.conversations.get(9));
  assert.deepEqual({ unread, draft, can_post, preview, role }, { unread: 0, draft: "", can_post: true, preview: null, role: "member" });
  assert.equal(state.people.get(44)?.presence, "offline");
});

test("all conversations there are: the others are gone", () => {
  const [state, todo] = play(stateWith(3), privateFrame(5, { all: true, conversations: [conversation({ id: 9 })] }));
  assert.deepEqual([...state.conversations.keys()], [9]);
  assert.ok(todo.some((step) => step.do === "gone"));
});

test("messages that came after those counted by a read mark stay unread", () => {
  const [arrived] = play(stateWith(3), frame(message(4, { sender: AN })));
  const [read] = play(arrived, privateFrame(5, { reads: [{ conversation: 7, read_seq: 3, unread: 0, last_seq: 3 }] }));
  assert.equal(read.conversations.get(7)?.unread, 1);
});

test("whom I know comes with the snapshot, and whole with each change", () => {
  const relations = { friends: [AN], incoming: [{ user: 9, words: "hi", at: "2026-11-21T09:00:00.000Z" }], outgoing: [], blocked: [] };
  const before = stateWith(3);
  const [state] = play(before, privateFrame(5, { relations, people: [{ id: 9, username: "bao", name: "Bảo" }] }));
  assert.deepEqual(state.relations, relations);
  assert.deepEqual(before.relations.friends, []);
  assert.deepEqual(state.people.get(9), { id: 9, username: "bao", name: "Bảo", avatar: "", presence: "offline", status: "", last_seen: null });
  const [after] = r.apply(state, { type: "ready", data: snapshot([], { cursor: 6 }) }, NOW);
  assert.deepEqual(after.relations.incoming, []);
});

test("where I sit comes with each snapshot and with each change; a snapshot that says nothing of it knows of no table", () => {
  const tables = [{ table: 4, conversation: 7, seat: 2 }];
  const [sits] = play(stateWith(3), privateFrame(5, { tables }));
  assert.deepEqual([stateWith(3).tables, sits.tables], [[], tables]);
  assert.deepEqual(play(sits, privateFrame(6, { reads: [] }))[0].tables, tables);
  assert.deepEqual(r.apply(sits, { type: "ready", data: snapshot([], { cursor: 6 }) }, NOW)[0].tables, []);
  assert.deepEqual(r.fromSnapshot(snapshot([], { tables })).tables, tables);
});

test("who waits comes with the snapshot, whole with each change, and stays where a part of a snapshot leaves it out", () => {
  const joining = { requests: [{ id: 1, conversation: 7, user: AN, words: "hi", at: "2026-11-21T09:00:00.000Z" }], invitations: [], asked: [], told: [] };
  const before = stateWith(3);
  assert.deepEqual(before.joining.requests, []);
  const [state] = play(before, privateFrame(5, { joining }));
  assert.deepEqual(state.joining, joining);
  const ready = (values) => r.apply(state, { type: "ready", data: snapshot([], { cursor: 6, ...values }) }, NOW)[0];
  assert.deepEqual(ready({ partial: true }).joining, joining);
  assert.deepEqual(ready({ joining: { ...joining, requests: [] } }).joining.requests, []);
});

const fact = (seq, code, values = {}) => frame(message(seq, { kind: "system", sender: AN, body: JSON.stringify({ code, ...values }) }));

test("what the owner decides reaches the conversation, and who may write follows from it", () => {
  const [member] = play(stateWith(3), fact(4, "settings", { posting: "managers", slow_mode: 60, join_policy: "open" }), fact(5, "settings", { discoverable: true, members_invite: false }));
  const { posting, slow_mode, join_policy, discoverable, members_invite, can_post, unread } = member.conversations.get(7);
  assert.deepEqual([posting, slow_mode, join_policy, discoverable, members_invite, can_post, unread], ["managers", 60, "open", true, false, false, 0]);
  const [manager] = play(member, fact(6, "role", { user: { id: ME, name: "Chi" }, role: "manager" }));
  assert.equal(manager.conversations.get(7).can_post, true);
  assert.equal(play(manager, fact(7, "role", { user: { id: ME, name: "Chi" }, role: "member" }))[0].conversations.get(7).can_post, false);
  assert.equal(play(member, fact(6, "settings", { posting: "all" }))[0].conversations.get(7).can_post, true);
});

test("a notice knows its message; a mute of mine is mine alone and ends", () => {
  const until = "2026-11-21T10:00:00.000Z";
  const [state] = play(stateWith(3), fact(4, "notice", { notice: "Exam on Monday" }), fact(5, "muted", { user: { id: AN, name: "An" }, until }));
  assert.deepEqual([state.conversations.get(7).notice, state.conversations.get(7).notice_seq, state.conversations.get(7).muted_until], ["Exam on Monday", 4, null]);
  const [muted] = play(state, fact(6, "muted", { user: { id: ME, name: "Chi" }, until }));
  assert.deepEqual([muted.conversations.get(7).muted_until, muted.conversations.get(7).can_post], [until, true]);
  assert.equal(play(muted, fact(7, "unmuted", { user: { id: ME, name: "Chi" } }))[0].conversations.get(7).muted_until, null);
  assert.equal(play(muted, fact(7, "dissolved"))[0].conversations.get(7).can_post, false);
});

test("an object of a conversation that is older than its messages takes nothing back", () => {
  const [state] = play(stateWith(3), fact(4, "notice", { notice: "New" }), fact(5, "settings", { slow_mode: 5, posting: "managers" }), privateFrame(5, { conversations: [conversation({ last_seq: 3, last_change: 3, pinned: true })] }));
  const { notice, slow_mode, pinned, can_post } = state.conversations.get(7);
  assert.deepEqual([notice, slow_mode, pinned, can_post], ["New", 5, true, false]);
});
