/**
 * What hands do with the rows of the list: buttons, links, menus, long presses, keys, the tools beside a row. Loaded once the rows are there.
 * @import {Message} from "../types.js"
 */
import { effect, html, nothing, render } from "../vendor/ui.js";
import { byId, copyText, icon, isComposing, lazy, navigate, needed, tellError, toast } from "../core/dom.js";
import { gettext } from "../core/i18n.js";
import { canEdit, canPin, canRecall } from "../core/rows.js";
import * as store from "../core/store.js";
import { mayWrite } from "./closed.js";
import { focusRow, jumpTo, settle, toEnd, unreadFrom } from "./list.js";
import { media } from "./message.js";
import { distance, log, scroller } from "./scroll.js";

export const QUICK = ["👍", "❤️", "😂", "🎉", "😮", "😢"];
const HOLD_MS = 500;
const HOLD_PX = 10;

/** @typedef {{x: number, y: number}} Point */

/** The message of a row, unless it is recalled or still on its way. @param {Element | null | undefined} row */
const messageOf = (row) => store.timeline.value?.rows.find((m) => m.seq === Number(/** @type {HTMLElement | null} */ (row)?.dataset.seq) && m.kind !== "system" && !m.recalled_at);

/** Does what a button of a row says. @param {string} action @param {HTMLElement} row @param {HTMLElement} button @param {Point} [at] */
async function act(action, row, button, at) {
  const c = store.open.value;
  const message = messageOf(row);
  const client = row?.dataset.client ?? "";
  if (action === "retry") store.outbox.retry(client);
  else if (action === "discard") store.outbox.remove(client);
  else if (action === "jump") jumpTo(Number(button.dataset.to));
  else if (action === "fold") fold(row, button);
  else if (action === "copy-code") copy(button.closest(".code-block")?.querySelector("pre")?.textContent ?? "");
  else if (action === "date") (await lazy(import("./dates.js")))?.openDates(button.dataset.at ?? "");
  else if (action === "reload") {
    if (c) store.loadOpen(c.id);
  } else if (action === "wave") wave();
  else if (action === "person") (await lazy(import("./person.js")))?.openPerson(Number(button.dataset.user));
  else if (action === "uncleared") {
    if (c) (await lazy(import("./history.js")))?.showAgain(c);
  }
  else if (!c || !message) return;
  else if (action === "reply") {
    if (mayWrite(c)) store.composing.value = { mode: "reply", message };
  } else if (action === "readers") (await lazy(import("./readers.js")))?.openReaders(message);
  else if (action === "react") react(message, button.dataset.emoji ?? "");
  else if (action === "emoji") pickEmoji(message, button);
  else if (action.startsWith("file-")) media.value?.act(action, message, button);
  else if (action === "menu") {
    const module = await lazy(import("./menu.js"));
    const box = button.getBoundingClientRect();
    module?.openMenu(message, c, row, at ?? { x: box.left, y: box.bottom + 4 });
  }
}

/** @param {string} text */
export const copy = (text) => copyText(text.replace(/\n$/, "")).then(() => toast(gettext("Copied")));

/** Adds or takes back a reaction. @param {Message} message @param {string} emoji */
export function react(message, emoji) {
  const on = !message.reactions.find((r) => r.emoji === emoji)?.users.includes(store.state.value.me.id);
  store.socket.request("message.react", { conversation: message.conversation, seq: message.seq, emoji, on }).catch(tellError);
}

/** @param {Message} message @param {HTMLElement} anchor */
export async function pickEmoji(message, anchor) {
  const module = await lazy(import("./emoji.js"));
  module?.openEmoji(anchor, (emoji) => react(message, emoji), { focus: anchor.closest("article") ?? anchor });
}

function wave() {
  if (store.openId.value === null) return;
  store.outbox.add(store.openId.value, "👋", null);
  toEnd();
}

/** Opens or folds a long message; the button stays under the finger. @param {HTMLElement} row @param {HTMLElement} button */
function fold(row, button) {
  const before = button.getBoundingClientRect().top;
  const open = row.classList.toggle("unfolded");
  button.setAttribute("aria-expanded", String(open));
  if (!open) scroller.scrollTop += button.getBoundingClientRect().top - before;
  settle();
}

/** Addresses of the chat stay in the page, others open beside it. @param {MouseEvent} event @param {HTMLAnchorElement} link */
function followLink(event, link) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || link.hasAttribute("download")) return;
  event.preventDefault();
  if (link.origin === location.origin && link.pathname.startsWith("/c/")) navigate(link.pathname);
  else open(link.href, "_blank", "noopener");
}

/** @param {KeyboardEvent} event */
async function onKey(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  const row = /** @type {HTMLElement | null} */ (target.closest("article"));
  if (!row || isComposing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") return byId("composer-text").focus();
  if (target !== row) return;
  const rows = /** @type {HTMLElement[]} */ ([...log.querySelectorAll("article")]);
  const to = { ArrowUp: rows.indexOf(row) - 1, ArrowDown: rows.indexOf(row) + 1, Home: 0, End: rows.length - 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    const next = rows[Math.max(0, Math.min(to, rows.length - 1))];
    focusRow(next);
    next.scrollIntoView({ block: "nearest" });
    return showTools(next);
  }
  const c = store.open.value;
  const message = messageOf(row);
  const own = () => { event.preventDefault(); return /** @type {const} */ (true); };
  if (!c || !message) return;
  const state = store.state.value;
  const key = event.key.toLowerCase();
  if (key === "enter") own() && act("menu", row, row);
  else if (key === "r") own() && act("reply", row, row);
  else if (key === "e" && mayWrite(c) && canEdit(message, state, store.now())) own() && (store.composing.value = { mode: "edit", message });
  else if (key === "+" || key === "=") own() && pickEmoji(message, row);
  else if (key === "c" && message.body) own() && copy(message.body);
  else if (key === "o" && (message.files || message.offer)) own() && /** @type {HTMLElement | null} */ (row.querySelector(".files :is(button, a)"))?.click();
  else if (key === "l") own() && (await lazy(import("./menu.js")))?.copyLink(message);
  else if (key === "f") own() && (await lazy(import("./menu.js")))?.forward(message);
  else if (key === "p" && canPin(c)) own() && (await lazy(import("./menu.js")))?.pin(message);
  else if (key === "u" && message.sender !== state.me.id) own() && unreadFrom(message);
  else if (key === "!" && message.sender !== state.me.id) own() && (await lazy(import("./menu.js")))?.report(message);
  else if (key === "delete" && canRecall(message, c, state, store.now())) own() && (await lazy(import("./menu.js")))?.recall(message);
}

const tools = document.createElement("div");
tools.className = "message-tools";
tools.setAttribute("role", "group");

/** Puts the tools beside a row. @param {Element | null} row */
function showTools(row) {
  const message = messageOf(row);
  if (!row || !message) return tools.remove();
  const me = store.state.value.me.id;
  const button = (/** @type {string} */ action, /** @type {string} */ name, /** @type {string} */ label) =>
    html`<button class="icon-button" type="button" data-action=${action} aria-label=${label} title=${label}>${icon(name)}</button>`;
  tools.setAttribute("aria-label", gettext("Message"));
  render(html`${QUICK.slice(0, 3).map((emoji) => html`<button class="icon-button quick" type="button" data-action="react" data-emoji=${emoji} aria-label=${emoji}
      aria-pressed=${!!message.reactions.find((r) => r.emoji === emoji)?.users.includes(me)}>${emoji}</button>`)}
    ${button("emoji", "smile-plus", gettext("React"))}
    ${mayWrite(store.open.value) ? button("reply", "reply", gettext("Reply")) : nothing}
    ${button("menu", "ellipsis", gettext("More"))}`, tools);
  const bubble = row.querySelector(".bubble");
  if (tools.parentNode !== bubble) bubble?.prepend(tools); // at the end they would stand inside what is drawn anew
}

/** @param {Event} event */
function onOver(event) {
  if (/** @type {PointerEvent} */ (event).pointerType === "touch") return;
  const row = /** @type {HTMLElement} */ (event.target).closest("article");
  if (row && tools.closest("article") !== row && !tools.querySelector(":focus-visible")) showTools(row);
}

/** @type {any} */
let holding;
let held = -Infinity;

/** A press of half a second that does not move. @param {PointerEvent} event */
function onPress(event) {
  clearTimeout(holding);
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.pointerType === "mouse" || !event.isPrimary || target.closest("a")) return;
  const start = { x: event.clientX, y: event.clientY };
  const stop = (/** @type {PointerEvent | Event} */ e) => {
    if (e.type === "pointermove" && Math.hypot(/** @type {PointerEvent} */ (e).clientX - start.x, /** @type {PointerEvent} */ (e).clientY - start.y) < HOLD_PX) return;
    clearTimeout(holding);
    for (const name of STOPS) removeEventListener(name, stop, true);
  };
  for (const name of STOPS) addEventListener(name, stop, true);
  holding = setTimeout(() => {
    held = performance.now();
    openAt(target, start);
  }, HOLD_MS);
}
const STOPS = ["pointermove", "pointerup", "pointercancel", "scroll"];

/** The menu of the row, or who is behind a reaction. @param {HTMLElement} target @param {Point} at */
async function openAt(target, at) {
  const row = /** @type {HTMLElement | null} */ (target.closest("article[data-seq]"));
  const reaction = /** @type {HTMLElement | null} */ (target.closest(".reaction"));
  const message = messageOf(row);
  if (!row || !message) return;
  if (reaction) (await lazy(import("./menu.js")))?.openReactions(message, reaction);
  else act("menu", row, row, at);
}

/** @param {MouseEvent} event */
function onContextMenu(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  const row = target.closest("article[data-seq]");
  if (!row || target.closest("a") || !getSelection()?.isCollapsed) return;
  event.preventDefault();
  clearTimeout(holding);
  if (performance.now() - held < 1000) return;
  held = performance.now();
  openAt(target, { x: event.clientX, y: event.clientY });
}

/** The card of who wrote a message; the keyboard reaches it by the list of members. @param {number} seq */
async function showSender(seq) {
  const sender = store.timeline.value?.rows.find((m) => m.seq === seq)?.sender;
  if (!sender || sender === store.state.value.me.id) return;
  (await lazy(import("./person.js")))?.openPerson(sender);
}

/** @param {MouseEvent} event */
function onClick(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  const button = /** @type {HTMLElement | null} */ (target.closest("[data-action]"));
  const row = /** @type {HTMLElement} */ (target.closest("article"));
  const link = /** @type {HTMLAnchorElement | null} */ (target.closest("a[href]"));
  if (performance.now() - held < 700 && matchMedia("(pointer: coarse)").matches) return event.preventDefault(); // the end of a long press
  if (link) followLink(event, link);
  else if (button) act(button.dataset.action ?? "", row, button);
  else if (target.closest(".message-side .avatar")) showSender(Number(row.dataset.seq));
  else if (row && matchMedia("(pointer: coarse)").matches && !target.closest("a, button, summary, pre") && getSelection()?.isCollapsed) {
    act("menu", row, row, { x: event.clientX, y: event.clientY });
  }
}

/** Loads a part when it is first wanted. @param {() => boolean} wanted @param {() => Promise<unknown>} load */
function when(wanted, load) {
  let begun = false;
  effect(() => {
    if (begun || !wanted()) return;
    begun = true;
    needed(load);
  });
}

/** Starts listening. */
export function start() {
  const open = store.openId;
  when(() => !!store.state.value.pins.get(open.value ?? 0)?.length, () => import("./pins.js"));
  when(() => !!store.open.value?.mentions, () => import("./calls.js"));
  when(() => !!store.state.value.here.get(open.value ?? 0)?.length, () => import("./here.js"));
  scroller.addEventListener("keydown", onKey);
  log.addEventListener("click", onClick);
  log.addEventListener("contextmenu", onContextMenu);
  log.addEventListener("pointerdown", onPress);
  log.addEventListener("pointerover", onOver);
  log.addEventListener("pointerleave", () => { if (!tools.querySelector(":focus-visible")) tools.remove(); });
  effect(() => { // what the tools say of a message follows it
    if (store.timeline.value && tools.parentNode) queueMicrotask(() => { if (tools.parentNode) showTools(tools.closest("article")); });
  });
  document.querySelector(".date-chip")?.addEventListener("click", (event) => {
    const chip = /** @type {HTMLElement} */ (event.currentTarget);
    act("date", chip, chip);
  });
  if (distance() > 0) settle();
}
