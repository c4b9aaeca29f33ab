/**
 * What can be done with one message.
 * @import {Conversation, Message} from "../types.js"
 */
import { html, nothing, render } from "../vendor/ui.js";
import { ask, byId, copyText, icon, showAt, tellError, toast } from "../core/dom.js";
import { gettext } from "../core/i18n.js";
import { canEdit, canRecall } from "../core/rows.js";
import * as store from "../core/store.js";
import { react } from "./list.js";

const EMOJI = ["👍", "❤️", "😂", "🎉", "😮", "😢"];

/** Opens the menu of a message at a point. @param {Message} message @param {Conversation} c @param {HTMLElement} row @param {{x: number, y: number}} at */
export function openMenu(message, c, row, at) {
  const menu = byId("message-menu");
  const state = store.state.value;
  const now = Date.now();
  const done = (/** @type {() => void} */ action) => () => { menu.hidePopover(); action(); };
  const item = (/** @type {string} */ name, /** @type {string} */ label, /** @type {() => void} */ action, danger = false) =>
    html`<button class="menu-item ${danger ? "danger" : ""}" role="menuitem" type="button" @click=${done(action)}>${icon(name)}${label}</button>`;
  const link = `${location.origin}/c/${c.id}/${message.seq}/`;
  render(html`
    <div class="menu-emoji" role="group" aria-label=${gettext("React")}>${EMOJI.map((emoji) =>
      html`<button type="button" role="menuitem" aria-label=${emoji} @click=${done(() => react(message, emoji))}>${emoji}</button>`)}</div>
    ${c.can_post ? item("reply", gettext("Reply"), () => { store.composing.value = { mode: "reply", message }; }) : nothing}
    ${item("copy", gettext("Copy text"), () => copyText(message.body).then(() => toast(gettext("Copied"))))}
    ${item("link", gettext("Copy link"), () => copyText(link).then(() => toast(gettext("Copied"))))}
    ${canEdit(message, state, now) ? item("pencil", gettext("Edit"), () => { store.composing.value = { mode: "edit", message }; }) : nothing}
    ${canRecall(message, c, state, now) ? item("undo-2", gettext("Recall"), () => recall(message), true) : nothing}`, menu);
  showAt(menu, at.x, at.y);
  const items = /** @type {HTMLElement[]} */ ([...menu.querySelectorAll("button")]);
  items[0].focus();
  menu.onkeydown = (event) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    items[(items.indexOf(/** @type {HTMLElement} */ (document.activeElement)) + step + items.length) % items.length].focus();
  };
  row.classList.add("chosen");
  menu.ontoggle = (event) => { if (/** @type {ToggleEvent} */ (event).newState === "closed") row.classList.remove("chosen"); };
}

/** @param {Message} message */
async function recall(message) {
  const yes = await ask(gettext("Recall this message?"), gettext("Everybody will see that a message was recalled, but no longer its text."), gettext("Recall"));
  if (yes) store.socket.request("message.recall", { conversation: message.conversation, seq: message.seq }).catch(tellError);
}
