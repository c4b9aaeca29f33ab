/** The own hand: tap, slide over several, hold and drag to another place, keys. A listbox whose options are buttons. */
import { html, repeat } from "../vendor/ui.js";
import { gettext } from "../core/i18n.js";
import { face } from "./cards.js";
import { moved } from "./hand.js";
import * as session from "./session.js";
import { answerWith } from "./rules.js";
import { cardName } from "./words.js";

const HOLD_MS = 320;
const WOBBLE = 8;
const narrow = matchMedia("(width < 22.5rem)");
const FIRST_ROW = 7;

/** @type {{id: number, from: number, x: number, y: number, on: boolean, seen: Set<number>, slides: boolean, drag: HTMLElement | null, timer: any} | null} */
let press = null;

/** @param {Event} event @returns {HTMLElement | null} */
const optionOf = (event) => /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest?.(".hand [data-card]") ?? null);
/** @param {number} card @param {boolean} on */
function raise(card, on) {
  const rest = session.chosen.value.filter((other) => other !== card);
  session.chosen.value = on ? [...rest, card] : rest;
}

/** A card was tapped: the first of an answer raises all of the smallest that fits. @param {number} card */
export function tap(card) {
  const { value: chosen } = session.chosen;
  const game = session.game.value;
  if (!chosen.length && game && session.prefs.value.hints) {
    const whole = answerWith(game, session.mySeat.value, session.hand.value, card);
    if (whole) { session.chosen.value = whole; return; }
  }
  raise(card, !chosen.includes(card));
}

/** @param {PointerEvent} event */
function onDown(event) {
  const option = optionOf(event);
  if (!option || event.button) return;
  event.preventDefault(); // the focus stays, so that Space goes on to mean passing
  const card = Number(option.dataset.card);
  press = { id: event.pointerId, from: card, x: event.clientX, y: event.clientY, on: !session.chosen.value.includes(card), seen: new Set([card]), slides: false, drag: null, timer: setTimeout(() => lift(option), HOLD_MS) };
  /** @type {HTMLElement} */ (event.currentTarget).setPointerCapture(event.pointerId);
}

/** The card was held: it can be carried to another place. @param {HTMLElement} option */
function lift(option) {
  if (!press || press.slides) return;
  press.drag = option;
  option.classList.add("carried");
  navigator.vibrate?.(10);
}

/** @param {PointerEvent} event */
function onMove(event) {
  if (press?.id !== event.pointerId) return;
  if (press.drag) return carry(event);
  if (!press.slides && Math.hypot(event.clientX - press.x, event.clientY - press.y) < WOBBLE) return;
  clearTimeout(press.timer);
  const under = /** @type {HTMLElement | null | undefined} */ (document.elementFromPoint(event.clientX, event.clientY)?.closest(".hand [data-card]"));
  if (!press.slides) {
    press.slides = true;
    raise(press.from, press.on);
  }
  const card = Number(under?.dataset.card);
  if (!under || press.seen.has(card)) return;
  press.seen.add(card);
  raise(card, press.on);
}

/** @param {PointerEvent} event */
function carry(event) {
  const held = /** @type {NonNullable<typeof press>} */ (press);
  const { value: cards } = session.hand;
  const option = /** @type {HTMLElement} */ (held.drag);
  option.style.translate = `${event.clientX - held.x}px -1.25rem`;
  const places = /** @type {HTMLElement[]} */ ([...(option.closest(".hand")?.querySelectorAll("[data-card]") ?? [])]);
  const to = places.filter((place) => place !== option && place.getBoundingClientRect().left < event.clientX - 12 && place.getBoundingClientRect().top < event.clientY + 40).length;
  const next = moved(cards, held.from, to);
  if (next.join() === cards.join()) return;
  const before = option.offsetLeft;
  session.arrange("own", next);
  requestAnimationFrame(() => {
    held.x += option.offsetLeft - before;
    option.style.translate = `${event.clientX - held.x}px -1.25rem`;
  });
}

/** @param {PointerEvent} event */
function onUp(event) {
  if (press?.id !== event.pointerId) return;
  const { drag, slides, from, timer } = press;
  clearTimeout(timer);
  press = null;
  if (drag) {
    drag.classList.remove("carried");
    drag.style.translate = "";
  } else if (!slides && event.type === "pointerup") tap(from);
}

/** Assistive technology clicks without a pointer. @param {MouseEvent} event */
function onClick(event) {
  const option = optionOf(event);
  if (option && event.detail === 0) tap(Number(option.dataset.card));
}

/** Arrows walk, with Ctrl they carry the card; Space raises. @param {KeyboardEvent} event */
function onKey(event) {
  const option = optionOf(event);
  if (!option || event.altKey) return;
  const { value: cards } = session.hand;
  const at = cards.indexOf(Number(option.dataset.card));
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: cards.length - 1 }[event.key];
  if (to === undefined && event.key !== " ") return;
  event.preventDefault();
  event.stopPropagation();
  if (to === undefined) return tap(cards[at]);
  const carries = event.ctrlKey || event.metaKey;
  const list = /** @type {HTMLElement} */ (event.currentTarget);
  const next = Math.max(0, Math.min(cards.length - 1, to));
  if (carries) session.arrange("own", moved(cards, cards[at], next));
  const focused = carries ? cards[at] : cards[next];
  requestAnimationFrame(() => /** @type {HTMLElement | null} */ (list.querySelector(`[data-card="${focused}"]`))?.focus());
}

/** The hand. In two rows on very narrow screens, or where large cards are wanted. */
export function handView() {
  const { value: cards } = session.hand;
  const { value: chosen } = session.chosen;
  const two = (narrow.matches || session.prefs.value.large) && cards.length > FIRST_ROW;
  const rows = two ? [cards.slice(0, FIRST_ROW), cards.slice(FIRST_ROW)] : [cards];
  const stop = chosen.find((card) => cards.includes(card)) ?? cards[0];
  return html`<div class="hand ${two ? "two" : ""}" role="listbox" aria-multiselectable="true" aria-orientation="horizontal" aria-label=${gettext("Your cards")}
    @pointerdown=${onDown} @pointermove=${onMove} @pointerup=${onUp} @pointercancel=${onUp} @click=${onClick} @keydown=${onKey}>${rows.map((part) => html`<div class="hand-row" role="presentation">${repeat(part, (card) => card, (card) =>
    html`<button class="slot" type="button" role="option" aria-selected=${chosen.includes(card)} aria-label=${cardName(card)} tabindex=${card === stop ? 0 : -1} data-card=${card}>${face(card)}</button>`)}</div>`)}</div>`;
}

/** Draws again where the width of the window asks for it. @param {() => void} redraw */
export const onNarrow = (redraw) => narrow.addEventListener("change", redraw);
