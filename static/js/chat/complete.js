/** A small list above the box for the word before the caret. Only Tab, Enter or a click puts something into the text. */
import { html, render } from "../vendor/ui.js";
import { byId } from "../core/dom.js";
import { gettext } from "../core/i18n.js";
import { findEmoji, inTone, loadEmoji, tone, used } from "./emojidata.js";

const OFFERED = 6;

/** One line of the list. @typedef {{view: unknown, take: () => void}} Offer */

/** @type {Offer[]} */
let offered = [];
let chosen = 0;
let asked = "";
/** What the list was drawn for. */
let drawnFor = "";
const list = document.createElement("div");
list.id = "composer-list";
list.className = "composer-list";
list.setAttribute("role", "listbox");

/** Offers emoji that fit a word. @param {HTMLTextAreaElement} area @param {string} word @param {(emoji: string) => void} pick */
export async function offer(area, word, pick) {
  const mine = begin(`:${word}`);
  const all = await loadEmoji().catch(() => []); // without names nothing is offered; the text stays as typed
  if (!mine()) return;
  show(area, gettext("Emoji"), findEmoji(all, word).slice(0, OFFERED).map((e) => {
    const emoji = e.toned ? inTone(e.char, tone()) : e.char;
    return { view: html`<span aria-hidden="true">${emoji}</span>${e.name}`, take: () => { used(emoji); pick(emoji); } };
  }));
}

/** What is asked for now; the answer tells whether it still is. @param {string} word @returns {() => boolean} */
export function begin(word) {
  asked = word;
  return () => asked === word;
}

/** Shows what is offered; of the same list again the chosen line stays. @param {HTMLTextAreaElement} area @param {string} label @param {Offer[]} offers */
export function show(area, label, offers) {
  const same = drawnFor === asked && list.isConnected;
  drawnFor = asked;
  if (!offers.length || document.activeElement !== area) return hide();
  offered = offers;
  chosen = same ? Math.min(chosen, offers.length - 1) : 0;
  list.ariaLabel = label;
  if (!list.isConnected) byId("composer").append(list);
  area.setAttribute("aria-controls", list.id);
  draw();
}

/** Takes the list away; the text stays. */
export function closeList() {
  asked = "";
  hide();
}

function hide() {
  if (!offered.length) return;
  offered = [];
  list.remove();
  const area = byId("composer-text");
  area.removeAttribute("aria-controls");
  area.removeAttribute("aria-activedescendant");
}

function draw() {
  render(html`${offered.map(({ view }, at) => html`<div class="composer-option" role="option" id="composer-option-${at}" aria-selected=${String(at === chosen)}
    @pointerdown=${(/** @type {Event} */ event) => event.preventDefault()} @click=${() => take(at)}>${view}</div>`)}`, list);
  byId("composer-text").setAttribute("aria-activedescendant", `composer-option-${chosen}`);
}

/** @param {number} at */
function take(at) {
  const { take: done } = offered[at];
  closeList();
  done();
}

/** Keys while the list is open; true when the key was for it. @param {KeyboardEvent} event */
export function onKey(event) {
  if (!offered.length || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return false;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    chosen = (chosen + step + offered.length) % offered.length;
    draw();
  } else if (event.key === "Enter" || event.key === "Tab") take(chosen);
  else if (event.key === "Escape") closeList();
  else {
    if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) closeList();
    return false;
  }
  event.preventDefault();
  event.stopPropagation();
  return true;
}
