/**
 * Finding names by a few letters: by beginnings of words in any order ("ng mi"), by initials ("nm"), Chinese by any part.
 * A mark that was typed has to be there, one that was not typed may be: "nguyen" finds "Nguyễn", "đường" does not find "dưỡng".
 */

/** @typedef {{base: string, marks: string, start: number, end: number, first: boolean}} Letter */
/** How good a match is (0 is best), and which parts of the text it rests on. @typedef {{rank: number, spans: [number, number][]}} Match */

const LETTER = /[\p{L}\p{N}\p{S}]/u;
const HAN = /\p{Script=Han}/u;
/** The stroke of đ, ł, ø and the like is no mark in Unicode; core/folding.py has the same letters. */
const STROKE = "\u0335";
const STROKED = new Map(Object.entries({ đ: "d", ð: "d", ħ: "h", ɨ: "i", ı: "i", ł: "l", ø: "o", ŧ: "t", ƀ: "b", ɖ: "d", ƶ: "z" }));
/** @param {string} letter */
const folded = (letter) => (letter === "ß" ? "ss" : STROKED.has(letter) ? STROKED.get(letter) + STROKE : letter);

/** A text as letters with their marks apart and without case; `first` begins a word. @param {string} text @returns {Letter[]} */
export function letters(text) {
  /** @type {Letter[]} */
  const found = [];
  let before = "";
  for (const part of text.matchAll(/\P{M}\p{M}*/gsu)) {
    const whole = part[0].toLowerCase().normalize("NFKD").replace(/[đðħɨıłøŧƀɖƶß]/gu, folded);
    for (const [one] of whole.matchAll(/\P{M}\p{M}*/gsu)) {
      const base = String.fromCodePoint(one.codePointAt(0) ?? 0);
      const first = LETTER.test(base) && (!LETTER.test(before) || HAN.test(base) || HAN.test(before) || /\p{N}/u.test(base) !== /\p{N}/u.test(before));
      found.push({ base, marks: one.slice(base.length), start: part.index, end: part.index + part[0].length, first });
      before = base;
    }
  }
  return found;
}

/** @param {Letter} typed @param {Letter | undefined} there */
const fits = (typed, there) => there !== undefined && typed.base === there.base && [...typed.marks].every((mark) => there.marks.includes(mark));

/** @param {Letter[]} term @param {Letter[]} text @param {number} at */
const fitsAt = (term, text, at) => term.every((letter, i) => fits(letter, text[at + i]));

/** Where the letters of a term are the first ones of words, in order. @param {Letter[]} term @param {Letter[]} text */
function initials(term, text) {
  /** @type {Letter[]} */
  const used = [];
  for (const letter of text) {
    if (letter.first && used.length < term.length && fits(term[used.length], letter)) used.push(letter);
  }
  return used.length === term.length ? used : null;
}

/** @param {Letter[]} term @param {Letter[]} text @returns {Match | null} */
function matchTerm(term, text) {
  const span = (/** @type {number} */ at) => /** @type {[number, number][]} */ ([[text[at].start, text[at + term.length - 1].end]]);
  let inside = -1;
  for (let at = 0; at + term.length <= text.length; at++) {
    if (!fitsAt(term, text, at)) continue;
    if (text[at].first || at === 0) return { rank: at === 0 ? 0 : 1, spans: span(at) };
    if (inside < 0) inside = at;
  }
  const used = term.length > 1 ? initials(term, text) : null;
  if (used) return { rank: 2, spans: used.map(({ start, end }) => [start, end]) };
  return inside >= 0 && term.length > 2 ? { rank: 3, spans: span(inside) } : null;
}

/** How a text answers to what was typed; null where it does not. @param {string} query @param {string} text @returns {Match | null} */
export function match(query, text) {
  const terms = query.trim().replace(/^[@#]/, "").split(/\s+/u).filter(Boolean).map(letters);
  const held = letters(text);
  /** @type {Match} */
  const all = { rank: 0, spans: [] };
  for (const [i, term] of terms.entries()) {
    const found = matchTerm(term, held);
    if (!found) return null;
    all.rank = Math.max(all.rank, i > 0 && found.rank === 0 ? 1 : found.rank);
    all.spans.push(...found.spans);
  }
  all.spans.sort((a, b) => a[0] - b[0]);
  return all;
}

/**
 * The things that answer to what was typed, the best first and equals in the given order. Other names count after the first one.
 * @template T @param {T[]} things @param {string} query @param {(thing: T) => string[]} names
 * @returns {{thing: T, spans: [number, number][]}[]}
 */
export function search(things, query, names) {
  /** @type {{thing: T, rank: number, spans: [number, number][]}[]} */
  const found = [];
  for (const thing of things) {
    const [title, ...others] = names(thing);
    const best = match(query, title);
    const other = best ? null : others.map((name) => match(query, name)).find(Boolean);
    if (best) found.push({ thing, ...best });
    else if (other) found.push({ thing, rank: other.rank + 1, spans: [] });
  }
  return found.sort((a, b) => a.rank - b.rank);
}

/** A text in pieces, those of the spans marked. @param {string} text @param {[number, number][]} spans @returns {{text: string, marked: boolean}[]} */
export function pieces(text, spans) {
  const cut = [];
  let at = 0;
  for (const [start, end] of spans) {
    if (end <= at) continue;
    if (start > at) cut.push({ text: text.slice(at, start), marked: false });
    cut.push({ text: text.slice(Math.max(start, at), end), marked: true });
    at = end;
  }
  if (at < text.length) cut.push({ text: text.slice(at), marked: false });
  return cut;
}
