/** A menu of actions at a button or a point; on phones a sheet at the bottom. Loaded when first used. */
import { html, nothing, render } from "../vendor/ui.js";
import { icon, isComposing, showAt } from "./dom.js";

/** @typedef {{icon: string, label: string, act: () => void, danger?: boolean, checked?: boolean}} Action `checked`: one of several that exclude each other */

const STEPS = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1 });

/** Moves the focus among elements with the arrows, Home and End. @param {KeyboardEvent} event @param {HTMLElement[]} all */
export function moveFocus(event, all) {
  if (isComposing(event) || !all.length) return;
  const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const to = event.key === "Home" ? 0 : event.key === "End" ? all.length - 1 : STEPS[event.key] ? (at + STEPS[event.key] + all.length) % all.length : -1;
  if (to < 0) return;
  event.preventDefault();
  all[to].focus();
}

/** Opens a menu. @param {HTMLElement} anchor @param {string} label @param {Action[]} actions @param {MouseEvent} [event] the click, for its place */
export function popMenu(anchor, label, actions, event) {
  const menu = document.createElement("div");
  menu.className = "menu sheet";
  menu.popover = "auto";
  menu.setAttribute("role", "menu");
  menu.setAttribute("aria-label", label);
  const choose = (/** @type {Action} */ action) => { menu.hidePopover(); action.act(); };
  render(html`<p class="menu-title" aria-hidden="true">${label}</p>${actions.map((action) => html`<button class="menu-item ${action.danger ? "danger" : ""}" role=${action.checked === undefined ? "menuitem" : "menuitemradio"} aria-checked=${action.checked ?? nothing} type="button"
    @click=${() => choose(action)}>${icon(action.icon)}<span>${action.label}</span>${action.checked ? icon("check") : nothing}</button>`)}`, menu);
  (anchor.closest("dialog") ?? document.body).append(menu);
  const box = anchor.getBoundingClientRect();
  const pressed = event?.detail ? { x: event.clientX, y: event.clientY } : { x: box.left + box.width / 2, y: box.bottom };
  anchor.focus();
  showAt(menu, pressed.x, pressed.y);
  anchor.setAttribute("aria-expanded", "true");
  const items = [...menu.querySelectorAll("button")];
  items[0]?.focus();
  menu.addEventListener("keydown", (key) => {
    if (key.key === "Tab") menu.hidePopover();
    else moveFocus(key, items);
  });
  menu.addEventListener("toggle", (change) => {
    if (/** @type {ToggleEvent} */ (change).newState !== "closed") return;
    anchor.setAttribute("aria-expanded", "false");
    menu.remove();
  });
}
