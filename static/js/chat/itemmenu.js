/**
 * What can be done with a conversation of the list.
 * @import {Conversation} from "../types.js"
 */
import { html, nothing, render } from "../vendor/ui.js";
import { byId, icon, isComposing, lazy, showAt, tellError } from "../core/dom.js";
import { gettext, interpolate } from "../core/i18n.js";
import { titleOf } from "../core/rows.js";
import * as store from "../core/store.js";

/** @type {HTMLElement | undefined} */
let menu;
/** The row whose menu is open. @type {HTMLElement | null} */
let owner = null;

/** Not an `auto` popover: the finger that has opened it would close it when it is lifted. */
function makeMenu() {
  const made = document.createElement("div");
  made.className = "menu sheet";
  made.id = "item-menu";
  made.setAttribute("popover", "manual");
  made.setAttribute("role", "menu");
  made.addEventListener("keydown", onKey);
  made.addEventListener("contextmenu", (event) => event.preventDefault());
  byId("app").append(made);
  addEventListener("pointerdown", (event) => { if (owner && !made.contains(/** @type {Node} */ (event.target))) close(false); }, { capture: true });
  addEventListener("blur", () => close(false));
  addEventListener("popstate", () => close(false));
  byId("conversations").addEventListener("scroll", () => close(false), { passive: true });
  return made;
}

/** @param {boolean} back does the focus go back to the row? */
function close(back) {
  if (!owner) return;
  const row = owner;
  owner = null;
  row.classList.remove("chosen");
  row.removeAttribute("aria-expanded");
  menu?.hidePopover();
  if (back) row.focus();
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (isComposing(event) || !menu) return;
  const items = /** @type {HTMLElement[]} */ ([...menu.querySelectorAll("button")]);
  const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (to !== undefined) items[(to + items.length) % items.length].focus();
  else if (event.key === "Escape" || event.key === "Tab") close(true);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** @param {string} command @param {object} data */
const change = (command, data) => store.socket.request(command, data).catch(tellError);

/** Opens the menu of a row at a point. @param {Conversation} c @param {HTMLElement} row @param {{x: number, y: number}} at */
export function openItemMenu(c, row, at) {
  menu ??= makeMenu();
  close(false);
  const done = (/** @type {() => unknown} */ action) => () => { close(true); action(); };
  const item = (/** @type {string} */ name, /** @type {string} */ label, /** @type {() => unknown} */ action) =>
    html`<button class="menu-item" role="menuitem" type="button" tabindex="-1" @click=${done(action)}>${icon(name)}${label}</button>`;
  const level = (/** @type {Conversation["level"]} */ value, /** @type {string} */ name, /** @type {string} */ label) =>
    html`<button class="menu-item" role="menuitemradio" type="button" tabindex="-1" aria-checked=${c.level === value} @click=${done(() =>
      change("conversation.level", { conversation: c.id, level: value }))}>${icon(name)}<span>${label}</span>${c.level === value ? icon("check") : nothing}</button>`;
  const title = titleOf(c, store.state.value);
  render(html`<p class="menu-title" aria-hidden="true">${title}</p>
    ${c.unread ? item("mail-open", gettext("Mark as read"), () => store.markRead(c.id, c.last_seq)) : nothing}
    ${c.pinned ? item("pin-off", gettext("Unpin"), () => change("conversation.pin", { conversation: c.id, on: false }))
      : item("pin", gettext("Pin to the top"), () => change("conversation.pin", { conversation: c.id, on: true }))}
    ${c.last_seq > c.cleared_seq ? item("eraser", gettext("Clear screen"), async () => (await lazy(import("./history.js")))?.clearScreen(c)) : nothing}
    ${item("panel-right", gettext("Open in a new tab"), () => open(`/c/${c.id}/`, "_blank", "noopener"))}
    <div class="menu-group" role="group" aria-label=${gettext("Notifications")}>
      <p class="menu-caption" aria-hidden="true">${gettext("Notifications")}</p>
      ${level("all", "bell", gettext("All messages"))}${level("mentions", "at-sign", gettext("Only mentions"))}${level("none", "bell-off", gettext("None"))}
    </div>`, menu);
  menu.setAttribute("aria-label", interpolate(gettext("Options of %(name)s"), { name: title }));
  owner = row;
  row.classList.add("chosen");
  row.setAttribute("aria-expanded", "true");
  showAt(menu, at.x, at.y);
  menu.querySelector("button")?.focus();
}
