/**
 * The rules of Tiến Lên as far as a player's own page needs them: what cards are, whether they may be played and why not, what would fit.
 * Pure, as games/tienlen/ on the server, which decides. Cards are numbers, rank × 4 + suit: 0 is 3♠, 51 is 2♥.
 * @typedef {"single" | "pair" | "triple" | "quad" | "straight" | "run"} Kind
 * @typedef {{kind: Kind, length: number, top: number, cards: number[]}} Combo `length` counts ranks in a straight or a run of pairs, else cards
 * @typedef {{quad_chops_pair2: boolean, free_chop: "run4" | "any_bomb" | "none", end_on_two: "allowed" | "forbidden"} & Record<string, any>} Options
 * @typedef {{options: Options, live: number[], turn: number | null, top: {by: number, cards: number[]} | null, closing: boolean, over: boolean, must: number | null}} Game what a seat sees of a game
 */

export const TWO = 12;
/** @type {Kind[]} */
const SAME = ["single", "pair", "triple", "quad"];

/** @param {number} card */
export const rankOf = (card) => card >> 2;
/** @param {number} card */
export const suitOf = (card) => card & 3;
/** From low to high. @param {Iterable<number>} cards */
export const sorted = (cards) => [...cards].sort((a, b) => a - b);

/** The combination these cards are, if they are one. @param {Iterable<number>} cards @returns {Combo | null} */
export function classify(cards) {
  const held = sorted(cards);
  const count = held.length;
  if (!count || new Set(held).size !== count) return null;
  const ranks = held.map(rankOf);
  const [low, high, top] = [ranks[0], ranks[count - 1], held[count - 1]];
  if (low === high) return { kind: SAME[count - 1], length: count, top, cards: held };
  if (high === TWO || count < 3) return null;
  if (ranks.every((rank, at) => rank === low + at)) return { kind: "straight", length: count, top, cards: held };
  if (count >= 6 && count % 2 === 0 && ranks.every((rank, at) => rank === low + (at >> 1))) return { kind: "run", length: count / 2, top, cards: held };
  return null;
}

/** Four of a kind or a run of pairs. @param {Combo} combo */
export const isBomb = ({ kind }) => kind === "quad" || kind === "run";
/** One 2 or a pair of them. @param {Combo} combo */
const isTwos = ({ kind, top }) => (kind === "single" || kind === "pair") && rankOf(top) === TWO;
/** What a bomb chops. @param {Combo} combo */
export const canBeChopped = (combo) => isTwos(combo) || isBomb(combo);

/** Whether `next` may be put on `top`. @param {Combo} next @param {Combo} top @param {Options} options */
export function beats(next, top, options) {
  if (next.kind === top.kind && next.length === top.length) return next.top > top.top;
  if (next.kind === "run") {
    if (top.kind === "run") return next.length > top.length;
    if (isTwos(top)) return top.kind === "single" || next.length >= 4;
    return top.kind === "quad" && next.length >= 4;
  }
  if (next.kind !== "quad") return false;
  if (isTwos(top)) return top.kind === "single" || options.quad_chops_pair2;
  return top.kind === "run" && top.length === 3;
}

/** Does it chop what it beats? A higher 2 on a 2 is none. @param {Combo} next @param {Combo} top */
export const isChop = (next, top) => isBomb(next) && canBeChopped(top);

/** May it be played out of turn and after passing? @param {Game} game @param {number} seat @param {Combo} combo */
export function isFreeChop(game, seat, combo) {
  const { free_chop: allowed } = game.options;
  if (!game.top || game.top.by === seat || allowed === "none" || !isBomb(combo)) return false;
  if (allowed === "run4" && !(combo.kind === "run" && combo.length >= 4)) return false;
  const top = classify(game.top.cards);
  return !!top && canBeChopped(top) && beats(combo, top, game.options);
}

/**
 * Why these cards of the hand cannot be played: the server's code, and for `does_not_beat` what is missing; null where they can.
 * @param {Game} game @param {number} seat @param {number[]} hand @param {number[]} cards @returns {{code: string, detail?: string} | null}
 */
export function whyNot(game, seat, hand, cards) {
  if (game.over || !game.live.includes(seat)) return { code: "not_playing" };
  if (!cards.length || new Set(cards).size !== cards.length || !cards.every((card) => hand.includes(card))) return { code: "not_in_hand" };
  const combo = classify(cards);
  if (!combo) return { code: "not_a_combo" };
  if ((game.turn !== seat || game.closing) && !isFreeChop(game, seat, combo)) return { code: "not_your_turn" };
  if (game.must !== null && game.turn === seat && !cards.includes(game.must)) return { code: "must_include_3s" };
  const top = game.top && classify(game.top.cards);
  if (!top) return null;
  if (!beats(combo, top, game.options)) {
    if (combo.kind !== top.kind) return { code: "does_not_beat", detail: "other_kind" };
    return { code: "does_not_beat", detail: combo.length === top.length ? "too_low" : "other_length" };
  }
  if (game.options.end_on_two === "forbidden" && cards.length === hand.length && cards.some((card) => rankOf(card) === TWO)) return { code: "ends_on_two" };
  return null;
}

/** All combinations of a hand: of each kind, length and top card the one with the lowest other cards. @param {number[]} hand @returns {Combo[]} */
export function combosOf(hand) {
  /** @type {number[][]} */
  const ranks = Array.from({ length: TWO + 1 }, () => []);
  for (const card of sorted(hand)) ranks[rankOf(card)].push(card);
  /** @type {number[][]} */
  const found = [];
  for (const cards of ranks) cards.forEach((card, at) => { for (let below = 0; below <= at; below++) found.push([...cards.slice(0, below), card]); });
  for (let low = 0; low < TWO - 2; low++) {
    /** @type {number[]} */
    const straight = [];
    /** @type {number[]} */
    const pairs = [];
    for (let rank = low; rank < TWO && ranks[rank].length; rank++) {
      const cards = ranks[rank];
      if (straight.length >= 2) for (const card of cards) found.push([...straight, card]);
      straight.push(cards[0]);
      if (cards.length < 2 || pairs.length !== 2 * (rank - low)) continue;
      if (pairs.length >= 4) for (const card of cards.slice(1)) found.push([...pairs, cards[0], card]);
      pairs.push(cards[0], cards[1]);
    }
  }
  return /** @type {Combo[]} */ (found.map(classify).filter(Boolean));
}

/** From the cheapest: bombs last, then 2s, then the long and the high. @param {Combo} a @param {Combo} b */
const cheaper = (a, b) => Number(isBomb(a)) - Number(isBomb(b)) || Number(rankOf(a.top) === TWO) - Number(rankOf(b.top) === TWO) || a.length - b.length || a.top - b.top;

/** What may be played now, also out of turn, the cheapest first. @param {Game} game @param {number} seat @param {number[]} hand @returns {Combo[]} */
export const plays = (game, seat, hand) => combosOf(hand).filter((combo) => !whyNot(game, seat, hand, combo.cards)).sort(cheaper);

/**
 * The smallest answer with this card: of those of the kind and length of the top play, with the card exchanged for one of its own rank where that fits;
 * else a chop. Null where one card is asked for, or nothing fits.
 * @param {Game} game @param {number} seat @param {number[]} hand @param {number} card @returns {number[] | null}
 */
export function answerWith(game, seat, hand, card) {
  const top = game.top && classify(game.top.cards);
  if (!top || game.top?.by === seat) return null;
  // as if it were his turn: cards are also chosen while waiting
  const now = { ...game, turn: seat, closing: false };
  const able = (/** @type {Combo} */ combo) => combo.cards.length > 1 && combo.cards.includes(card) && !whyNot(now, seat, hand, combo.cards);
  const found = [...combosOf(hand), ...exchanged(hand, card)].filter(able).sort(cheaper);
  return found[0]?.cards ?? null;
}

/** Combinations in which the card stands in the place of another one of its rank. @param {number[]} hand @param {number} card @returns {Combo[]} */
function exchanged(hand, card) {
  const same = hand.filter((other) => other !== card && rankOf(other) === rankOf(card));
  return combosOf(hand).flatMap((combo) => same.filter((other) => combo.cards.includes(other) && !combo.cards.includes(card))
    .map((other) => classify(combo.cards.map((held) => (held === other ? card : held))))).filter((made) => made !== null);
}
