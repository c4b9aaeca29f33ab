/** The menu of one's own account: who I am at its head, and the arrow keys. Loaded when it is first opened. */
import { html, nothing } from "../vendor/ui.js";
import { avatar, byId, icon, isComposing, mount } from "../core/dom.js";
import { figure, gettext, interpolate, ngettext } from "../core/i18n.js";
import { moveFocus } from "../core/menu.js";
import * as store from "../core/store.js";
import { startQuiet } from "./quiet.js";

const menu = byId("menu");

/** @returns {HTMLElement[]} */
const stops = () => [...menu.querySelectorAll(/** @type {"button"} */ ("button, a"))].filter((item) => item.checkVisibility());

mount(byId("menu-me"), () => {
  const { me, people } = store.state.value;
  const known = people.get(me.id)?.presence ?? "offline";
  const presence = me.options.invisible ? "invisible" : me.options.busy ? "busy" : known === "offline" && store.socket.live ? "online" : known;
  return html`${avatar(me.id, me.name, { presence, picture: me.avatar })}<span class="person-text"><b>${me.name}</b><span class="muted">@${me.username}${
    me.status ? ` · ${me.status}` : nothing}</span></span>`;
});

const queue = document.getElementById("menu-waiting"); // administrators and moderators have it
if (queue) mount(queue, () => {
  const { waiting, reports, disk_low: low } = store.state.value.me;
  const item = (/** @type {string} */ name, /** @type {string} */ href, /** @type {string} */ text) => html`<a class="menu-item" href=${href}>${icon(name)}${text}</a>`;
  return [
    waiting ? item("user-check", queue.dataset.href ?? "", interpolate(ngettext("%(count)s person waits for approval", "%(count)s people wait for approval", waiting), { count: figure(waiting) })) : nothing,
    reports ? item("flag", queue.dataset.reports ?? "", interpolate(ngettext("%(count)s reported message waits", "%(count)s reported messages wait", reports), { count: figure(reports) })) : nothing,
    low ? item("triangle-alert", queue.dataset.admin ?? "", gettext("The disk is nearly full")) : nothing,
  ];
});

startQuiet(byId("menu-quiet"));

menu.addEventListener("keydown", (event) => {
  const here = /** @type {HTMLElement} */ (document.activeElement);
  const row = here.closest(".segments");
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (row && step && !isComposing(event)) {
    const all = [...row.querySelectorAll("button")];
    event.preventDefault();
    all[(all.indexOf(/** @type {HTMLButtonElement} */ (here)) + step + all.length) % all.length].focus();
  } else if (row && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    // Up and down go from row to row: a row of choices counts as one.
    moveFocus(event, stops().filter((item) => item === here || !row.contains(item)));
  } else {
    moveFocus(event, stops());
  }
});
