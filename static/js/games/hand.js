/**
 * The order of the own hand, and what is chosen of it. Pure.
 * @typedef {"rank" | "groups" | "own"} Order
 */
import { TWO, combosOf, isBomb, rankOf, sorted } from "./rules.js";

/** The hand in groups that can be played: bombs, then long straights, triples, pairs, single cards, and the 2s at the end. @param {number[]} hand @returns {number[]} */
export function inGroups(hand) {
  let left = sorted(hand);
  /** @type {number[][]} */
  const groups = [];
  const take = (/** @type {number[]} */ cards) => {
    groups.push(cards);
    left = left.filter((card) => !cards.includes(card));
  };
  const longest = (/** @type {(combo: import("./rules.js").Combo) => boolean} */ fits) => combosOf(left).filter(fits).sort((a, b) => b.cards.length - a.cards.length || a.top - b.top)[0];
  const twos = left.filter((card) => rankOf(card) === TWO);
  left = left.filter((card) => rankOf(card) !== TWO);
  for (let found; (found = longest(isBomb)); ) take(found.cards);
  for (let found; (found = longest(({ kind, length }) => kind === "straight" && length >= 3 )); ) take(found.cards);
  for (const kind of ["triple", "pair"]) for (let found; (found = longest((combo) => combo.kind === kind)); ) take(found.cards);
  return [...groups.flat(), ...left, ...twos];
}

/** The hand as it stands on the screen: an order of one's own keeps its places, and what is not in it comes where its rank is. @param {number[]} hand @param {Order} order @param {number[]} own */
export function ordered(hand, order, own) {
  if (order === "groups") return inGroups(hand);
  if (order === "rank") return sorted(hand);
  const kept = own.filter((card) => hand.includes(card));
  for (const card of sorted(hand.filter((other) => !kept.includes(other)))) {
    const at = kept.findIndex((other) => other > card);
    kept.splice(at < 0 ? kept.length : at, 0, card);
  }
  return kept;
}

/** Moves a card to a place. @param {number[]} cards @param {number} card @param {number} to @returns {number[]} */
export function moved(cards, card, to) {
  const rest = cards.filter((other) => other !== card);
  rest.splice(Math.max(0, Math.min(to, rest.length)), 0, card);
  return rest;
}

/** The ranks that keys stand for. */
const KEYS = /** @type {Record<string, number>} */ ({ 3: 0, 4: 1, 5: 2, 6: 3, 7: 4, 8: 5, 9: 6, 0: 7, 1: 7, t: 7, j: 8, q: 9, k: 10, a: 11, 2: 12 });

/** What is chosen after a key for a rank: its lowest card, one more each time, none after the last. Null: the key stands for no rank that is held. @param {string} key @param {number[]} hand @param {number[]} chosen @returns {number[] | null} */
export function byKey(key, hand, chosen) {
  const rank = KEYS[key.toLowerCase()];
  const cards = rank === undefined ? [] : sorted(hand.filter((card) => rankOf(card) === rank));
  if (!cards.length) return null;
  const next = cards.find((card) => !chosen.includes(card));
  return next === undefined ? chosen.filter((card) => !cards.includes(card)) : [...chosen, next];
}
