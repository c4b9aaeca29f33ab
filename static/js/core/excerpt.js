/** What a hit shows of its message. Pure. */

const BEFORE = 24;
const LENGTH = 160;
const BLANK = /\s/u;
/** What marks text as bold, struck or code. */
const SIGNS = /\*\*|~~|```\w*|`/gu;
/** What stands between the head and the rows of a table. */
const TABLE_LINE = /\|\s*\|(?:\s*:?-+:?\s*\|)+\s*\|/gu;

/** @typedef {{text: string, marked: boolean}} Piece */

/** Where an excerpt begins: a little before the first range, at the beginning of a word where there is one. @param {string[]} letters @param {number} first */
function beginning(letters, first) {
  if (first <= BEFORE) return 0;
  const from = first - BEFORE;
  const blank = letters.slice(from, first).findIndex((letter) => BLANK.test(letter));
  return blank < 0 ? from : from + blank + 1;
}

/**
 * The part of a text around its first range, in pieces; those of the ranges are marked. Ranges count letters (code points), in order.
 * @param {string} body @param {[number, number][]} ranges @returns {Piece[]}
 */
export function excerpt(body, ranges) {
  const letters = [...body];
  const start = beginning(letters, ranges[0]?.[0] ?? 0);
  const end = Math.min(letters.length, start + LENGTH);
  /** @type {Piece[]} */
  const found = [];
  const add = (/** @type {number} */ from, /** @type {number} */ to, /** @type {boolean} */ marked) => {
    const part = letters.slice(from, to).join("");
    const text = (marked ? part : part.replace(SIGNS, "").replace(TABLE_LINE, "|")).replace(/\s+/gu, " ");
    if (text) found.push({ text, marked });
  };
  let at = start;
  for (const [from, to] of ranges) {
    if (to <= at || from >= end) continue;
    add(at, Math.max(at, from), false);
    add(Math.max(at, from), Math.min(to, end), true);
    at = Math.min(to, end);
  }
  add(at, end, false);
  if (start > 0) found.unshift({ text: "…", marked: false });
  if (end < letters.length) found.push({ text: "…", marked: false });
  return found;
}

/** Searches of this device, the latest first and each once. @param {string[]} before @param {string} query @param {number} most @returns {string[]} */
export function remembered(before, query, most = 6) {
  const words = query.trim().replace(/\s+/gu, " ");
  return words ? [words, ...before.filter((one) => one !== words)].slice(0, most) : before;
}
