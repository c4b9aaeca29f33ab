import assert from "node:assert/strict";
import { test } from "node:test";
import { apply, fromSnapshot, gameFor, handOf, isTurnOf, left, plays, refreshed, refused, seatOf, sheet, submitted, trickOf, wantsHand, withHand } from "../../static/js/games/state.js";

const ME = 7;
const AN = 5;
const game = (values = {}) => ({
  number: 0, options: { opening: "first_game" }, players: [0, 1], counts: [13, 13, 0, 0], live: [0, 1], turn: 0, top: null, passed: [], must: null, chain: [], closing: false,
  strikes: [0, 0, 0, 0], out: [], left: [], gone: [], blank: [], over: false, cancelled: false, instant: null, places: [], entries: [], points: [0, 0, 0, 0], hands: null, ...values,
});
const view = (values = {}) => ({
  phase: "playing", match: 1, options: {}, host: ME, seats: [{ user: ME, ready: false, silent: false }, { user: AN, ready: false, silent: false }, null, null], players: [ME, AN, null, null],
  watchers: 0, scores: {}, due: { turn: 20 }, votes: {}, promise: "p", hash: "h", proof: null, preset: "standard", moved: 4, first: true, game: game(), ...values,
});
const snapshot = (values = {}) => ({ table: 1, conversation: 2, seq: 4, view: view(), hand: [0, 8, 20], names: {}, log: [[3, [{ kind: "started", match: 1 }]]], role: "host", may_close: true, ...values });
const news = (seq, events, values = {}) => ({ table: 1, conversation: 2, seq, events, view: view(values) });
const open = (values) => fromSnapshot(snapshot(values), 1000);

test("a snapshot, then news: each has the whole view, old ones change nothing", () => {
  const state = open();
  assert.deepEqual(handOf(state, ME), [0, 8, 20]);
  const after = apply(state, news(5, [{ kind: "pass", seat: 1 }], { watchers: 3 }), ME, 2000);
  assert.equal(after.view.watchers, 3);
  assert.equal(apply(after, news(5, [{ kind: "pass", seat: 1 }], { watchers: 9 }), ME, 3000), after);
  assert.equal(apply(after, { ...news(5, []), closed: "empty" }, ME, 3000).closed, "empty");
  assert.deepEqual(after.log.map(({ kind }) => kind), ["started", "pass"]);
});

test("my cards go with my play, whoever made it; those of others stay out of it", () => {
  const state = open();
  assert.deepEqual(handOf(apply(state, news(5, [{ kind: "play", seat: 0, cards: [8], by_server: true }]), ME, 0), ME), [0, 20]);
  assert.deepEqual(handOf(apply(state, news(5, [{ kind: "play", seat: 1, cards: [9] }]), ME, 0), ME), [0, 8, 20]);
});

test("a play on its way is out of the hand, and comes back when it is refused", () => {
  const sent = submitted(open(), [0, 8]);
  assert.deepEqual(handOf(sent, ME), [20]);
  assert.deepEqual(handOf(refused(sent), ME), [0, 8, 20]);
  const done = apply(sent, news(5, [{ kind: "play", seat: 0, cards: [0, 8] }]), ME, 0);
  assert.deepEqual([done.pending, handOf(done, ME)], [null, [20]]);
  assert.equal(withHand(sent, { seq: 5, match: 1, cards: [20] }).pending, null, "the answer came before the event");
});

test("after a lost connection the server's hand counts, not what was on its way", () => {
  const sent = submitted(open(), [0, 8]);
  const back = refreshed(refused(sent), snapshot({ seq: 6 }), 0);
  assert.deepEqual(handOf(back, ME), [0, 8, 20]);
  assert.deepEqual(handOf(refreshed(sent, snapshot({ seq: 6, hand: [20] }), 0), ME), [20]);
  const newer = apply(sent, news(9, []), ME, 0);
  assert.equal(refreshed(newer, snapshot({ seq: 6 }), 0), newer, "an answer that was overtaken");
});

test("a new match waits for its hand; an older hand is left alone", () => {
  const dealt = apply(open(), news(9, [{ kind: "started", match: 2 }], { match: 2 }), ME, 0);
  assert.deepEqual(handOf(dealt, ME), [], "no card of the last match");
  assert.ok(wantsHand(dealt, ME));
  const held = withHand(dealt, { seq: 9, match: 2, cards: [1, 2] });
  assert.deepEqual(handOf(held, ME), [1, 2]);
  assert.equal(withHand(held, { seq: 12, match: 1, cards: [50] }), held);
  assert.equal(withHand(held, { seq: 8, match: 2, cards: [50] }), held);
  assert.equal(withHand(held, undefined), held);
});

test("who watches holds nothing and has no seat", () => {
  const state = fromSnapshot(snapshot({ hand: null, role: "watcher" }), 0);
  assert.deepEqual([handOf(state, 99), plays(state, 99), seatOf(state.view, 99), wantsHand(state, 99)], [[], false, -1, false]);
  assert.equal(seatOf(state.view, AN), 1);
});

test("who opens the first match has to play the lowest card; later he leads what he likes", () => {
  assert.equal(gameFor(open(), ME).must, 0);
  assert.equal(gameFor(open(), AN).must, null);
  assert.equal(gameFor(open({ view: view({ match: 2 }) }), ME).must, 0, "the first match was called off");
  assert.equal(gameFor(open({ view: view({ match: 2, first: false }) }), ME).must, null);
  assert.equal(gameFor(open({ view: view({ game: game({ number: 3 }) }) }), ME).must, null);
  assert.equal(gameFor(open({ view: view({ phase: "result" }) }), ME), null);
});

test("it is nobody's turn between matches, nor while a trick is held open", () => {
  assert.deepEqual([isTurnOf(view(), ME), isTurnOf(view(), AN), isTurnOf(view(), 99)], [true, false, false]);
  for (const not of [{ phase: "result" }, { phase: "waiting", game: null }, { game: game({ closing: true }) }, { game: game({ turn: null }) }, { players: [AN, ME, null, null] }]) {
    assert.equal(isTurnOf(view(not), ME), false, JSON.stringify(not));
  }
});

test("the open trick, the time that is left, and the lines of the sheet", () => {
  const log = [{ kind: "play", cards: [1] }, { kind: "trick", seat: 0 }, { kind: "play", cards: [5] }, { kind: "pass", seat: 1 }, { kind: "play", cards: [9] }];
  assert.deepEqual(trickOf(log).map(({ cards }) => cards), [[5], [9]]);
  assert.deepEqual(trickOf([...log, { kind: "over", places: [] }]), []);
  assert.equal(left(open(), "turn", 6000), 15);
  assert.equal(left(open(), "turn", 60_000), 0);
  assert.equal(left(open(), "result", 0), null);
  const entries = [{ from: 2, to: 3, reason: "chop", units: 2, cards: [51] }, { from: 1, to: 3, reason: "last", units: 2, cards: [] }, { from: 2, to: 3, reason: "chop", units: 3, cards: [0, 1, 4, 5, 8, 9] }];
  assert.deepEqual(sheet(game({ entries })).map(({ from, to, units, entries: all }) => [from, to, units, all.length]), [[2, 3, 5, 2], [1, 3, 2, 1]]);
});
