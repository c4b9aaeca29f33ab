/**
 * Where the reader is: holding a row in its place while others come and go (browsers differ), what has been seen, the day at the top,
 * and where each conversation was left in this tab.
 */
import { byId } from "../core/dom.js";

/** A message that crosses the top edge, and where it stands. @typedef {{seq: number, offset: number}} Anchor */
/** Where a conversation was left, and its newest message then. @typedef {Anchor & {last: number}} Place */

export const scroller = byId("scroller");
export const log = byId("log");
const CHIP_MS = 1500;
const PLACES = 50;

/** @returns {HTMLElement[]} */
const messages = () => [...log.querySelectorAll(/** @type {"div"} */ ("[data-seq]"))];

/** The first element for which it is true; they are in order. @template T @param {T[]} all @param {(one: T) => boolean} test */
export function firstWhere(all, test) {
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(all[middle])) high = middle;
    else low = middle + 1;
  }
  return all[low];
}

/** @param {number} seq */
export const rowOf = (seq) => /** @type {HTMLElement | null} */ (log.querySelector(`[data-seq="${seq}"]`));

/** How far it is to the end. */
export const distance = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;

/** The row that is to stay where it is. @returns {Anchor | null} */
export function anchorNow() {
  const top = scroller.getBoundingClientRect().top;
  const row = firstWhere(messages(), (r) => r.getBoundingClientRect().bottom > top);
  return row ? { seq: Number(row.dataset.seq), offset: row.getBoundingClientRect().top - top } : null;
}

/** Puts a row back in its place; false where it is not held. @param {Anchor | null | undefined} anchor */
export function holdAt(anchor) {
  const row = anchor && rowOf(anchor.seq);
  if (!row) return false;
  const over = row.getBoundingClientRect().top - scroller.getBoundingClientRect().top - anchor.offset;
  if (Math.abs(over) >= 0.5) scroller.scrollTop += over;
  return true;
}

/** The highest message whose end is on the screen. */
export function seenSeq() {
  if (!scroller.clientHeight) return 0;
  const bottom = scroller.getBoundingClientRect().bottom + 4;
  const all = messages();
  const below = firstWhere(all, (r) => {
    const box = r.getBoundingClientRect();
    return !(box.bottom <= bottom || (box.height > scroller.clientHeight && box.top < bottom - 80));
  });
  const at = below ? all.indexOf(below) - 1 : all.length - 1;
  return Number(all[at]?.dataset.seq ?? 0);
}

/** @type {Map<number, Place>} */
let places = new Map();
let storeKey = "";

/** Reads what this tab has kept. @param {number} user */
export function readPlaces(user) {
  storeKey = `chatroom.places.${user}`;
  try {
    places = new Map(JSON.parse(sessionStorage.getItem(storeKey) ?? "[]"));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    places = new Map();
  }
}

/** @param {number} id */
export const placeOf = (id) => places.get(id);

/** Keeps where a conversation was left; null: at its end. @param {number} id @param {Place | null} place */
export function keepPlace(id, place) {
  if (!places.delete(id) && !place) return;
  if (place) places.set(id, place);
  sessionStorage.setItem(storeKey, JSON.stringify([...places].slice(-PLACES)));
}

const chip = document.createElement("button");
let touched = -Infinity;
/** @type {any} */
let fading;

/** The date at the top, while somebody scrolls. */
export function showDate() {
  if (performance.now() - touched > 800 && !chip.classList.contains("shown")) return;
  const top = scroller.getBoundingClientRect().top;
  const days = /** @type {HTMLElement[]} */ ([...log.querySelectorAll(".day")]);
  const after = firstWhere(days, (day) => day.getBoundingClientRect().top >= top);
  const day = after ? days[days.indexOf(after) - 1] : days.at(-1);
  clearTimeout(fading);
  chip.classList.toggle("shown", !!day);
  if (!day) return;
  const button = /** @type {HTMLElement} */ (day.firstElementChild);
  if (chip.textContent !== button.textContent) chip.textContent = button.textContent;
  chip.dataset.at = button.dataset.at;
  fading = setTimeout(() => chip.classList.remove("shown"), CHIP_MS);
}

/** Makes the date and listens for a hand on the list. @param {string} label */
export function startDate(label) {
  const place = document.createElement("div");
  place.className = "date-place";
  chip.type = "button";
  chip.className = "date-chip";
  chip.tabIndex = -1;
  chip.title = label;
  chip.dataset.action = "date";
  place.append(chip);
  scroller.before(place);
  for (const name of ["wheel", "touchmove", "pointerdown", "keydown"]) scroller.addEventListener(name, () => { touched = performance.now(); }, { passive: true });
  return chip;
}
