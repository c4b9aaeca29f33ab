/** Keys that work everywhere in the chat, and what opens by them. Loaded after the first render. */
import { addStyle, byId, isComposing, lazy, navigate } from "../core/dom.js";
import * as store from "../core/store.js";

/** A Mac has ⌘ where others have Ctrl, and its Ctrl+K is a key of text fields. */
export const onMac = /mac|iphone|ipad/i.test(navigator.userAgent);

/** Where F6 leads: the list, the card table, the messages, the composer, the panel beside them. */
const PANES = [
  [".sidebar", "#conversations .item[tabindex='0']", "#filter"],
  ["#table", "#table .hand [tabindex='0']", "#table"],
  ["#scroller", "#log [tabindex='0']", "#scroller"],
  ["#composer", "#composer-text"],
  ["#info", "#info"],
];
const TYPED_INTO = "input, textarea, select, [contenteditable], [popover], dialog";

/** @param {string[]} pane @returns {HTMLElement | undefined} */
const entrance = ([, ...selectors]) => /** @type {HTMLElement[]} */ (selectors.map((s) => document.querySelector(s)).filter(Boolean)).find((e) => e.checkVisibility());

/** Focus goes to the next pane that is shown. @param {1 | -1} step */
function nextPane(step) {
  const shown = PANES.filter((pane) => document.querySelector(pane[0])?.checkVisibility() && entrance(pane));
  if (!shown.length) return;
  const at = shown.findIndex(([place]) => document.querySelector(place)?.contains(document.activeElement));
  const to = at < 0 ? (step > 0 ? 0 : shown.length - 1) : (at + step + shown.length) % shown.length;
  entrance(shown[to])?.focus();
}

/** Opens the conversation above or below, or the next one with something new. @param {1 | -1} step @param {boolean} unread */
function nextConversation(step, unread) {
  const list = store.list.value;
  const at = list.findIndex((c) => c.id === store.openId.value);
  if (!unread) {
    const next = list[at < 0 ? (step > 0 ? 0 : list.length - 1) : Math.max(0, Math.min(at + step, list.length - 1))];
    if (next) navigate(`/c/${next.id}/`);
    return;
  }
  for (let i = 1; i <= list.length; i++) {
    const c = list[(Math.max(at, step > 0 ? -1 : 0) + step * i + list.length * 2) % list.length];
    if (c.unread && c.id !== store.openId.value) return navigate(`/c/${c.id}/`);
  }
}

/** @type {Promise<void> | undefined} */
let styled;
/** The style sheet of what opens by keys. */
const style = () => (styled ??= addStyle(byId("app").dataset.overlays ?? ""));

/** The quick switcher, or away with it. */
const openSwitcher = () => Promise.all([lazy(import("./switcher.js")), style()]).then(([module]) => module?.toggleSwitcher());
/** Searching: in the conversation that is open, else everywhere. */
const openSearch = () => lazy(import("./search.js")).then((module) => module?.openSearch(store.openId.value));
const openHelp = () => Promise.all([lazy(import("./help.js")), style()]).then(([module]) => module?.openHelp());

/** A letter that begins a message goes to the composer. @param {KeyboardEvent} event @param {HTMLElement} target */
function typeOn(event, target) {
  const area = byId("composer-text");
  const elsewhere = target !== document.body && !target.closest("#main");
  if (elsewhere || target.closest(TYPED_INTO) || [...event.key].length !== 1 || event.key === " " || !area.checkVisibility()) return;
  area.focus();
}

/** @param {KeyboardEvent} event */
const targetOf = (event) => /** @type {HTMLElement} */ (event.target instanceof HTMLElement ? event.target : document.body);

/** Keys of the page come before those of the part that has the focus. @param {KeyboardEvent} event */
function onKey(event) {
  if (isComposing(event)) return;
  const command = onMac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  const action = actionOf(event, command, targetOf(event));
  if (!action) return;
  event.preventDefault();
  event.stopPropagation();
  action();
}

/** What no part has taken is text. @param {KeyboardEvent} event */
function onLeftKey(event) {
  if (isComposing(event) || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog:modal")) return;
  typeOn(event, targetOf(event));
}

/** @param {KeyboardEvent} event @param {boolean} command @param {HTMLElement} target @returns {(() => unknown) | undefined} */
function actionOf(event, command, target) {
  const dialog = document.querySelector("dialog:modal");
  if (command && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k" && (!dialog || dialog.id === "switcher")) return openSwitcher;
  if (dialog) return;
  if (command && !event.altKey && event.shiftKey && event.key.toLowerCase() === "f") return openSearch;
  if (command && !event.altKey && event.key === "/") return openHelp;
  if (event.key === "?" && !event.ctrlKey && !event.metaKey && !event.altKey && target.closest("#log, #conversations")) return openHelp;
  if (event.key === "F6" && !event.ctrlKey && !event.altKey && !event.metaKey) return () => nextPane(event.shiftKey ? -1 : 1);
  if (event.altKey && !event.ctrlKey && !event.metaKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    return () => nextConversation(event.key === "ArrowDown" ? 1 : -1, event.shiftKey);
  }
}

/** Starts the keys. */
export function start() {
  addEventListener("keydown", onKey, { capture: true });
  addEventListener("keydown", onLeftKey);
  document.addEventListener("click", (event) => {
    const what = /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.target).closest?.("[data-open]"))?.dataset.open;
    if (what === "switcher") openSwitcher();
    if (what === "help") openHelp();
    if (what === "search") openSearch();
  });
  for (const key of document.querySelectorAll("[data-command-key]")) key.textContent = `${onMac ? "⌘" : "Ctrl "}${/** @type {HTMLElement} */ (key).dataset.commandKey}`;
}
