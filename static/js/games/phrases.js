/** What can be said from a seat with one press: a small grid at its button. */
import { html, render } from "../vendor/ui.js";
import { showAt } from "../core/dom.js";
import { gettext } from "../core/i18n.js";
import * as session from "./session.js";
import { phrases } from "./words.js";

const STEPS = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowLeft: -1, ArrowDown: 3, ArrowUp: -3 });

/** @param {MouseEvent} event */
export function openPhrases(event) {
  const anchor = /** @type {HTMLElement} */ (event.currentTarget);
  const menu = document.createElement("div");
  menu.className = "menu sheet phrases";
  menu.popover = "auto";
  menu.setAttribute("role", "menu");
  menu.setAttribute("aria-label", gettext("Say something"));
  const say = (/** @type {string} */ phrase) => {
    menu.hidePopover();
    session.act("say", { phrase });
  };
  render(phrases().map(([code, sign, text]) => html`<button type="button" role="menuitem" @click=${() => say(code)}><span aria-hidden="true">${sign}</span>${text}</button>`), menu);
  document.body.append(menu);
  const box = anchor.getBoundingClientRect();
  showAt(menu, box.right - 320, box.bottom + 4);
  const items = [...menu.querySelectorAll("button")];
  items[0].focus();
  menu.addEventListener("keydown", (key) => {
    const step = STEPS[key.key];
    if (!step) return;
    key.preventDefault();
    const at = items.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    items[(at + step + items.length) % items.length].focus();
  });
  menu.addEventListener("toggle", (change) => {
    if (/** @type {ToggleEvent} */ (change).newState !== "closed") return;
    menu.remove();
    anchor.focus();
  });
}
