/** Checks that a deck is what was promised before the deal, as games/tienlen/shuffle.py made it (docs/tienlen.md, Shuffle). Pure. */
import { hex, sha256, unhex } from "./sha256.js";

/** @param {...(Uint8Array | number[])} parts */
const joined = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));
/** @param {string} text */
const bytesOf = (text) => new TextEncoder().encode(text);

/** What was published before anybody added a text. @param {Uint8Array} seed */
export const commitment = (seed) => hex(sha256(joined(bytesOf("tienlen seed"), seed)));

/** What was published at the deal. @param {Uint8Array} seed @param {number[]} deck */
export const deckHash = (seed, deck) => hex(sha256(joined(seed, deck)));

/** The deck of a seed and the texts of seats. @param {Uint8Array} seed @param {Record<string, string>} texts @returns {number[]} */
export function deckOf(seed, texts) {
  const parts = Object.keys(texts).map(Number).sort((a, b) => a - b).map((seat) => {
    const text = bytesOf(texts[seat]);
    return joined([seat, text.length], text);
  });
  const numbers = numbersOf(sha256(joined(seed, ...parts)));
  const deck = Array.from({ length: 52 }, (_, card) => card);
  for (let last = 51; last > 0; last--) {
    const count = last + 1;
    const limit = Math.floor(2 ** 32 / count) * count;
    let number;
    do number = /** @type {number} */ (numbers.next().value); while (number >= limit);
    const other = number % count;
    [deck[last], deck[other]] = [deck[other], deck[last]];
  }
  return deck;
}

/** @param {Uint8Array} key */
function* numbersOf(key) {
  for (let block = 0; ; block++) {
    const counter = new Uint8Array(4);
    new DataView(counter.buffer).setUint32(0, block);
    const digest = new DataView(sha256(joined(key, counter)).buffer);
    for (let at = 0; at < 32; at += 4) yield digest.getUint32(at);
  }
}

/** The three checks. @param {{seed: string, texts: Record<string, string>, deck: number[], promise: string, hash: string}} proof */
export function verify({ seed, texts, deck, promise, hash }) {
  const bytes = unhex(seed);
  return { promised: commitment(bytes) === promise, shuffled: deckOf(bytes, texts).join() === deck.join(), dealt: deckHash(bytes, deck) === hash };
}
