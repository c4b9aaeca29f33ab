import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { byKey, inGroups, moved, ordered } from "../../static/js/games/hand.js";
import { answerWith, classify, combosOf, plays, whyNot } from "../../static/js/games/rules.js";
import { hex, sha256 } from "../../static/js/games/sha256.js";
import { commitment, deckHash, deckOf, verify } from "../../static/js/games/shuffle.js";

const RANKS = "3456789TJQKA2";
const SUITS = "scdh";
/** "3s Td 2h" */
const parse = (text) => text.split(" ").filter(Boolean).map((name) => RANKS.indexOf(name[0]) * 4 + SUITS.indexOf(name[1]));
const show = (cards) => cards.map((card) => RANKS[card >> 2] + SUITS[card & 3]).join(" ");
const seatOf = (name) => "ABCD".indexOf(name);
const DEFAULTS = { quad_chops_pair2: true, free_chop: "run4", end_on_two: "allowed", opening: "first_game" };
const game = (values = {}) => ({ options: DEFAULTS, live: [0, 1, 2, 3], turn: 0, top: null, closing: false, over: false, must: null, ...values });
const files = ["given", "rules"].map((name) => JSON.parse(readFileSync(new URL(`../../games/tests/positions/${name}.json`, import.meta.url), "utf8")));

/** What a seat sees at the start of a position; null where more happened than its first step says. */
function positionGame(position, defaults) {
  if (position.deal || position.first || !position.steps?.length) return null;
  const hands = {};
  for (const [name, held] of Object.entries(position.seats)) hands[seatOf(name)] = parse(held.hand ?? held);
  const live = Object.keys(hands).map(Number).filter((seat) => hands[seat].length && !(position.out ?? []).includes("ABCD"[seat]));
  const top = position.top ? { by: seatOf(position.top.by), cards: parse(position.top.cards) } : null;
  return { hands, game: game({ options: { ...DEFAULTS, ...defaults, ...position.opts }, live, turn: position.turn ? seatOf(position.turn) : null, top }) };
}

test("the first step of every position is judged as the server does", () => {
  let judged = 0;
  for (const { positions, option_positions: more, defaults } of files) {
    for (const position of [...positions, ...(more ?? [])]) {
      const made = positionGame(position, defaults);
      if (!made || made.game.turn === null) continue;
      for (const [name, kind, cards, verdict] of position.steps) {
        if (kind !== "play") break;
        const seat = seatOf(name);
        const why = whyNot(made.game, seat, made.hands[seat], parse(cards));
        assert.equal(why ? `no:${why.code}` : "ok", verdict, `${position.id}: ${name} ${cards}`);
        judged++;
        if (verdict === "ok") break; // what follows needs the server
      }
    }
  }
  assert.ok(judged > 40, `${judged} judged`);
});

test("the grid of combinations: each beats what the server says it beats", () => {
  const { grid } = files[1];
  const names = Object.keys(grid).filter((name) => classify(parse(grid[name].cards)));
  assert.ok(names.length > 5);
  for (const upper of names) {
    for (const lower of names) {
      if (upper === lower) continue;
      const cards = parse(grid[upper].cards);
      const seen = game({ turn: 1, top: { by: 0, cards: parse(grid[lower].cards) } });
      assert.equal(whyNot(seen, 1, cards, cards) === null, grid[upper].beats.includes(lower), `${upper} on ${lower}`);
    }
  }
});

test("why not, in the order of the rules", () => {
  const hand = parse("3s 4s 5h 7d 7c 2h");
  const why = (cards, values) => whyNot(game(values), 0, hand, parse(cards));
  assert.deepEqual(why("", {}), { code: "not_in_hand" });
  assert.deepEqual(why("9s", {}), { code: "not_in_hand" });
  assert.deepEqual(why("4s 7d", {}), { code: "not_a_combo" });
  assert.deepEqual(why("4s", { turn: 2 }), { code: "not_your_turn" });
  assert.deepEqual(why("4s", { must: 0 }), { code: "must_include_3s" });
  assert.equal(why("3s 4s 5h", { must: 0 }), null);
  const top = { by: 1, cards: parse("8c") };
  assert.deepEqual(why("7d", { top }), { code: "does_not_beat", detail: "too_low" });
  assert.deepEqual(why("7d 7c", { top }), { code: "does_not_beat", detail: "other_kind" });
  assert.deepEqual(why("3s 4s 5h", { top: { by: 1, cards: parse("4c 5c 6c 7h") } }), { code: "does_not_beat", detail: "other_length" });
  assert.equal(why("2h", { top }), null);
  assert.deepEqual(whyNot(game({ top, options: { ...DEFAULTS, end_on_two: "forbidden" } }), 0, parse("2h"), parse("2h")), { code: "ends_on_two" });
  assert.deepEqual(whyNot(game({ live: [1, 2] }), 0, hand, parse("4s")), { code: "not_playing" });
});

test("a run of four pairs chops out of turn, a run of three does not", () => {
  const run4 = parse("3s 3c 4s 4c 5s 5c 6s 6c");
  const seen = game({ turn: 2, top: { by: 1, cards: parse("2d") } });
  assert.deepEqual(plays(seen, 0, run4).map((combo) => show(combo.cards)), ["3s 3c 4s 4c 5s 5c 6s 6c"]);
  assert.deepEqual(plays(seen, 0, run4.slice(0, 6)), []);
  assert.deepEqual(plays({ ...seen, top: { by: 0, cards: parse("2d") } }, 0, run4), [], "not onto one's own play");
  assert.deepEqual(plays({ ...seen, top: { by: 1, cards: parse("As") } }, 0, run4), [], "bombs never beat ordinary cards");
  assert.deepEqual(plays({ ...seen, top: null }, 0, run4), []);
});

test("a tapped card brings the smallest answer that holds it", () => {
  const hand = parse("4s 5c 6d 6h 7s 8c 8d 9h Js Jc 2c");
  const answer = (top, card) => { const found = answerWith(game({ top: { by: 1, cards: parse(top) } }), 0, hand, parse(card)[0]); return found && show(found); };
  assert.equal(answer("7c 7d", "8c"), "8c 8d");
  assert.equal(answer("7c 7d", "6d"), null, "its pair is too low");
  assert.equal(answer("3c 4c 5s", "6d"), "4s 5c 6d");
  assert.equal(answer("3c 4c 5s", "8d"), "6d 7s 8d", "the card itself, not the lower one of its rank");
  assert.equal(answer("Tc", "Js"), null, "one card is one card");
});

test("the hand in three orders", () => {
  const hand = parse("9s 3s 4c 5d 5h 9c 2d Ks");
  assert.equal(show(inGroups(hand)), "3s 4c 5d 9s 9c 5h Ks 2d");
  assert.equal(show(inGroups(parse("3s 3c 4s 4c 5s 5c 8d 8h 8s 8c"))), "3s 3c 4s 4c 5s 5c 8s 8c 8d 8h");
  assert.equal(show(ordered(hand, "rank", [])), "3s 4c 5d 5h 9s 9c Ks 2d");
  const own = moved(ordered(hand, "rank", []), parse("2d")[0], 0);
  assert.equal(show(own), "2d 3s 4c 5d 5h 9s 9c Ks");
  assert.equal(show(ordered(hand.filter((card) => card !== parse("3s")[0]), "own", own)), "2d 4c 5d 5h 9s 9c Ks", "places stay when cards go");
});

test("a key for a rank takes its cards one after the other, then none", () => {
  const hand = parse("7s 7h Ts Kd");
  assert.equal(show(byKey("7", hand, [])), "7s");
  assert.equal(show(byKey("7", hand, parse("7s"))), "7s 7h");
  assert.equal(show(byKey("7", hand, parse("7s 7h"))), "");
  assert.equal(show(byKey("0", hand, [])), "Ts");
  assert.equal(show(byKey("k", hand, parse("7s"))), "7s Kd");
  assert.equal(byKey("a", hand, []), null);
  assert.equal(byKey("x", hand, []), null);
});

test("all combinations of a random hand are what they say, and what may be led is all of them", () => {
  let seed = 7;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  for (let round = 0; round < 40; round++) {
    const deck = Array.from({ length: 52 }, (_, card) => card).sort(() => random() - 0.5);
    const hand = deck.slice(0, 13);
    const found = combosOf(hand);
    for (const combo of found) assert.deepEqual(classify(combo.cards), combo);
    assert.equal(plays(game(), 0, hand).length, found.length);
  }
});

test("SHA-256 of known texts", () => {
  const of = (text) => hex(sha256(new TextEncoder().encode(text)));
  assert.equal(of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  assert.equal(of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assert.equal(of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  assert.equal(of("a".repeat(1000)), "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3");
});

test("the proof of a shuffle holds for what the server makes, and for nothing else", () => {
  // made by games/tienlen/shuffle.py
  const proof = JSON.parse(readFileSync(new URL("./shuffle.json", import.meta.url), "utf8"));
  assert.deepEqual(verify(proof), { promised: true, shuffled: true, dealt: true });
  assert.deepEqual(verify({ ...proof, texts: { ...proof.texts, 2: "other" } }), { promised: true, shuffled: false, dealt: true });
  assert.equal(verify({ ...proof, promise: proof.hash }).promised, false);
  assert.equal(verify({ ...proof, deck: proof.deck.with(0, proof.deck[1]).with(1, proof.deck[0]) }).dealt, false);
  const seed = new Uint8Array(32);
  assert.notEqual(commitment(seed), deckHash(seed, deckOf(seed, {})));
});
