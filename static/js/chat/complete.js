/** A small list of emoji above the box for a word after a colon. Only Tab, Enter or a click puts one into the text. */
import { html, render } from "../vendor/ui.js";
import { byId } from "../core/dom.js";
import { gettext } from "../core/i18n.js";
import { findEmoji, inTone, loadEmoji, tone, used } from "./emojidata.js";

const OFFERED = 6;

/** @type {import("./emojidata.js").Emoji[]} */
let offered = [];
let chosen = 0;
let asked = "";
/** @type {(emoji: string) => void} */
let onPick = () => {};
const list = document.createElement("div");
list.id = "composer-list";
list.className = "composer-list";
list.setAttribute("role", "listbox");

/** Offers what fits a word. @param {HTMLTextAreaElement} area @param {string} word @param {(emoji: string) => void} pick */
export async function offer(area, word, pick) {
  asked = word;
  const all = await loadEmoji().catch(() => []); // without names nothing is offered; the text stays as typed
  if (asked !== word) return;
  offered = findEmoji(all, word).slice(0, OFFERED);
  chosen = 0;
  onPick = pick;
  if (!offered.length || document.activeElement !== area) return closeList();
  list.setAttribute("aria-label", gettext("Emoji"));
  if (!list.isConnected) byId("composer").append(list);
  area.setAttribute("aria-controls", list.id);
  draw();
}

/** Takes the list away; the text stays. */
export function closeList() {
  asked = "";
  if (!offered.length) return;
  offered = [];
  list.remove();
  const area = byId("composer-text");
  area.removeAttribute("aria-controls");
  area.removeAttribute("aria-activedescendant");
}

function draw() {
  render(html`${offered.map((e, at) => html`<div class="composer-option" role="option" id="composer-option-${at}" aria-selected=${String(at === chosen)}
    @pointerdown=${(/** @type {Event} */ event) => event.preventDefault()} @click=${() => take(at)}><span aria-hidden="true">${worn(e)}</span>${e.name}</div>`)}`, list);
  byId("composer-text").setAttribute("aria-activedescendant", `composer-option-${chosen}`);
}

/** @param {import("./emojidata.js").Emoji} e */
const worn = (e) => (e.toned ? inTone(e.char, tone()) : e.char);

/** @param {number} at */
function take(at) {
  const emoji = worn(offered[at]);
  closeList();
  used(emoji);
  onPick(emoji);
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
